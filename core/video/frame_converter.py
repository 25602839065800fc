"""Convert decoded frames for display: RGB, upright, square pixels, one size for a whole video."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol, cast

import cv2
import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from core.base.types import Image
from core.video.grey import Levels, as_image, coded_levels, is_grey
from core.video.pyav import Ratio, as_fraction
from core.video.tone_mapping import HLG, PQ, to_sdr

_SCALING = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_MATRICES = frozenset({1, 4, 5, 6, 7, 9})
"""Numbers of ITU-T H.273 that swscale converts from."""
_UNSPECIFIED, _BT2020, _BT2020_CONSTANT = 2, 9, 10


class HasAspect(Protocol):
    """A stream or a `Decoding`."""

    @property
    def sample_aspect_ratio(self) -> Ratio | None: ...


class FrameConverter:
    """Turns the frames of one video into images of the first frame's size (or smaller by one factor).

    * Colour matrix and range are the file's; without a usual matrix it is taken for BT.709 from 1280
      pixels of width or 577 of height on, else for BT.601, as players do. PQ and HLG become SDR:
      `core.video.tone_mapping`.
    * Grey is `core.video.grey`'s: limited range is expanded, and a video that uses few levels is stretched.
    * Transparent pixels lie on white.
    * Pixels that are not square become so by a change of width.
    * Rotation and mirroring follow the display matrix, to the nearest quarter turn. Interlaced frames stay woven.
    """

    def __init__(
        self, first: VideoFrame, stream: HasAspect, *, codec_name: str = "", levels: Levels | None = None
    ) -> None:
        """Fit the pictures to the first frame.

        Args:
            codec_name: as FFmpeg calls it; decides on the range of grey where the file does not.
            levels: of a grey video that is stretched.
        """
        self._codec_name, self._levels = codec_name, levels
        self._coded_size = (_square_width(first.width, as_fraction(stream.sample_aspect_ratio)), first.height)
        self._turn = _display_matrix(first)
        a, b, _, _ = self._turn
        self._is_transposed = abs(b) > abs(a)
        self.width, self.height = self._coded_size[::-1] if self._is_transposed else self._coded_size
        self.rotation_degrees = round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360
        if not self._is_transposed and a < 0 < self._turn[3]:  # mirrored, not turned
            self.rotation_degrees = 0
        self._reformatter = VideoReformatter()

    def size(self, short_side: int | None = None) -> tuple[int, int]:
        """Return width and height of an image whose short side is `short_side`, never larger than the video."""
        scale = min(1.0, short_side / min(self.width, self.height)) if short_side else 1.0
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    def image(self, frame: VideoFrame, short_side: int | None = None) -> Image:
        """Return (H, W, 3) uint8 RGB."""
        size = self.size(short_side)
        image = self._rgb(frame, size[::-1] if self._is_transposed else size)
        a, b, c, d = self._turn
        if self._is_transposed:
            image = image.transpose(1, 0, 2)[:: _sign(b), :: _sign(c)]
        else:
            image = image[:: _sign(d), :: _sign(a)]
        return np.ascontiguousarray(image)

    def _rgb(self, frame: VideoFrame, size: tuple[int, int]) -> Image:
        if any(component.is_alpha for component in frame.format.components):
            return _on_white(self._reformat(frame, (frame.width, frame.height), "rgba"), size)
        if frame.color_trc in (PQ, HLG):
            is_wide = frame.color_primaries in (_BT2020, _UNSPECIFIED)
            return to_sdr(self._reformat(frame, size, "gbrp16le"), frame.color_trc, is_wide_gamut=is_wide)
        if is_grey(frame):
            coded = coded_levels(frame, self._codec_name)
            is_stretched = self._levels is not None and self._levels.full == coded.full
            levels = self._levels if self._levels is not None and is_stretched else coded
            if levels != Levels(0, coded.full, coded.full):
                return as_image(frame, levels, size)
        return self._reformat(frame, size, "rgb24")

    def _reformat(self, frame: VideoFrame, size: tuple[int, int], pixels: str) -> NDArray[Any]:
        if not frame.format.is_rgb and frame.colorspace not in _MATRICES:
            is_hd = frame.width >= 1280 or frame.height > 576
            guess = Colorspace.ITU709 if is_hd else Colorspace.ITU601
            frame.colorspace = _BT2020 if frame.colorspace == _BT2020_CONSTANT else guess
        return self._reformatter.reformat(
            frame, *size, pixels, interpolation=_SCALING, dst_color_range=ColorRange.JPEG, threads=1
        ).to_ndarray()


def _square_width(width: int, aspect: Fraction | None) -> int:
    """Return the width in square pixels; an implausible aspect is an error of the file and is ignored."""
    if not aspect or not Fraction(1, 8) <= aspect <= 8:
        return width
    return max(1, round(width * aspect))


def _display_matrix(frame: VideoFrame) -> tuple[int, int, int, int]:
    """Return a, b, c, d of x' = ax + cy, y' = bx + dy, with y pointing down: where a pixel is shown."""
    try:
        side_data = cast(Mapping[str, Buffer], frame.side_data)  # PyAV 18's stub knows motion vectors only
    except ValueError:  # PyAV up to 18.1 knows no EXIF, and then gives nothing of the rest either
        turn = math.radians(-frame.rotation)
        a, b = round(math.cos(turn)), round(math.sin(turn))
        return a, b, -b, a
    data = side_data.get("DISPLAYMATRIX")
    if data is None:
        return 1, 0, 0, 1
    matrix = np.frombuffer(bytes(data), "=i4")
    a, b, c, d = (int(matrix[place]) for place in (0, 1, 3, 4))
    return (a, b, c, d) if a * d - b * c else (1, 0, 0, 1)


def _sign(value: int) -> int:
    return -1 if value < 0 else 1


def _on_white(rgba: Image, size: tuple[int, int]) -> Image:
    alpha = rgba[..., 3:].astype(np.uint16)  # (H, W, 1)
    image = ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    if image.shape[1::-1] == size:
        return image
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8).reshape(size[1], size[0], 3)
