"""Duration of each phase of a performance, compared with the reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.base.types import Span
from core.report.comparison import Comparison
from core.report.performances import Performance

UNLABELLED = "(unlabelled)"
"""Stands for the frames that no span covers, so that the durations of a video add up to its length."""


@dataclass(frozen=True)
class PhaseDuration:
    """One phase of one video, all its segments together."""

    phase: str
    times: int
    """How often it comes: 0 where the video lacks it."""
    frames: int
    seconds: float
    share: float
    """Of the video's length, 0 to 1."""
    start_seconds: float
    """Of its first span; NaN where it does not come."""
    reference_seconds: float
    """How long it lasts in the reference; NaN where that has no phases at all."""
    tempo: float
    """Mean tempo along the path over its spans (`Course.mean_tempo`). It can differ from the ratio of the durations:
    the path pairs like moments, wherever a phase was said to begin."""

    @property
    def difference_seconds(self) -> float:
        """Above 0 it lasts longer than in the reference."""
        return self.seconds - self.reference_seconds


def phase_durations(
    performance: Performance, reference: Performance, phases: Sequence[str], comparison: Comparison | None
) -> list[PhaseDuration]:
    """Return the phases in that order, then what is unlabelled, if anything.

    Args:
        phases: all that are to be told, whether the video has them or not.
        comparison: of the two; None for the reference itself.
    """
    spans = [*performance.spans, *unlabelled_gaps(performance)]
    in_reference = [*reference.spans, *unlabelled_gaps(reference)] if reference.spans else None
    ordered = [*phases, *dict.fromkeys(span.phase for span in spans if span.phase not in phases)]
    durations = []
    for phase in ordered:
        times = _times(performance, spans, phase)
        seconds = _total(times)
        durations.append(
            PhaseDuration(
                phase,
                len(times),
                sum(len(span) for span in spans if span.phase == phase),
                seconds,
                seconds / performance.seconds,
                times[0][0] if times else math.nan,
                _total(_times(reference, in_reference, phase)) if in_reference is not None else math.nan,
                _tempo(times, comparison),
            )
        )
    return durations


def unlabelled_gaps(performance: Performance) -> list[Span]:
    """Return the time between the segments, before and after them."""
    stops = [0, *(span.end_frame_exclusive for span in performance.spans)]
    starts = [*(span.start_frame for span in performance.spans), len(performance.video)]
    return [Span(UNLABELLED, stop, start) for stop, start in zip(stops, starts, strict=True) if stop < start]


def _times(performance: Performance, spans: Sequence[Span], phase: str) -> list[tuple[float, float]]:
    """Start and end in seconds of each span of the phase."""
    edges = performance.video.edges_seconds
    return [
        (float(edges[span.start_frame]), float(edges[span.end_frame_exclusive]))
        for span in spans
        if span.phase == phase
    ]


def _total(times: Sequence[tuple[float, float]]) -> float:
    return sum(end - start for start, end in times)


def _tempo(times: Sequence[tuple[float, float]], comparison: Comparison | None) -> float:
    if not times:
        return math.nan
    return comparison.course.mean_tempo(times) if comparison else 1.0
