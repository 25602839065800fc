"""Tempo: a video against itself, at other speeds and frame rates, and what waiting does to it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import align_embeddings, swap
from core.base.types import Alignment
from core.report import Course, Performance, compare
from tests.core.report.made import SECONDS, looks, performance, video


def random_course(seed: int) -> tuple[Course, Course, NDArray[np.float64], NDArray[np.float64]]:
    """Of a random path between frames of random lengths, from either side."""
    rng = np.random.default_rng(seed)
    steps = np.array([(0, 0), *((1, 1), (1, 0), (0, 1))])[np.append(0, rng.integers(1, 4, 60))]
    a_frames, b_frames = steps.cumsum(axis=0).T
    alignment = Alignment(a_frames, b_frames, 0.0)
    edges, other = (
        np.append(0, rng.uniform(0.01, 0.3, int(frames[-1]) + 1).cumsum()) for frames in (a_frames, b_frames)
    )
    return Course.of(alignment, edges, other), Course.of(swap(alignment), other, edges), edges, other


def test_a_video_against_itself_has_tempo_1_everywhere() -> None:
    one = performance()
    found = compare(one, one)
    np.testing.assert_allclose(found.tempo, 1, atol=1e-9)
    assert found.course.mean_tempo() == pytest.approx(1, abs=1e-12)
    assert found.course.mean_tempo([(0.3, 0.9), (1.5, 2.0)]) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("tempo", [0.5, 0.25, 2.0, 3.0])
def test_tempo_is_that_of_the_movement_whatever_the_frame_rate(tempo: float) -> None:
    reference = performance(fps=25)
    for fps in (25, 50, 30, 12.5):
        found = compare(performance(fps=fps, tempo=tempo), reference)
        assert found.course.mean_tempo() == pytest.approx(tempo, rel=0.02)
        told = np.isfinite(found.tempo)
        assert told[2:-2].all()
        np.testing.assert_allclose(found.tempo[told], tempo, rtol=0.25)
        assert np.median(found.tempo[told]) == pytest.approx(tempo, rel=0.03)


def test_twice_as_slow_is_a_tempo_of_one_half_at_every_frame() -> None:
    reference = performance()
    edges = np.arange(2 * len(reference.video) + 1) / 25
    slow = Performance("slow", video(edges, np.repeat(reference.video.embeddings, 2, axis=0)))
    found = compare(slow, reference)
    np.testing.assert_allclose(found.tempo, 0.5, atol=1e-9)
    assert found.duration_ratio == pytest.approx(2)


def test_a_variable_frame_rate_is_no_change_of_tempo() -> None:
    rng = np.random.default_rng(3)
    edges = np.append(0, rng.choice([0.01, 0.02, 0.08], 110).cumsum())
    edges *= SECONDS / edges[-1]
    middles = (edges[:-1] + edges[1:]) / 2
    found = compare(Performance("variable", video(edges, looks(middles / SECONDS))), performance())
    np.testing.assert_allclose(found.tempo, 1, atol=0.16)
    assert found.course.mean_tempo() == pytest.approx(1, abs=0.03)


def test_a_change_of_tempo_is_found_where_it_is() -> None:
    """The first half of the movement at its own tempo, the second twice as fast."""
    edges = np.arange(76) / 25
    middles = (edges[:-1] + edges[1:]) / 2
    progress = np.where(middles < 2, middles, 2 + 2 * (middles - 2)) / SECONDS
    found = compare(Performance("hurries", video(edges, looks(progress))), performance())
    np.testing.assert_allclose(found.tempo[middles < 1.7], 1, atol=0.1)
    np.testing.assert_allclose(found.tempo[middles > 2.3], 2, atol=0.2)


@pytest.mark.parametrize("seed", range(20))
def test_a_course_rises_to_both_ends_and_seen_from_the_other_side_is_its_inverse(seed: int) -> None:
    course, back, edges, other = random_course(seed)
    for times, whole in ((course.seconds, edges), (course.reference_seconds, other)):
        assert (times[0], times[-1]) == (0, whole[-1])
        assert (np.diff(times) > 0).all()
    moments = np.linspace(0, edges[-1], 50)
    np.testing.assert_allclose(back.reference_at(course.reference_at(moments)), moments, atol=1e-9)
    assert course.mean_tempo() * back.mean_tempo() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(20))
def test_the_tempo_of_a_time_is_the_mean_of_its_parts(seed: int) -> None:
    course, _, edges, _ = random_course(seed)
    cut = float(edges[len(edges) // 2])
    cut = float(np.clip(cut, course.shared_start_seconds, course.shared_end_seconds))
    parts = [(course.shared_start_seconds, cut), (cut, course.shared_end_seconds)]
    lengths = [end - start for start, end in parts]
    means = [course.mean_tempo([part]) if length else 0.0 for part, length in zip(parts, lengths, strict=True)]
    assert course.mean_tempo() == pytest.approx(np.average(means, weights=lengths))
    assert course.mean_tempo(parts) == pytest.approx(course.mean_tempo())


def test_while_one_waits_for_the_other_there_is_no_tempo() -> None:
    """The video stands on its first look for 2 s and on its last for 1 s."""
    reference = performance()
    edges = np.arange(50 + 100 + 25 + 1) / 25
    looked = np.concatenate([np.zeros(50), (np.arange(100) + 0.5) / 100, np.ones(25)])
    found = compare(Performance("waits", video(edges, looks(looked))), reference)
    assert np.isnan(found.tempo[:46]).all()
    assert np.isnan(found.tempo[-21:]).all()
    np.testing.assert_allclose(found.tempo[52:148], 1, atol=0.12)
    assert found.course.mean_tempo() == pytest.approx(1, abs=0.03)


def test_what_the_video_skips_at_its_start_does_not_make_it_fast() -> None:
    reference = performance()
    late = Performance("late", video(reference.video.edges_seconds[:51], reference.video.embeddings[50:]))
    found = compare(late, reference)
    np.testing.assert_allclose(found.tempo, 1, atol=1e-9)
    assert found.course.mean_tempo() == pytest.approx(1, abs=1e-9)


def test_videos_that_share_nothing_have_no_tempo() -> None:
    edges = np.arange(6) / 5
    down_then_right = Alignment(np.array([0, 1, 2, 3, 4, 4, 4, 4, 4]), np.array([0, 0, 0, 0, 0, 1, 2, 3, 4]), 0.0)
    course = Course.of(down_then_right, edges, edges)
    assert np.isnan(course.tempo(edges, 0.5)).all()
    assert np.isnan(course.mean_tempo())


def test_a_single_frame_has_a_tempo() -> None:
    one = Performance("one", video(np.array([0, 0.04]), looks(np.array([0.5]))))
    assert compare(one, one).tempo == pytest.approx([1])
    assert np.isnan(compare(one, performance()).course.mean_tempo())
    assert np.isnan(compare(performance(), one).course.mean_tempo())


def test_the_window_holds_at_least_5_frames_of_either_video() -> None:
    slow, fast = performance(fps=5), performance(fps=50)
    assert compare(fast, fast, window_seconds=0.5).window_seconds == 0.5
    assert compare(slow, fast, window_seconds=0.5).window_seconds == pytest.approx(1.0)
    assert compare(fast, slow, window_seconds=0.5).window_seconds == pytest.approx(1.0)


def test_frames_of_a_course_lie_where_the_path_matches_them() -> None:
    a, b = performance(tempo=0.7), performance()
    alignment = align_embeddings(a.video.embeddings, b.video.embeddings)
    course = Course.of(alignment, a.video.edges_seconds, b.video.edges_seconds)
    for a_frame, b_frame in zip(alignment.a_frames[::7], alignment.b_frames[::7], strict=True):
        from_, to = course.reference_at(a.video.edges_seconds[[a_frame, a_frame + 1]])
        assert from_ < b.video.edges_seconds[b_frame + 1] + 1e-9
        assert to > b.video.edges_seconds[b_frame] - 1e-9
