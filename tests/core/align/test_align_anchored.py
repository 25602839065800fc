"""A path through anchors against all paths that pass through them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.align import align_embeddings, dtw, swap
from core.align.anchored import fitting_anchors
from tests.core.align.test_align import Matrix, all_paths, assert_valid, cost_along, costs

Anchors = list[tuple[int, int]]


@st.composite
def anchored_costs(draw: st.DrawFn) -> tuple[Matrix, Anchors]:
    cost = draw(costs)
    number = draw(st.integers(1, min(cost.shape)))
    sides = [draw(st.sets(st.integers(0, size - 1), min_size=number, max_size=number)) for size in cost.shape]
    return cost, list(zip(*map(sorted, sides), strict=True))


@given(anchored_costs())
@settings(deadline=None, derandomize=True)
def test_no_path_through_the_anchors_is_cheaper(drawn: tuple[Matrix, Anchors]) -> None:
    cost, anchors = drawn
    found = dtw(cost, anchors=anchors)
    assert_valid(found, *cost.shape)
    assert set(anchors) <= set(zip(found.a_frames.tolist(), found.b_frames.tolist(), strict=True))
    through = (path for path in all_paths(*cost.shape) if set(anchors) <= set(path))
    assert found.cost == min(sum(cost[cell] for cell in path) for path in through)
    assert found.cost == cost_along(cost, found)


def test_embeddings_and_their_costs_give_the_same_path() -> None:
    generator = np.random.default_rng(0)
    a, b = (generator.normal(size=(size, 5)).astype(np.float32) for size in (70, 110))
    unit_a, unit_b = (one / np.linalg.norm(one, axis=1, keepdims=True) for one in (a, b))
    anchors = [(10, 50), (30, 60), (69, 100)]
    found, expected = align_embeddings(a, b, anchors=anchors), dtw(1 - unit_a @ unit_b.T, anchors=anchors)
    assert (found.a_frames == expected.a_frames).all()
    assert (found.b_frames == expected.b_frames).all()
    assert found.cost == pytest.approx(expected.cost, rel=1e-5)


def test_anchors_on_the_path_change_nothing() -> None:
    cost = np.random.default_rng(0).random((80, 120))
    free = dtw(cost)
    steps = np.flatnonzero((np.diff(free.a_frames) > 0) & (np.diff(free.b_frames) > 0))[::9] + 1
    held = dtw(cost, anchors=[(int(free.a_frames[step]), int(free.b_frames[step])) for step in steps])
    assert (held.a_frames == free.a_frames).all()
    assert (held.b_frames == free.b_frames).all()
    assert held.cost == pytest.approx(free.cost)


@pytest.mark.parametrize("anchors", [[(5, 60)], [(3, 2), (60, 10)], [(0, 40), (89, 41)]])
def test_a_band_follows_the_anchors_even_past_itself(anchors: Anchors) -> None:
    cost = np.random.default_rng(0).random((90, 140))
    found, back = dtw(cost, band=0.05, anchors=anchors), dtw(cost.T, band=0.05, anchors=[(b, a) for a, b in anchors])
    assert_valid(found, *cost.shape)
    assert (found.a_frames == swap(back).a_frames).all()
    corners = np.array([(0, 0), *anchors, (89, 139)])
    line = np.interp(found.a_frames, corners[:, 0], corners[:, 1])
    steep = (np.diff(corners[:, 1]) / np.maximum(np.diff(corners[:, 0]), 1)).max()
    assert abs(found.b_frames - line).max() <= max(139, 89 * steep) * 0.05 + steep


@pytest.mark.parametrize(
    "anchors", [[(-1, 0)], [(0, 8)], [(7, 0)], [(1, 1), (2, 1)], [(2, 3), (1, 4)], [(1, 1), (1, 1)]]
)
def test_anchors_that_no_path_passes_are_refused(anchors: Anchors) -> None:
    with pytest.raises(ValueError, match="anchor"):
        dtw(np.zeros((7, 8)), anchors=anchors)


def test_what_fits_is_kept() -> None:
    assert fitting_anchors([(9, 9), (2, 3), (4, 3), (5, 6), (3, 2), (0, 0), (6, 8)], 7, 8) == [(0, 0), (2, 3), (5, 6)]
    assert fitting_anchors([], 1, 1) == []


@pytest.mark.parametrize(("num_a", "num_b"), [(1, 1), (1, 50_000), (50_000, 1)])
def test_the_shortest_and_the_longest(num_a: int, num_b: int) -> None:
    a, b = (np.ones((size, 4), np.float32) for size in (num_a, num_b))
    found = align_embeddings(a, b, anchors=[(num_a // 2, num_b // 2)])
    assert_valid(found, num_a, num_b)
