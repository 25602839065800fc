"""Tabular events exported by BORIS (Friard and Gamba, 2016): one row per key press, START or STOP.

SimBA reads such files: one CSV a video, in one folder, by the video's base name. Its reader (of 5.6) takes the frames
that stand in `Image index`; older ones multiply `Time` with `FPS` and cut, which is another frame where frames do not
come evenly or the first one comes late. STOP is the first frame after the span, at its start, as in what BORIS writes.

Read are both layouts, as TSV, CSV and XLSX: one table (BORIS 8 to 10), and the older one, in which some lines about the
observation come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.base.csv_files import SHEETS, Line, Row, columns_of, read_lines, read_rows, write_rows
from core.base.errors import LabelError
from core.base.files import new_folder
from core.labels.formats.boris_media import (
    Found,
    Mark,
    Medium,
    Observation,
    add_marks,
    comment_of,
    length_seconds,
    modifiers_of,
    observations,
    queue_files,
)
from core.labels.formats.read_labels import Problem, ReadLabels
from core.labels.tracks import Labels, Track, boundaries

COLUMNS = (
    "Observation id",
    "Observation date",
    "Description",
    "Observation duration",
    "Observation type",
    "Source",
    "Time offset (s)",
    "Media duration (s)",
    "FPS",
    "Subject",
    "Behavior",
    "Behavioral category",
    "Behavior type",
    "Time",
    "Media file name",
    "Image index",
    "Image file path",
    "Comment",
)
REQUIRED = ("observation id", "behavior", "behavior type", "time")
PER_SECOND = 1000
_OTHER_TABLES = (".tsv", *SHEETS)


def write(path: Path, labels: Labels) -> None:
    """Write a new folder. StorageError: it is there, or the disk refuses. LabelError: frames come less than 1 ms
    apart."""
    taken: set[str] = set()
    with new_folder(path) as folder:
        for (name, track), (stem, _) in zip(labels.named(), labels.stems(), strict=True):
            plain = "_".join(stem.parts)
            count = 1
            while (file := plain if count == 1 else f"{plain}_{count}").casefold() in taken:
                count += 1
            taken.add(file.casefold())
            write_rows(folder / f"{file}.csv", COLUMNS, _rows(name, track))


def _rows(name: str, track: Track) -> Iterator[tuple[object, ...]]:
    times = boundaries(track, PER_SECOND)
    seconds = f"{length_seconds(track, times):.3f}"
    for span in track.spans:
        comments = {"START": comment_of(span), "STOP": span.source.casefold() if span.is_predicted else ""}
        for frame, status in ((span.start_frame, "START"), (span.end_frame_exclusive, "STOP")):
            yield (
                name,
                "",
                "",
                seconds,
                "Media file(s)",
                f"player #1:{track.path}",
                "0.0",
                seconds,
                f"{track.fps:.3f}",
                "",
                span.phase,
                "",
                status,
                f"{times[frame] / PER_SECOND:.3f}",
                str(track.path),
                frame,
                "NA",
                comments[status],
            )


def read(path: Path) -> ReadLabels:
    """Read the table. A mark that is wrong is a problem; the others count. LabelError: the file is no such table."""
    found = Found()
    for observation, rows in observations(read_rows(path, REQUIRED), found):
        marks = []
        for row in rows:
            try:
                marks.append(_mark(row, row["behavior type"]))
            except LabelError as error:
                found.problem(row.where, str(error).removeprefix(f"{row.where}: "), observation.first_path)
        add_marks(found, observation, marks)
    return found.result()


def is_folder(path: Path) -> bool:
    """Return whether a folder holds such tables, as written by `write`."""
    if not path.is_dir():
        return False
    first = next(iter(sorted(path.glob("*.csv"))), None)
    return first is not None and set(REQUIRED) <= columns_of(first)


def read_folder(path: Path) -> ReadLabels:
    """Read all CSV files of a folder; unreadable ones are problems."""
    found = ReadLabels()
    for file in sorted(path.glob("*.csv")):
        try:
            found += read(file)
        except LabelError as error:
            found += ReadLabels(problems=(Problem(file.name, str(error).removeprefix(f"{file.name}, ")),))
    if others := [file.name for file in sorted(path.iterdir()) if file.suffix.casefold() in _OTHER_TABLES]:
        message = f"only the CSV files of a folder are read; {', '.join(others)} is left out. Import it by itself."
        found += ReadLabels(problems=(Problem(others[0], message),))
    return found


def _mark(row: Row, status: str) -> Mark:
    """Return the mark of a row. LabelError where its time is no number."""
    seconds = row.number("time")
    return Mark(
        row.where, row["behavior"], seconds, row["subject"], row["comment"], modifiers_of(row), status.upper() or "?"
    )


def read_old(path: Path) -> ReadLabels:
    """Read the layout of BORIS 7 and before. As `read`."""
    found = Found()
    head: list[Line] = []
    columns: list[str] = []
    rows: list[Row] = []
    for line in read_lines(path):
        words = [cell.casefold() for cell in line.cells]
        if columns:
            if len(line.cells) > len(columns):
                message = f"{len(line.cells)} cells, but the header has {len(columns)}; it is left out."
                found.problem(line.where, message, "")
                continue
            rows.append(Row(line.where, dict(zip(columns, line.cells, strict=False)), line.decimal_comma))
        elif words[0] == "time" and {"behavior", "status"} <= set(words):
            columns = words
        else:
            head.append(line)
    if not columns:
        raise LabelError(
            f"{path.name} has no BORIS events: none of its lines begins with Time and names Behavior and Status. "
            "Give another file."
        )
    name = next((line.cells[1] for line in head if _is(line, "observation id")), path.stem)
    try:
        observation = _old_observation(name, head, rows)
    except LabelError as error:
        message = str(error).removeprefix(f"{path.name}, ").removesuffix(".")
        found.problem(path.name, f"{message}; all {len(rows)} events of {name!r} are left out.", name)
        return found.result()
    files = {medium.path for media in observation.media.values() for medium in media}
    marks = []
    for row in rows:
        own = row["media file path"]
        try:
            if own and own not in files and own.casefold() not in ("na", "not found"):
                raise LabelError(f"the file {own!r} is not one of those of {name!r}; it is left out.")
            marks.append(_mark(row, row["status"]))
        except LabelError as error:
            found.problem(row.where, str(error).removeprefix(f"{row.where}: "), own)
    add_marks(found, observation, marks)
    return found.result()


def _is(line: Line, name: str) -> bool:
    return line.cells[0].casefold() == name and len(line.cells) > 1


def _old_observation(name: str, head: list[Line], rows: list[Row]) -> Observation:
    """Return the observation of a row. LabelError where several files follow one another, whose lengths this layout
    does not have."""
    offset = 0.0
    listed: dict[str, list[str]] = {}
    for line in head:
        first = line.cells[0].casefold()
        if first.startswith("player #"):
            listed.setdefault(first.removeprefix("player #"), []).extend(cell for cell in line.cells[1:] if cell)
        elif _is(line, "time offset (s)"):
            offset = Row(line.where, {"time offset (s)": line.cells[1]}, line.decimal_comma).number("time offset (s)")
    rate: float | None = None
    if rows and rows[0]["fps"]:
        try:
            rate = rows[0].number("fps") or None
        except LabelError:  # NA
            rate = None
    if not listed and rows and (own := rows[0]["media file path"]):
        return Observation(name, rows[0].where, {"1": (Medium(own, offset, fps=rate),)})
    players = {number: queue_files(paths, (), offset, (rate,)) for number, paths in listed.items() if paths}
    return Observation(name, head[0].where if head else rows[0].where, players)
