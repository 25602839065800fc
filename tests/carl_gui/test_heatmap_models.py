"""What the heatmap is drawn from: what colours stand for, what is seen, a path that is pulled, times along the axes."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtWidgets import QApplication

from carl_gui.explore.pair.heatmap_drawing import Tooltip, marks
from carl_gui.explore.pair.heatmap_look import (
    COLOUR_MAPS,
    SCALINGS,
    Look,
    colour_table,
    decode_look,
    encode_look,
    scale_of,
)
from carl_gui.explore.pair.heatmap_pictures import Region, tick_text, ticks
from carl_gui.explore.pair.model import Pair, PairSide, pair_of
from carl_gui.explore.pair.path_shape import PathShape
from tests.carl_gui.embedded import course, edges


def _pair(a_frames: int, b_frames: int) -> Pair:
    sides = (PairSide(edges(count), course(np.linspace(0, 1, count))) for count in (a_frames, b_frames))
    return pair_of(*sides)


def _cosine() -> NDArray[np.float32]:
    return np.random.default_rng(0).beta(2, 5, size=(60, 80)).astype(np.float32) * 2 - 1


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colours_are_those_that_are_known_by_their_names_and_grow_lighter(name: str) -> None:
    table = colour_table(name)
    wanted = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
    assert np.abs(table.astype(int) - wanted).max() <= 2
    linear = np.where(table <= 10, table / 255 / 12.92, ((table / 255 + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    assert np.diff(luminance[::8]).min() > 0


@pytest.mark.parametrize("scaling", SCALINGS)
def test_what_is_more_alike_is_never_darker(scaling: str) -> None:
    cosine = _cosine()
    shades = scale_of(scaling, cosine).shades(cosine).astype(int)
    lines = {"of_a": shades.T, "of_b": shades}.get(scaling, shades.reshape(1, -1))
    values = {"of_a": cosine.T, "of_b": cosine}.get(scaling, cosine.reshape(1, -1))
    for line, value in zip(lines, values, strict=True):
        assert np.diff(line[np.argsort(value)]).min() >= 0
        if scaling not in ("fixed", "whole"):
            assert line[value.argmax()] == 255
            assert line[value.argmin()] == 0


@pytest.mark.parametrize("scaling", ["fixed", "stretch", "whole", "ranks"])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_the_bar_tells_the_cosine_of_its_colours(scaling: str, share: float) -> None:
    cosine = _cosine()
    scale = scale_of(scaling, cosine)
    told = scale.cosine_at(share)
    assert told is not None
    shade = int(scale.shades(np.full((1, 1), told, np.float32))[0, 0])
    assert abs(shade - share * 255) <= 1.01


def test_ranks_use_every_colour_equally_often() -> None:
    shades = scale_of("ranks", _cosine()).shades(_cosine())
    counts = np.histogram(shades, 8, (0, 256))[0]
    assert counts.min() > 0.9 * counts.max()


def test_the_bar_says_where_a_colour_stands_for_less_too() -> None:
    assert marks(scale_of("stretch", _cosine()), 4)[0][1].startswith("≤ −")
    assert marks(scale_of("whole", _cosine()), 4)[0][1] == "−1.00"
    assert marks(scale_of("fixed", _cosine()), 4)[0][1] == "≤ 0.00"
    assert [text for _, text in marks(scale_of("of_a", _cosine()), 4)] == ["worst", "best"]


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (30, 40)])
def test_where_all_are_alike_nothing_breaks(scaling: str, shape: tuple[int, int]) -> None:
    cosine = np.full(shape, 0.5, np.float32)
    with np.errstate(all="raise"):
        shades = scale_of(scaling, cosine).shades(cosine)
    assert len(np.unique(shades)) == 1


def test_a_look_is_remembered_and_what_is_damaged_is_the_usual_one() -> None:
    for colours in COLOUR_MAPS:
        for scaling in SCALINGS:
            assert decode_look(encode_look(Look(colours, scaling))) == Look(colours, scaling)
    assert decode_look([]) == Look()
    assert decode_look(["jet", "of_b"]) == Look("magma", "of_b")


@given(
    frames=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    turns=st.lists(
        st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2), st.floats(0.01, 100), st.floats(-2, 2)), max_size=6
    ),
)
def test_whatever_is_zoomed_and_moved_lies_within_both_videos(
    frames: tuple[int, int], turns: list[tuple[float, float, float, float]]
) -> None:
    pair = Pair(*(PairSide(edges(count), np.ones((count, 1), np.float32)) for count in frames), None, None, None)
    region = Region.whole(pair)
    for a_share, b_share, factor, by in turns:
        region = region.zoomed(a_share * pair.a.duration_seconds, b_share * pair.b.duration_seconds, factor, pair)
        region = region.moved(by, -by, pair)
        for stretch, video in ((region.a, pair.a), (region.b, pair.b)):
            assert 0 <= stretch.start < stretch.end <= video.duration_seconds
    followed = region.following(pair.a.duration_seconds, 0.0, pair)
    assert followed.a.end >= pair.a.duration_seconds * 0.999999
    assert followed.b.start <= 1e-9


def test_the_path_is_pulled_to_where_it_is_wanted_and_held_by_its_pins() -> None:
    pair = _pair(100, 120)
    pins = ((20, 24), (80, 96))
    shape = PathShape(pair, pins)
    step = (50, int(pair.followers[50]))
    grip = shape.grip_step(step)
    assert grip is not None
    assert (grip.lowest, grip.highest) == ((21, 25), (79, 95))
    before = shape.course(Region.whole(pair))
    a_seconds, b_seconds = shape.pulled(grip, (50, 80), Region.whole(pair))
    assert np.diff(a_seconds).min() >= 0
    assert np.diff(b_seconds).min() >= 0
    place = int(np.abs(a_seconds - pair.a.middle(50)).argmin())
    assert b_seconds[place] == pytest.approx(pair.b.middle(80), abs=0.05)
    for frame in (5, 20, 80, 95):
        outside = np.abs(a_seconds - pair.a.middle(frame)).argmin(), np.abs(before[0] - pair.a.middle(frame)).argmin()
        assert b_seconds[outside[0]] == pytest.approx(before[1][outside[1]], abs=0.05), "beyond its pins it stays"


def test_there_is_no_grip_where_no_pin_has_room() -> None:
    shape = PathShape(_pair(100, 100), ((50, 50), (51, 51)))
    assert shape.grip_step((50, 51)) is None
    assert shape.grip_for((50, 51)) is None
    assert shape.grip_for((50, 50)) is None
    assert shape.grip_for((49, 60)) is None, "it would cross"
    assert shape.grip_for((49, 40)) is not None


@pytest.mark.parametrize("frames", [(1, 1), (1, 40), (40, 1), (2, 2)])
def test_paths_of_hardly_any_frames_are_taken_hold_of_too(frames: tuple[int, int]) -> None:
    pair = _pair(*frames)
    shape, whole = PathShape(pair), Region.whole(pair)
    assert shape.step_near(pair.a.middle(0), pair.b.middle(0), (100, 100), 8) == (0, 0)
    assert shape.step_near(pair.a.middle(0), pair.b.middle(0) - 1, (100, 100), 8) is None
    grip = shape.grip_step((0, 0))
    assert grip is not None
    to = (frames[0] - 1, frames[1] - 1)
    assert grip.clamped(1000, 1000) == to
    for times in (*shape.course(whole), *shape.pulled(grip, to, whole)):
        assert np.isfinite(times).all()


def test_a_part_of_a_long_path_is_drawn_in_full() -> None:
    pair = _pair(6000, 6000)
    shape, region = PathShape(pair), Region.whole(pair)
    assert len(shape.course(region)[0]) <= 2000
    near = region.zoomed(100.0, 100.0, 1000, pair)
    a_seconds, _ = shape.course(near)
    assert a_seconds[0] <= near.a.start
    assert a_seconds[-1] >= near.a.end
    assert np.diff(a_seconds).max() < 1.1 / 30, "every frame of it"


@pytest.mark.parametrize("side", [60, 170, 300, 700])
def test_the_card_never_comes_near_the_cursor(qapp: QApplication, side: int) -> None:
    letters, picture = QFontMetrics(qapp.font()), QImage(160, 90, QImage.Format.Format_RGB32)
    square = QRectF(80, 20, side, side * 0.9)
    room = square.adjusted(-80, -20, 90, 50)
    for pictures in ((None, None), (picture, None), (picture, picture)):
        for x in np.linspace(square.left(), square.right(), 9).tolist():
            for y in np.linspace(square.top(), square.bottom(), 9).tolist():
                card = Tooltip.beside(square, room, QPointF(x, y), letters, pictures)
                assert card is None or not card.box.adjusted(-20, -20, 20, 20).contains(QPointF(x, y))
                assert card is None or room.contains(card.box)
                assert card is not None or side < 300


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1 / 30), (0, 2), (0.31, 0.4), (0, 119), (0, 1700), (500, 501.3), (0, 86_400)]
)
@pytest.mark.parametrize("length", [30, 200, 900])
def test_ticks_are_round_and_apart(start: float, end: float, length: float) -> None:
    found = ticks(start, end, length, 60)
    assert all(start - 1e-6 <= tick <= end + 1e-6 for tick in found)
    if len(found) > 1:
        assert np.diff(found).min() / (end - start) * length >= 59.9
    texts = [tick_text(tick, start, end) for tick in found]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts), default=0) <= 9


def test_times_of_a_long_video_are_told_by_the_clock_however_near() -> None:
    assert tick_text(80, 78, 86, 166.7) == "1:20"
    assert tick_text(80.5, 80, 82, 166.7) == "1:20.5"
    assert tick_text(80.5, 80, 82, 90) == "80.5"
    assert tick_text(65, 0, 200) == "1:05"
