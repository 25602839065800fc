"""The heatmap and the side-by-side video show what they say they show."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import dtw, similarity
from core.align.area import mean_cosine
from core.base.control import Control, Stopped
from core.base.errors import StorageError
from core.base.events import Event, Progress
from core.base.types import Alignment, Frame
from core.drawing.text import clock, elide
from core.pictures import VideoSource, write_frames, write_heatmap, write_side_by_side
from core.pictures.heatmap import _Sheet
from core.pictures.video_panel import NO_PARTNER, VideoPanel
from core.video.writer import writing_video
from tests.conftest import number_of, numbered_image


@dataclass
class Numbered:
    """A video whose frame i shows the number i."""

    pts_seconds: NDArray[np.float64]
    width: int = 64
    height: int = 48

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        last = float(np.median(np.diff(self.pts_seconds))) if len(self) > 1 else 0.04
        return np.append(self.pts_seconds, self.pts_seconds[-1] + last)

    def __len__(self) -> int:
        return len(self.pts_seconds)

    def __getitem__(self, index: int) -> Frame:
        return Frame(numbered_image(index, self.width, self.height), index, float(self.pts_seconds[index]))


def numbered(frames: int, *, fps: float = 25.0, width: int = 64, height: int = 48) -> Numbered:
    return Numbered(3.0 + np.arange(frames) / fps, width, height)


def unit_rows(rows: int, seed: int = 0) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).normal(size=(rows, 8)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def frames_of(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


class Whole:
    """Colours from -1 to 1."""

    def shades(self, cosine: NDArray[np.float32]) -> NDArray[np.uint8]:
        return ((cosine + 1) / 2 * 255).astype(np.uint8)

    def cosine_at(self, share: float) -> float | None:
        return share * 2 - 1


STEPWISE = Alignment(np.array([0, 1, 1, 1, 2, 3]), np.array([0, 0, 1, 2, 3, 4]), 0.0)


def test_each_frame_of_a_stands_beside_its_frame_of_b(tmp_path: Path) -> None:
    path = tmp_path / "new" / "pair.mp4"
    write_side_by_side(path, VideoSource("a", numbered(4)), VideoSource("b", numbered(5)), STEPWISE)
    shown = frames_of(path)
    panel, margin = 320, 10  # 64 x 48 in the least room, 240 high
    left = [number_of(image[margin : margin + 240, margin : margin + panel]) for image in shown]
    right = [number_of(image[margin : margin + 240, 2 * margin + panel : 2 * (margin + panel)]) for image in shown]
    assert left == [0, 1, 2, 3]
    assert right == [0, 1, 3, 4]


def test_the_video_is_what_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "pair.mp4"
    write_side_by_side(path, VideoSource("a", numbered(4, fps=29.97)), VideoSource("b", numbered(5)), STEPWISE)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width % 2, stream.height % 2) == (0, 0)
        assert float(stream.average_rate or 0) == pytest.approx(29.97, abs=0.01)
    content = path.read_bytes()
    assert content.find(b"moov") < content.find(b"mdat")  # plays before it has arrived as a whole


def test_frames_that_depart_are_marked_in_the_film(tmp_path: Path) -> None:
    sides = VideoSource("a", numbered(4)), VideoSource("b", numbered(5))
    scores = [np.array([0, 0, 2.5, 0]), np.zeros(5)]
    write_side_by_side(tmp_path / "plain.mp4", *sides, STEPWISE)
    write_side_by_side(tmp_path / "marked.mp4", *sides, STEPWISE, scores=scores)
    plain, marked = frames_of(tmp_path / "plain.mp4"), frames_of(tmp_path / "marked.mp4")
    off = [float(np.abs(one.astype(int) - other).mean()) for one, other in zip(plain, marked, strict=True)]
    assert max(off) > 5 * sorted(off)[len(off) // 2] + 0.1


@pytest.mark.parametrize(("fps", "expected"), [(2.0, 10), (25.0, 25), (240.0, 60)])
def test_the_rate_is_that_of_a_within_bounds(tmp_path: Path, fps: float, expected: int) -> None:
    write_side_by_side(
        tmp_path / "x.mp4", VideoSource("a", numbered(4, fps=fps)), VideoSource("b", numbered(5)), STEPWISE
    )
    with av.open(str(tmp_path / "x.mp4")) as container:
        assert container.streams.video[0].average_rate == expected


@pytest.mark.parametrize(("width", "height"), [(16, 16), (900, 60), (33, 700), (1921, 1081)])
def test_every_shape_and_name_fits(tmp_path: Path, width: int, height: int) -> None:
    odd = VideoSource("\udcff\n$x_1$ " + "long " * 50 + "跑步.mp4", numbered(1, width=width, height=height))
    one = Alignment(np.array([0]), np.array([0]), 0.0)
    write_side_by_side(tmp_path / "x.mp4", odd, VideoSource("", numbered(1)), one)
    (image,) = frames_of(tmp_path / "x.mp4")
    assert image.shape[0] <= 640
    assert image.shape[1] <= 2000
    write_heatmap(tmp_path / "x.png", odd, VideoSource("", numbered(1)), unit_rows(1), unit_rows(1), one)
    assert cv2.imread(str(tmp_path / "x.png")) is not None


def test_frames_are_counted_and_a_stop_leaves_nothing(tmp_path: Path) -> None:
    control = Control()
    seen: list[Event] = []

    def stop_after_two(event: Event) -> None:
        seen.append(event)
        if isinstance(event, Progress) and event.done == 1:
            control.stop()

    sides = VideoSource("a", numbered(4)), VideoSource("b", numbered(5))
    with pytest.raises(Stopped):
        write_side_by_side(tmp_path / "x.mp4", *sides, STEPWISE, sink=stop_after_two, control=control)
    assert list(tmp_path.iterdir()) == []
    write_side_by_side(tmp_path / "x.mp4", *sides, STEPWISE, sink=seen.append)
    assert isinstance(last := seen[-1], Progress)
    assert (last.stage, last.done, last.total, last.unit) == ("write video", 4, 4, "frame")


def test_colours_survive_and_odd_sizes_grow(tmp_path: Path) -> None:
    colours = [(200, 30, 40), (20, 180, 60), (30, 60, 210), (255, 255, 255), (0, 0, 0)]
    with writing_video(tmp_path / "x.mp4", width=51, height=37, fps=25) as append:
        for colour in colours:
            append(np.full((37, 51, 3), colour, np.uint8))
    found = frames_of(tmp_path / "x.mp4")
    assert [image.shape for image in found] == [(38, 52, 3)] * 5
    np.testing.assert_allclose([image[20, 20] for image in found], colours, atol=4)


def test_an_image_of_another_size_is_our_mistake_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(b"old")
    with (
        pytest.raises(ValueError, match="an image of this video"),
        writing_video(path, width=8, height=8, fps=5) as add,
    ):
        add(np.zeros((9, 8, 3), np.uint8))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    sides = VideoSource("a", numbered(4)), VideoSource("b", numbered(5))
    with pytest.raises(StorageError, match="something else has that name"):
        write_side_by_side(tmp_path / "file" / "x.mp4", *sides, STEPWISE)
    with pytest.raises(StorageError, match="something else has that name"):
        write_heatmap(tmp_path / "file" / "x.png", *sides, unit_rows(4), unit_rows(5), STEPWISE)


def test_a_pixel_of_the_heatmap_is_the_mean_over_its_area() -> None:
    rng = np.random.default_rng(0)
    a, b = unit_rows(40), unit_rows(23, seed=1)
    edges_a, edges_b = (np.append(0, rng.uniform(0.01, 0.2, size=rows).cumsum()) for rows in (40, 23))
    found = mean_cosine((a, edges_a, 12), (b, edges_b, 12))  # fewer pixels than frames, at uneven times

    def weights(edges: NDArray[np.float64]) -> NDArray[np.float64]:
        pixels = np.linspace(0, edges[-1], 13)
        shared = np.minimum(pixels[1:, None], edges[None, 1:]) - np.maximum(pixels[:-1, None], edges[None, :-1])
        return np.maximum(shared, 0) / np.diff(pixels)[:, None]

    np.testing.assert_allclose(found, weights(edges_a) @ similarity(a, b) @ weights(edges_b).T, atol=1e-6)


def test_the_path_is_drawn_where_it_goes(tmp_path: Path) -> None:
    """Dark ground (every cosine alike), so that only the path is white within the axes."""
    early = np.concatenate([np.zeros(40, np.int64), np.arange(40)])
    late = np.concatenate([np.arange(40), np.full(40, 39)])
    sides = VideoSource("a", numbered(40)), VideoSource("b", numbered(40))
    flat = np.tile(np.array([1, 0], np.float32), (40, 1))
    sheet = _Sheet.of(*sides)
    for name, a_frames, b_frames in (("up", early, late), ("right", late, early)):
        write_heatmap(tmp_path / f"{name}.png", *sides, flat, flat, Alignment(a_frames, b_frames, 0.0))
        image = cv2.imread(str(tmp_path / f"{name}.png")).min(axis=2)
        left, bottom, width, height = sheet.box(0.85, 0.75, sheet.width, sheet.height)
        rows, columns = image.shape
        top = round(rows * (1 - bottom - height))
        inside = image[top : round(rows * (1 - bottom)), round(columns * left) : round(columns * (left + width))] > 200
        inside = inside[4:-4, 4:-4]
        half = len(inside) // 2
        assert (inside[:half, :half].sum() > 200) == (name == "up")
        assert (inside[half:, half:].sum() > 200) == (name == "right")


def test_bars_along_the_axes_stand_where_a_video_departs(tmp_path: Path) -> None:
    path = np.arange(40)
    sides = VideoSource("a", numbered(40)), VideoSource("b", numbered(40))
    flat, sheet = np.tile(np.array([1, 0], np.float32), (40, 1)), _Sheet.of(*sides)
    for side in (0, 1):
        deviates = [None, None]
        deviates[side] = np.isin(path, np.arange(10, 20))
        write_heatmap(tmp_path / "x.png", *sides, flat, flat, Alignment(path, path, 0.0), deviates=deviates)
        image = cv2.imread(str(tmp_path / "x.png")).astype(int)
        left, bottom, width, height = sheet.box(0.85, 0.75, sheet.width, sheet.height)
        rows, columns = np.nonzero((image[..., 2] > 180) & (image[..., 1] < 80) & (image[..., 0] < 80))
        across = (columns / image.shape[1] - left) / width
        up = (1 - rows / image.shape[0] - bottom) / height
        along, away = (across, up) if side == 0 else (up, across)
        np.testing.assert_allclose([along.min(), along.max()], [0.25, 0.5], atol=0.01)
        assert -0.03 < away.min() < away.max() < 0.005, "outside of the square, at its edge"


def test_an_svg_has_images_for_colours_and_lines_for_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    a, b = unit_rows(4), unit_rows(5)
    sides = VideoSource("a", numbered(4)), VideoSource("b", numbered(5))
    write_heatmap(path, *sides, a, b, STEPWISE, colours="gray", scale=lambda cosine: Whole())
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    images = root.findall(".//{*}image")
    first = images[0].get("{http://www.w3.org/1999/xlink}href", "")
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(first.partition(",")[2]), np.uint8), cv2.IMREAD_COLOR)
    height, width = pixels.shape[:2]
    cosine = mean_cosine((b, sides[1].edges_seconds, height), (a, sides[0].edges_seconds, width))
    shown = pixels[..., 0] / 255 * 2 - 1
    assert "scale(1 -1)" in images[0].get("transform", ""), "the first row is shown at the bottom"
    assert np.mean(np.abs(shown - cosine) < 0.02) > 0.98, "but for what lies along the edges of frames"
    assert len(root.findall(".//{*}path")) > 10, "axes, path and leaders"


def test_a_heatmap_of_many_frames_stays_a_picture(tmp_path: Path) -> None:
    a, b = unit_rows(3000), unit_rows(1500, seed=1)
    alignment = dtw(np.zeros((3000, 1500), np.float32))
    write_heatmap(
        tmp_path / "x.png", VideoSource("a", numbered(3000)), VideoSource("b", numbered(1500)), a, b, alignment
    )
    image = cv2.imread(str(tmp_path / "x.png"))
    assert max(image.shape) < 2000


def test_names_keep_their_ends_and_times_their_digits() -> None:
    assert elide("short.mp4", lambda text: len(text) <= 9) == "short.mp4"
    shortened = elide("a very long name of a video 0042.mp4", lambda text: len(text) <= 16)
    assert len(shortened) == 16
    assert shortened.startswith("a ")
    assert shortened.endswith("0042.mp4")
    assert clock(4.25) == "0:04.25"
    assert clock(59.999) == "1:00.00"
    assert clock(3601.5) == "60:01.50"


@pytest.mark.parametrize("note", ["", NO_PARTNER, "deviates 2.3×", "reference  ·  deviates 12.3×"])
def test_a_caption_keeps_within_its_panel_and_the_note_goes_last(note: str) -> None:
    side, before = VideoSource("a", numbered(40)), 0
    for width in range(60, 600, 20):
        panel = VideoPanel(side, "#ffffff", (0, 0), (width, 480), note="")
        text = panel.caption(20, note)
        assert panel._font.getlength(text) <= width or width < 80, text
        assert len(text) >= before
        before = len(text)
        if panel._font.getlength(note) <= width:
            assert text.endswith(note)
    assert text.startswith(f"{clock(side.edges_seconds[20])} / {clock(side.edges_seconds[-1])}")


@pytest.mark.parametrize("sizes", [((320, 240), (320, 240)), ((640, 480), (64, 48))])
def test_two_frames_lie_beside_each_other_at_the_size_of_the_larger_video(
    sizes: tuple[tuple[int, int], tuple[int, int]], tmp_path: Path
) -> None:
    a, b = (VideoSource(f"{n}.mp4", numbered(30, width=w, height=h)) for n, (w, h) in enumerate(sizes))
    write_frames(tmp_path / "x.png", a, b, 7, 19)
    (width, height), margin = sizes[0], sizes[0][1] // 24
    picture = cv2.cvtColor(cv2.imread(str(tmp_path / "x.png")), cv2.COLOR_BGR2RGB)
    left = picture[margin : margin + height, margin : margin + width]
    right = picture[margin : margin + height, 2 * margin + width : 2 * margin + 2 * width]
    np.testing.assert_array_equal(left, a.frames[7].image)
    assert number_of(right) == 19


def test_a_frame_without_a_match_is_grey_and_one_that_deviates_has_an_edge(tmp_path: Path) -> None:
    a, b = (VideoSource(f"{n}.mp4", numbered(30, width=320, height=240)) for n in "ab")
    pictures = []
    for name, options in (("plain", {}), ("grey", {"have_partner": (False, True)}), ("edge", {"scores": (0.0, 2.0)})):
        write_frames(tmp_path / f"{name}.png", a, b, 3, 4, **options)
        pictures.append(cv2.imread(str(tmp_path / f"{name}.png")).astype(int))
    plain, grey, edge = pictures
    middle = plain.shape[1] // 2
    assert (np.ptp(grey[10:250, 10:330], axis=2) == 0).all()
    np.testing.assert_array_equal(grey[:, middle:], plain[:, middle:])
    np.testing.assert_array_equal(edge[:, :middle], plain[:, :middle])
    assert (edge[10, middle + 10 : -20] == (136, 146, 255)).all(), "#ff9288"
