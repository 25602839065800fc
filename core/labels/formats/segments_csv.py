"""Our own table of labels (`core.labels.segments`): exact, with confidence and source."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from core.base.csv_files import Row, is_no_number, read_rows
from core.base.errors import LabelError
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.segments import COLUMNS, Segment, segment_of, write_segments
from core.labels.tracks import Labels


def write(path: Path, labels: Labels) -> None:
    """Write one row a span. StorageError: the disk refuses."""
    write_segments(path, [track.spans for track in labels.tracks], labels.tracks)


def read(path: Path) -> ReadLabels:
    """Read the table. A line that is wrong is a problem; the others count. LabelError: the file is no such table."""
    rows = read_rows(path, ("video", "phase"))
    if rows and not any(set(pair) <= set(rows[0].cells) for pair in (COLUMNS[2:4], COLUMNS[4:6])):
        raise LabelError(
            f"{path} has no bounds. It needs the columns {COLUMNS[2]} and {COLUMNS[3]}, or {COLUMNS[4]} and "
            f"{COLUMNS[5]}."
        )
    segments: list[Segment] = []
    problems: list[Problem] = []
    clocks: dict[str, list[tuple[int, float]]] = {}
    first: dict[str, Segment] = {}
    for row in rows:
        try:
            segment = segment_of(row)
        except LabelError as error:
            problems.append(Problem(row.where, _after(row.where, str(error)), row["video"]))
            continue
        segments.append(segment)
        first.setdefault(segment.video, segment)
        if segment.in_frames:
            clocks.setdefault(segment.video, []).extend(_clock(row, segment))
            problems += _unread_seconds(row, segment.video)
    videos = {
        name: FileVideo(one.where, digest=one.digest, clock=tuple(clocks.get(name, ()))) for name, one in first.items()
    }
    return ReadLabels(tuple(segments), videos, tuple(problems))


def _unread_seconds(row: Row, video: str) -> Iterator[Problem]:
    for column in COLUMNS[4:6]:
        if is_no_number(row, column):
            message = f"{column} must be a number, not {row[column]!r}; the frame numbers are used instead."
            yield Problem(row.where, message, video)


def _clock(row: Row, segment: Segment) -> list[tuple[int, float]]:
    found = []
    for frame, column in ((segment.start, "start_seconds"), (segment.end, "end_seconds")):
        try:
            seconds = row.number(column) if row[column] else math.nan
        except LabelError:  # frames count; what stands beside them is only compared
            seconds = math.nan
        if math.isfinite(seconds):
            found.append((int(frame), seconds))
    return found


def _after(where: str, sentence: str) -> str:
    return sentence.removeprefix(f"{where}: ")
