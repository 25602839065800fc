"""What only one of two videos shows: reported as added and missing steps, and never stretched into the tempo."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import NONE, swap
from core.align.tables import every_frame
from core.base.types import Alignment, Span
from core.report import Comparison, Course, Performance, compare, moments_of
from core.report.along import along_path
from core.report.comparison import smooth, windowed_mean
from core.report.course import rows_of
from core.report.notices import summary_notices
from core.report.unmatched import Unmatched, unmatched_of
from tests.core.report.made import changing, video

REFERENCE = changing(100, seed=1)
FOREIGN = changing(30, seed=2)


def filmed(rows: NDArray[np.float32], *, fps: float = 25.0, spans: tuple[Span, ...] = ()) -> Performance:
    return Performance("x", video(np.arange(len(rows) + 1) / fps, rows), spans)


def against_reference(*parts: NDArray[np.float32], fps: float = 25.0) -> Comparison:
    return compare(filmed(np.concatenate(parts), fps=fps), filmed(REFERENCE))


def random_path(seed: int) -> tuple[Alignment, NDArray[np.float64], NDArray[np.float64]]:
    """With stretches without a partner of either video, and frames of random lengths."""
    rng = np.random.default_rng(seed)
    moves = np.array([(1, 1), (1, 0), (0, 1), (4, 1), (1, 5), (3, 3)])[
        rng.choice(6, 50, p=[0.5, 0.2, 0.2, 0.04, 0.03, 0.03])
    ]
    steps = rng.integers(0, 4, 2) + np.cumsum(np.concatenate([[(0, 0)], moves]), axis=0)
    num_a, num_b = steps[-1] + rng.integers(1, 5, 2)
    edges = [np.append(0, rng.uniform(0.01, 0.3, int(count)).cumsum()) for count in (num_a, num_b)]
    return Alignment(steps[:, 0], steps[:, 1], 0.0, int(num_a), int(num_b)), edges[0], edges[1]


@pytest.mark.parametrize("seed", range(20))
def test_rows_are_every_frame_in_order(seed: int) -> None:
    alignment, _, _ = random_path(seed)
    a, b = rows_of(alignment)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(a, b) for a, b, _ in every_frame(alignment)]


@pytest.mark.parametrize("seed", range(20))
def test_a_course_gives_every_frame_its_time_and_unmatched_ones_none_of_the_other(seed: int) -> None:
    alignment, edges, other = random_path(seed)
    course, (a, b) = Course.of(alignment, edges, other), rows_of(alignment)
    for passed, frames, whole in ((course.seconds, a, edges), (course.reference_seconds, b, other)):
        taken = np.diff(passed)
        assert (passed[0], passed[-1]) == (0, whole[-1])
        np.testing.assert_allclose(np.bincount(frames[frames >= 0], taken[frames >= 0]), np.diff(whole))
        assert (taken[frames == NONE] == 0).all()
        assert (taken[frames != NONE] > 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_tempo_counts_matched_time_alone(seed: int) -> None:
    alignment, edges, other = random_path(seed)
    course = Course.of(alignment, edges, other)
    back = Course.of(swap(alignment), other, edges)
    counted = course.counts
    assert not counted[~course.is_step].any()
    expected = np.diff(course.reference_seconds)[counted].sum() / np.diff(course.seconds)[counted].sum()
    assert course.mean_tempo() == pytest.approx(expected)
    assert course.mean_tempo() * back.mean_tempo() == pytest.approx(1)
    assert np.isnan(course.tempo(edges, 0.5)[~alignment.has_partner_a]).all()


@pytest.mark.parametrize("seed", range(20))
def test_unmatched_stretches_hold_each_frame_without_partner_once(seed: int) -> None:
    alignment, _, _ = random_path(seed)
    found = unmatched_of(alignment)
    for kind, has in (("added", alignment.has_partner_a), ("missing", alignment.has_partner_b)):
        spans = [(one.start_frame, one.end_frame_exclusive) for one in found if one.kind == kind]
        assert [frame for span in spans for frame in range(*span)] == np.flatnonzero(~has).tolist()
        assert all(end < start for (_, end), (start, _) in itertools.pairwise(spans))
    for one in found:
        here, there = (
            (alignment.a_frames, alignment.b_frames)
            if one.kind == "added"
            else (alignment.b_frames, alignment.a_frames)
        )
        before = there[here < one.start_frame]
        after = there[here >= one.end_frame_exclusive]
        assert before.max(initial=-1) <= one.other_frame
        assert one.other_frame <= after.min(initial=(alignment.num_b if one.kind == "added" else alignment.num_a))


def test_an_added_step_is_told_and_not_stretched() -> None:
    found = against_reference(REFERENCE[:50], FOREIGN, REFERENCE[50:])
    (added,) = found.unmatched
    assert added.kind == "added"
    assert (added.start_frame, added.end_frame_exclusive, added.other_frame) == pytest.approx((50, 80, 50), abs=2)
    assert (found.added_seconds, found.missing_seconds) == (pytest.approx(1.2, abs=0.1), 0)
    np.testing.assert_allclose(found.tempo[found.has_partner], 1, atol=1e-6)
    for curve in (found.tempo, found.distance, found.contrast):
        assert np.isnan(curve[55:75]).all()
    assert not found.is_clear[55:75].any()
    assert found.clear_share > 0.95
    assert found.course.mean_tempo() == pytest.approx(1)
    assert found.mean_distance == pytest.approx(0, abs=1e-3)
    assert (found.reference_frames[55:75] == NONE).all()


def test_a_missing_step_is_told_and_not_stretched() -> None:
    found = against_reference(REFERENCE[:30], REFERENCE[60:])
    (missing,) = found.unmatched
    assert missing.kind == "missing"
    assert (missing.start_frame, missing.end_frame_exclusive) == pytest.approx((30, 60), abs=4)
    assert missing.other_frame == pytest.approx(30, abs=2)
    assert found.missing_seconds == pytest.approx(1.2, abs=0.25)
    assert found.course.mean_tempo() == pytest.approx(1, abs=0.1)
    assert np.nanmax(found.tempo) < 1.6
    assert found.has_partner.all()


def test_a_part_has_the_tempo_of_what_it_shows() -> None:
    found = against_reference(np.repeat(REFERENCE[40:70], 2, axis=0))
    assert [one.kind for one in found.unmatched] == ["missing", "missing"]
    assert found.missing_seconds == pytest.approx(70 / 25, abs=0.2)
    assert found.course.mean_tempo() == pytest.approx(0.5, abs=0.07)


def test_with_no_confidence_asked_for_every_frame_has_a_partner() -> None:
    performance = filmed(np.concatenate([REFERENCE[:50], FOREIGN, REFERENCE[60:]]))
    found = compare(performance, filmed(REFERENCE), least_confidence=0)
    assert found.has_partner.all()
    assert found.unmatched == ()


def test_of_nothing_in_common_nothing_is_measured() -> None:
    found = compare(filmed(-REFERENCE[:40]), filmed(REFERENCE))
    assert [one.kind for one in found.unmatched] == ["added", "missing"]
    assert (found.added_seconds, found.missing_seconds) == (pytest.approx(1.6), pytest.approx(4))
    assert not found.has_partner.any()
    for number in (found.mean_distance, found.largest_distance, found.clear_share, found.course.mean_tempo()):
        assert math.isnan(number)
    assert math.isnan(found.course.shared_start_seconds)
    assert found.moments == ()
    assert np.isnan(found.distance).all()
    assert "nothing in common: no frame clearly matches one of the reference" in summary_notices([found])[1]


def test_what_has_no_distance_is_left_out_of_means_and_parts_peaks() -> None:
    rng = np.random.default_rng(3)
    edges = np.append(0, rng.uniform(0.01, 0.3, 60).cumsum())
    values = rng.uniform(0, 1, 60)
    values[[7, 20, 21, 22, 59]] = np.nan
    for frame, found in enumerate(windowed_mean(values, edges, 0.7)):
        middle = (edges[frame] + edges[frame + 1]) / 2
        start, end = max(middle - 0.35, 0), min(middle + 0.35, edges[-1])
        seen = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, None)
        known = np.isfinite(values)
        expected = np.average(values[known], weights=seen[known]) if known[frame] else np.nan
        assert found == pytest.approx(expected, nan_ok=True)
    flat = np.ones(60)
    flat[30:34] = np.nan
    assert moments_of(flat, edges, top=3, apart_seconds=0.1) == []
    flat[25:40] = [2] * 5 + [np.nan] * 4 + [3] * 6
    first, second = moments_of(flat, edges, top=3, apart_seconds=0.1)
    assert (first.start_frame, first.end_frame_exclusive) == (34, 40)
    assert (second.start_frame, second.end_frame_exclusive) == (25, 30)
    assert np.isnan(smooth(np.full(60, np.nan), edges, 0.5)).all()


@pytest.mark.parametrize("seed", range(10))
def test_curves_along_a_path_hold_its_steps_alone(seed: int) -> None:
    alignment, edges, other = random_path(seed)
    rng = np.random.default_rng(seed)
    a, b = (changing(len(one) - 1, seed=int(rng.integers(99))) for one in (edges, other))
    found, back = along_path(alignment, a, b, edges, other), along_path(swap(alignment), b, a, other, edges)
    for curve in (found.distance, found.tempo, found.a_seconds, found.b_seconds):
        assert len(curve) == len(alignment)
    assert np.isfinite(found.distance).all()
    assert found.distance == pytest.approx(back.distance)
    assert (found.a_seconds == back.b_seconds).all()
    first = np.flatnonzero(np.diff(alignment.a_frames, prepend=-1))
    np.testing.assert_allclose(found.a_seconds[first], edges[alignment.a_frames[first]])
    assert ((found.peaks >= 0) & (found.peaks < len(alignment))).all()
    cosine = np.einsum("pd,pd->p", a[alignment.a_frames], b[alignment.b_frames])
    assert found.distance.min() >= 1 - cosine.max() - 1e-6


def test_an_empty_path_has_no_curves() -> None:
    a, b = REFERENCE[:10], FOREIGN[:20]
    nothing = Alignment(np.empty(0, np.int64), np.empty(0, np.int64), 0.0, 10, 20)
    found = along_path(nothing, a, b, np.arange(11) / 25, np.arange(21) / 25)
    assert {len(getattr(found, name)) for name in ("distance", "tempo", "a_seconds", "b_seconds", "peaks")} == {0}
    assert unmatched_of(nothing) == [Unmatched("added", 0, 10, 0), Unmatched("missing", 0, 20, 10)]


def test_the_phase_of_a_stretch_is_that_of_most_of_its_frames() -> None:
    one = filmed(REFERENCE, spans=(Span("down", 0, 40), Span("up", 40, 90)))
    assert [one.main_phase(*span) for span in ((0, 10), (30, 60), (30, 50), (85, 99), (95, 99))] == [
        "down",
        "up",
        "down",
        "up",
        "",
    ]
