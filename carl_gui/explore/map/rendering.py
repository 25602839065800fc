"""The map as a picture: points, marks, labels."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF, QRegion
from PySide6.QtWidgets import QWidget

from carl_gui.theme import ThemeColours
from core.map.drawing import Window
from core.map.points import Points

_MARGIN = 0.06
"""The margin around all points, as a share of the room."""
_DEEPEST, _HIGHEST = 2000.0, 0.5
"""The largest and the smallest zoom, relative to the whole map."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapWindow:
    """Conversion between points of a map and of a widget; on the map y grows upwards."""

    x: float
    """Of the middle, on the map."""
    y: float
    scale: float
    """Widget's pixels for a unit of the map."""
    width: float
    """Of the widget."""
    height: float

    @staticmethod
    def of_all(bounds: Bounds, width: float, height: float) -> MapWindow:
        """Return the window that shows everything between these least and greatest x and y."""
        wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
        room = 1 - 2 * _MARGIN
        scales = [side * room / extent for side, extent in ((width, wide), (height, high)) if extent > 0]
        return MapWindow(
            (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, min(scales, default=1.0), width, height
        )

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        """Return the position of a point of the map in the widget."""
        return self.width / 2 + (x - self.x) * self.scale, self.height / 2 - (y - self.y) * self.scale

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the map at a position in the widget."""
        return self.x + (x - self.width / 2) / self.scale, self.y - (y - self.height / 2) / self.scale

    def moved(self, x: float, y: float) -> MapWindow:
        """Return the window with its contents moved this many pixels to the right and down."""
        return MapWindow(self.x - x / self.scale, self.y + y / self.scale, self.scale, self.width, self.height)

    def zoomed(self, times: float, x: float, y: float, full: MapWindow) -> MapWindow:
        """Return the window enlarged by a factor around a point of the widget; limited relative to the whole map."""
        scale = min(max(self.scale * times, full.scale * _HIGHEST), full.scale * _DEEPEST)
        fixed = self.to_map(x, y)
        middle_x = fixed[0] - (x - self.width / 2) / scale
        middle_y = fixed[1] + (y - self.height / 2) / scale
        return MapWindow(middle_x, middle_y, scale, self.width, self.height)

    def resized(self, width: float, height: float, full: MapWindow) -> MapWindow:
        """Return the window for a widget of that size, which shows as much as before; `full` showed the whole map
        before.
        """
        if full.width <= 0 or full.height <= 0:
            return MapWindow(self.x, self.y, self.scale, width, height)
        grown = min(width / full.width, height / full.height)
        return MapWindow(self.x, self.y, self.scale * grown, width, height)

    def showing(self, x: float, y: float) -> MapWindow:
        """Return the window moved as little as needed to show that point well."""
        at_x, at_y = self.to_widget(x, y)
        edge_x, edge_y = 0.1 * self.width, 0.1 * self.height
        by_x = min(max(at_x, edge_x), self.width - edge_x) - at_x
        by_y = min(max(at_y, edge_y), self.height - edge_y) - at_y
        return self.moved(by_x, by_y) if by_x or by_y else self

    def drawn_at(self, ratio: float) -> Window:
        """Return the window on a screen with this many pixels for each one of the widget."""
        size = max(round(self.width * ratio), 1), max(round(self.height * ratio), 1)
        return Window(self.x, self.y, self.scale * ratio, *size)


@dataclass(frozen=True, eq=False)
class Scatter:
    """The points to draw, independent of the view."""

    points: Points
    classes: NDArray[np.uint8]
    """(P,) of each point, in the order of the points."""
    palette: NDArray[np.float32]
    """(256, 4) as `core.map.drawing.draw_points` takes it."""
    background: tuple[int, int, int]
    size: float = 1.0
    """Factor on the automatic size."""
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Rendered:
    """A picture of a part of the map."""

    scatter: Scatter
    window: MapWindow
    ratio: float
    image: QImage
    num_visible: int
    """The number of drawn points: the visible ones, and a few beyond the edge."""


class Renderer(QObject):
    """One thread with a slot for the newest request. Every finished picture is emitted, even if a newer request is
    waiting."""

    rendered = Signal(object)
    """`Rendered`."""

    _picture_ready = Signal(int, object)
    """From the thread to the window's."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waking = threading.Condition()
        self._request: tuple[Scatter, MapWindow, float] | None = None
        self._generation = 0
        """Counts the calls of `close`; events of earlier threads are ignored."""
        self._thread: threading.Thread | None = None
        self._picture_ready.connect(self._on_picture, Qt.ConnectionType.QueuedConnection)

    def ask(self, scatter: Scatter, window: MapWindow, ratio: float) -> None:
        """Draw this as soon as the last picture is done; the first request starts the thread.

        Args:
            ratio: pixels of the screen for one of the widget's.
        """
        with self._waking:
            self._request = scatter, window, ratio
            self._waking.notify()
        if self._thread is None:
            generation = self._generation
            self._thread = threading.Thread(target=lambda: self._run(generation), name="map", daemon=True)
            self._thread.start()

    def close(self, seconds: float = 5.0) -> None:
        """Emit nothing more, and wait a moment for the running picture; `ask` starts again."""
        with self._waking:
            self._generation += 1
            self._request = None
            self._waking.notify()
        if self._thread is not None:
            self._thread.join(seconds)
            self._thread = None

    @Slot(int, object)
    def _on_picture(self, generation: int, picture: Rendered) -> None:
        if generation == self._generation:
            self.rendered.emit(picture)

    def _run(self, generation: int) -> None:
        while (request := self._next(generation)) is not None:
            picture = rendered(*request)
            with contextlib.suppress(RuntimeError):  # the window is gone
                self._picture_ready.emit(generation, picture)

    def _next(self, generation: int) -> tuple[Scatter, MapWindow, float] | None:
        with self._waking:
            self._waking.wait_for(lambda: self._request is not None or generation != self._generation)
            request, self._request = (None if generation != self._generation else self._request), None
            return request


def rendered(scatter: Scatter, window: MapWindow, ratio: float) -> Rendered:
    """Render the points; any thread may."""
    from core.map.drawing import Ink, draw_points  # numba is not needed to start

    drawn = window.drawn_at(ratio)
    points = scatter.points
    count = _count(points.stretches(*drawn.bounds))
    ink = Ink.fitting(count, drawn, scatter.size * ratio, scatter.opacity)
    stretches = points.stretches(*drawn.grown(ink.radius).bounds)
    picture = draw_points(points.positions, scatter.classes, stretches, drawn, ink, scatter.palette, scatter.background)
    image = QImage(picture.data, drawn.width, drawn.height, 4 * drawn.width, QImage.Format.Format_RGB32)
    return Rendered(scatter, window, ratio, image.copy(), count)


def _count(stretches: NDArray[np.int64]) -> int:
    return int((stretches[:, 1] - stretches[:, 0]).sum())


_RING, _LIVE_RING = 7.0, 9.0
_MOST_CORNERS = 1500
"""The most corners of a drawn course; the eye cannot follow more."""
_WIDEST_NAME = 140


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a point of the map."""

    text: str
    x: float
    y: float


def draw_course(
    painter: QPainter, window: MapWindow, course: NDArray[np.float32], colours: ThemeColours, *, is_live: bool = False
) -> None:
    """Draw a line through consecutive frames; a live one only has its last part, thicker towards now."""
    if len(course) < 2:
        return
    polygon = polygon_of(window, decimate(course))
    widths = [(colours.base, 4.0), (colours.text, 2.0)] if is_live else [(colours.text, 1.0)]  # points show through
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = Qt.PenStyle.SolidLine
    for colour, width in widths:
        painter.setPen(QPen(QColor(colour), width, line, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(polygon)


def draw_ring(painter: QPainter, at: QPointF, colours: ThemeColours, *, is_live: bool = False) -> None:
    """Draw a ring around a point, with a dot in it for the playing frame."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = _LIVE_RING if is_live else _RING
    for colour, width in ((colours.base, 5.0), (colours.text, 2.5)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawEllipse(at, radius, radius)
    if is_live:
        painter.setPen(QPen(QColor(colours.base), 1.5))
        painter.setBrush(QColor(colours.curve))
        painter.drawEllipse(at, 4, 4)


def draw_ends(painter: QPainter, window: MapWindow, course: NDArray[np.float32], colours: ThemeColours) -> None:
    """Draw a square where a course begins, and a filled one where it ends."""
    for index, colour in ((0, colours.base), (-1, colours.text)):
        at = QPointF(*window.to_widget(float(course[index, 0]), float(course[index, 1])))
        painter.setPen(QPen(QColor(colours.text), 1.5))
        painter.setBrush(QColor(colour))
        painter.drawRect(QRectF(at.x() - 4, at.y() - 4, 8, 8))


def draw_labels(painter: QPainter, window: MapWindow, labels: Sequence[Label], colours: ThemeColours) -> None:
    """Draw names on small plates; of overlapping ones, the later is left out."""
    letters = QFontMetricsF(painter.font())
    occupied: list[QRectF] = []
    plate, edge = QColor(colours.base), QColor(colours.border)
    plate.setAlphaF(0.85)
    for label in labels:
        text = letters.elidedText(label.text, Qt.TextElideMode.ElideMiddle, _WIDEST_NAME)
        box = QRectF(0, 0, letters.horizontalAdvance(text) + 10, letters.height() + 4)
        box.moveCenter(QPointF(*window.to_widget(label.x, label.y)))
        if any(box.intersects(other) for other in occupied):
            continue
        occupied.append(box)
        painter.setPen(edge)
        painter.setBrush(plate)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_lasso(painter: QPainter, outline: Sequence[QPointF], colours: ThemeColours) -> None:
    """Draw the line so far, closed on the shortest way."""
    veil = QColor(colours.curve)
    veil.setAlphaF(0.15)
    painter.setBrush(veil)
    painter.setPen(QPen(QColor(colours.base), 3.0))
    painter.drawPolygon(QPolygonF(outline))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours.curve), 1.5, Qt.PenStyle.DashLine))
    painter.drawPolygon(QPolygonF(outline))


