"""Evaluate runs by the labels of the project with `core.evaluate`, and its metrics as rows. No Qt."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.csv_files import write_rows
from core.base.declaring import Value
from core.base.errors import LabelError, VideoError
from core.base.types import Span
from core.evaluation.names import DIAGONAL, POSITIONS, RAW, TRAINED, UNTRAINED
from core.evaluation.summary import Figure, ResultRow
from core.project.places import find_file
from core.project.rows import VideoRow

_BY_HAND = "label"
"""The source of spans that a person gave or confirmed."""
_COLUMNS = ("video", "phase", "start_frame", "end_frame_exclusive", "action", "split", "digest")
_STEM = "labels"
_BESIDE = (RAW, UNTRAINED, UNTRAINED + POSITIONS, DIAGONAL, TRAINED + POSITIONS)


@dataclass(frozen=True)
class MeasureOrder:
    """Runs to evaluate in the same way, and the labels."""

    project: Path
    runs: tuple[str, ...]
    videos: tuple[VideoRow, ...]
    """Of the project."""
    spans: Mapping[int, Sequence[Span]]
    """By video; predicted ones do not count."""

    @property
    def labelled(self) -> list[VideoRow]:
        """The videos with labels that a person gave."""
        return [row for row in self.videos if self._of(row)]

    @property
    def is_split(self) -> bool:
        """Whether the project says which of them validate; else the last third of each action does."""
        return {"train", "val"} <= {row.split for row in self.labelled}

    def _of(self, row: VideoRow) -> list[Span]:
        return [span for span in self.spans.get(row.id, ()) if span.source == _BY_HAND]

    def lines(self) -> list[tuple[object, ...]]:
        """Return a line a span, under the columns that `core.evaluate` reads.

        Raises:
            LabelError: too few videos are labelled.
            VideoError: one of them is not where it was.
        """
        labelled = self.labelled
        if len(labelled) <= 1:
            raise LabelError("Metrics need labels. Label at least two videos of an action, then try again.")
        made: list[tuple[object, ...]] = []
        for row in labelled:
            file = find_file(row, self.project)
            if file is None:
                raise VideoError(f"The file of {row.name} is missing. Find it on the Videos page.")
            split = ("val" if row.split == "val" else "train") if self.is_split else ""
            made += [
                (file, span.phase, span.start_frame, span.end_frame_exclusive, row.action, split, row.digest)
                for span in self._of(row)
            ]
        return made


def command_of(order: MeasureOrder, folder: Path) -> list[str]:
    """Write the labels into a folder, and return the command that writes its figures beside them.

    Raises:
        LabelError, VideoError: as `MeasureOrder.lines`.
        StorageError: the folder cannot be written.
    """
    write_rows(folder / f"{_STEM}.csv", _COLUMNS, order.lines())
    runs = [str(order.project / "runs" / name) for name in order.runs]
    labels = str(folder / f"{_STEM}.csv")
    return ["core.evaluate", labels, "--layout", "segments", "--out", str(folder / "out"), "--compare", *runs]


def measured_rows(folder: Path, settings: Mapping[str, Mapping[str, Value]]) -> list[ResultRow]:
    """Return what the command wrote: what was trained, then what stands beside it.

    Runs whose settings differ in the seed alone are one row, with the spread over the seeds; figures that are the same
    for all runs, such as those of the raw features of one network, are one row too.

    Args:
        settings: of each run, by dotted name.
    """
    (file,) = (folder / "out").glob("*.json")
    lines = json.loads(file.read_text(encoding="utf-8"))["rows"]
    found: dict[str, dict[str, dict[str, float]]] = {}
    for line in lines:
        values = {name: math.nan if value is None else float(value) for name, value in line["values"].items()}
        found.setdefault(line["representation"], {})[line["run"]] = values
    rows = [
        ResultRow(_title(names), _over_seeds([found[TRAINED][name] for name in names]))
        for names in alike(list(found[TRAINED]), settings)
    ]
    for representation in _BESIDE:
        rows += _beside(representation, found.get(representation, {}))
    return rows


def alike(names: Sequence[str], settings: Mapping[str, Mapping[str, Value]]) -> list[list[str]]:
    """Return the runs in groups of those that differ in the seed alone, in order."""
    groups: dict[tuple[tuple[str, Value], ...], list[str]] = {}
    for name in names:
        key = tuple(sorted((key, value) for key, value in settings.get(name, {}).items() if key != "train.seed"))
        groups.setdefault(key or (("", name),), []).append(name)
    return list(groups.values())


def _title(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names)


def _over_seeds(values: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    made = {}
    for name in dict.fromkeys(name for one in values for name in one):
        known = tuple(one[name] for one in values if not math.isnan(one.get(name, math.nan)))
        mean = statistics.fmean(known) if known else math.nan
        made[name] = Figure(mean, statistics.stdev(known) if len(known) > 1 else math.nan, known)
    return made


def _beside(representation: str, by_run: Mapping[str, Mapping[str, float]]) -> list[ResultRow]:
    figures = {run: _over_seeds([values]) for run, values in by_run.items()}
    last_first = reversed(list(by_run.items()))
    different = list({json.dumps(values, sort_keys=True): run for run, values in last_first}.values())
    if len(different) <= 1:
        return [ResultRow(representation, figures[run], competes=False) for run in different]
    return [ResultRow(f"{run}: {representation}", figures[run], competes=False) for run in figures if run in different]
