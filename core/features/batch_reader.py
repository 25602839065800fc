"""Stored frames in batches for a device, read ahead by several threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import Executor, Future, wait

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.base.control import Control
from core.video.stored_video import StoredVideo

_MAX_BYTES = 1 << 28
"""Of a batch: bounds memory where the stored frames are large."""

_PIECE_FRAMES = 8
"""Read at once by a thread."""

_AHEAD = 2
"""Batches that are being read while one is computed."""


class BatchReader:
    """Reads frames of stored videos; a batch is shared among threads.

    Args:
        num_frames: of a batch, where the frames are not too large for that.
        is_pinned: whether batches lie in memory from which a GPU fetches beside other work.
    """

    def __init__(self, threads: Executor, num_frames: int, *, is_pinned: bool) -> None:
        self._threads, self._num_frames, self._is_pinned = threads, num_frames, is_pinned

    def batches(self, video: StoredVideo, frames: NDArray[np.int64], control: Control) -> Generator[Tensor, None, None]:
        """Yield (n, H, W, 3) uint8 frames in order, in batches of near-equal size; the next ones are read meanwhile.

        To be closed by who does not take all.

        Which frames are in a batch depends on the video's size and on how many there are, so on no other video.

        Raises:
            Stopped: `control` asked for it.
            StorageError: the frames in the store are damaged.
        """
        size = max(1, min(self._num_frames, _MAX_BYTES // (video.height * video.width * 3)))
        waiting: deque[_Reading] = deque()
        try:
            for part in np.array_split(frames, -(-len(frames) // size)):
                control.obey()
                waiting.append(self._start(video, part))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                control.obey()
                yield waiting.popleft().result()
        finally:
            for reading in waiting:
                reading.cancel()

    def _start(self, video: StoredVideo, frames: NDArray[np.int64]) -> _Reading:
        shape = (len(frames), video.height, video.width, 3)
        batch = torch.empty(shape, dtype=torch.uint8, pin_memory=self._is_pinned)

        def read(start: int) -> None:
            stop = start + _PIECE_FRAMES
            batch[start:stop] = torch.from_numpy(video.frames_at(frames[start:stop]).images)

        return _Reading(batch, [self._threads.submit(read, start) for start in range(0, len(frames), _PIECE_FRAMES)])


class _Reading:
    """A batch into which threads read."""

    def __init__(self, batch: Tensor, pieces: list[Future[None]]) -> None:
        self._batch, self._pieces = batch, pieces

    def result(self) -> Tensor:
        """Return the batch once it is whole."""
        try:
            for piece in self._pieces:
                piece.result()
        except BaseException:
            self.cancel()
            raise
        return self._batch

    def cancel(self) -> None:
        """Read no more; returns when nobody does."""
        for piece in self._pieces:
            piece.cancel()
        wait(self._pieces)
