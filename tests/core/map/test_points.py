"""Points in a grid: what is in sight, near or encircled is what brute force finds; pictures hold every point."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.path import Path as Outline

from core.map.drawing import Ink, Window, draw_points
from core.map.points import Points

_PALETTE = np.zeros((256, 4), np.float32)
_PALETTE[:, :3], _PALETTE[:, 3] = 200.0, 1.0
_WHITE = (255, 255, 255)


def clouds(count: int, seed: int = 0) -> np.ndarray:
    """(count, 2) float32: two clouds, a line, one far away, and some that are nowhere."""
    rng = np.random.default_rng(seed)
    found = np.concatenate([rng.normal(size=(count // 2, 2)), rng.normal((4, 1), 0.01, size=(count - count // 2, 2))])
    found[::7, 1] = 0.5
    found[::50] = np.nan
    found[1] = (90.0, -40.0)
    return found.astype(np.float32)


@pytest.mark.parametrize("count", [2, 60, 5000])
def test_the_nearest_is_that_of_brute_force(count: int) -> None:
    positions = clouds(count)
    points = Points.of(positions)
    rng = np.random.default_rng(1)
    asked = [*rng.uniform(-3, 6, size=(200, 2)), *positions[np.isfinite(positions).all(axis=1)][:50].astype(float)]
    for x, y in asked:
        squares = ((positions.astype(np.float64) - (x, y)) ** 2).sum(axis=1)
        for reach in (0.001, 0.3, 500.0):
            found = points.nearest(float(x), float(y), reach)
            least = np.nanmin(squares)
            assert found == (int(np.nanargmin(squares)) if least <= reach * reach else None)


@pytest.mark.parametrize("corners", [3, 4, 40])
def test_what_is_encircled_is_that_of_brute_force(corners: int) -> None:
    positions = clouds(4000)
    points = Points.of(positions)
    rng = np.random.default_rng(corners)
    for _ in range(5):
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        radii = rng.uniform(0.2, 3, corners)
        outline = np.stack([np.cos(angles) * radii + rng.uniform(0, 4), np.sin(angles) * radii], axis=1)
        there = np.isfinite(positions).all(axis=1)
        inside = np.zeros(len(positions), bool)
        inside[there] = Outline(np.concatenate([outline, outline[:1]]), closed=True).contains_points(positions[there])
        assert 0 < inside.sum() < there.sum()
        np.testing.assert_array_equal(points.inside(outline), np.flatnonzero(inside))
    assert len(points.inside(outline[:2])) == 0


def test_every_point_in_sight_is_looked_at_and_few_others() -> None:
    positions = clouds(20_000)
    points = Points.of(positions)
    for low, high in (((-1, -1), (1, 1)), ((3.9, 0.9), (4.1, 1.1)), ((-900, -900), (900, 900)), ((60, 3), (70, 9))):
        looked_at = np.concatenate([[0], *(np.arange(*pair) for pair in points.stretches(*low, *high))])[1:]
        in_sight = np.flatnonzero(((points.positions >= low) & (points.positions <= high)).all(axis=1))
        assert set(in_sight) <= set(looked_at.astype(int))
        assert len(set(looked_at)) == len(looked_at)
    assert len(points.within(5, 5, 6, 6)) < len(points) / 10


@pytest.mark.parametrize("positions", [np.empty((0, 2)), np.full((3, 2), np.nan), np.ones((4, 2))])
def test_no_point_one_place_and_no_place(positions: np.ndarray) -> None:
    points = Points.of(positions.astype(np.float32))
    assert len(points) == np.isfinite(positions).all(axis=1).sum()
    assert points.nearest(1.0, 1.0, 0.5) == (0 if len(points) else None)
    square = np.array([[0, 0], [2, 0], [2, 2], [0, 2]], float)
    np.testing.assert_array_equal(points.inside(square), points.frames)
    assert len(points.course(0, len(positions))) == len(points)
    picture = draw_points(
        points.positions, np.zeros(len(points), np.uint8), points.stretches(0, 0, 2, 2),
        Window(1, 1, 10, 20, 20), Ink(2.0, 1.0), _PALETTE, _WHITE,
    )  # fmt: skip
    assert (picture[..., :3] != 255).any() == bool(len(points))


def test_places_and_courses_are_by_frame() -> None:
    positions = clouds(300)
    points = Points.of(positions)
    assert points.place_of(0) is None
    assert points.place_of(3) == (float(positions[3, 0]), float(positions[3, 1]))
    np.testing.assert_array_equal(points.course(1, 50), positions[1:50])
    np.testing.assert_array_equal(points.course(49, 52), positions[[49, 51]])


@pytest.mark.parametrize("radius", [0.5, 2.0])
def test_a_point_is_drawn_where_it_lies_in_its_colour(radius: float) -> None:
    positions = np.array([[0, 0], [1, 1], [-1, 0.5]], np.float32)
    palette = _PALETTE.copy()
    palette[:3, :3] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    window = Window(0, 0, 20.0, 61, 41)
    stretches = np.array([[0, 3]])
    ink = Ink(radius, 1.0)
    picture = draw_points(positions, np.array([0, 1, 2], np.uint8), stretches, window, ink, palette, _WHITE)
    assert picture.shape == (41, 61, 4)
    for (x, y), colour in zip([(30, 20), (50, 0), (10, 10)], [[0, 0, 255], [0, 255, 0], [255, 0, 0]], strict=True):
        assert np.abs(picture[y, x, :3].astype(int) - colour).max() <= 1, "blue, green, red"
    coloured = (picture[..., :3] != 255).any(axis=2).sum()
    assert coloured == 3 if radius == 0.5 else 20 < coloured < 80
    assert (picture[..., 3] == 255).all()


def test_points_in_one_place_mix_their_colours_and_the_heavier_one_wins() -> None:
    positions = np.zeros((101, 2), np.float32)
    classes = np.zeros(101, np.uint8)
    classes[0] = 1
    palette = _PALETTE.copy()
    palette[0], palette[1] = (0, 0, 0, 0.001), (240, 0, 0, 1.0)
    window = Window(0, 0, 1.0, 3, 3)

    def red(opacity: float, count: int) -> int:
        some = np.array([[0, count]])
        picture = draw_points(positions, classes, some, window, Ink(0.5, opacity), palette, (100, 100, 100))
        return int(picture[1, 1, 2])

    assert red(1.0, 101) > 210, "a hundred light ones do not hide it"
    assert 100 < red(0.2, 1) < 140, "one point covers a fifth"


def test_many_points_are_small_and_few_are_large() -> None:
    window = Window(0, 0, 1.0, 1000, 800)
    radii = [Ink.fitting(count, window).radius for count in (0, 100, 30_000, 1_000_000, 10**9)]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] > 3
    assert radii[-1] == radii[-2] == 0.5
    assert Ink.fitting(100, window, size=2.0).radius == 2 * radii[1]
    assert Ink.fitting(100, window, opacity=0.5).opacity == Ink.fitting(100, window).opacity / 2
