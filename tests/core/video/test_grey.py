"""Grey video is seen: limited range as a player shows it, few levels at full contrast, the same in every reading."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from core.base.events import Event, Notice
from core.video.frame_store import FrameStore
from core.video.grey import LevelCount
from core.video.reader import VideoReader

CASE = Path(__file__).parents[2] / "data" / "cases" / "thermal_16bit" / "thermal.mkv"


def write_grey(
    path: Path, planes: NDArray[np.integer], pixels: str = "gray", codec: str = "ffv1", *, color_range: int = 0
) -> Path:
    """(T, H, W) as grey video; range 1 is limited, 2 full, 0 is not said."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = planes.shape[2], planes.shape[1], pixels
        stream.codec_context.color_range = color_range
        if codec == "libx265":
            stream.options = {"x265-params": "log-level=none:lossless=1:range=limited", "preset": "ultrafast"}
        for number, plane in enumerate(planes):
            frame = av.VideoFrame(planes.shape[2], planes.shape[1], pixels)
            rows = np.zeros((plane.shape[0], frame.planes[0].line_size // plane.itemsize), plane.dtype)
            rows[:, : plane.shape[1]] = plane
            frame.planes[0].update(rows.tobytes())
            frame.pts, frame.time_base, frame.color_range = number, Fraction(1, 25), color_range
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _levels(low: int, high: int, kind: type[np.integer] = np.uint8) -> NDArray[np.integer]:
    """(5, 48, 64) that hold all levels between the bounds evenly, the extremes in the first and the last frame."""
    return np.linspace(low, high, 5 * 48 * 64).round().astype(kind).reshape(5, 48, 64)


@pytest.mark.parametrize("codec", ["libx265", "ffv1"])
def test_white_of_limited_range_is_white(tmp_path: Path, codec: str) -> None:
    path = write_grey(tmp_path / "mono.mkv", _levels(16, 235), codec=codec, color_range=1)
    with av.open(str(path)) as container:
        first = next(container.decode(video=0))
        assert (first.format.name, first.color_range) == ("gray", 1)
    with VideoReader(path) as video:
        images = np.stack([frame.image for frame in video])
        assert (images.min(), images.max()) == (0, 255)
        expected = np.clip((_levels(16, 235).astype(float) - 16) * 255 / 219, 0, 255).round()
        np.testing.assert_allclose(images[..., 0], expected, atol=0.5)
        assert not video.meta.grey_full, "nothing is stretched"


def test_full_range_stays_as_it_is(tmp_path: Path) -> None:
    planes = _levels(0, 255)
    with VideoReader(write_grey(tmp_path / "mono.mkv", planes, color_range=2)) as video:
        np.testing.assert_array_equal(np.stack([frame.image for frame in video])[..., 1], planes)


def test_ten_bits_of_limited_range(tmp_path: Path) -> None:
    path = write_grey(tmp_path / "mono.mkv", _levels(64, 940, np.uint16), "gray10le", color_range=1)
    with VideoReader(path) as video:
        images = np.stack([frame.image for frame in video])
        assert (images.min(), images.max()) == (0, 255)


@pytest.mark.parametrize("pixels", ["gray16le", "gray"])
def test_few_levels_are_stretched_by_one_rule_for_all_frames(tmp_path: Path, pixels: str) -> None:
    low, high, kind = (7000, 8020, np.uint16) if pixels == "gray16le" else (100, 140, np.uint8)
    planes = _levels(low, high, kind)  # type: ignore[arg-type]
    path = write_grey(tmp_path / "thermal.mkv", planes, pixels, color_range=2)
    with VideoReader(path) as video:
        forwards = [frame.image for frame in video]
        backwards = [video[place].image for place in reversed(range(5))][::-1]
    np.testing.assert_array_equal(forwards, backwards)
    assert abs(video.meta.grey_black - low) <= 2
    assert abs(video.meta.grey_white - high) <= 2
    shown = np.clip((planes.astype(float) - low) * 255 / (high - low), 0, 255)
    np.testing.assert_allclose(np.stack(forwards)[..., 2], shown, atol=1)
    events: list[Event] = []
    (stored,) = FrameStore(tmp_path / "store", max_bytes=10**9).add([path], events.append)
    assert stored.meta == video.meta
    full = 65535 if pixels == "gray16le" else 255
    said = f"Grey levels are stretched to full contrast: {path} ({video.meta.grey_black} to {video.meta.grey_white} of"
    assert Notice(f"{said} {full}).") in events
    with stored.reader() as reader:
        np.testing.assert_array_equal(reader[4].image, forwards[4])


def test_the_supplied_thermal_video_has_full_contrast(tmp_path: Path) -> None:
    with VideoReader(CASE) as video:
        image = video[30].image
    assert (image.min(), image.max()) == (0, 255)


def test_dead_pixels_do_not_hide_the_rest(tmp_path: Path) -> None:
    planes = _levels(7000, 8000, np.uint16).copy()
    planes[2, 5, 5], planes[3, 6, 6] = 0, 65535
    with VideoReader(write_grey(tmp_path / "thermal.mkv", planes, "gray16le")) as video:
        assert 6990 < video.meta.grey_black < video.meta.grey_white < 8010


@pytest.mark.parametrize("level", [0, 90, 255])
def test_one_level_alone_is_left_as_it_is(tmp_path: Path, level: int) -> None:
    with VideoReader(write_grey(tmp_path / "even.mkv", np.full((3, 48, 64), level, np.uint8), color_range=2)) as video:
        assert np.unique(video[1].image).tolist() == [level]


def test_the_stretch_needs_a_second_decode_only_where_it_may_be_needed() -> None:
    wide = av.VideoFrame.from_ndarray(_levels(0, 255)[0].astype(np.uint8), format="gray")
    wide.planes[0].update(np.linspace(0, 255, wide.planes[0].buffer_size).astype(np.uint8).tobytes())
    narrow = av.VideoFrame.from_ndarray(np.full((48, 64), 9, np.uint8), format="gray")
    colour = av.VideoFrame(64, 48, "yuv420p")
    for frame, is_decided in ((wide, True), (narrow, False), (colour, True)):
        count = LevelCount(frame, "ffv1")
        count.add(frame)
        assert count.is_decided is is_decided


def test_a_folder_of_deep_grey_images_is_stretched_too(tmp_path: Path) -> None:
    for number, plane in enumerate(_levels(2000, 3000, np.uint16)):
        (tmp_path / f"{number}.png").write_bytes(cv2.imencode(".png", plane)[1].tobytes())
        (tmp_path / "tiff").mkdir(exist_ok=True)
        (tmp_path / "tiff" / f"{number}.tiff").write_bytes(cv2.imencode(".tiff", plane)[1].tobytes())
    for folder in (tmp_path, tmp_path / "tiff"):
        with VideoReader(folder) as video:
            images = np.stack([frame.image for frame in video])
            assert (images.min(), images.max()) == (0, 255)
