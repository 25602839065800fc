"""Tables of DeepEthogram (Bohnslav et al., 2021): a 0 or 1 for each frame and behaviour, one file per video.

NAME_labels.csv   the number of the frame (a column without a name), `background`, one column a behaviour
carl-studio.json  ours, for the way back (`set_card`)

`background` is 1 where there is no behaviour: frames without a label, as its own program finishes them. Its readers
take columns by their place, so the behaviours of its project must be ours in the same order. Neighbours of one phase
become one span; confidence and source are not kept.

Read are 0, 1 and -1, which is its sign for frames that nobody looked at. A video has one phase at a time here: frames
with two behaviours at once get no label, and are named.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.csv_files import SHEETS, Row, read_lines, read_rows, write_rows
from core.base.errors import LabelError
from core.base.files import new_folder
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.formats.set_card import card_above, read_card, write_card
from core.labels.segments import UNLABELLED, Segment, frame_labels, runs_of
from core.labels.tracks import Labels, Track

BACKGROUND = "background"
REQUIRED = ("", BACKGROUND)
ENDINGS = ("_labels", "_scores")
_MOST_FRAMES = 100_000_000


def write(path: Path, labels: Labels) -> None:
    """Write a new folder. StorageError: it is there, or the disk refuses. LabelError: two columns would have one
    name."""
    _check_names(labels.phases)
    with new_folder(path) as folder:
        for stem, track in labels.stems():
            write_rows(folder / f"{stem}_labels.csv", (*REQUIRED, *labels.phases), _rows(labels.phases, track))
        write_card(folder, BACKGROUND, labels.stems())


def _check_names(phases: Sequence[str]) -> None:
    names = [phase.strip().casefold() for phase in phases]
    for phase, name in zip(phases, names, strict=True):
        if name in ("", BACKGROUND) or names.count(name) > 1:
            raise LabelError(
                f"DeepEthogram's table cannot hold the phase {phase!r} next to its other columns. Rename it."
            )


def _rows(phases: Sequence[str], track: Track) -> Iterator[tuple[int, ...]]:
    """Yield one row a frame: its number, then 0 or 1 for the background and each phase."""
    hot = np.eye(len(phases) + 1, dtype=int).tolist()
    for frame, label in enumerate(frame_labels(track.spans, track.num_frames, phases).tolist()):
        yield (frame, *hot[label + 1])


def read(path: Path) -> ReadLabels:
    """Read all tables of a folder, or one table. LabelError: it is not such a table."""
    if not path.is_dir():
        card, name = card_above(path)
        return _of_video(path, _bare(path.stem), card.digests.get(_bare(name), ""))
    card, read_so_far = read_card(path), ReadLabels()
    for file in sorted(path.rglob("*_labels.csv")):
        try:
            name = _bare(file.relative_to(path).as_posix().removesuffix(file.suffix))
            read_so_far += _of_video(file, name, card.digests.get(name, ""))
        except LabelError as error:
            message = str(error).removeprefix(f"{file.name}, ")
            read_so_far += ReadLabels(problems=(Problem(file.name, message),))
    tables = (file for file in sorted(path.rglob("*")) if file.suffix.casefold() in (".csv", ".tsv", *SHEETS))
    if others := [file.name for file in tables if not file.name.endswith("_labels.csv")]:
        message = (
            f"only NAME_labels.csv files of a folder are read; {', '.join(others)} is left out. Import it by itself."
        )
        read_so_far += ReadLabels(problems=(Problem(others[0], message),))
    return read_so_far


def _bare(name: str) -> str:
    return next((name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending)), name)


def _of_video(path: Path, name: str, digest: str) -> ReadLabels:
    rows = read_rows(path, REQUIRED)
    spelled, frames = _spell_columns(path), [_frame(row) for row in rows]
    phases = [column for column in spelled if column not in REQUIRED]
    names = [spelled[phase] for phase in phases]
    if len(set(frames)) < len(frames):
        twice = next(frame for frame, after in itertools.pairwise(sorted(frames)) if frame == after)
        raise LabelError(f"{path.name}: frame {twice} has two lines. Remove one of them.")
    labels, problems = _labels(rows, frames, phases, names, name)
    problems += _without_line(path.name, frames, name)
    where = {frame: row.where for frame, row in zip(frames, rows, strict=True)}
    segments = tuple(
        Segment(where[start], name, names[number], start, stop, in_frames=True)
        for number, start, stop in runs_of(labels)
    )
    is_whole = frames == list(range(len(rows)))
    video = FileVideo(path.name, digest=digest, num_frames=len(rows) if is_whole else None)
    return ReadLabels(segments, {name: video}, tuple(problems))


def _frame(row: Row) -> int:
    """Return the number of the frame. LabelError: the first cell is no number of a frame."""
    with contextlib.suppress(LabelError):
        if (frame := row.frame("")) <= _MOST_FRAMES:
            return frame
    raise LabelError(f"{row.where}: the first column must be the number of the frame from 0, not {row['']!r}.")


def _labels(
    rows: Sequence[Row], frames: Sequence[int], phases: Sequence[str], names: Sequence[str], video: str
) -> tuple[NDArray[np.int64], list[Problem]]:
    """Return (S,) place in `phases` of each frame's, `UNLABELLED` where there is none or more than one; and those
    named."""
    labels = np.full(max(frames, default=-1) + 1, UNLABELLED, np.int64)
    contested: dict[int, tuple[str, str]] = {}
    for row, frame in zip(rows, frames, strict=True):
        marked = [index for index, phase in enumerate(phases) if _is_on(row, phase)]
        both = [names[number] for number in marked] + ([BACKGROUND] if marked and _is_on(row, BACKGROUND) else [])
        if len(both) > 1:
            contested[frame] = (row.where, " and ".join(map(repr, both)))
        elif marked:
            labels[frame] = marked[0]
    return labels, [_at_once(stretch, contested[stretch[0]], video) for stretch in _stretches(contested)]


def _stretches(contested: dict[int, tuple[str, str]]) -> Iterator[list[int]]:
    """Yield consecutive frames with the same behaviours."""
    stretch: list[int] = []
    for frame in sorted(contested):
        if stretch and (frame > stretch[-1] + 1 or contested[frame][1] != contested[stretch[0]][1]):
            yield stretch
            stretch = []
        stretch.append(frame)
    if stretch:
        yield stretch


def _without_line(file_name: str, frames: Sequence[int], video: str) -> Iterator[Problem]:
    """Return the notice about frames without a line before the last one."""
    known = sorted(frames)
    gaps = [(before + 1, after) for before, after in itertools.pairwise([-1, *known]) if after > before + 1]
    if gaps:
        count = sum(stop - start for start, stop in gaps)
        start, stop = gaps[0]
        those = f"frames {start} to {stop - 1} have" if stop > start + 1 else f"frame {start} has"
        more = f" ({count} frames in all)" if len(gaps) > 1 else ""
        message = f"{those} no line{more}, and therefore no label. Frames count from 0, and each needs a line."
        yield Problem(file_name, message, video)


def _at_once(frames: Sequence[int], contested: tuple[str, str], video: str) -> Problem:
    where, what = contested
    of = f"frames {frames[0]} to {frames[-1]} have" if len(frames) > 1 else f"frame {frames[0]} has"
    message = f"{of} {what} at once, but only one is possible; they get no label. Leave a 1 in one of these columns."
    return Problem(where, message if len(frames) > 1 else message.replace("they get", "it gets"), video)


def _is_on(row: Row, column: str) -> bool:
    """Return whether the cell is 1. LabelError: the cell is none of 0, 1 and -1."""
    number = row.number(column)
    if number not in (0.0, 1.0, -1.0):
        raise LabelError(
            f"{row.where}: {column} must be 0, 1 or -1, not {row[column]!r}. Export labels, not probabilities."
        )
    return number == 1.0


def _spell_columns(path: Path) -> dict[str, str]:
    """Return the names of the columns as they are written, by how `read_rows` has them."""
    header = next(iter(read_lines(path)))
    return {cell.casefold(): cell for cell in header.cells}
