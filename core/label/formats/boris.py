"""Aggregated events as BORIS (Friard and Gamba, 2016) writes them, versions 7 to 9: a table with tabs, one row a span.

A span is a STATE event; its times are whole milliseconds, which `boundaries` chooses so that they come back to the same
frame. What no event covers is not labelled. The comment holds the source of a span that no person made.

Read are both layouts of columns, with commas too. Times count from the first frame after the observation's offset; what
BORIS calls image index is not read, since it counts from the header's frame rate. Events without duration (POINT) are
no spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from core.csv_files import Row, read_rows, write_rows
from core.errors import LabelError
from core.label.formats.labels import Labels, Track, boundaries
from core.label.formats.read_labels import FileVideo, Problem, ReadLabels
from core.segments import METHODS, Segment

COLUMNS = (
    "Observation id",
    "Observation date",
    "Description",
    "Observation type",
    "Source",
    "Time offset (s)",
    "Coding duration",
    "Media duration (s)",
    "FPS (frame/s)",
    "Subject",
    "Observation duration by subject by observation",
    "Behavior",
    "Behavioral category",
    "Behavior type",
    "Start (s)",
    "Stop (s)",
    "Duration (s)",
    "Media file name",
    "Image index start",
    "Image index stop",
    "Image file path start",
    "Image file path stop",
    "Comment start",
    "Comment stop",
)
REQUIRED = ("behavior", "start (s)", "stop (s)")
PER_SECOND = 1000
_NOBODY = "No focal subject"
_PLAYER = re.compile(r"^player #\d+:\s*", re.IGNORECASE)


def write(path: Path, labels: Labels) -> None:
    """StorageError: the disk refuses. LabelError: frames come less than a millisecond apart."""
    rows = [row for name, track in labels.named() for row in _rows(name, track)]
    write_rows(path, COLUMNS, rows, separator="\t")


def _rows(name: str, track: Track) -> Iterator[tuple[object, ...]]:
    times = boundaries(track, PER_SECOND)
    for span in track.spans:
        start, stop = times[span.start_frame], times[span.end_frame_exclusive]
        yield (
            name,
            "",
            "",
            "Media file",
            f"player #1:{track.path}",
            "0.000",
            f"{track.seconds:.3f}",
            f"{track.seconds:.3f}",
            f"{track.fps:.3f}",
            _NOBODY,
            f"{track.seconds:.3f}",
            span.phase,
            "",
            "STATE",
            *(f"{time / PER_SECOND:.3f}" for time in (start, stop, stop - start)),
            str(track.path),
            span.start_frame,
            span.end_frame_exclusive,
            "",
            "",
            span.source if span.source.casefold() in METHODS else "",
            "",
        )


def read(path: Path) -> ReadLabels:
    """An event that is wrong is a problem; the others count. LabelError: the file is no such table."""
    segments: list[Segment] = []
    problems: list[Problem] = []
    videos: dict[str, FileVideo] = {}
    first_of: dict[str, str] = {}
    for row in read_rows(path, REQUIRED):
        media = _media(row)
        name = media or row["observation id"]
        try:
            if first_of.setdefault(row["observation id"], name) != name:
                raise LabelError(
                    "times of an observation count from its first video, and this is another one: it is left out; "
                    "export an observation for each video."
                )
            segments.append(_segment(row, name))
        except LabelError as error:
            problems.append(Problem(row.where, str(error).removeprefix(f"{row.where}: "), name))
            continue
        videos.setdefault(name, FileVideo(row.where, path=media, fps=_fps(row)))
    return ReadLabels(tuple(segments), videos, tuple(problems))


def _segment(row: Row, name: str) -> Segment:
    phase = row["behavior"]
    if not name or not phase:
        raise LabelError("the media file or the behavior is empty: it is left out.")
    if row["behavior type"].casefold() == "point":
        raise LabelError(f"{phase!r} is a point event, which has no duration: it is left out.")
    offset = row.number("time offset (s)") if row["time offset (s)"] not in ("", "NA") else 0.0
    start, end = row.number("start (s)") - offset, row.number("stop (s)") - offset
    if not 0 <= start < end:
        raise LabelError(f"{phase!r} begins at {start:g} and ends at {end:g} seconds: it is left out.")
    comment = row["comment start"]
    source = comment if comment.casefold() in METHODS else "label"
    return Segment(row.where, name, phase, start, end, in_frames=False, source=source)


def _media(row: Row) -> str:
    """The file, from whichever column the version has it in."""
    for column in ("media file name", "media file", "source"):
        if (text := row[column]) and text not in ("NA", "LIVE"):
            return _PLAYER.sub("", text).rstrip(";")
    return ""


def _fps(row: Row) -> float | None:
    for column in ("fps (frame/s)", "fps"):
        try:
            if row[column]:
                return row.number(column) or None
        except LabelError:  # NA, or several
            continue
    return None
