"""Notices of a report: one line per video, and oddities of its phases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.drawing.text import clock
from core.report.comparison import Comparison
from core.report.durations import UNLABELLED, PhaseDuration
from core.report.performances import Performance

_MOST_LINES, _MOST_NAMES = 12, 6
_LITTLE = 0.5
"""A tempo that is clear in a smaller share of a video is said to be so."""


def phase_notices(
    performances: Sequence[Performance], durations: Mapping[str, Sequence[PhaseDuration]], phases: Sequence[str]
) -> list[str]:
    """Return sentences about videos without phases, with missing ones, or with repeated ones.

    Args:
        performances: the reference first.
        durations: by name, of those that have phases.
    """
    notices = []
    if without := [one.name for one in performances if one.name not in durations]:
        rest = "" if performances[0].spans else " That is the reference, so durations are not compared."
        notices.append(f"No phases for {_some(without)}; left out of the durations.{rest}")
    missing = {name: [one.phase for one in of_video if not one.times] for name, of_video in durations.items()}
    if lacking := [f"{name} ({', '.join(lacks)})" for name, lacks in missing.items() if lacks]:
        notices.append(f"Missing phases count as 0 s in {_some(lacking)}.")
    again = {
        name: [one.phase for one in of_video if one.times > 1 and one.phase != UNLABELLED]
        for name, of_video in durations.items()
    }
    if twice := [f"{name} ({', '.join(repeated)})" for name, repeated in again.items() if repeated]:
        notices.append(f"Phases that occur more than once are added up in {_some(twice)}.")
    return notices


def summary_notices(comparisons: Sequence[Comparison]) -> list[str]:
    """Return a line for each of the first videos."""
    reference = comparisons[0].reference
    lines = [f"Against {reference.name} ({reference.seconds:.2f} s):"]
    lines += [f"  {_line(one)}" for one in comparisons[:_MOST_LINES]]
    if rest := len(comparisons) - _MOST_LINES:
        lines += [f"  and {rest} more in summary.csv"] if rest > 0 else []
    return lines


def _line(one: Comparison) -> str:
    name, mean = one.performance.name, one.course.mean_tempo()
    length = f"{one.performance.seconds:.2f} s ({one.duration_ratio:.2f} of its length)"
    if not one.has_partner.any():
        return (
            f"{name}: {length}, nothing in common: no frame clearly matches one of the reference. Leave it out, or "
            "lower --min-confidence."
        )
    tempo = "nothing in common" if math.isnan(mean) else f"tempo {mean:.2f}"
    if one.clear_share < _LITTLE:
        tempo += f" (clear in only {one.clear_share:.0%} of it)"
    message = ", ".join([f"{name}: {length}", tempo, *_unmatched(one)])
    if not one.moments:
        return f"{message}, no deviation"
    farthest = one.moments[0]
    phase = one.performance.phase_at(farthest.frame)
    when = clock(float(one.performance.video.edges_seconds[farthest.frame]))
    where = f"{when} ({phase})" if phase else when
    return f"{message}, largest deviation at {where}, distance {farthest.distance:.3f}"


def _unmatched(one: Comparison) -> list[str]:
    """Describe what only one of the two shows, if anything."""
    sums = (("added", one.added_seconds), ("missing", one.missing_seconds))
    return [f"{seconds:.2f} s {kind}" for kind, seconds in sums if seconds > 0]


def _some(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"
