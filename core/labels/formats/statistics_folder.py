"""Statistics of labels as a folder: duration and frequency of phases, as tables and pictures.

phases.csv      one row a phase, of all videos
groups.csv      one row a group of videos (their action) and phase
videos.csv      one row a video and phase
durations.png   how long each phase lasts and how often it comes in a video, group by group
videos.png      what share of each video every phase has

Frames without a label are `(unlabelled)` there, so that shares add up; they are no phase. What was predicted and nobody
confirmed is hollow or striped in the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.base.csv_files import write_rows
from core.base.files import new_folder
from core.labels.statistics import UNLABELLED, PhaseFigures, figures_of, groups_of
from core.labels.tracks import Labels, Track
from core.video.names import DIGEST

PHASES, GROUPS, VIDEOS, DURATIONS, SHARES = "phases.csv", "groups.csv", "videos.csv", "durations.png", "videos.png"
_OF_SPANS = ("mean_seconds", "deviation_seconds", "median_seconds", "shortest_seconds", "longest_seconds")
OF_MANY = ("phase", "videos", "times", "times_per_video", "frames", "seconds", "share", *_OF_SPANS)
OF_VIDEO = ("video", "group", "phase", "times", "frames", "seconds", "share", "start_seconds", *_OF_SPANS, DIGEST)


def write(path: Path, labels: Labels) -> None:
    """Write a new folder. StorageError: it is there, or the disk refuses."""
    from core.drawing.phase_shares import write_phase_shares  # matplotlib
    from core.drawing.span_durations import Told, write_span_durations

    named, groups, phases = labels.named(), groups_of(labels), labels.phases
    by_group = {group: (len(tracks), figures_of(tracks, phases)) for group, tracks in groups.items()}
    by_video = {name: figures_of([track], phases) for name, track in named}
    everything = figures_of([track for _, track in named], phases)
    with new_folder(path) as folder:
        write_rows(folder / PHASES, OF_MANY, (_of_many(one, len(named)) for one in everything))
        write_rows(
            folder / GROUPS,
            ("group", *OF_MANY),
            ((group, *_of_many(one, count)) for group, (count, found) in by_group.items() for one in found),
        )
        write_rows(
            folder / VIDEOS,
            OF_VIDEO,
            (_of_video(name, track, one) for name, track in named for one in by_video[name] if one.times),
        )
        durations = {
            group: [
                Told(one.phase, one.spans_seconds, one.is_predicted, one.times / count)
                for one in found
                if one.phase != UNLABELLED
            ]
            for group, (count, found) in by_group.items()
        }
        write_span_durations(folder / DURATIONS, durations, phases, dict(labels.colours))
        shares = {
            name: [(one.phase, one.share, one.predicted_share) for one in found] for name, found in by_video.items()
        }
        write_phase_shares(folder / SHARES, shares, phases, dict(labels.colours))


def _of_many(one: PhaseFigures, num_videos: int) -> Sequence[object]:
    times = f"{one.times / num_videos:.4f}"
    head = (one.phase, one.num_videos, one.times, times, one.frames, f"{one.seconds:.6f}", f"{one.share:.4f}")
    return (*head, *_of_spans(one))


def _of_video(name: str, track: Track, one: PhaseFigures) -> Sequence[object]:
    head = (name, track.group, one.phase, one.times, one.frames, f"{one.seconds:.6f}", f"{one.share:.4f}")
    return (*head, f"{one.start_seconds:.6f}", *_of_spans(one), track.digest)


def _of_spans(one: PhaseFigures) -> list[str]:
    """Return the cells, empty where there is none; the deviation is of a sample."""
    lengths = one.spans_seconds
    if not len(lengths):
        return [""] * len(_OF_SPANS)
    deviation = f"{lengths.std(ddof=1):.6f}" if len(lengths) > 1 else ""
    return [
        f"{lengths.mean():.6f}",
        deviation,
        *(f"{number:.6f}" for number in (np.median(lengths), lengths.min(), lengths.max())),
    ]
