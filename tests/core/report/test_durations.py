"""How long phases last: they add up, and missing, repeated and unlabelled ones are counted as what they are."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from core.base.types import Span
from core.labels.segments import Segment, distinct_names
from core.report import PhaseDuration, compare, performances_of, phase_durations
from core.report.durations import UNLABELLED
from tests.core.report.made import performance, video

DOWN_UP = (Span("down", 0, 40), Span("up", 40, 100))


def by_phase(durations: list[PhaseDuration]) -> dict[str, PhaseDuration]:
    return {one.phase: one for one in durations}


def test_durations_add_up_to_the_video_whatever_the_frame_rate() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        edges = np.append(0, rng.uniform(0.01, 0.2, 60).cumsum())
        cuts = np.unique(rng.integers(0, 61, 9))
        spans = tuple(
            Span("abc"[rng.integers(3)], int(start), int(stop))
            for start, stop in itertools.pairwise(cuts)
            if rng.random() < 0.7
        )
        one = performance(spans=spans)
        one = type(one)("x", video(edges, one.video.embeddings[:60]), spans)
        found = phase_durations(one, one, "abc", None)
        assert sum(row.seconds for row in found) == pytest.approx(edges[-1])
        assert sum(row.share for row in found) == pytest.approx(1)
        assert sum(row.frames for row in found) == 60
        assert all(row.difference_seconds == pytest.approx(0) for row in found)


def test_a_phase_is_compared_with_the_same_one_of_the_reference() -> None:
    reference = performance(spans=DOWN_UP)
    slow = performance(tempo=0.5, fps=50, name="slow", spans=(Span("down", 0, 160), Span("up", 160, 400)))
    found = by_phase(phase_durations(slow, reference, ["down", "up"], compare(slow, reference)))
    assert list(found) == ["down", "up"]
    down = found["down"]
    assert (down.times, down.frames, down.seconds, down.start_seconds) == (1, 160, pytest.approx(3.2), 0)
    assert down.share == pytest.approx(0.4)
    assert down.difference_seconds == pytest.approx(1.6)
    assert down.tempo == pytest.approx(0.5, rel=0.03)
    assert found["up"].start_seconds == pytest.approx(3.2)


def test_missing_repeated_and_unlabelled_phases() -> None:
    reference = performance(spans=DOWN_UP)
    twice = performance(name="twice", spans=(Span("down", 10, 20), Span("rest", 20, 30), Span("down", 50, 80)))
    found = by_phase(phase_durations(twice, reference, ["down", "up", "rest"], compare(twice, reference)))
    assert (found["down"].times, found["down"].frames, found["down"].start_seconds) == (2, 40, pytest.approx(0.4))
    assert found["down"].tempo == pytest.approx(1)
    up = found["up"]
    assert (up.times, up.frames, up.seconds, up.share) == (0, 0, 0, 0)
    assert math.isnan(up.start_seconds)
    assert math.isnan(up.tempo)
    assert up.difference_seconds == pytest.approx(-2.4)
    assert (found["rest"].reference_seconds, found["rest"].difference_seconds) == (0, pytest.approx(0.4))
    rest = found[UNLABELLED]
    assert (rest.times, rest.frames, rest.start_seconds) == (3, 50, 0)


def test_without_phases_of_the_reference_there_is_no_difference() -> None:
    one, reference = performance(name="one", spans=DOWN_UP), performance()
    for row in phase_durations(one, reference, ["down", "up"], compare(one, reference)):
        assert math.isnan(row.difference_seconds)
        assert row.tempo == pytest.approx(1)


def test_names_are_as_long_as_it_takes_to_tell_videos_apart() -> None:
    paths = [Path("/d/mon/1/a.mp4"), Path("/d/tue/1/a.mp4"), Path("/d/tue/1/b.mp4"), Path("/d/tue/2/a.mp4")]
    assert distinct_names(paths) == ["mon/1/a.mp4", "tue/1/a.mp4", "b.mp4", "2/a.mp4"]
    assert distinct_names([Path("/a.mp4")]) == ["a.mp4"]


def test_phases_find_their_videos() -> None:
    videos = [performance(name=name).video for name in ("a.mp4", "b.mp4")]
    segments = [Segment("x, line 2", "b.mp4", "up", 0.4, 0.8, in_frames=False)]
    first, second = performances_of(videos, segments)
    assert (first.name, first.spans, first.phase_at(12)) == ("a.mp4", (), "")
    assert (second.name, second.spans) == ("b.mp4", (Span("up", 10, 20),))
    assert [second.phase_at(frame) for frame in (9, 10, 19, 20)] == ["", "up", "up", ""]
