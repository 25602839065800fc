"""The map widget with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.explore.map import rendering as marks
from carl_gui.explore.map.rendering import MapPicture, MapWindow, Rendered, Renderer, Scatter
from carl_gui.theme import colours_of
from core.map.points import Points

_REACH = 14
"""Pixels within which a point is hit."""
_NOTCH = 1.25


class MapPlane(QWidget):
    """Frames are counted through all videos."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.renderer = Renderer(self)
        self.renderer.rendered.connect(self._on_result)
        self._scatter: Scatter | None = None
        self._window: MapWindow | None = None
        self._rendered: Rendered | None = None

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(280, 220)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(900, 640)

    @property
    def visible_window(self) -> MapWindow | None:
        """The visible part of the map."""
        return self._window

    @property
    def picture(self) -> Rendered | None:
        """The rendered points; None while nothing is drawn yet."""
        return self._rendered

    @property
    def is_sharp(self) -> bool:
        """Whether the picture matches the visible part exactly."""
        rendered = self._rendered
        return rendered is not None and rendered.scatter is self._scatter and rendered.window == self._window

    def set_scatter(self, scatter: Scatter | None) -> None:
        """Set the points and how they look; other points than before are all shown."""
        before, self._scatter = self._scatter, scatter
        if scatter is None:
            self._window = self._rendered = None
            self.update()
        elif before is None or before.points is not scatter.points:
            self._window = self._rendered = None
            self.fit()
        else:
            self._request_picture()

    def fit(self) -> None:
        """Show all points."""
        if self._scatter is not None:
            self._show(self._full_window(self._scatter.points))

    def zoom(self, times: float, at: QPointF | None = None) -> None:
        """Enlarge by a factor around a point of the widget; None: its middle."""
        if self._window is not None and self._scatter is not None:
            at = QPointF(self.width() / 2, self.height() / 2) if at is None else at
            self._show(self._window.zoomed(times, at.x(), at.y(), self._full_window(self._scatter.points)))

    def move_by(self, x: float, y: float) -> None:
        """Move the view by this many pixels."""
        if self._window is not None:
            self._show(self._window.moved(x, y))

    def reveal(self, frame: int) -> None:
        """Move as little as needed to show that frame."""
        at = self._scatter.points.place_of(frame) if self._scatter is not None else None
        if at is not None and self._window is not None:
            self._show(self._window.showing(*at))

    def spot(self, frame: int) -> QPointF | None:
        """Return the position of that frame in this widget; None if it has none."""
        at = self._scatter.points.place_of(frame) if self._scatter is not None else None
        return None if at is None or self._window is None else QPointF(*self._window.to_widget(*at))

    def frame_at(self, point: QPointF) -> int:
        """Return the nearest frame within reach; -1 if there is none."""
        if self._scatter is None or self._window is None:
            return -1
        found = self._scatter.points.nearest(*self._window.to_map(point.x(), point.y()), _REACH / self._window.scale)
        return -1 if found is None else found

    def close_threads(self) -> None:
        """Stop drawing."""
        self.renderer.close()
        self.set_scatter(None)

    def _full_window(self, points: Points) -> MapWindow:
        return MapWindow.of_all(points.bounds, self.width(), self.height())

    def _show(self, window: MapWindow) -> None:
        if window != self._window:
            self._window = window
            self._request_picture()

    def _request_picture(self) -> None:
        if self._scatter is not None and self._window is not None:
            self.renderer.ask(self._scatter, self._window, self.devicePixelRatioF())
        self.update()

    def _on_result(self, rendered: Rendered) -> None:
        if self._scatter is not None and rendered.scatter.points is self._scatter.points:
            self._rendered = rendered
            self.update()

    def draw_points(self, painter: QPainter, window: MapWindow) -> None:
        """Draw the last picture at its current position; a sharp one follows."""
        rendered = self._rendered
        if rendered is None:
            return
        if rendered.window == window:
            painter.drawImage(QRectF(self.rect()), rendered.image)
            return
        previous = rendered.window
        left, top = window.to_widget(*previous.to_map(0, 0))
        right, bottom = window.to_widget(*previous.to_map(previous.width, previous.height))
        painter.drawImage(QRectF(left, top, right - left, bottom - top), rendered.image)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        self.zoom(_NOTCH ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        if self._window is None or self._scatter is None:
            return
        before = MapWindow.of_all(self._scatter.points.bounds, event.oldSize().width(), event.oldSize().height())
        if event.oldSize().isEmpty() or self._window == before:
            self.fit()
        else:
            self._show(self._window.resized(self.width(), self.height(), before))


_STEP = 80
"""Pixels by which a key moves the map."""
_LEAST_STEP = 3
"""Pixels between two corners of a lasso, and before a press is a drag."""
_MOVES = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_NOTHING = np.empty((0, 2), np.float32)


class MapCanvas(MapPlane):
    """Shows what `set_*` gives it; frames are counted through all videos."""

    hovered = Signal(int)
    """The frame under the mouse; -1: none."""
    frame_selected = Signal(int)
    """The clicked frame; -1: none."""
    search_requested = Signal(int)
    """The double-clicked frame."""
    lassoed = Signal(object)
    """(E, 2) corners on the map."""
    palette_changed = Signal()
    """The theme changed between light and dark."""
    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Map of all frames"))
        self.setAccessibleDescription(
            self.tr(
                "Ctrl and arrow keys move the map; arrow keys step through the frames of the video chosen beside it"
            )
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._labels: Sequence[marks.Label] = ()
        self._course: NDArray[np.float32] = _NOTHING
        self._trail: NDArray[np.float32] = _NOTHING
        self._hovered = self._chosen = -1
        self._grip: QPointF | None = None
        """The position of the last press or move while dragging."""
        self._is_dragged = False
        self._outline: list[QPointF] | None = None
        """The points of the lasso that is being drawn."""
        self._is_lasso_on = False

    def set_scatter(self, scatter: Scatter | None) -> None:
        """Set the points and how they look; other points than before are all shown."""
        if scatter is None or self._scatter is None or scatter.points is not self._scatter.points:
            self._hovered = -1
        super().set_scatter(scatter)

    def set_labels(self, labels: Sequence[marks.Label]) -> None:
        """Set names at points of the map."""
        self._labels = labels
        self.update()

    def picture_to_draw(self, legend: QImage) -> MapPicture | None:
        """Return the visible part, to be drawn sharply with a legend; None while nothing is shown."""
        if self._scatter is None or self._window is None:
            return None
        return MapPicture(self._scatter, self._window, tuple(self._labels), legend, colours_of(self.palette()))

    def set_chosen(self, frame: int, course: NDArray[np.float32] | None) -> None:
        """Set the selected frame (-1: none), and the line through all frames of the selected video."""
        self._chosen, self._course = frame, _NOTHING if course is None else course
        self.update()

    def set_live(self, trail: NDArray[np.float32]) -> None:
        """Set the latest positions of the playing video, the current one last; empty: it is not on the map."""
        self._trail = trail
        self.update()

    def set_lasso(self, is_on: bool) -> None:
        """Set whether dragging draws a lasso instead of moving the map."""
        self._is_lasso_on = is_on
        self.setCursor(Qt.CursorShape.CrossCursor if is_on else Qt.CursorShape.ArrowCursor)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.base))
        if self._window is not None:
            self.draw_points(painter, self._window)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            marks.draw_course(painter, self._window, self._course, colours)
            if len(self._course) > 1:
                marks.draw_ends(painter, self._window, self._course, colours)
            marks.draw_labels(painter, self._window, self._labels, colours)
            self._draw_live(painter, self._window)
            for frame in {self._hovered, self._chosen} - {-1}:
                if (spot := self.spot(frame)) is not None:
                    marks.draw_ring(painter, spot, colours)
        if self._outline is not None:
            marks.draw_lasso(painter, self._outline, colours)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.curve), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
        self.painted.emit()

    def _draw_live(self, painter: QPainter, window: MapWindow) -> None:
        if len(self._trail):
            colours = colours_of(self.palette())
            marks.draw_course(painter, window, self._trail, colours, is_live=True)
            last = self._trail[-1]
            marks.draw_ring(painter, QPointF(*window.to_widget(float(last[0]), float(last[1]))), colours, is_live=True)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        super().wheelEvent(event)
        self._hover(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.MouseButton.LeftButton or self._scatter is None:
            return
        self._grip, self._is_dragged = event.position(), False
        if self._is_lasso_on or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._outline = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position()
        if self._grip is None:
            self._hover(at)
            return
        by = at - self._grip
        if not self._is_dragged and by.manhattanLength() < _LEAST_STEP:
            return
        self._is_dragged = True
        if self._outline is None:
            self._grip = at
            self._set_hovered(-1)
            self.move_by(by.x(), by.y())
        elif (at - self._outline[-1]).manhattanLength() >= _LEAST_STEP:
            self._outline.append(at)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.MouseButton.LeftButton or self._grip is None:
            return
        outline, self._outline, self._grip = self._outline, None, None
        if not self._is_dragged:
            self.frame_selected.emit(self.frame_at(event.position()))
        elif outline is not None and self._window is not None:
            self.lassoed.emit(np.array([self._window.to_map(at.x(), at.y()) for at in outline]))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        frame = self.frame_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and frame >= 0:
            self.search_requested.emit(frame)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._set_hovered(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        by = _MOVES.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen >= 0:
            self.search_requested.emit(self._chosen)
        elif event.key() == Qt.Key.Key_Escape and self._outline is not None:
            self._outline = self._grip = None
            self.update()
        elif by is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.move_by(by[0] * _STEP, by[1] * _STEP)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.palette_changed.emit()

    def _hover(self, at: QPointF) -> None:
        self._set_hovered(self.frame_at(at))

    def _set_hovered(self, frame: int) -> None:
        if frame != self._hovered:
            self._hovered = frame
            self.update()
            self.hovered.emit(frame)
