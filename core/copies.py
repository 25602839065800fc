"""Augmented copies of a video's features, most of them without the backbone (ours).

A copy has one draw for all its frames, and what a draw does to the features changes little from frame to frame. Where
the crop and the flip bring each part of the picture is known from the clean maps (`core.augment.maps`). What is left,
such as colours, blur and scale, is looked at in every so many frames, and taken as a straight line between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.augment.maps import crop_maps
from core.augment.spatial import SpatialDraw, apply, whole
from core.video.frame_store import StoredVideo

Change = Callable[[Tensor], Tensor]
"""(n, C, h, w) maps -> maps of the same shape."""

Look = Callable[[Tensor, Sequence[Change]], Tensor]
"""(n, 3, size, size) images, and changes of their maps -> (n, changes, F) float32 features."""


def key_frames(num_frames: int, stride: int) -> NDArray[np.int64]:
    """Every `stride`-th frame and the last, ascending: those of a copy that go through the backbone."""
    return np.union1d(np.arange(0, num_frames, stride), [num_frames - 1])


class Copies:
    """The features of a video under several draws, chunk after chunk from its first frame to its last.

    Args:
        draws: what is done to all frames of each copy; None: nothing.
        image_size: side of the square images, in pixels.
        stride: see `key_frames`; 1: every frame goes through the backbone, and nothing is interpolated.
        look: the backbone, and pooling.
    """

    def __init__(
        self,
        video: StoredVideo,
        draws: Sequence[SpatialDraw | None],
        *,
        image_size: int,
        stride: int,
        device: torch.device,
        look: Look,
    ) -> None:
        self._video, self._draws, self._size, self._stride = video, draws, image_size, stride
        self._device, self._look = device, look
        self._augmented = [number for number, draw in enumerate(draws) if draw is not None]
        self._keys = key_frames(len(video), stride)
        self._left: dict[int, Tensor] = {}
        """By key frame, (augmented, F): what the maps do not tell. Of those that the next chunk may need."""

    @torch.inference_mode()
    def rows(self, start: int, stop: int) -> Tensor:
        """(stop - start, draws, F) float32 of these frames; `start` is where the chunk before it ended."""
        asked = np.arange(start, stop)
        if self._stride == 1:
            frames = self._frames(asked)
            return torch.stack([self._looked_at(frames, draw) for draw in self._draws], dim=1)
        keys = self._keys[_covering(self._keys, start, stop)] if self._augmented else self._keys[:0]
        new = [int(key) for key in keys if key not in self._left]
        at = np.union1d(asked, new).astype(np.int64)
        frames = self._frames(at)
        rows = self._look(whole(frames, self._size), [self._change(draw, frames) for draw in self._draws])
        if self._augmented:
            if new:
                chosen = np.searchsorted(at, new)
                self._left |= dict(zip(new, self._untold(frames[chosen], rows[chosen]), strict=True))
            self._left = {int(key): self._left[int(key)] for key in keys}
            rows[:, self._augmented] += _lines(keys, torch.stack(list(self._left.values())), at)
        return rows[np.searchsorted(at, asked)]

    def _untold(self, frames: Tensor, told: Tensor) -> Tensor:
        """(n, augmented, F): the features of augmented frames, less (n, draws, F) what their maps told."""
        parts = [self._looked_at(frames, self._draws[number]) - told[:, number] for number in self._augmented]
        return torch.stack(parts, dim=1)

    def _frames(self, indices: NDArray[np.int64]) -> Tensor:
        """(n, h, w, 3) uint8"""
        return torch.from_numpy(self._video.frames_at(indices).images).to(self._device)

    def _looked_at(self, frames: Tensor, draw: SpatialDraw | None) -> Tensor:
        """(n, F) of augmented frames, all through the backbone."""
        return self._look(apply(frames, draw or SpatialDraw(), self._size), [_same])[:, 0]

    @staticmethod
    def _change(draw: SpatialDraw | None, frames: Tensor) -> Change:
        if draw is None:
            return _same
        return partial(crop_maps, draw=draw, frame_height=frames.shape[1], frame_width=frames.shape[2])


def _same(maps: Tensor) -> Tensor:
    return maps


def _covering(keys: NDArray[np.int64], start: int, stop: int) -> slice:
    """From the last key at or before `start` to the first one at or after the last frame."""
    first = np.searchsorted(keys, start, side="right") - 1
    return slice(int(first), int(np.searchsorted(keys, stop - 1)) + 1)


def _lines(keys: NDArray[np.int64], values: Tensor, at: NDArray[np.int64]) -> Tensor:
    """(len(at), ...) on the straight lines between (keys, ...) values at ascending `keys`; `at` lies within them."""
    after = np.searchsorted(keys, at)
    before = np.maximum(after - 1, 0)
    shares = (at - keys[before]) / np.maximum(keys[after] - keys[before], 1)
    return torch.lerp(values[before], values[after], torch.from_numpy(shares).to(values)[:, None, None])
