"""A table with one row per frame:
`video,frame,seconds,phase,confidence,source,digest`; without a label phase, confidence
and source are empty. Seconds are those shown by a player, or empty if unknown.

Read back are the frames as they are numbered; where `seconds` stands beside them, it is compared. A frame without a
row, or without a phase, has no label. Neighbours of one phase, source and confidence become one span.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from core.base.csv_files import Row, is_no_number, read_rows, write_rows
from core.base.errors import LabelError
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.segments import NOTE, Segment
from core.labels.tracks import Labels
from core.video.clock import format_seconds
from core.video.names import DIGEST

COLUMNS = ("video", "frame", "seconds", "phase", "confidence", "source", DIGEST)
REQUIRED = ("video", "frame", "phase")


def write(path: Path, labels: Labels) -> None:
    """Write every frame of every video that has a span. StorageError: the disk refuses."""
    has_notes = labels.num_notes > 0
    write_rows(path, (*COLUMNS, NOTE) if has_notes else COLUMNS, _rows(labels, has_notes=has_notes))


def _rows(labels: Labels, *, has_notes: bool) -> Iterator[tuple[object, ...]]:
    for name, track in labels.named():
        of_frames = [("", "", "", "")] * track.num_frames
        for span in track.spans:
            cells = (span.phase, f"{span.confidence:.4f}", span.source, span.note)
            of_frames[span.start_frame : span.end_frame_exclusive] = [cells] * len(span)
        for frame, (phase, confidence, source, note) in enumerate(of_frames):
            seconds = format_seconds(track.edges_seconds[frame])
            yield name, frame, seconds, phase, confidence, source, track.digest, *((note,) if has_notes else ())


def read(path: Path) -> ReadLabels:
    """Read the table. A line that is wrong is a problem; the others count. LabelError: the file is no such table."""
    by_video: dict[tuple[str, str], dict[int, Row]] = {}
    """By name and digest."""
    problems: list[Problem] = []
    for row in read_rows(path, REQUIRED):
        name = row["video"]
        try:
            frame = _frame(row)
        except LabelError as error:
            problems.append(Problem(row.where, str(error).removeprefix(f"{row.where}: "), name))
            continue
        first = by_video.setdefault((name, row[DIGEST]), {}).setdefault(frame, row)
        if first is not row:
            message = f"frame {frame} of {name} already has a line ({_line(first)}), which is used. Remove one of them."
            problems.append(Problem(row.where, message, name))
    segments = [segment for (name, _), rows in by_video.items() for segment in _segments(name, rows)]
    videos: dict[str, FileVideo] = {}
    for (name, _), rows in by_video.items():
        videos.setdefault(name, _video(rows))
        problems += _unread_seconds(name, rows)
    return ReadLabels(tuple(segments), videos, tuple(problems))


def _frame(row: Row) -> int:
    """Return the number of the frame. LabelError: the line is wrong."""
    if not row["video"]:
        raise LabelError("the video is empty. Name it or remove the line.")
    frame = row.frame("frame")
    if row["phase"] and not 0 <= _confidence(row) <= 1:
        raise LabelError(f"confidence must be from 0 to 1, not {row['confidence']}.")
    return frame


def _segments(name: str, rows: dict[int, Row]) -> Iterator[Segment]:
    start = -1
    for frame in sorted(rows):
        if start < 0 or _parse_label(rows.get(frame - 1)) != _parse_label(rows[frame]):
            start = frame
        if rows[frame]["phase"] and _parse_label(rows.get(frame + 1)) != _parse_label(rows[frame]):
            phase, source, _, note = _parse_label(rows[frame])
            confidence = _confidence(rows[start])
            where, digest = rows[start].where, rows[start][DIGEST]
            yield Segment(where, name, phase, start, frame + 1, True, confidence, source, digest=digest, note=note)


def _parse_label(row: Row | None) -> tuple[str, str, float, str]:
    """Return phase, source, confidence and note."""
    if not row or not row["phase"]:
        return "", "", 0.0, ""
    return row["phase"], row["source"] or "label", _confidence(row), row[NOTE]


def _confidence(row: Row) -> float:
    return row.number("confidence") if row["confidence"] else 1.0


def _video(rows: dict[int, Row]) -> FileVideo:
    first = next(iter(rows.values()))
    clock = tuple((frame, seconds) for frame, row in rows.items() if math.isfinite(seconds := _seconds(row)))
    return FileVideo(first.where, digest=first[DIGEST], clock=clock)


def _unread_seconds(name: str, rows: dict[int, Row]) -> Iterator[Problem]:
    """Return the notice about seconds that are not numbers."""
    wrong = [row for row in rows.values() if is_no_number(row, "seconds")]
    if wrong:
        more = f" (nor in {len(wrong) - 1} more lines)" if len(wrong) > 1 else ""
        message = f"seconds must be a number, not {wrong[0]['seconds']!r}{more}; the frame numbers are used instead."
        yield Problem(wrong[0].where, message, name)


def _seconds(row: Row) -> float:
    """Return the seconds, NaN where there are none: frames count, what stands beside them is only compared."""
    try:
        return row.number("seconds") if row["seconds"] else math.nan
    except LabelError:
        return math.nan


def _line(row: Row) -> str:
    return row.where.rpartition(", ")[2]
