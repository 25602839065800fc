"""Stored videos through a backbone in large batches, as suits a GPU: reading, sending, computing and fetching
overlap."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.augment.maps import crop_maps
from core.augment.spatial import SpatialDraw, apply, resize_whole
from core.base.control import Control
from core.features.batch_reader import BatchReader
from core.model.batch_runner import BatchRunner
from core.model.encoder import Encoder
from core.video.stored_video import StoredVideo

Draws = Sequence[SpatialDraw | None]


def suits(device: torch.device) -> bool:
    """Return whether a device computes faster this way."""
    return device.type == "cuda"


class BatchedBackbone:
    """Computes features of videos in any number of threads at a time.

    A batch holds frames of one video alone, and its size depends on no other: so do its features.

    Args:
        encoder: in eval mode, on `device`; its backbone keeps a copy of its fixed part for this (`Backbone.run_copy`).
        precision: of the pass.
        threads: that read frames.
    """

    def __init__(
        self, encoder: Encoder, image_size: int, device: torch.device, precision: torch.dtype, threads: Executor
    ) -> None:
        encoder.backbone.run_copy(precision)
        self._encoder, self._image_size = encoder, image_size
        self._runner = BatchRunner(device, precision)
        num_frames = encoder.backbone.frames_at_once(device)
        self._reader = BatchReader(threads, num_frames, is_pinned=device.type == "cuda")

    def run(
        self,
        video: StoredVideo,
        frames: NDArray[np.int64],
        draws: Draws,
        add: Callable[[NDArray[np.float16]], None],
        control: Control,
        *,
        is_of_maps: bool,
    ) -> None:
        """Call `add` with (n, draws, F) of each batch of these frames, in order.

        Args:
            draws: how frames are augmented; None: not at all.
            is_of_maps: the unchanged frames' maps are cropped; else the frames go through once for each draw.

        Raises:
            Stopped: `control` asked for it.
        """
        forward = self._maps if is_of_maps else self._augmented
        with contextlib.closing(self._reader.batches(video, frames, control)) as batches:
            for rows in self._runner.features(partial(forward, draws), batches):
                add(rows)

    def look_at(self, frames: Tensor, draws: Draws) -> NDArray[np.float16]:
        """Return (n, draws, F) of (n, H, W, 3) uint8 frames in memory."""
        return next(self._runner.features(partial(self._augmented, draws), [frames]))

    def _augmented(self, draws: Draws, frames: Tensor) -> Tensor:
        rows = [self._encoder.features(apply(frames, one or SpatialDraw(), self._image_size)) for one in draws]
        return torch.stack(rows, dim=1)

    def _maps(self, draws: Draws, frames: Tensor) -> Tensor:
        height, width = frames.shape[1:3]
        crops = [partial(_crop, draw=one, height=height, width=width) for one in draws]
        return self._encoder.features_of_changed(resize_whole(frames, self._image_size), crops)


def _crop(maps: Tensor, draw: SpatialDraw | None, height: int, width: int) -> Tensor:
    return maps if draw is None else crop_maps(maps, draw=draw, frame_height=height, frame_width=width)
