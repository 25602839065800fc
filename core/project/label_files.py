"""Export the labels of a project in any of the formats of `core.labels.formats`.

Nothing here needs the open project, so that any thread may do it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import LabelError
from core.base.types import Span
from core.labels.formats.table import FORMATS, Format
from core.labels.tracks import Labels, Track, boundaries, phases_of
from core.project.exports import is_unicode, readable
from core.project.label_videos import FrameTimes, times_of
from core.project.places import likely_file
from core.project.rows import PhaseRow, VideoRow


@dataclass(frozen=True)
class LeftOut:
    """A video that could not be exported, and why, as the end of a sentence."""

    name: str
    reason: str


@dataclass(frozen=True)
class WrittenPhases:
    """Summary of an exported file of phases."""

    num_spans: int
    num_videos: int
    """That have a span in it."""
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()
    """What a person must know to use it, in sentences."""


def write_phases(
    path: Path,
    videos: Sequence[VideoRow],
    spans: Mapping[int, Sequence[Span]],
    folder: Path,
    *,
    form: str = "segments",
    phases: Sequence[PhaseRow] = (),
    address_prefix: str = "",
    features: Mapping[str, NDArray[np.float32]] | None = None,
) -> WrittenPhases:
    """Write the spans of a project.

    Times come from the frame store, or from the file itself, which is then decoded. Where neither is at hand, formats
    that need them leave the video out, and tables that have frames beside them leave them empty.

    Args:
        path: a file, or a folder to be made, as the format is.
        videos: all of the project: a name in the file must mean one of them alone.
        spans: by video id.
        folder: of the project.
        form: a name of `FORMATS`.
        phases: all of the project in their order; empty: those of the spans, as they first come.
        address_prefix: what stands before a video's name, in formats that have addresses.
        features: (S, D) of each frame by the digest of the video, for formats that take them along.

    Raises:
        LabelError: nothing is left to be written, or the format cannot hold a phase.
        StorageError: the disk is full or the folder cannot be written.
    """
    made: list[Track] = []
    left_out, without_seconds = [], []
    for video in videos:
        track, problem = _track(video, spans.get(video.id, ()), folder)
        if reason := _disabled_reason(track, FORMATS[form], problem):
            left_out.append(LeftOut(readable(video.name), reason))
        elif is_unicode(track.path):
            made.append(dataclasses.replace(track, features=(features or {}).get(track.digest)))
            if track.spans and not track.is_timed and FORMATS[form].seconds == "optional":
                without_seconds.append(f"{readable(video.name)} has no times in seconds: {problem}.")
    if not any(track.spans for track in made):
        raise LabelError(_nothing_to_write(left_out))
    names = tuple(phase.name for phase in phases) or phases_of(track.spans for track in made)
    colours = tuple((phase.name, phase.colour) for phase in phases)
    labels = Labels(names, tuple(made), address_prefix=address_prefix, colours=colours)
    FORMATS[form].write(path, labels)
    num_spans = [len(track.spans) for track in made]
    notes = (*without_seconds, *FORMATS[form].all_notes(path, labels))
    return WrittenPhases(sum(num_spans), sum(map(bool, num_spans)), tuple(left_out), notes)


def _track(video: VideoRow, spans: Sequence[Span], folder: Path) -> tuple[Track, str]:
    """Return the track, and why its times are not known, as the end of a sentence."""
    file = likely_file(video, folder)
    times = times_of(video, folder) if spans else FrameTimes(None)
    edges = times.edges_seconds
    if edges is None:
        edges = np.full((video.num_frames or 0) + 1, np.nan)
    subset = "" if video.split == "none" else video.split
    track = Track(file, edges, tuple(spans), video.digest, readable(video.action), subset)
    return track, times.problem[:1].lower() + times.problem[1:].rstrip(".")


def _disabled_reason(track: Track, form: Format, problem: str) -> str:
    """Return why this track cannot be exported; empty if it can, or has no labels."""
    if not track.spans:
        return ""
    if not is_unicode(track.path):
        return "its path is not valid text; rename the file"
    if not track.num_frames:
        return "its frame times are not known yet; add the video again"
    if (end := track.spans[-1].end_frame_exclusive) > track.num_frames:
        return f"a label ends at frame {end - 1}, but it has {track.num_frames} frames"
    if reason := form.refusal(track):
        return reason
    if not track.is_timed and form.seconds == "needed":
        return f"{problem}, or choose a format that counts frames"
    try:
        if form.units_per_second:
            boundaries(track, form.units_per_second)
    except LabelError:
        return "its frames are closer than the resolution of this format; choose one that counts frames"
    return ""


def _nothing_to_write(left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return "No labels yet. Label some frames first."
    first = left_out[0]
    more = f" ({len(left_out) - 1} more videos are left out too)" if len(left_out) > 1 else ""
    return f"Nothing to export: {first.name} is left out, because {first.reason}{more}."
