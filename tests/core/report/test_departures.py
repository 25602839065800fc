"""Where a performance departs from the reference: distance along the path, its peaks, and whether a tempo is clear."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.types import Alignment
from core.report import Comparison, Performance, compare, moments_of
from core.report.comparison import matched_distance, windowed_mean
from tests.core.report.made import SECONDS, looks, performance, video


def bump(count: int, *places: tuple[int, float], width: float = 4) -> NDArray[np.float64]:
    frames = np.arange(count)
    return sum((height * np.exp(-(((frames - place) / width) ** 2)) for place, height in places), np.zeros(count))


def times(found: Comparison) -> list[float]:
    return [float(found.performance.video.edges_seconds[one.frame]) for one in found.moments]


def departing(*times: tuple[float, float, float]) -> Performance:
    """The movement, but from `start` to `end` turned out of its plane by an angle."""
    one = performance(name="departs")
    rows = one.video.embeddings.copy()
    middles = (one.video.edges_seconds[:-1] + one.video.edges_seconds[1:]) / 2
    for start, end, angle in times:
        where = (middles >= start) & (middles < end)
        rows[where] = rows[where] * np.cos(angle) + np.array([0, 0, np.sin(angle)])
    return Performance("departs", video(one.video.edges_seconds, rows))


def test_a_video_against_itself_departs_nowhere() -> None:
    one = performance()
    found = compare(one, one)
    np.testing.assert_allclose(found.distance, 0, atol=1e-6)
    assert found.mean_distance == pytest.approx(0, abs=1e-6)
    assert found.moments == ()


def test_what_differs_in_the_middle_is_found_there() -> None:
    found = compare(departing((1.8, 2.4, 1.0)), performance(), window_seconds=0.5, least_confidence=0)
    (moment,) = found.moments
    edges = found.performance.video.edges_seconds
    assert edges[moment.frame] == pytest.approx(2.1, abs=0.1)
    assert edges[moment.start_frame] == pytest.approx(1.8, abs=0.1)
    assert edges[moment.end_frame_exclusive] == pytest.approx(2.4, abs=0.1)
    assert moment.distance == pytest.approx(found.distance.max(), abs=1e-6)
    assert moment.distance == pytest.approx(1 - np.cos(1.0), abs=1e-3)
    assert found.reference_frames[moment.frame] == pytest.approx(moment.frame, abs=1)
    assert found.mean_distance == pytest.approx(0.6 / SECONDS * (1 - np.cos(1.0)), rel=0.1)


def test_what_nothing_in_the_reference_resembles_is_added_and_no_departure() -> None:
    found = compare(departing((1.8, 2.4, np.pi / 2)), performance())
    kinds = [one.kind for one in found.unmatched]
    assert "added" in kinds
    assert np.isnan(found.distance[47:58]).all()
    assert found.mean_distance < 0.05


def test_what_is_shorter_than_the_window_has_its_peak_where_it_is() -> None:
    one = departing((2.0, 2.12, 1.0))
    (moment,) = compare(one, performance(), window_seconds=1.0, least_confidence=0).moments
    assert one.video.edges_seconds[moment.frame] == pytest.approx(2.04, abs=0.05)


def test_departures_are_named_by_how_far_they_are_and_as_many_as_asked_for() -> None:
    one = departing((0.5, 0.9, 0.8), (1.9, 2.3, 1.2), (3.2, 3.6, 1.0))
    found = compare(one, performance(), least_confidence=0)
    assert times(found) == pytest.approx([2.1, 3.4, 0.7], abs=0.1)
    assert len(compare(one, performance(), top=1, least_confidence=0).moments) == 1
    far_apart = compare(one, performance(), apart_seconds=1.35, least_confidence=0)
    assert times(far_apart) == pytest.approx([2.1, 0.7], abs=0.1)


def test_peaks_lie_apart_and_what_belongs_to_them_does_not_overlap() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        edges = np.append(0, rng.uniform(0.01, 0.1, 300).cumsum())
        distance = windowed_mean(rng.uniform(0, 1, 300), edges, 0.6)
        found = moments_of(distance, edges, top=4, apart_seconds=1.5)
        middles = (edges[:-1] + edges[1:]) / 2
        assert 1 <= len(found) <= 4
        assert found[0].distance == pytest.approx(distance.max(), abs=1e-6)
        assert [one.distance for one in found] == sorted((one.distance for one in found), reverse=True)
        places = np.sort([middles[one.frame] for one in found])
        assert (np.diff(places) >= 1.5 - 1e-9).all()
        spans = sorted((one.start_frame, one.end_frame_exclusive) for one in found)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
        assert all(one.start_frame <= one.frame < one.end_frame_exclusive for one in found)


def test_peaks_at_the_ends_and_flat_ones_count_and_slopes_do_not() -> None:
    edges = np.arange(101) / 10.0
    frames = [one.frame for one in moments_of(bump(100, (0, 1), (99, 0.9)), edges, top=5, apart_seconds=1)]
    assert frames == [0, 99]
    flat = np.zeros(100)
    flat[40:51] = 1
    assert [one.frame for one in moments_of(flat, edges, top=5, apart_seconds=1)] == [45]
    shoulder = moments_of(bump(100, (50, 1), width=20), edges, top=5, apart_seconds=1)
    assert [one.frame for one in shoulder] == [50]
    assert moments_of(np.full(100, 0.3), edges, top=5, apart_seconds=1) == []
    small = moments_of(bump(100, (20, 1), (60, 0.05), (80, 0.2)), edges, top=5, apart_seconds=1)
    assert [one.frame for one in small] == [20, 80]


def test_a_lesser_peak_of_the_same_departure_is_not_named_again() -> None:
    edges = np.arange(101) / 10.0
    long = np.interp(np.arange(100), [0, 20, 25, 40, 55, 60, 99], [0, 0, 1, 0.8, 0.9, 0, 0])
    (moment,) = moments_of(long, edges, top=5, apart_seconds=1)
    assert (moment.frame, moment.start_frame, moment.end_frame_exclusive) == (25, 23, 58)


def test_a_mean_over_a_window_counts_every_frame_for_as_long_as_it_is_shown() -> None:
    rng = np.random.default_rng(1)
    edges = np.append(0, rng.uniform(0.01, 0.3, 40).cumsum())
    values = rng.normal(size=40)
    for frame, found in enumerate(windowed_mean(values, edges, 0.7)):
        middle = (edges[frame] + edges[frame + 1]) / 2
        start, end = max(middle - 0.35, 0), min(middle + 0.35, edges[-1])
        seen = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, None)
        assert found == pytest.approx(np.average(values, weights=seen))


def test_a_frame_matched_with_several_has_their_mean_distance() -> None:
    rows = looks(np.array([0.0, 0.5, 1.0]))
    alignment = Alignment(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 2]), 0.0)
    found = matched_distance(alignment, rows[:2], rows)
    assert found == pytest.approx([1.0, 1.0], abs=1e-6)


def test_a_tempo_is_clear_where_there_is_movement_that_matches() -> None:
    """Both stand still for 2 s in the middle; the video then does something else for a second."""
    progress = np.interp((np.arange(200) + 0.5) / 25, [0, 2, 4, 8], [0, 0.4, 0.4, 1])
    rows = looks(progress)
    turned = rows.copy()
    turned[150:175] = np.array([0, 0, 1])
    edges = np.arange(201) / 25
    one, reference = Performance("a", video(edges, turned)), Performance("b", video(edges, rows))
    found = compare(one, reference, least_confidence=0)
    assert found.is_clear[5:40].all()
    assert not found.is_clear[65:85].any()
    assert found.is_clear[110:140].all()
    assert not found.is_clear[155:170].any()
    assert found.clear_share == pytest.approx(found.is_clear.mean())
