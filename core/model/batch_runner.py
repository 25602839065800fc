"""Frames through a fixed backbone; on a GPU sending, computing and fetching overlap."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.augment.spatial import resize_whole
from core.model.encoder import Encoder
from core.model.uploads import Uploader

_UNDER_WAY = {"cpu": 0, "cuda": 2}
"""Batches that a device works on while the caller has the one before them."""
_MAX = float(torch.finfo(torch.float16).max)


class BatchRunner:
    """Computes features of batches of frames.

    Args:
        function: (n, H, W, 3) uint8 frames on the device -> (n, ...) features; called under autocast.
        precision: of that. Where a batch gives what is not finite in float16 it is computed again in float32.
    """

    def __init__(self, device: torch.device, precision: torch.dtype, function: Callable[[Tensor], Tensor]) -> None:
        self._device, self._precision, self._function = device, precision, function
        self._uploader = Uploader(device)

    def features(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.float16]]:
        """Yield (n, ...) features of each batch of (n, H, W, 3) frames, in order.

        On a GPU the next two batches are asked for before a batch's features come. Where these are decoded in another
        thread meanwhile, the GPU waits for nothing.
        """
        started = deque[_Started]()
        for images in batches:
            started.append(self._start(images))
            if len(started) > _UNDER_WAY[self._device.type]:
                yield self._finish(started.popleft())
        while started:
            yield self._finish(started.popleft())

    def _start(self, images: NDArray[np.uint8]) -> _Started:
        with self._uploader.beside():
            frames = self._uploader.send(torch.from_numpy(images))
            arrival = self._uploader.mark()
        if arrival is not None:
            arrival.wait(frames)
        return _Started(frames, self._compute(frames, self._precision))

    def _compute(self, frames: Tensor, precision: torch.dtype) -> Tensor:
        with (
            torch.inference_mode(),
            torch.autocast(self._device.type, precision, enabled=precision != torch.float32),
        ):
            return self._function(frames).float().clamp(-_MAX, _MAX).to(torch.float16)

    def _finish(self, started: _Started) -> NDArray[np.float16]:
        rows = started.fetched()
        if self._precision == torch.float16 and not np.isfinite(rows).all():
            rows = self._compute(started.frames, torch.float32).cpu().numpy()
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


def clean_features(encoder: Encoder, image_size: int) -> Callable[[Tensor], Tensor]:
    """Return the function of a `BatchRunner` that gives the features of unchanged frames."""
    return lambda frames: encoder.features(resize_whole(frames, image_size))
