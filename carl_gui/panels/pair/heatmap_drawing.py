"""How the heatmap is drawn: colours, path, axes, and the lines that show two frames."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from carl_gui.models.pair import Pair
from carl_gui.panels.pair.heatmap_places import GAP, Places, tick_text, ticks
from carl_gui.theme import Colours

_MAP = cv2.COLORMAP_MAGMA
"""Its lightness grows evenly, so that it is read without colours too."""
_INK, _HALO = QColor("#ffffff"), QColor(0, 0, 0, 190)
"""On the heatmap, whose colours are those of no theme."""
_TICK = 4
_MOST_POINTS = 4000
"""Of the path that is drawn: there are fewer pixels."""


def colour_image(pair: Pair) -> QImage:
    """The similarity, B's time upwards."""
    low, high = pair.limits
    shades = np.clip((pair.cosine[::-1] - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    return _image(np.asarray(cv2.applyColorMap(shades, _MAP)))


def bar_image() -> QImage:
    """Every colour once, the brightest on top."""
    return _image(np.asarray(cv2.applyColorMap(np.arange(255, -1, -1, dtype=np.uint8).reshape(256, 1), _MAP)))


def _image(pixels: np.ndarray) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_BGR888).copy()


def path_of(pair: Pair, places: Places) -> QPainterPath:
    """Through the middles of the matched frames."""
    chosen = np.unique(np.linspace(0, len(pair.alignment) - 1, _MOST_POINTS).astype(np.int64))
    times = []
    for side, frames in ((pair.a, pair.alignment.a_frames[chosen]), (pair.b, pair.alignment.b_frames[chosen])):
        times.append((side.edges_seconds[frames] + side.edges_seconds[frames + 1]) / 2)
    points = [places.point(*pair_of_times) for pair_of_times in zip(*(of.tolist() for of in times), strict=True)]
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    return path


def draw_path(painter: QPainter, path: QPainterPath) -> None:
    """White on black: seen on every colour."""
    for colour, width in ((_HALO, 4.0), (_INK, 1.8)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(path)


def draw_axes(painter: QPainter, places: Places, names: tuple[str, str], colours: Colours) -> None:
    """Ticks in seconds, and the name of each video in its colour along its axis."""
    letters, square = QFontMetricsF(painter.font()), places.square
    line = letters.height()
    for seconds in ticks(places.a_seconds, square.width(), letters.horizontalAdvance("0:00:00")):
        x = places.point(seconds, 0).x()
        painter.setPen(QColor(colours.border))
        painter.drawLine(QPointF(x, square.bottom() + 1), QPointF(x, square.bottom() + _TICK))
        painter.setPen(QColor(colours.muted_text))
        _text(painter, QRectF(x - 60, square.bottom() + GAP, 120, line), tick_text(seconds, places.a_seconds))
    for seconds in ticks(places.b_seconds, square.height(), line * 2):
        y = places.point(0, seconds).y()
        painter.setPen(QColor(colours.border))
        painter.drawLine(QPointF(square.left() - _TICK, y), QPointF(square.left() - 1, y))
        painter.setPen(QColor(colours.muted_text))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        box = QRectF(square.left() - GAP - 102, y - line / 2, 100, line)
        painter.drawText(box, right, tick_text(seconds, places.b_seconds))
    below = QRectF(square.left(), square.bottom() + GAP + line, square.width(), line)
    _name(painter, below, names[0], colours.series[0])
    painter.save()
    painter.translate(square.left() - 2 * GAP - letters.horizontalAdvance("00:00") - line, square.bottom())
    painter.rotate(-90)
    _name(painter, QRectF(0, 0, square.height(), line), names[1], colours.series[1])
    painter.restore()


def draw_bar(painter: QPainter, places: Places, limits: tuple[float, float], colours: Colours) -> None:
    """Which cosine each colour stands for."""
    painter.drawImage(places.bar, bar_image())
    letters = QFontMetricsF(painter.font())
    painter.setPen(QColor(colours.muted_text))
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for limit, y in ((limits[1], places.bar.top() + letters.height() / 2), (limits[0], places.bar.bottom())):
        box = QRectF(places.bar.right() + GAP, y - letters.height() / 2, 80, letters.height())
        box.moveBottom(min(box.bottom(), places.bar.bottom()))
        painter.drawText(box, left, f"{limit:.2f}".replace("-", "−"))


def draw_places(painter: QPainter, places: Places, at: QPointF, colours: Colours) -> None:
    """The frames that the players show: a line for each, its colour at the axis, and a dot where they meet."""
    square = places.square
    painter.setClipRect(square.adjusted(-8, 0, 0, 8))
    for colour, width in ((_HALO, 3.0), (_INK, 1.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(at.x(), square.top()), QPointF(at.x(), square.bottom()))
        painter.drawLine(QPointF(square.left(), at.y()), QPointF(square.right(), at.y()))
    painter.setPen(Qt.PenStyle.NoPen)
    foot, side = QPointF(at.x(), square.bottom()), QPointF(square.left(), at.y())
    for tip, one, other, colour in (
        (foot, QPointF(-5, 7), QPointF(5, 7), colours.series[0]),
        (side, QPointF(-7, -5), QPointF(-7, 5), colours.series[1]),
    ):
        painter.setBrush(QColor(colour))
        painter.drawPolygon(QPolygonF([tip, tip + one, tip + other]))
    painter.setBrush(QColor(colours.accent))
    painter.setPen(QPen(_INK, 2))
    painter.drawEllipse(at, 5, 5)
    painter.setClipping(False)


def draw_hover(painter: QPainter, places: Places, at: QPointF) -> None:
    """Two thin broken lines under the mouse."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, style in ((_HALO, Qt.PenStyle.SolidLine), (_INK, Qt.PenStyle.DashLine)):
        painter.setPen(QPen(colour, 1, style))
        painter.drawLine(QPointF(at.x(), places.square.top()), QPointF(at.x(), places.square.bottom()))
        painter.drawLine(QPointF(places.square.left(), at.y()), QPointF(places.square.right(), at.y()))


def _text(painter: QPainter, box: QRectF, text: str) -> None:
    painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, text)


def _name(painter: QPainter, box: QRectF, name: str, colour: str) -> None:
    font = painter.font()
    font.setBold(True)
    painter.save()
    painter.setFont(font)
    painter.setPen(QColor(colour))
    _text(painter, box, QFontMetricsF(font).elidedText(name, Qt.TextElideMode.ElideMiddle, box.width()))
    painter.restore()
