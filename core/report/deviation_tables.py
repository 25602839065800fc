"""Deviations as CSV: one row per deviation, per frame, and per video."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.align.deviation import Deviation
from core.align.deviation_files import STRETCHES
from core.base.csv_files import write_rows
from core.report import folder
from core.report.deviations import Judged, Rated
from core.video.clock import format_seconds
from core.video.names import DIGEST

_FRAMES = (
    "video",
    "frame",
    "seconds",
    "distance",
    "limit",
    "score",
    "deviates",
    "right_video",
    "right_frame",
    DIGEST,
)
_VIDEOS = (
    "video",
    "flagged_share",
    "deviates",
    "added",
    "missing",
    "right_videos",
    "share",
    "precision",
    "recall",
    "flagged_frames",
    "labelled_frames",
    DIGEST,
)


def write_deviations(out: Path, judged: Sequence[Judged], labelled: Mapping[str, Rated]) -> None:
    """Write `deviations.csv`, `deviations_frames.csv` and `deviations_videos.csv`.

    Frames and times are those of the video, `right_` ones those of the right video with the matching frame. Of a step
    that is missing, start and end are where it would lie, and `right_frame` to `right_end_frame_exclusive` is the step.

    Args:
        labelled: by the video's name, where deviations are labelled.
    """
    write_stretches(out / folder.DEVIATIONS, judged)
    write_rows(
        out / folder.DEVIATION_FRAMES,
        _FRAMES,
        (_frame(one, frame) for one in judged for frame in range(len(one.found.score))),
    )
    write_rows(out / folder.DEVIATION_VIDEOS, _VIDEOS, (_video(one, labelled) for one in judged))


def write_stretches(path: Path, judged: Sequence[Judged]) -> int:
    """Write the stretches alone, as CSV or XLSX; returns how many. StorageError: the disk refuses."""
    rows = [_stretch(one, found) for one in judged for found in one.found.spans]
    write_rows(path, STRETCHES, rows)
    return len(rows)


def _stretch(one: Judged, found: Deviation) -> tuple[object, ...]:
    edges, right = one.performance.video.edges_seconds, one.right(found)
    return (
        one.performance.name,
        found.kind,
        found.start_frame,
        found.end_frame_exclusive,
        format_seconds(float(edges[found.start_frame])),
        format_seconds(float(edges[found.end_frame_exclusive])),
        _number(found.score),
        found.frame,
        format_seconds(float(edges[found.frame])),
        right.name,
        found.match_frame,
        found.match_end_frame_exclusive,
        format_seconds(float(right.video.edges_seconds[found.match_frame])),
        one.performance.phase_at(found.frame),
        right.video.digest,
        one.performance.video.digest,
    )


def _frame(one: Judged, frame: int) -> tuple[object, ...]:
    found, video = one.found, one.performance.video
    return (
        one.performance.name,
        frame,
        format_seconds(float(video.edges_seconds[frame])),
        _number(float(found.distance[frame])),
        _number(float(found.limit[frame])),
        _number(float(found.score[frame])),
        int(found.score[frame] > 1),
        one.rights[int(found.match_video[frame])].name,
        int(found.match_frame[frame]),
        video.digest,
    )


def _video(one: Judged, labelled: Mapping[str, Rated]) -> tuple[object, ...]:
    counts = [sum(span.kind == kind for span in one.found.spans) for kind in ("deviates", "added", "missing")]
    rate = labelled.get(one.performance.name)
    rating: tuple[object, ...] = ("", "", "", "")
    if rate is not None:
        rating = (_number(rate.precision), _number(rate.recall), rate.num_flagged, rate.num_labelled)
    return (
        one.performance.name,
        _number(one.flagged_share),
        *counts,
        len(one.rights),
        f"{one.norm.share:g}",
        *rating,
        one.performance.video.digest,
    )


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}"
