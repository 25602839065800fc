"""The report as CSV: times are those shown by a player; cells without a number are empty."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.align import NONE
from core.base.csv_files import write_rows
from core.report import folder
from core.report.comparison import Comparison
from core.report.durations import PhaseDuration
from core.report.performances import Performance
from core.report.unmatched import Unmatched
from core.video.clock import format_seconds
from core.video.names import DIGEST

_MATCHED = ("video", "frame", "seconds", "reference_frame", "reference_seconds")


def write_summary(out: Path, comparisons: Sequence[Comparison]) -> None:
    """Write `summary.csv`: one row a video."""
    write_rows(out / folder.SUMMARY, _SUMMARY, map(_summary, comparisons))


_SUMMARY = (
    "video",
    "reference",
    "seconds",
    "reference_total_seconds",
    "duration_ratio",
    "mean_tempo",
    "clear_share",
    "added_seconds",
    "missing_seconds",
    "shared_start_seconds",
    "shared_end_seconds",
    "mean_distance",
    "largest_distance",
    "largest_seconds",
    "largest_reference_seconds",
    "largest_phase",
    "window_seconds",
    "reference_digest",
    DIGEST,
)


def _summary(one: Comparison) -> Iterable[str]:
    performance, reference, course = one.performance, one.reference, one.course
    largest: tuple[float, float, str] = (math.nan, math.nan, "")
    if one.moments:
        frame = one.moments[0].frame
        largest = (_seconds(performance, frame), _reference_seconds(one, frame), performance.phase_at(frame))
    return (
        performance.name,
        reference.name,
        _six(performance.seconds),
        _six(reference.seconds),
        _four(one.duration_ratio),
        _four(course.mean_tempo()),
        _four(one.clear_share),
        _six(one.added_seconds),
        _six(one.missing_seconds),
        format_seconds(course.shared_start_seconds),
        format_seconds(max(course.shared_start_seconds, course.shared_end_seconds)),
        _six(one.mean_distance),
        _six(one.largest_distance),
        format_seconds(largest[0]),
        format_seconds(largest[1]),
        largest[2],
        _six(one.window_seconds),
        reference.video.digest,
        performance.video.digest,
    )


_DURATIONS = (
    "video",
    "phase",
    "times",
    "frames",
    "seconds",
    "share",
    "start_seconds",
    "reference_duration_seconds",
    "difference_seconds",
    "tempo",
    DIGEST,
)


def write_durations(
    out: Path, durations: Mapping[str, Sequence[PhaseDuration]], performances: Sequence[Performance]
) -> None:
    """Write `durations.csv`: one row a video and phase, the reference first.

    Args:
        durations: by the video's name.
        performances: of those names.
    """
    digests = {one.name: one.video.digest for one in performances}
    write_rows(
        out / folder.DURATIONS,
        _DURATIONS,
        (
            (
                name,
                one.phase,
                one.times,
                one.frames,
                _six(one.seconds),
                _four(one.share),
                format_seconds(one.start_seconds),
                _six(one.reference_seconds),
                _six(one.difference_seconds),
                _four(one.tempo),
                digests[name],
            )
            for name, of_video in durations.items()
            for one in of_video
        ),
    )


def write_tempo(out: Path, comparisons: Iterable[Comparison]) -> None:
    """Write `tempo.csv`: one row a frame; `clear` is 0 where the tempo means little (`Comparison.is_clear`).

    A frame without a partner has none of the reference's, and no tempo.
    """
    write_rows(
        out / folder.TEMPO,
        (*_MATCHED, "tempo", "clear", DIGEST),
        (
            (*_matched(one, frame), _four(float(tempo)), int(clear), one.performance.video.digest)
            for one in comparisons
            for frame, (tempo, clear) in enumerate(zip(one.tempo, one.is_clear, strict=True))
        ),
    )


def write_departures(out: Path, comparisons: Sequence[Comparison]) -> None:
    """Write `departures.csv`, one row a frame, and `departures_top.csv`, one row a moment, the farthest of a video
    first.

    A frame without a partner has none of the reference's, and no distance.
    """
    write_rows(
        out / folder.DEPARTURES,
        (*_MATCHED, "distance", DIGEST),
        (
            (*_matched(one, frame), _six(float(distance)), one.performance.video.digest)
            for one in comparisons
            for frame, distance in enumerate(one.distance)
        ),
    )
    write_rows(
        out / folder.TOP,
        ("video", "rank", *_MATCHED[1:], "distance", "start_seconds", "end_seconds", "phase", DIGEST),
        (
            (
                one.performance.name,
                rank,
                *_matched(one, moment.frame)[1:],
                _six(moment.distance),
                format_seconds(_seconds(one.performance, moment.start_frame)),
                format_seconds(_seconds(one.performance, moment.end_frame_exclusive)),
                one.performance.phase_at(moment.frame),
                one.performance.video.digest,
            )
            for one in comparisons
            for rank, moment in enumerate(one.moments, start=1)
        ),
    )


_UNMATCHED = (
    "video",
    "kind",
    "in_video",
    "start_frame",
    "end_frame_exclusive",
    "start_seconds",
    "end_seconds",
    "seconds",
    "other_seconds",
    "phase",
    "in_digest",
    DIGEST,
)


def write_unmatched(out: Path, comparisons: Iterable[Comparison]) -> None:
    """Write `unmatched.csv`: one row a stretch that only one of two videos shows, in the order of the path.

    Frames, times and phase are of the video `in_video`: the performance for `added`, the reference for `missing`;
    `other_seconds` is where it would lie in the other one.
    """
    write_rows(
        out / folder.UNMATCHED,
        _UNMATCHED,
        (_unmatched(one, stretch) for one in comparisons for stretch in one.unmatched),
    )


def _unmatched(one: Comparison, stretch: Unmatched) -> tuple[object, ...]:
    owner = one.owner(stretch)
    other = one.reference if owner is one.performance else one.performance
    start, end = (_seconds(owner, frame) for frame in (stretch.start_frame, stretch.end_frame_exclusive))
    return (
        one.performance.name,
        stretch.kind,
        owner.name,
        stretch.start_frame,
        stretch.end_frame_exclusive,
        format_seconds(start),
        format_seconds(end),
        _six(end - start),
        format_seconds(_seconds(other, stretch.other_frame)),
        owner.main_phase(stretch.start_frame, stretch.end_frame_exclusive),
        owner.video.digest,
        one.performance.video.digest,
    )


def _matched(one: Comparison, frame: int) -> tuple[object, ...]:
    """Return the cells under `_MATCHED`."""
    name, seconds, reference_frame = one.performance.name, format_seconds(_seconds(one.performance, frame)), ""
    if one.has_partner[frame]:
        reference_frame = str(one.reference_frames[frame])
    return name, frame, seconds, reference_frame, format_seconds(_reference_seconds(one, frame))


def _seconds(performance: Performance, frame: int) -> float:
    return float(performance.video.edges_seconds[frame])


def _reference_seconds(one: Comparison, frame: int) -> float:
    """Return NaN where the frame has no partner."""
    there = int(one.reference_frames[frame])
    return math.nan if there == NONE else _seconds(one.reference, there)


def _six(number: float) -> str:
    """Return an empty cell for NaN."""
    return "" if math.isnan(number) else f"{number:.6f}".replace("-0.000000", "0.000000")


def _four(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.4f}"