def polygon_of(window: MapWindow, course: NDArray[np.float32]) -> QPolygonF:
    """Return points of the map, (C, 2), in the widget."""
    xs = window.width / 2 + (course[:, 0].astype(np.float64) - window.x) * window.scale
    ys = window.height / 2 - (course[:, 1].astype(np.float64) - window.y) * window.scale
    far = 1e6  # what lies farther is beyond what painters can do
    pairs = zip(xs.clip(-far, far).tolist(), ys.clip(-far, far).tolist(), strict=True)
    return QPolygonF([QPointF(x, y) for x, y in pairs])


def decimate(course: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return at most `_MOST_CORNERS` of the points, both ends included."""
    if len(course) <= _MOST_CORNERS:
        return course
    return course[np.linspace(0, len(course) - 1, _MOST_CORNERS).round().astype(np.int64)]


SHARPNESS = 2.0
"""Pixels of the picture for one of the widget's."""
_GAP = 8


@dataclass(frozen=True, eq=False)
class MapPicture:
    """The contents of the picture; `drawn` may be called by any thread."""

    scatter: Scatter
    window: MapWindow
    labels: Sequence[Label]
    legend: QImage
    colours: ThemeColours

    def drawn(self) -> QImage:
        """Return the picture."""
        points = rendered(self.scatter, self.window, SHARPNESS).image
        wide, high = self.window.width, self.window.height
        below = self.legend.height() / SHARPNESS + 2 * _GAP
        image = QImage(round(wide * SHARPNESS), round((high + below) * SHARPNESS), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARPNESS)
        image.fill(QColor(self.colours.base))
        painter = QPainter(image)
        painter.drawImage(QRectF(0, 0, wide, high), points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_labels(painter, self.window, self.labels, self.colours)
        painter.drawImage(QPoint(_GAP, round(high) + _GAP), self.legend)
        painter.end()
        return image


def image_of(widget: QWidget, background: str) -> QImage:
    """Return a sharp picture of a widget, on a background of that colour."""
    size = QSize(round(widget.width() * SHARPNESS), round(widget.height() * SHARPNESS))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(QColor(background))
    painter = QPainter(image)
    widget.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image
