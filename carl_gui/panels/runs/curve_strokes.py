"""The lines of the plots of several runs. Later ones are on top."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette, QPen

from carl_gui.models.curve_line import CurveLine
from carl_gui.models.runs import is_loss
from carl_gui.panels.runs.curve_plot import Stroke
from carl_gui.panels.runs.run_colours import run_pen

_FAINT = 70
"""Of 255: how much is seen of what is not smoothed."""
_BOLD, _PLAIN, _THIN = 2.5, 1.5, 1.0


@dataclass(frozen=True)
class Drawn:
    """The runs of a plot, and their visible parts."""

    lines: Mapping[str, CurveLine]
    slots: Mapping[str, int]
    chosen: str | None
    palette: QPalette
    low: float
    high: float
    """Steps that are seen."""
    buckets: int
    """Stretches that the screen can show."""

    def order(self) -> list[str]:
        """The chosen run last."""
        return sorted(self.lines, key=lambda name: name == self.chosen)

    def pen(self, name: str, width: float | None = None) -> QPen:
        """The line of a run; bold where it is the chosen one."""
        bold = _BOLD if name == self.chosen or len(self.lines) == 1 else _PLAIN
        return run_pen(self.slots[name], self.palette, width or bold)


def loss_strokes(drawn: Drawn, *, is_smoothed: bool) -> dict[str, Stroke]:
    """Losses faint under their means, or alone; validation losses dashed, with marks."""
    strokes = {}
    if is_smoothed:
        for name in drawn.order():
            pen = drawn.pen(name, _THIN)
            faint = QColor(pen.color())
            faint.setAlpha(_FAINT)
            pen.setColor(faint)
            strokes[f"raw {name}"] = Stroke(*drawn.lines[name].seen("loss", drawn.low, drawn.high, drawn.buckets), pen)
    for name in drawn.order():
        line = drawn.lines[name]
        strokes[f"loss {name}"] = Stroke(*line.seen("smooth", drawn.low, drawn.high, drawn.buckets), drawn.pen(name))
        for figure in filter(is_loss, line.figures):
            pen = drawn.pen(name, _PLAIN)
            pen.setStyle(Qt.PenStyle.DashLine)
            strokes[f"{figure} {name}"] = Stroke(*line.figure(figure), pen, has_marks=True)
    return strokes


def rate_strokes(drawn: Drawn) -> dict[str, Stroke]:
    """Learning rates."""
    seen = {
        name: drawn.lines[name].seen("learning_rate", drawn.low, drawn.high, drawn.buckets) for name in drawn.order()
    }
    return {name: Stroke(*found, drawn.pen(name)) for name, found in seen.items()}


def figure_strokes(drawn: Drawn, figure: str) -> dict[str, Stroke]:
    """One figure of the evaluations."""
    return {
        name: Stroke(*drawn.lines[name].figure(figure), drawn.pen(name), has_marks=True)
        for name in drawn.order()
        if figure in drawn.lines[name].figures
    }


def span(lines: Sequence[CurveLine]) -> tuple[float, float]:
    """From the first step of any run to the last of any; 0 to 1 where there is none."""
    ends = [(line.steps[0], line.steps[-1]) for line in lines if len(line.steps)]
    if not ends:
        return 0.0, 1.0
    low, high = min(first for first, _ in ends), max(last for _, last in ends)
    return float(low), float(max(high, low + 1))


def read_out(line: CurveLine, step: float | None, figure: str) -> tuple[float, float | None]:
    """The loss as it is drawn, and the figure; at the nearest step, or the last ones. NaN, None: there is none."""
    place = len(line.steps) - 1 if step is None else line.place(step)
    loss = math.nan if place is None or place < 0 else float(line.smooth[place])
    steps, values = line.figure(figure)
    told = len(steps) if step is None else int(np.searchsorted(steps, step, "right"))
    return loss, float(values[told - 1]) if told and place is not None else None
