"""Frames through a fixed backbone; on a GPU sending, computing and fetching overlap."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.model.uploads import Uploader

_UNDER_WAY = {"cuda": 2}
"""Batches that a device works on while the caller has the one before them; no other does."""
_MAX = float(torch.finfo(torch.float16).max)


Forward = Callable[[Tensor], Tensor]
"""(n, H, W, 3) uint8 frames on the device -> (n, ...) features; called under autocast."""


class BatchRunner:
    """Computes features of batches of frames, for any number of threads at a time.

    Args:
        precision: of the pass. Where a batch gives what is not finite in float16 it is computed again in float32.
    """

    def __init__(self, device: torch.device, precision: torch.dtype) -> None:
        self._device, self._precision = device, precision
        self._uploader = Uploader(device)

    def features(self, forward: Forward, batches: Iterable[Tensor]) -> Iterator[NDArray[np.float16]]:
        """Yield (n, ...) features of each batch of (n, H, W, 3) uint8 frames in memory, in order.

        On a GPU the next two batches are asked for before a batch's features come. Where these are decoded in another
        thread meanwhile, the GPU waits for nothing.
        """
        started = deque[_Started]()
        for frames in batches:
            started.append(self._start(forward, frames))
            if len(started) > _UNDER_WAY.get(self._device.type, 0):
                yield self._finish(forward, started.popleft())
        while started:
            yield self._finish(forward, started.popleft())

    def _start(self, forward: Forward, in_memory: Tensor) -> _Started:
        with self._uploader.beside():
            frames = self._uploader.send(in_memory)
            arrival = self._uploader.mark()
        if arrival is not None:
            arrival.wait(frames)
        return _Started(frames, self._compute(forward, frames, self._precision))

    def _compute(self, forward: Forward, frames: Tensor, precision: torch.dtype) -> Tensor:
        with (
            torch.inference_mode(),
            torch.autocast(self._device.type, precision, enabled=precision != torch.float32),
        ):
            return forward(frames).float().clamp(-_MAX, _MAX).to(torch.float16)

    def _finish(self, forward: Forward, started: _Started) -> NDArray[np.float16]:
        rows = started.fetched()
        if self._precision == torch.float16 and not np.isfinite(rows).all():
            rows = self._compute(forward, started.frames, torch.float32).cpu().numpy()
        return rows


class _Started:
    """A batch under way on the device, and its features under way from there."""

    def __init__(self, frames: Tensor, features: Tensor) -> None:
        self.frames = frames
        self._fetched, self._event = features, None
        if features.device.type == "cuda":
            self._fetched = torch.empty(features.shape, dtype=features.dtype, pin_memory=True)
            self._fetched.copy_(features, non_blocking=True)
            self._event = torch.cuda.current_stream(features.device).record_event()

    def fetched(self) -> NDArray[np.float16]:
        """Wait for the features, and return them."""
        if self._event is not None:
            self._event.synchronize()
        return np.asarray(self._fetched.numpy(), np.float16)
