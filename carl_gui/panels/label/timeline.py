"""The labels of one video in a row below its seek bar: spans in the colours of their phases, drawn by one widget."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from carl_gui.models.wording import displayable
from carl_gui.theme import colours_of, contrast
from core.types import Span

_MARGIN = 6
"""As beside the seek bar, so that frames lie below each other."""
_HEIGHT, _TOP = 46, 7
_LEAST_NAME = 28
_DARK, _LIGHT = "#101414", "#ffffff"


class PhaseTimeline(QWidget):
    """Every frame has the same width. Shows what `set_*` gives it; says which frame the mouse chose."""

    frame_chosen = Signal(int)
    scrub_began = Signal()
    scrub_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Labels of the video"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._num_frames = 0
        self._spans: Sequence[Span] = ()
        self._starts: list[int] = []
        self._colours: Mapping[str, str] = {}
        self._place = 0
        self._stretch: tuple[int, int] | None = None
        self._is_dragged = False

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(400, _HEIGHT)

    def set_num_frames(self, num_frames: int) -> None:
        """Of the video; 0 is none."""
        self._num_frames = num_frames
        self.update()

    def set_spans(self, spans: Sequence[Span], colours: Mapping[str, str]) -> None:
        """The labels in order of time, and the colour of each phase."""
        self._spans, self._colours = spans, colours
        self._starts = [span.start_frame for span in spans]
        self.update()

    def set_place(self, place: int) -> None:
        """The frame that is shown."""
        if place != self._place:
            self._place = place
            self.update()

    def set_stretch(self, stretch: tuple[int, int] | None) -> None:
        """What is marked: first frame and end (exclusive); None: nothing."""
        if stretch != self._stretch:
            self._stretch = stretch
            self.update()

    def span_at(self, frame: int) -> Span | None:
        """The label of that frame."""
        place = bisect.bisect_right(self._starts, frame) - 1
        if place < 0 or frame >= self._spans[place].end_frame_exclusive:
            return None
        return self._spans[place]

    def x_of(self, frame: float) -> float:
        """Where that frame begins."""
        return _MARGIN + (self.width() - 2 * _MARGIN) * frame / max(self._num_frames, 1)

    def frame_at(self, x: float) -> int:
        """The frame under a point; the ends stand for what lies beyond them."""
        share = (x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1)
        return min(max(int(share * self._num_frames), 0), max(self._num_frames - 1, 0))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        row = QRectF(_MARGIN, _TOP, self.width() - 2 * _MARGIN, self.height() - 2 * _TOP)
        painter.fillRect(row, QColor(colours.base))
        if self._num_frames:
            self._draw_spans(painter, row)
        painter.setPen(QColor(colours.border))
        painter.drawRect(row)
        if self._num_frames:
            if self._stretch is not None:
                self._draw_stretch(painter, row, QColor(colours.curve))
            self._draw_cursor(painter, row, QColor(colours.text), QColor(colours.base))
        painter.end()

    def _draw_spans(self, painter: QPainter, row: QRectF) -> None:
        letters = painter.fontMetrics()
        middle = Qt.AlignmentFlag.AlignCenter
        for span in self._spans:
            left, right = self.x_of(span.start_frame), self.x_of(span.end_frame_exclusive)
            colour = self._colours.get(span.phase, "#888888")
            box = QRectF(left, row.top(), max(right - left, 1.0), row.height())
            painter.fillRect(box, QColor(colour))
            if box.width() >= _LEAST_NAME:
                painter.fillRect(QRectF(right - 1, row.top(), 1, row.height()), QColor(_DARK))  # it ends here
                painter.setPen(QColor(max((_DARK, _LIGHT), key=lambda ink: contrast(ink, colour))))
                name = letters.elidedText(displayable(span.phase), Qt.TextElideMode.ElideMiddle, round(box.width()) - 8)
                painter.drawText(box, middle, name)

    def _draw_stretch(self, painter: QPainter, row: QRectF, colour: QColor) -> None:
        """A bracket around what is marked, and a veil over it."""
        assert self._stretch is not None
        left, right = (self.x_of(frame) for frame in self._stretch)
        box = QRectF(left, row.top() - 4, max(right - left, 2.0), row.height() + 8)
        veil = QColor(colour)
        veil.setAlphaF(0.25)
        painter.fillRect(box, veil)
        painter.setPen(QPen(colour, 2))
        for x, inwards in ((box.left(), 6), (box.right(), -6)):
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            for y in (box.top(), box.bottom()):
                painter.drawLine(QPointF(x, y), QPointF(x + inwards, y))

    def _draw_cursor(self, painter: QPainter, row: QRectF, ink: QColor, halo: QColor) -> None:
        x = (self.x_of(self._place) + self.x_of(self._place + 1)) / 2
        for colour, width in ((halo, 4.0), (ink, 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, row.top() - 2), QPointF(x, row.bottom() + 2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 7)]))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton and self._num_frames:
            self._is_dragged = True
            self.scrub_began.emit()
            self.frame_chosen.emit(self.frame_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._is_dragged:
            frame = self.frame_at(event.position().x())
            if frame != self._place:
                self.frame_chosen.emit(frame)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._is_dragged and event.button() == Qt.MouseButton.LeftButton:
            self._is_dragged = False
            self.scrub_ended.emit()

    def event(self, event: QEvent) -> bool:
        """The phase under the mouse stands in a tip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._num_frames:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """What the tip over that point says."""
        frame = self.frame_at(x)
        span = self.span_at(frame)
        if span is None:
            return self.tr("Frame {0}: not labelled").format(frame)
        last = span.end_frame_exclusive - 1
        return self.tr("{0}: frames {1} to {2}").format(displayable(span.phase), span.start_frame, last)
