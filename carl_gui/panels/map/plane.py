"""Points in a window that pans and zooms: drawn in a thread, and placed immediately."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.models.map_view import MapWindow
from carl_gui.panels.map.rendering import Rendered, Renderer, Scatter
from core.map.points import Points

_REACH = 14
"""Pixels from a place within which a point is meant."""
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
    def window_shown(self) -> MapWindow | None:
        """Which part is seen."""
        return self._window

    @property
    def picture(self) -> Rendered | None:
        """What is seen of the points; None while nothing is drawn yet."""
        return self._rendered

    @property
    def is_sharp(self) -> bool:
        """Whether the picture is of just what is to be seen."""
        made = self._rendered
        return made is not None and made.scatter is self._scatter and made.window == self._window

    def set_scatter(self, scatter: Scatter | None) -> None:
        """The points and how they look; where the points are others, all of them are shown."""
        before, self._scatter = self._scatter, scatter
        if scatter is None:
            self._window = self._rendered = None
            self.update()
        elif before is None or before.points is not scatter.points:
            self._window = self._rendered = None
            self.fit()
        else:
            self._ask()

    def fit(self) -> None:
        """Show all points."""
        if self._scatter is not None:
            self._show(self._whole(self._scatter.points))

    def zoom(self, times: float, at: QPointF | None = None) -> None:
        """Enlarge so many times around a place in the widget; None: its middle."""
        if self._window is not None and self._scatter is not None:
            at = QPointF(self.width() / 2, self.height() / 2) if at is None else at
            self._show(self._window.zoomed(times, at.x(), at.y(), self._whole(self._scatter.points)))

    def move_by(self, x: float, y: float) -> None:
        """Move what is seen by so many pixels."""
        if self._window is not None:
            self._show(self._window.moved(x, y))

    def reveal(self, frame: int) -> None:
        """Move as little as is needed to see that frame."""
        at = self._scatter.points.place_of(frame) if self._scatter is not None else None
        if at is not None and self._window is not None:
            self._show(self._window.showing(*at))

    def spot(self, frame: int) -> QPointF | None:
        """Where that frame is in this widget; None: it has no place."""
        at = self._scatter.points.place_of(frame) if self._scatter is not None else None
        return None if at is None or self._window is None else QPointF(*self._window.to_widget(*at))

    def frame_at(self, point: QPointF) -> int:
        """The nearest frame within reach; -1: none."""
        if self._scatter is None or self._window is None:
            return -1
        found = self._scatter.points.nearest(*self._window.to_map(point.x(), point.y()), _REACH / self._window.scale)
        return -1 if found is None else found

    def close_threads(self) -> None:
        """Nothing is drawn any more."""
        self.renderer.close()
        self.set_scatter(None)

    def _whole(self, points: Points) -> MapWindow:
        return MapWindow.of_all(points.bounds, self.width(), self.height())

    def _show(self, window: MapWindow) -> None:
        if window != self._window:
            self._window = window
            self._ask()

    def _ask(self) -> None:
        if self._scatter is not None and self._window is not None:
            self.renderer.ask(self._scatter, self._window, self.devicePixelRatioF())
        self.update()

    def _on_result(self, made: Rendered) -> None:
        if self._scatter is not None and made.scatter.points is self._scatter.points:
            self._rendered = made
            self.update()

    def draw_points(self, painter: QPainter, window: MapWindow) -> None:
        """The last picture where it belongs now: a sharp one follows."""
        made = self._rendered
        if made is None:
            return
        if made.window == window:
            painter.drawImage(QRectF(self.rect()), made.image)
            return
        then = made.window
        left, top = window.to_widget(*then.to_map(0, 0))
        right, bottom = window.to_widget(*then.to_map(then.width, then.height))
        painter.drawImage(QRectF(left, top, right - left, bottom - top), made.image)

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
