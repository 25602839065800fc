"""The metrics of an evaluation as a readable table, as CSV in long form and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.base.csv_files import write_rows
from core.base.files import write_text


@dataclass(frozen=True)
class TableLine:
    """The metrics of one representation of one run."""

    run: str
    representation: str
    values: dict[str, float]
    """By figure; NaN where it is not defined for these videos."""


def as_text(lines: Sequence[TableLine]) -> str:
    """Return a line per representation, a column per figure; runs one below the other."""
    figures = _figures(lines)
    several = len({line.run for line in lines}) > 1
    rows = [["", *figures]]
    run = ""
    for line in lines:
        if several and line.run != run:
            rows.append([run := line.run, *[""] * len(figures)])
        rows.append([f"  {line.representation}" if several else line.representation, *_format(line.values, figures)])
    return align_columns(rows)


def side_by_side(lines: Sequence[TableLine]) -> str:
    """Return a line per figure, a column per run: the trained encoders, below them their positions alone."""
    figures = _figures(lines)
    runs = list(dict.fromkeys(line.run for line in lines))
    rows = [["", *runs]]
    for representation in dict.fromkeys(line.representation for line in lines):
        rows.append([representation, *[""] * len(runs)])
        values = {line.run: line.values for line in lines if line.representation == representation}
        for figure in [name for name in figures if any(name in of_run for of_run in values.values())]:
            rows.append([f"  {figure}", *(_format(values.get(run, {}), [figure])[0] for run in runs)])
    return align_columns(rows)


def write_csv(path: Path, lines: Sequence[TableLine]) -> None:
    """Write the columns `run,representation,figure,value`. StorageError: it cannot be written."""
    write_rows(
        path,
        ("run", "representation", "figure", "value"),
        (
            (line.run, line.representation, figure, "" if math.isnan(value) else f"{value:.6f}")
            for line in lines
            for figure, value in line.values.items()
        ),
    )


def write_json(path: Path, lines: Sequence[TableLine], about: Mapping[str, object]) -> None:
    """Write the metrics and what was evaluated; undefined ones are null. StorageError: it cannot be written."""
    rows = [
        asdict(line)
        | {"values": {figure: None if math.isnan(value) else value for figure, value in line.values.items()}}
        for line in lines
    ]
    write_text(path, json.dumps({**about, "rows": rows}, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _figures(lines: Sequence[TableLine]) -> list[str]:
    return list(dict.fromkeys(figure for line in lines for figure in line.values))


def _format(values: Mapping[str, float], figures: Sequence[str]) -> list[str]:
    return [f"{values[figure]:.3f}" if not math.isnan(values.get(figure, math.nan)) else "-" for figure in figures]


def align_columns(rows: Sequence[Sequence[str]]) -> str:
    """Return columns as wide as their widest cell; all but the first flush right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in rows
    )
