"""Aggregated events exported by BORIS (Friard and Gamba, 2016): a tab-separated table, one row per label.

It is written for programs that take BORIS's results (R, pandas, a spreadsheet): BORIS itself does not read it back; for
BORIS there is `boris_project`. A span is a STATE event; its times are whole milliseconds, which `boundaries` chooses so
that they come back to the same frame. What no event covers is not labelled. The comment holds the source of a span that
no person made.

Read are the columns of BORIS 7 to 10, as TSV, CSV and XLSX; `boris_media` says what is played on which clock. What
BORIS calls image index is not read, since it counts from the header's frame rate. Events without duration (POINT) are
no spans, and modifiers are no part of a phase's name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from core.base.csv_files import Row, read_rows, write_rows
from core.base.errors import LabelError
from core.labels.formats.boris_media import (
    NOBODY,
    Event,
    Found,
    Observation,
    comment_of,
    length_seconds,
    modifiers_of,
    observations,
    single_medium,
)
from core.labels.formats.read_labels import ReadLabels
from core.labels.tracks import Labels, Track, boundaries

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


def write(path: Path, labels: Labels) -> None:
    """Write the file. StorageError: the disk refuses. LabelError: frames come less than a millisecond apart."""
    rows = [row for name, track in labels.named() for row in _rows(name, track)]
    write_rows(path, COLUMNS, rows, separator="\t")


def _rows(name: str, track: Track) -> Iterator[tuple[object, ...]]:
    times = boundaries(track, PER_SECOND)
    seconds = f"{length_seconds(track, times):.3f}"
    for span in track.spans:
        start, stop = times[span.start_frame], times[span.end_frame_exclusive]
        yield (
            name,
            "",
            "",
            "Media file",
            f"player #1:{track.path}",
            "0.000",
            seconds,
            seconds,
            f"{track.fps:.3f}",
            NOBODY,
            seconds,
            span.phase,
            "",
            "STATE",
            *(f"{time / PER_SECOND:.3f}" for time in (start, stop, stop - start)),
            str(track.path),
            span.start_frame,
            span.end_frame_exclusive,
            "",
            "",
            comment_of(span),
            "",
        )


def read(path: Path) -> ReadLabels:
    """Read the table. An event that is wrong is a problem; the others count. LabelError: the file is no such table."""
    found = Found()
    for observation, rows in observations(read_rows(path, REQUIRED), found):
        pairs = [pair for row in rows if (pair := _event(found, observation, row))]
        first = _first_medium(rows, pairs)
        for event, medium in pairs:
            if medium and medium != first:
                message = (
                    f"times of an observation count from its first video, {first!r}, but this is another; it is left "
                    "out. Export an observation for each video, or import the project of BORIS."
                )
                found.problem(event.where, message, medium)
            else:
                found.add(_playing(observation, first) if medium else observation, event)
    return found.result()


def _event(found: Found, observation: Observation, row: Row) -> tuple[Event, str] | None:
    """Return the event, with the medium named by the row if its observation lists none."""
    behavior, medium = row["behavior"], single_medium(row)
    try:
        if row["behavior type"].casefold() == "point":
            raise LabelError(f"{behavior!r} is a point event without a duration; it is left out.")
        start, end = row.number("start (s)"), row.number("stop (s)")
    except LabelError as error:
        found.problem(row.where, str(error).removeprefix(f"{row.where}: "), medium or observation.first_path)
        return None
    return Event(row.where, behavior, start, end, row["subject"], row["comment start"], modifiers_of(row)), medium


def _first_medium(rows: list[Row], pairs: list[tuple[Event, str]]) -> str:
    """Return the medium that is played first, as far as events tell, if each row names its own."""
    return min(pairs, key=lambda pair: pair[0].start_seconds)[1] if pairs else single_medium(rows[0])


def _playing(observation: Observation, path: str) -> Observation:
    (medium,) = observation.media["1"]
    return dataclasses.replace(observation, players={"1": (dataclasses.replace(medium, path=path),)})
