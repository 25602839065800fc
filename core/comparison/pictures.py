"""Chart of a comparison, one row per variant: the mean of each metric, every seed as a dot, and the spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from core.drawing.sheet import FAINT, GRID, INK, MOST_ROWS, Sheet
from core.drawing.text import A_ON_WHITE
from core.evaluation.summary import ResultRow, best, figure_names
from core.metrics.kinds import is_lower_better

_MARGIN, _NAMES, _PANEL, _BETWEEN = 0.3, 2.7, 1.9, 0.3
"""Inches from left to right."""
_HEAD, _ROW, _TITLE, _FOOT = 0.95, 0.24, 0.3, 0.5
_MOST_ACROSS = 5
_FLOOR = -0.5
"""What is less is drawn here as an arrowhead: a progression (R^2) has no lower bound."""


def write_comparison(path: Path, rows: Sequence[ResultRow], about: str) -> None:
    """Write a PNG: a panel a figure.

    Args:
        rows: of more than 60 the first are shown.
        about: one line on what was measured.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    shown, names, marked = list(rows[:MOST_ROWS]), figure_names(rows), best(rows)
    across = min(len(names), _MOST_ACROSS)
    strips = math.ceil(len(names) / _MOST_ACROSS)
    height = _ROW * len(shown)
    strip = _TITLE + height + _FOOT
    sheet = Sheet(2 * _MARGIN + _NAMES + across * (_PANEL + _BETWEEN), _HEAD + strips * strip)
    sheet.text(_MARGIN, 0.32, about, size=12, bold=True, room=sheet.width - 2 * _MARGIN)
    words = "Dots are seeds, bars their standard deviation; filled: the best of those trained; <: less"
    more = f"; the first {MOST_ROWS} of {len(rows)} rows" if len(rows) > len(shown) else ""
    sheet.text(_MARGIN, 0.62, f"{words}{more}.", colour=FAINT)
    for index, name in enumerate(names):
        line, column = divmod(index, _MOST_ACROSS)
        top = _HEAD + line * strip
        if column == 0:
            for line_index, row in enumerate(shown):
                middle = top + _TITLE + (line_index + 0.5) * _ROW
                sheet.text(_MARGIN, middle, row.name, room=_NAMES - 0.15, colour=INK if row.competes else FAINT)
        left = _MARGIN + _NAMES + column * (_PANEL + _BETWEEN)
        better = "lower" if is_lower_better(name) else "higher"
        sheet.text(left, top + 0.1, f"{name} ({better} is better)", size=8, room=_PANEL + _BETWEEN - 0.05)
        _draw(sheet.axes(left, top + _TITLE, _PANEL, height), shown, name, marked[name])
    sheet.save(path)


def _draw(axes: Axes, rows: Sequence[ResultRow], name: str, marked: set[str]) -> None:
    axes.set(ylim=(len(rows) - 0.5, -0.5), yticks=[])
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    for index, row in enumerate(rows):
        figure = row.figures.get(name)
        if figure is None or math.isnan(figure.mean):
            continue
        colour = A_ON_WHITE if row.competes else FAINT
        face = colour if row.name in marked else "white"
        if figure.mean < _FLOOR:
            axes.plot(_FLOOR, index, color=colour, marker="<", markersize=5, mfc=face)
            continue
        spread = None if math.isnan(figure.spread) else figure.spread
        axes.errorbar(
            figure.mean,
            index,
            xerr=spread,
            color=colour,
            marker="o",
            markersize=5,
            mfc=face,
            capsize=2.5,
            linewidth=1.2,
        )
        if len(figure.values) > 1:
            axes.scatter(figure.values, [index] * len(figure.values), s=5, color=INK, linewidths=0, zorder=3, alpha=0.6)
    low, high = axes.get_xlim()
    axes.set_xlim(max(low, 1.06 * _FLOOR), high)
