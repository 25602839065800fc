"""Pictures come as a person would see them: the right colours, the right way up, square pixels, one size."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from core.video.frame_converter import FrameConverter
from core.video.reader import VideoReader
from core.video.tone_mapping import HLG, PQ, to_sdr
from tests.conftest import VideoWriter, number_of, numbered_image

_LUMA = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}
"""Weights of red and blue by ITU-T H.273's number of the matrix."""


class _Stream:
    sample_aspect_ratio = None


def _plain_frame(yuv: tuple[int, int, int], pixels: str, size: tuple[int, int] = (64, 48)) -> av.VideoFrame:
    frame = av.VideoFrame(*size, pixels)
    is_deep = frame.format.components[0].bits > 8
    for plane, value in zip(frame.planes, yuv, strict=True):
        kind, scaled = (np.uint16, value << frame.format.components[0].bits - 8) if is_deep else (np.uint8, value)
        plane.update(np.full(plane.buffer_size // np.dtype(kind).itemsize, scaled, kind).tobytes())
    return frame


def _expected_rgb(yuv: tuple[int, int, int], matrix: int, is_full: bool) -> NDArray[np.float64]:
    red, blue = _LUMA[matrix]
    y, u, v = yuv
    luma = y / 255 if is_full else (y - 16) / 219
    to_blue, to_red = ((chroma - 128) / (255 if is_full else 224) * 2 for chroma in (u, v))
    r, b = luma + to_red * (1 - red), luma + to_blue * (1 - blue)
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return np.clip(np.array([r, g, b]) * 255, 0, 255)


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv444p12le"])
@pytest.mark.parametrize("matrix", _LUMA)
@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize("short_side", [None, 30])
def test_colours_follow_matrix_range_and_depth(pixels: str, matrix: int, is_full: bool, short_side: int | None) -> None:
    for yuv in ((16, 128, 128), (235, 128, 128), (120, 90, 160), (80, 200, 100), (150, 60, 90)):
        frame = _plain_frame(yuv, pixels)
        frame.colorspace, frame.color_range = matrix, 2 if is_full else 1
        image = FrameConverter(frame, _Stream()).image(frame, short_side)  # type: ignore[arg-type]
        tolerance = 1 if is_full or pixels.startswith("yuv4") else 2
        np.testing.assert_allclose(image[20, 20], _expected_rgb(yuv, matrix, is_full), atol=tolerance + 0.5)


@pytest.mark.parametrize(("size", "matrix"), [((640, 480), 5), ((720, 576), 5), ((1280, 720), 1), ((480, 720), 1)])
def test_without_a_matrix_the_size_decides(size: tuple[int, int], matrix: int) -> None:
    frame = _plain_frame((80, 200, 100), "yuv420p", size)
    image = FrameConverter(frame, _Stream()).image(frame)  # type: ignore[arg-type]
    np.testing.assert_allclose(image[20, 20], _expected_rgb((80, 200, 100), matrix, False), atol=1.5)


@pytest.mark.parametrize("matrix", [0, 3, 8, 11, 14, 17])
def test_a_matrix_that_nobody_converts_is_as_none(matrix: int) -> None:
    frame = _plain_frame((80, 200, 100), "yuv420p")
    frame.colorspace = matrix
    image = FrameConverter(frame, _Stream()).image(frame)  # type: ignore[arg-type]
    np.testing.assert_allclose(image[20, 20], _expected_rgb((80, 200, 100), 5, False), atol=1.5)


def _turned(index: int, width: int, height: int) -> NDArray[np.uint8]:
    return numbered_image(0b100101110001 + index, width, height)


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_display_matrix_is_followed(write_video: VideoWriter, clockwise: int, mirrored: bool) -> None:
    def lay(stream: Any) -> None:
        stream.set_display_rotation(-clockwise, hflip=mirrored)

    with VideoReader(write_video("plain.mp4", 3, image=_turned)) as video:
        plain = video[1].image
    with VideoReader(write_video("turned.mp4", 3, image=_turned, tweak=lay)) as video:
        image, meta = video[1].image, video.meta
    expected = np.rot90(plain, -clockwise // 90)
    if mirrored:  # what is shown is mirrored, after it was turned
        expected = expected[:, ::-1]
    np.testing.assert_array_equal(image, expected)
    assert (meta.height, meta.width) == image.shape[:2]
    if not mirrored:
        assert meta.rotation_degrees == clockwise


@pytest.mark.parametrize(
    ("aspect", "width"), [(Fraction(2), 128), (Fraction(1, 2), 32), (Fraction(12, 11), 70), (Fraction(100), 64)]
)
def test_pixels_become_square(write_video: VideoWriter, aspect: Fraction, width: int) -> None:
    def lay(stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = aspect

    with VideoReader(write_video(frames=6, tweak=lay)) as video:
        assert (video.meta.width, video.meta.height) == (width, 48)
        assert video[5].image.shape == (48, width, 3)
        assert number_of(video[5].image) == 5


@pytest.mark.parametrize("size", [(65, 49), (33, 48), (64, 17), (7, 5)])
@pytest.mark.parametrize(("codec", "pixels"), [("libx264", "yuv444p"), ("libvpx-vp9", "yuv420p"), ("ffv1", "yuv420p")])
def test_odd_sizes(write_video: VideoWriter, size: tuple[int, int], codec: str, pixels: str) -> None:
    def grey(index: int, width: int, height: int) -> NDArray[np.uint8]:
        return np.full((height, width, 3), 40 * index + 20, np.uint8)

    with VideoReader(write_video("odd.mkv", 4, size=size, codec=codec, pixels=pixels, image=grey)) as video:
        for frame in video:
            assert frame.image.shape == (size[1], size[0], 3)
            np.testing.assert_allclose(frame.image, 40 * frame.index + 20, atol=4)  # to the last row and column


def test_a_size_that_changes_becomes_the_first(write_video: VideoWriter, tmp_path: Path) -> None:
    small, large = write_video("a.h264", 5), write_video("b.h264", 5, size=(128, 96))
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    with VideoReader(both) as video:
        assert len(video) == 10
        assert {frame.image.shape for frame in video} == {(48, 64, 3)}
        assert [number_of(frame.image) for frame in video] == [0, 1, 2, 3, 4] * 2


def test_transparent_pixels_lie_on_white() -> None:
    rgba = np.zeros((48, 64, 4), np.uint8)
    rgba[:, :32] = (10, 20, 30, 255)
    rgba[:, 32:] = (10, 20, 30, 0)
    rgba[:8] = (100, 0, 200, 51)
    frame = av.VideoFrame.from_ndarray(rgba, format="rgba")
    image = FrameConverter(frame, _Stream()).image(frame)  # type: ignore[arg-type]
    assert image[20, 10].tolist() == [10, 20, 30]
    assert image[20, 50].tolist() == [255, 255, 255]
    assert image[2, 10].tolist() == [224, 204, 244]
    small = FrameConverter(frame, _Stream()).image(frame, 12)  # type: ignore[arg-type]
    assert small.shape == (12, 16, 3)
    assert small[8, 14].tolist() == [255, 255, 255]


def _pq(nits: float) -> int:
    root = (nits / 10_000) ** 0.1593017578125
    return round(65535 * ((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root)) ** 78.84375)


def _grey_of(transfer: int, signals: list[int]) -> NDArray[np.uint8]:
    coded = np.repeat(np.array(signals, np.uint16)[:, None, None], 3, axis=2)
    image = to_sdr(coded, transfer, is_wide_gamut=True)
    assert np.ptp(image.astype(int), axis=2).max() <= 1  # grey stays grey
    return image[:, 0, 1]


def test_pq_keeps_dark_tones_and_order_and_ends_in_white() -> None:
    grey = _grey_of(PQ, [_pq(nits) for nits in (0, 2.03, 20.3, 60, 203, 500, 1000, 4000)])
    assert grey[0] == 0
    np.testing.assert_allclose(grey[1:3], 255 * np.array([0.01, 0.1]) ** (1 / 2.2), atol=1)  # below the knee: as it is
    assert 190 < grey[4] < 235  # the reference white leaves room above it
    assert np.all(np.diff(grey[:7].astype(int)) > 0)
    assert grey[6] == grey[7] == 255


def test_hlg_and_pq_of_the_same_light_agree() -> None:
    """BT.2408: 75 % of HLG is the reference white of 203 cd/m2, and 100 % is 1000 cd/m2."""
    hlg = _grey_of(HLG, [0, 49151, 65535])
    pq = _grey_of(PQ, [0, _pq(203), _pq(1000)])
    np.testing.assert_allclose(hlg, pq, atol=2)


def test_hdr_footage_is_toned(write_video: VideoWriter) -> None:
    def lay(stream: Any) -> None:
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = PQ, 9, 9, 1

    def colours(index: int, width: int, height: int) -> NDArray[np.uint8]:
        image = np.zeros((height, width, 3), np.uint8)
        image[...] = ((0, 0, 0), (148, 148, 148), (192, 192, 192), (148, 60, 30))[index]
        return image  # in PQ 148 is about 203 and 192 about 1000 cd/m2

    settings: dict[str, Any] = {
        "codec": "libx265",
        "pixels": "yuv420p10le",
        "options": {"x265-params": "log-level=none"},
    }
    with VideoReader(write_video("hdr.mp4", 4, tweak=lay, image=colours, **settings)) as video:
        black, white, brightest, red = (frame.image.mean(axis=(0, 1)) for frame in video)
    assert black.max() <= 2
    assert 190 < white.min() <= white.max() < 235
    assert brightest.min() > 248
    assert red[0] > 190
    assert red[1:].max() < 30
