"""Distance and tempo along the path of a pair, with mouse and keyboard navigation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.explore.pair.strip_drawing import Lanes, draw_deviating, draw_lanes
from carl_gui.models.messages import tooltip
from carl_gui.theme import colours_of

_NEAR = 6.0
"""Pixels around a peak's mark that hit the peak."""
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class PathStrip(QWidget):
    """Every moment along the path has the same width: a step, or an unmatched frame. They count from 0."""

    step_selected = Signal(int)
    """The step selected by the mouse, or by Home and End."""
    stepped = Signal(int)
    """The number of steps to move by, from the arrow keys; with Shift ten."""
    scrub_began = Signal()
    scrub_ended = Signal()
    hovered = Signal(int)
    """The step under the mouse; -1 when it left."""
    painted = Signal()
    """The view was drawn; used by benchmarks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Distance and tempo along the path"))
        self.setAccessibleDescription(
            self.tr("Left and right move one step along the path, with Shift ten; Home and End go to its ends.")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._pair: Pair | None = None
        self._lanes: Lanes | None = None
        self._steps = (0, 0)
        self._deviating: list[tuple[int, NDArray[np.bool_]]] = []
        self._hovered = -1
        self._is_dragged = False
        self._drawn: QPixmap | None = None
        """The drawing without the cursors."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, 84)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(480, 130)

    @property
    def steps(self) -> tuple[int, int]:
        """The steps at which A and B are."""
        return self._steps

    def set_pair(self, pair: Pair | None) -> None:
        """Set the pair to show; None: nothing yet."""
        if pair is not self._pair:
            self._pair = pair
            self._hover(-1)
            self._lay_out()

    def set_deviating(self, deviating: list[tuple[int, NDArray[np.bool_]]]) -> None:
        """Set the side, 0 for A, and (M,) the moments at which its frame deviates."""
        same = len(deviating) == len(self._deviating) and all(
            one[0] == other[0] and np.array_equal(one[1], other[1])
            for one, other in zip(deviating, self._deviating, strict=True)
        )
        if not same:
            self._deviating, self._drawn = deviating, None
            self.update()

    @property
    def deviating(self) -> list[tuple[int, NDArray[np.bool_]]]:
        """The side and the moments that are marked."""
        return self._deviating

    def set_steps(self, a_step: int, b_step: int) -> None:
        """Set the steps of the current frames of A and of B."""
        if (a_step, b_step) != self._steps:
            self._steps = a_step, b_step
            self.update()

    def x_of(self, step: int) -> float:
        """Return the middle of a step, in this widget."""
        assert self._lanes is not None
        return self._lanes.x_of(step)

    def step_at(self, point: QPointF) -> int:
        """Return the step there; in the row of marks, a near peak."""
        assert self._pair is not None
        assert self._lanes is not None
        peaks = self._pair.curves.peaks
        if point.y() < self._lanes.distance.top() and len(peaks):
            distances = np.abs([self._lanes.x_of(step) - point.x() for step in peaks.tolist()])
            if distances.min() <= _NEAR:
                return int(peaks[distances.argmin()])
        return self._lanes.step_at(point.x())

    def tip_at(self, point: QPointF) -> str:
        """Return the tooltip there; empty outside of the lanes."""
        pair, lanes = self._pair, self._lanes
        if pair is None or lanes is None or not pair.is_matched:
            return ""
        if point.y() < lanes.distance.top():
            peaks = pair.curves.peaks
            step = self.step_at(point)
            if len(peaks) and step in peaks and abs(lanes.x_of(step) - point.x()) <= _NEAR:
                text = self.tr("Large difference: distance {0}")
                remedy = self.tr("Click to go there; N and Shift+N go to the next and the previous one.")
                return tooltip(text.format(f"{float(pair.curves.distance[step]):.2f}"), remedy)
            return ""
        if lanes.distance.contains(point):
            return tooltip(
                self.tr("Distance of the matched frames: 1 minus their similarity. 0 is the same moment."),
                self.tr("Below 0.2 is good, above 0.5 is doubtful. Triangles mark the largest differences."),
            )
        if lanes.tempo.contains(point):
            return tooltip(
                self.tr("B’s tempo relative to A: 1× is equally fast, 2× is twice as fast, ½× is half as fast.")
            )
        return ""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        if self._pair is None or self._lanes is None:
            painter.end()
            return
        if self._drawn is None or self._drawn.devicePixelRatio() != self.devicePixelRatioF():
            self._drawn = self._draw(self._pair, self._lanes)
        painter.drawPixmap(0, 0, self._drawn)
        if self._hovered >= 0:
            self._draw_line(painter, self._hovered, QColor(colours.muted_text), 1.0)
        a_step, b_step = self._steps
        if a_step == b_step:
            self._draw_cursor(painter, a_step, colours.text, "")
        else:
            self._draw_cursor(painter, a_step, colours.pair[0], "A")
            self._draw_cursor(painter, b_step, colours.pair[1], "B")
        if self.hasFocus():
            painter.setPen(QColor(colours.curve))
            painter.drawRect(self.rect().adjusted(2, 1, -3, -2))
        painter.end()
        self.painted.emit()

    def _draw(self, pair: Pair, lanes: Lanes) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        draw_lanes(painter, lanes, pair, pair.curves.peaks, colours_of(self.palette()))
        draw_deviating(painter, lanes, self._deviating, colours_of(self.palette()))
        painter.end()
        return pixmap

    def _draw_line(self, painter: QPainter, step: int, ink: QColor, width: float) -> None:
        assert self._lanes is not None
        x = self._lanes.x_of(step)
        painter.setPen(QPen(ink, width))
        painter.drawLine(QPointF(x, self._lanes.distance.top()), QPointF(x, self._lanes.tempo.bottom()))

    def _draw_cursor(self, painter: QPainter, step: int, ink: str, letter: str) -> None:
        """Draw a line with a halo, and the letter of its video where there are two."""
        assert self._lanes is not None
        for colour, width in ((colours_of(self.palette()).base, 4.0), (ink, 2.0)):
            self._draw_line(painter, step, QColor(colour), width)
        if letter:
            box = QRectF(self._lanes.x_of(step) - 8, self._lanes.tempo.bottom() - 16, 16, 16)
            painter.fillRect(box, QColor(ink))
            painter.setPen(QColor(colours_of(self.palette()).base))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton and self._pair is not None:
            self._is_dragged = True
            self.scrub_began.emit()
            self.step_selected.emit(self.step_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pair is None:
            return
        step = self.step_at(event.position())
        if self._is_dragged and (step, step) != self._steps:
            self.step_selected.emit(step)
        self._hover(step)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._is_dragged and event.button() == Qt.MouseButton.LeftButton:
            self._is_dragged = False
            self.scrub_ended.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._hover(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, shift = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._pair is None or event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ):
            super().keyPressEvent(event)
        elif key in _STEPS:
            self.stepped.emit(_STEPS[key] * (10 if shift else 1))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.step_selected.emit(0 if key == Qt.Key.Key_Home else len(self._pair.moments) - 1)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_drawn"):
            self._lay_out()

    def _lay_out(self) -> None:
        self._drawn = self._lanes = None
        if self._pair is not None:
            letters = QFontMetricsF(self.font())
            room, count, is_repeated = (
                QRectF(self.rect()),
                len(self._pair.moments),
                isinstance(self._pair, RepeatedPair),
            )
            self._lanes = Lanes.within(room, letters, count, has_numbers=is_repeated)
        self.update()

    def _hover(self, step: int) -> None:
        if step != self._hovered:
            self._hovered = step
            self.hovered.emit(step)
            self.update()
