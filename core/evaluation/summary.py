"""A table of metrics as CSV, Markdown and LaTeX: one row per method, one column per metric, with its spread if
known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.csv_files import write_rows
from core.base.files import write_text
from core.evaluation.names import TRAINED
from core.evaluation.tables import TableLine, align_columns
from core.metrics.kinds import is_lower_better


@dataclass(frozen=True)
class Figure:
    """A metric of a method."""

    mean: float
    """NaN where it is not defined."""
    spread: float = math.nan
    """Standard deviation over seeds; NaN of a single one."""
    values: tuple[float, ...] = ()
    """Of each seed."""


@dataclass(frozen=True)
class ResultRow:
    """A method and its metrics."""

    name: str
    figures: Mapping[str, Figure]
    competes: bool = True
    """Whether it may be the best: what was not trained stands beside for comparison."""


def rows_of_lines(lines: Sequence[TableLine]) -> list[ResultRow]:
    """Return one row per line; the run's name only where there are several runs."""
    several = len({line.run for line in lines}) > 1
    return [
        ResultRow(
            f"{line.run}: {line.representation}" if several else line.representation,
            {name: Figure(value, values=(value,)) for name, value in line.values.items()},
            competes=line.representation == TRAINED,
        )
        for line in lines
    ]


def best(rows: Sequence[ResultRow]) -> dict[str, set[str]]:
    """Return the names of the best rows for each metric, as far as the displayed digits tell."""
    found: dict[str, set[str]] = {}
    for name in figure_names(rows):
        known = {row.name: round(row.figures[name].mean, 3) for row in rows if row.competes and _is_known(row, name)}
        ideal = (min if is_lower_better(name) else max)(known.values(), default=math.nan)
        found[name] = {row for row, mean in known.items() if mean == ideal} if len(known) > 1 else set()
    return found


def figure_names(rows: Sequence[ResultRow]) -> list[str]:
    """Return all, in the order in which they come."""
    return list(dict.fromkeys(name for row in rows for name in row.figures))


def as_text(rows: Sequence[ResultRow]) -> str:
    """Format the table for a terminal; `*` marks the best trained row."""
    names, marked = figure_names(rows), best(rows)
    cells = [["", *names]]
    for row in rows:
        cells.append([row.name, *(f"{_format(row, name)}{'*' if row.name in marked[name] else ' '}" for name in names)])
    return align_columns(cells)


def as_markdown(rows: Sequence[ResultRow]) -> str:
    """Return the table as Markdown; the best of what was trained is bold."""
    names, marked = figure_names(rows), best(rows)
    lines = [["", *names], ["---", *["---:"] * len(names)]]
    for row in rows:
        spelled = (_format(row, name) for name in names)
        bold = (f"**{cell}**" if row.name in marked[name] else cell for name, cell in zip(names, spelled, strict=True))
        lines.append([row.name.replace("|", "\\|"), *bold])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def as_latex(rows: Sequence[ResultRow]) -> str:
    """Return a `tabular` with rules of the package booktabs; the best of what was trained is bold."""
    names, marked = figure_names(rows), best(rows)
    lines = [
        f"\\begin{{tabular}}{{l{'r' * len(names)}}}",
        "\\toprule",
        " & ".join(["", *map(_escape, names)]) + " \\\\",
        "\\midrule",
    ]
    competes = True
    for row in rows:
        if competes and not row.competes and row is not rows[0]:
            lines.append("\\midrule")
        competes = row.competes
        cells = (_in_latex(_format(row, name)) for name in names)
        bold = (
            f"\\textbf{{{cell}}}" if row.name in marked[name] else cell for name, cell in zip(names, cells, strict=True)
        )
        lines.append(" & ".join([_escape(row.name), *bold]) + " \\\\")
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}", ""])


def write_tables(stem: Path, rows: Sequence[ResultRow]) -> None:
    """Write `stem.md` and `stem.tex`. StorageError: they cannot be written."""
    write_text(Path(f"{stem}.md"), as_markdown(rows))
    write_text(Path(f"{stem}.tex"), as_latex(rows))


def write_csv(path: Path, rows: Sequence[ResultRow]) -> None:
    """Write the columns `row,figure,mean,spread,seeds`; empty where it is not known. StorageError: it cannot be
    written."""
    write_rows(
        path,
        ("row", "figure", "mean", "spread", "seeds"),
        (
            (row.name, name, *(f"{value:.6f}" if not math.isnan(value) else "" for value in shown), len(figure.values))
            for row in rows
            for name, figure in row.figures.items()
            for shown in [(figure.mean, figure.spread)]
        ),
    )


def _is_known(row: ResultRow, name: str) -> bool:
    return name in row.figures and not math.isnan(row.figures[name].mean)


def _format(row: ResultRow, name: str) -> str:
    if not _is_known(row, name):
        return "-"
    figure = row.figures[name]
    return f"{figure.mean:.3f}" + (f" ± {figure.spread:.3f}" if not math.isnan(figure.spread) else "")


def _in_latex(cell: str) -> str:
    return "--" if cell == "-" else cell.replace("±", "$\\pm$").replace("-", "$-$")


def _escape(words: str) -> str:
    named = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    return "".join(named.get(letter) or (f"\\{letter}" if letter in "&%$#_{}" else letter) for letter in words)
