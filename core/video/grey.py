"""Grey levels of videos: which are black and white, so that they look as in a player, or are visible at all.

swscale takes every grey frame for one of full range, and keeps the upper eight bits of a deep one. So grey is turned
into pictures here (docs/decisions/0013): limited range is expanded, and where a whole video uses a small part of the
levels that it could have, as thermal cameras do, that part is stretched to full contrast.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from core.base.types import Image

_LIMITED_UNLESS_SAID = frozenset({"h264", "hevc", "vvc", "mpeg4", "mpeg2video"})
"""Codecs whose standards say that a stream without a word on it has limited range."""
_PADDED_BITS = 13
"""From this depth on the format is a container: sensors of 10 to 14 bits are stored in it, mostly of 16."""
_NARROW = 0.25
"""Shallower grey is stretched where it spans less than this share of its levels."""
_NEARLY_ALL = 0.9
"""Deep grey is stretched where it spans less than this share."""
_TRIMMED = 10_000
"""Of deep grey, one pixel in so many may be darker, and one brighter, than what is stretched: dead pixels."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The grey levels shown as black and as white."""

    black: int
    white: int
    full: int
    """The highest level that the format can hold."""

    def __post_init__(self) -> None:
        if not 0 <= self.black < self.white <= self.full:
            raise ValueError(f"black must be below white, not {self}")


def is_grey(frame: VideoFrame) -> bool:
    """Return whether a frame has one plane of integer grey levels and nothing else."""
    name = frame.format.name
    return name.startswith("gray") and not name.startswith("grayf")


def coded_levels(frame: VideoFrame, codec_name: str) -> Levels:
    """Return black and white by the range that the file states, or else by the codec's standard."""
    bits = _bits(frame)
    full = (1 << bits) - 1
    is_silent = frame.color_range not in (ColorRange.MPEG, ColorRange.JPEG)
    if frame.color_range == ColorRange.MPEG or (is_silent and codec_name in _LIMITED_UNLESS_SAID):
        return Levels(16 << bits - 8, 235 << bits - 8, full)
    return Levels(0, full, full)


class LevelCount:
    """Counts the grey levels of all frames of a video, and decides whether to stretch them."""

    def __init__(self, first: VideoFrame, codec_name: str) -> None:
        """The first frame decides on the depth; frames of another are not counted. It is not counted yet."""
        self._bits = _bits(first) if is_grey(first) else 0
        self._coded = coded_levels(first, codec_name) if self._bits else None
        self._counts = np.zeros(1 << self._bits if self._bits else 0, np.int64)

    def add(self, frame: VideoFrame) -> None:
        if self._bits and is_grey(frame) and _bits(frame) == self._bits:
            plane = np.minimum(plane_of(frame), len(self._counts) - 1)
            self._counts += np.bincount(plane.reshape(-1), minlength=len(self._counts))

    @property
    def is_decided(self) -> bool:
        """Whether no further frame can change what `stretched` says; True for what is not grey."""
        return not self._bits or (self._bits < _PADDED_BITS and self._share() >= _NARROW)

    def stretched(self) -> Levels | None:
        """Return what to show as black and white, if different from the nominal range."""
        used, share = self._span(), self._share()
        if self._coded is None or used is None or used[0] == used[1]:
            return None
        bound = _NEARLY_ALL if self._bits >= _PADDED_BITS else _NARROW
        return Levels(*used, self._coded.full) if share < bound else None

    def _share(self) -> float:
        """Return the fraction of the range between black and white that is used; it only grows."""
        used = self._span()
        if self._coded is None or used is None:
            return 0.0
        return (used[1] - used[0] + 1) / (self._coded.white - self._coded.black + 1)

    def _span(self) -> tuple[int, int] | None:
        """Return the lowest and the highest level that is there; of deep grey without the extremes."""
        if not self._counts.any():
            return None
        below = np.cumsum(self._counts)
        trimmed = int(below[-1]) // _TRIMMED if self._bits >= _PADDED_BITS else 0
        return int(np.searchsorted(below, trimmed, "right")), int(np.searchsorted(below, below[-1] - trimmed, "left"))


def as_image(frame: VideoFrame, levels: Levels, size: tuple[int, int]) -> Image:
    """Return (H, W, 3) uint8 RGB of that width and height."""
    grey = _table(levels)[plane_of(frame)]  # (h, w)
    if grey.shape[::-1] != size:
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8).reshape(size[::-1])
    return np.repeat(grey[..., None], 3, axis=2)


def plane_of(frame: VideoFrame) -> NDArray[Any]:
    """Return (h, w) uint8 or uint16, the levels of a grey frame."""
    plane = frame.planes[0]
    kind = np.dtype(np.uint8 if _bits(frame) <= 8 else ">u2" if frame.format.name.endswith("be") else "<u2")
    rows = np.frombuffer(memoryview(plane), kind)[: plane.line_size // kind.itemsize * frame.height]
    return rows.reshape(frame.height, -1)[:, : frame.width].astype(kind.newbyteorder("="), copy=False)


def _bits(frame: VideoFrame) -> int:
    return frame.format.components[0].bits


@functools.lru_cache(maxsize=8)
def _table(levels: Levels) -> NDArray[np.uint8]:
    """Return (256,) or (65536,) the picture's level for every one of the plane."""
    coded = np.arange(256 if levels.full < 256 else 65536, dtype=np.float64)
    shown = (coded - levels.black) * 255 / (levels.white - levels.black)
    return np.clip(np.round(shown), 0, 255).astype(np.uint8)
