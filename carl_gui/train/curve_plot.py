"""Curves on axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from carl_gui.models.runs import is_loss
from carl_gui.numbers import count
from carl_gui.theme import colours_of
from carl_gui.train.curve_data import CurveLine, Floats
from carl_gui.train.run_cells import run_pen

_PIXELS_A_TICK = {"left": 32, "bottom": 90}
_PARTS = (1.0, 2.0, 5.0)
_Level = tuple[float | None, list[float]]


def plain_ticks(low: float, high: float, most: int) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten in `low` to `high`: `most`, but two where that is fewer."""
    power = math.ceil(math.log10(max(high - low, 1e-300)))
    steps = [part * 10.0**exponent for exponent in range(power, power - 4, -1) for part in reversed(_PARTS)]
    found: list[float] = []
    for step in steps:
        finer = [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
        if len(finer) > most and len(found) >= 2:
            break
        found = finer
    return found


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers in 10^low to 10^high, as logarithms: decades, 1-2-5, or multiples as on a plain scale."""
    decades = [float(power) for power in range(math.ceil(low), math.floor(high) + 1)]
    if len(decades) > most:
        return decades[:: math.ceil(len(decades) / most)]
    parts = [power + math.log10(part) for power in range(math.floor(low), math.ceil(high) + 1) for part in _PARTS]
    ticks = [tick for tick in parts if low <= tick <= high]
    if len(ticks) > most + 1:
        return decades
    if len(ticks) > 2:
        return ticks
    return [math.log10(value) for value in plain_ticks(10**low, 10**high, most) if value > 0]


class ValueAxis(pg.AxisItem):
    """Like pyqtgraph's, with one kind of tick, and without overlapping numbers."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[_Level]:  # noqa: N802, N803
        most = max(2, int(size / _PIXELS_A_TICK[self.orientation]))
        low, high = sorted((minVal, maxVal))
        return [(None, log_ticks(low, high, most) if self.logMode else plain_ticks(low, high, most))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        if self.orientation == "bottom":
            return [count(value) if value == round(value) else "" for value in values]
        numbers = [10.0**value if self.logMode else value for value in values]
        return [f"{number:.5g}".replace("-", "−", number < 0) for number in numbers]


_AXIS_WIDTH, _RIGHT_MARGIN = 54, 26
_PADDING = 10
"""Pixels above and below the values: numbers at the very end of an axis are not written."""
_ZOOM, _PAN = 0.8, 0.1


@dataclass(frozen=True)
class Stroke:
    """One line to draw."""

    steps: Floats
    values: Floats
    """NaN: a gap."""
    pen: QPen
    has_marks: bool = False


class CurvePlot(pg.PlotWidget):
    """Draws the given lines; scrolling and dragging change the visible steps, the values always fit."""

    hovered = Signal(float)
    """The step under the mouse; NaN when it left."""
    range_changed = Signal(float, float)
    """Steps from here to there are seen; by the person, or by `set_steps`."""
    reset_requested = Signal()

    def __init__(self, name: str, label: str, parent: QWidget | None = None) -> None:
        """`label` stands above the plot, at the right: within it, it would lie on a line sooner or later."""
        super().__init__(parent, enableMenu=False, axisItems={side: ValueAxis(side) for side in ("left", "bottom")})
        menu = self.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())  # else it outlives the window
        self.setAccessibleName(name)
        self._is_log = False
        self.hideButtons()
        self.showGrid(x=False, y=True, alpha=0.15)
        self.getAxis("left").setWidth(_AXIS_WIDTH)
        for side in ("left", "bottom"):
            self.getAxis(side).setStyle(hideOverlappingLabels=False)  # the last number may stand beyond the axis
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the plot itself has a name, its inside has none
        box = self.getViewBox()
        box.setMouseEnabled(x=True, y=False)
        box.disableAutoRange()
        box.setLimits(minXRange=4)
        box.sigXRangeChanged.connect(lambda _, seen: self.range_changed.emit(*seen))
        self._lines: dict[str, tuple[pg.PlotCurveItem, pg.ScatterPlotItem | None]] = {}
        self._drawn: dict[str, Stroke] = {}
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self.addItem(self._cursor, ignoreBounds=True)
        box.sigResized.connect(self._fit)
        self.title = pg.LabelItem(label, bold=True)
        self.title.setParentItem(self.getPlotItem())
        self.title.anchor(itemPos=(1, 0), parentPos=(1, 0), offset=(-_RIGHT_MARGIN, 0))
        self.getPlotItem().layout.setContentsMargins(2, self.title.boundingRect().height(), _RIGHT_MARGIN, 2)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.scene().contextMenu = []  # pyqtgraph's export; it is not translated
        self._update_palette()

    @property
    def strokes(self) -> Mapping[str, Stroke]:
        """What is drawn, by key; values are as they were given, whatever the scale."""
        return self._drawn

    def set_strokes(self, strokes: Mapping[str, Stroke], *, is_log: bool = False) -> None:
        """Draw these lines, the later ones on top; those that did not change are left as they are."""
        if is_log != self._is_log:
            self._is_log, self._drawn = is_log, {}
            self.getAxis("left").setLogMode(is_log)
        for key in [key for key in self._lines if key not in strokes]:
            for item in filter(None, self._lines.pop(key)):
                self.removeItem(item)
        for z, (key, stroke) in enumerate(strokes.items()):
            old = self._drawn.get(key)
            line, marks = self._lines.get(key) or self._new_line(key, stroke)
            line.setZValue(z)
            if old is not None and _is_same(old, stroke):
                continue
            values = _logarithms(stroke.values) if is_log else stroke.values
            line.setSegmentedLineMode("on" if _can_be_parted(stroke.pen) else "off")
            line.setData(stroke.steps, values, pen=stroke.pen, connect="finite")
            if marks is not None:
                marks.setZValue(z)
                marks.setData(stroke.steps, values, pen=None, brush=stroke.pen.color())
        self._drawn = dict(strokes)
        self._fit()

    def set_steps(self, low: float, high: float) -> None:
        """See the steps from here to there."""
        self.getViewBox().setXRange(low, high, padding=0)

    def _new_line(self, key: str, stroke: Stroke) -> tuple[pg.PlotCurveItem, pg.ScatterPlotItem | None]:
        line = pg.PlotCurveItem(antialias=True)
        marks = pg.ScatterPlotItem(size=6) if stroke.has_marks else None
        self._lines[key] = line, marks
        for item in filter(None, (line, marks)):
            self.addItem(item, ignoreBounds=True)
        return self._lines[key]

    def _fit(self) -> None:
        """Make room for all visible values."""
        low, high = np.inf, -np.inf
        for stroke in self._drawn.values():
            values = _logarithms(stroke.values) if self._is_log else stroke.values
            if len(values) and not np.isnan(values).all():
                low, high = min(low, float(np.nanmin(values))), max(high, float(np.nanmax(values)))
        if low > high:
            low, high = 0.0, 1.0
        room = (high - low) * _PADDING / max(self.getViewBox().height() - 2 * _PADDING, _PADDING)
        room = room or max(abs(high) * 0.1, 1e-9)
        self.getViewBox().setYRange(low - room, high + room, padding=0)

    def set_label(self, label: str) -> None:
        """Name the values."""
        if label != self.title.text:
            self.title.setText(label, color=colours_of(self.palette()).muted_text)

    def set_cursor(self, step: float | None) -> None:
        """Place the read-out line; None: nowhere."""
        self._cursor.setVisible(step is not None)
        if step is not None:
            self._cursor.setPos(step)

    def _on_mouse_moved(self, position: QPointF) -> None:
        if self.getViewBox().sceneBoundingRect().contains(position):
            self.hovered.emit(self.getViewBox().mapSceneToView(position).x())
        else:
            self.hovered.emit(np.nan)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.hovered.emit(np.nan)

    def mouseDoubleClickEvent(self, event: QEvent) -> None:  # noqa: N802
        self.reset_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move by Left and Right, zoom by + and -, show all by Home."""
        box = self.getViewBox()
        low, high = box.viewRange()[0]
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                box.translateBy(x=(high - low) * (_PAN if event.key() == Qt.Key.Key_Right else -_PAN))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal | Qt.Key.Key_Minus:
                box.scaleBy(x=1 / _ZOOM if event.key() == Qt.Key.Key_Minus else _ZOOM)
            case Qt.Key.Key_Home:
                self.reset_requested.emit()
            case _:
                super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_cursor"):  # Qt asks while it is being made
            self._update_palette()

    def set_step_axis(self, is_shown: bool) -> None:
        """Set whether the steps are written below this plot."""
        axis = self.getAxis("bottom")
        axis.setStyle(showValues=is_shown)
        axis.showLabel(is_shown)
        axis.setHeight(None if is_shown else 6)

    def _update_palette(self) -> None:
        colours = colours_of(self.palette())
        self.setBackground(colours.base)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setTextPen(colours.muted_text)
            axis.setPen(colours.border)
        shown = self.getAxis("bottom").label.isVisible()
        self.setLabel("bottom", self.tr("Step"), color=colours.muted_text)
        self.getAxis("bottom").showLabel(shown)
        self.title.setText(self.title.text, color=colours.muted_text, bold=True)
        self._cursor.setPen(pg.mkPen(colours.muted_text, width=1))


def _logarithms(values: Floats) -> Floats:
    """Return logarithms to base 10; what has none is a gap."""
    return np.log10(np.where(values > 0, values, np.nan))


def _can_be_parted(pen: QPen) -> bool:
    """Return whether each piece of the line can be drawn alone, which takes Qt a tenth of the time of one path."""
    return pen.style() == Qt.PenStyle.SolidLine and pen.color().alpha() == 255


def _is_same(one: Stroke, other: Stroke) -> bool:
    """Compare arrays by identity: new data come in new arrays."""
    return one.steps is other.steps and one.values is other.values and one.pen == other.pen


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
        """Return the names, the chosen run last."""
        return sorted(self.lines, key=lambda name: name == self.chosen)

    def pen(self, name: str, width: float | None = None) -> QPen:
        """Return the line of a run; bold where it is the chosen one."""
        bold = _BOLD if name == self.chosen or len(self.lines) == 1 else _PLAIN
        return run_pen(self.slots[name], self.palette, width or bold)


def loss_strokes(drawn: Drawn, *, is_smoothed: bool) -> dict[str, Stroke]:
    """Return losses faint under their means, or alone; validation losses dashed, with marks."""
    strokes = {}
    if is_smoothed:
        for name in drawn.order():
            pen = drawn.pen(name, _THIN)
            faint = QColor(pen.color())
            faint.setAlpha(_FAINT)
            pen.setColor(faint)
            strokes[f"raw {name}"] = Stroke(
                *drawn.lines[name].visible("loss", drawn.low, drawn.high, drawn.buckets), pen
            )
    for name in drawn.order():
        line = drawn.lines[name]
        strokes[f"loss {name}"] = Stroke(*line.visible("smooth", drawn.low, drawn.high, drawn.buckets), drawn.pen(name))
        for figure in filter(is_loss, line.figures):
            pen = drawn.pen(name, _PLAIN)
            pen.setStyle(Qt.PenStyle.DashLine)
            strokes[f"{figure} {name}"] = Stroke(*line.figure(figure), pen, has_marks=True)
    return strokes


def rate_strokes(drawn: Drawn) -> dict[str, Stroke]:
    """Return the learning rates."""
    visible = {
        name: drawn.lines[name].visible("learning_rate", drawn.low, drawn.high, drawn.buckets) for name in drawn.order()
    }
    return {name: Stroke(*found, drawn.pen(name)) for name, found in visible.items()}


def figure_strokes(drawn: Drawn, figure: str) -> dict[str, Stroke]:
    """Return one figure of the evaluations."""
    return {
        name: Stroke(*drawn.lines[name].figure(figure), drawn.pen(name), has_marks=True)
        for name in drawn.order()
        if figure in drawn.lines[name].figures
    }


def span(lines: Sequence[CurveLine]) -> tuple[float, float]:
    """Return the first step of any run and the last of any; 0 and 1 where there is none."""
    ends = [(line.steps[0], line.steps[-1]) for line in lines if len(line.steps)]
    if not ends:
        return 0.0, 1.0
    low, high = min(first for first, _ in ends), max(last for _, last in ends)
    return float(low), float(max(high, low + 1))


def read_out(line: CurveLine, step: float | None, figure: str) -> tuple[float, float | None]:
    """Return the loss as drawn, and the figure; at the nearest step, or the last ones. NaN, None: there is none."""
    index = len(line.steps) - 1 if step is None else line.index_of(step)
    loss = math.nan if index is None or index < 0 else float(line.smooth[index])
    steps, values = line.figure(figure)
    num_known = len(steps) if step is None else int(np.searchsorted(steps, step, "right"))
    return loss, float(values[num_known - 1]) if num_known and index is not None else None
