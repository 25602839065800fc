"""Comparison of runs: their metrics, and the settings in which they differ. Only NumPy."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from carl_gui.models.runs import RunCurves, RunRow, differing_settings, figure_names, is_lower_better
from core.base.declaring import Value

Kind = Literal["state", "steps", "loss", "best_loss", "figure", "setting"]


@dataclass(frozen=True)
class Compared:
    """One row of the comparison."""

    kind: Kind
    key: str
    """Name of the figure or setting; else as `kind`."""
    values: tuple[Value | None, ...]
    """One a run; None where it has none."""
    best: frozenset[int] = frozenset()
    """Places of the best values; none where nothing tells them apart."""


def compare_runs(rows: Sequence[RunRow], curves: Mapping[str, RunCurves]) -> list[Compared]:
    """What to put side by side; `curves` by name of the run, of those that are known."""
    lines = [
        Compared("state", "state", tuple(row.state for row in rows)),
        Compared("steps", "steps", tuple(row.step for row in rows)),
        _measured("loss", "loss", [row.loss for row in rows], min),
        _measured("best_loss", "best_loss", [_lowest(curves.get(row.name)) for row in rows], min),
    ]
    for name in figure_names(row.evaluation for row in rows):
        pick = min if is_lower_better(name) else max
        lines.append(_measured("figure", name, [row.evaluation.get(name) for row in rows], pick))
    return lines + [Compared("setting", name, values) for name, values in differing_settings(rows).items()]


def as_csv(rows: Sequence[RunRow], lines: Sequence[Compared]) -> str:
    """The lines in full precision under the names of the runs; what is not there is empty."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["", *(row.name for row in rows)])
    for line in lines:
        table.writerow([line.key, *("" if value is None else value for value in line.values)])
    return written.getvalue()


def _measured(
    kind: Kind, key: str, values: Sequence[float | None], pick: Callable[[Sequence[float]], float]
) -> Compared:
    finite = {place: value for place, value in enumerate(values) if value is not None and math.isfinite(value)}
    best: frozenset[int] = frozenset()
    if len(set(finite.values())) > 1:
        best = frozenset(place for place, value in finite.items() if value == pick(list(finite.values())))
    return Compared(kind, key, tuple(values), best)


def _lowest(curves: RunCurves | None) -> float | None:
    finite = np.zeros(0) if curves is None else curves.loss[np.isfinite(curves.loss)]
    return float(finite.min()) if len(finite) else None
