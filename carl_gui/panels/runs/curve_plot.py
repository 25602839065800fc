"""One plot of runs over their steps: lines, a cursor, and axes aligned across a stack of plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPen
from PySide6.QtWidgets import QWidget

from carl_gui.models.curve_data import Floats
from carl_gui.panels.runs.curve_axis import ValueAxis
from carl_gui.theme import colours_of

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
        self.scene().sigMouseMoved.connect(self._note_mouse)
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
        """All values that are seen have room."""
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
        """What the values are."""
        if label != self.title.text:
            self.title.setText(label, color=colours_of(self.palette()).muted_text)

    def set_cursor(self, step: float | None) -> None:
        """Where the read-out line stands; None: nowhere."""
        self._cursor.setVisible(step is not None)
        if step is not None:
            self._cursor.setPos(step)

    def _note_mouse(self, place: QPointF) -> None:
        if self.getViewBox().sceneBoundingRect().contains(place):
            self.hovered.emit(self.getViewBox().mapSceneToView(place).x())
        else:
            self.hovered.emit(np.nan)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.hovered.emit(np.nan)

    def mouseDoubleClickEvent(self, event: QEvent) -> None:  # noqa: N802
        self.reset_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left and Right move, + and - zoom, Home shows all."""
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
        """Another theme: other colours."""
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
    """Base 10; what has none is a gap."""
    return np.log10(np.where(values > 0, values, np.nan))


def _can_be_parted(pen: QPen) -> bool:
    """Whether each piece of the line can be drawn alone, which takes Qt a tenth of the time that one path takes."""
    return pen.style() == Qt.PenStyle.SolidLine and pen.color().alpha() == 255


def _is_same(one: Stroke, other: Stroke) -> bool:
    """Arrays are compared by identity: whoever has news makes new ones."""
    return one.steps is other.steps and one.values is other.values and one.pen == other.pen
