"""Moving parts of the heatmap: shown frames, pins, drags, and pictures of hovered frames."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from carl_gui.panels.pair.heatmap_drawing import HALO, INK
from carl_gui.panels.pair.heatmap_places import Places
from carl_gui.theme import ThemeColours

_PIN = 5.5
_CARD_GAP, _CARD_PAD, _CLEAR = 10.0, 8.0, 24.0
_LEAST_THUMB, _MOST_THUMB = 60.0, 176.0
_THUMB_SHARE = 0.26
"""Of the square's width."""

Pictures = tuple[QImage | None, QImage | None]
"""Of a frame of A and one of B."""


def draw_frames(painter: QPainter, places: Places, at: QPointF, colours: ThemeColours) -> None:
    """The frames that the players show: a line for each, its colour at the axis, and a dot where they meet."""
    square = places.square
    painter.save()
    painter.setClipRect(square.adjusted(-8, 0, 0, 8))
    for colour, width in ((HALO, 3.0), (INK, 1.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(at.x(), square.top()), QPointF(at.x(), square.bottom()))
        painter.drawLine(QPointF(square.left(), at.y()), QPointF(square.right(), at.y()))
    painter.setPen(Qt.PenStyle.NoPen)
    foot, side = QPointF(at.x(), square.bottom()), QPointF(square.left(), at.y())
    for tip, one, other, ink in (
        (foot, QPointF(-5, 7), QPointF(5, 7), colours.pair[0]),
        (side, QPointF(-7, -5), QPointF(-7, 5), colours.pair[1]),
    ):
        painter.setBrush(QColor(ink))
        painter.drawPolygon(QPolygonF([tip, tip + one, tip + other]))
    painter.setBrush(QColor(colours.accent))
    painter.setPen(QPen(INK, 2))
    painter.drawEllipse(at, 5, 5)
    painter.restore()


def draw_pin(painter: QPainter, places: Places, at: QPointF, colours: ThemeColours, *, is_chosen: bool) -> None:
    """A handle: a white diamond, filled with the accent where it is the one that keys work on."""
    painter.save()
    painter.setClipRect(places.square.adjusted(-_PIN, -_PIN, _PIN, _PIN))
    size = _PIN + (2 if is_chosen else 0)
    corners = [QPointF(0, -size), QPointF(size, 0), QPointF(0, size), QPointF(-size, 0)]
    diamond = QPolygonF([at + corner for corner in corners])
    painter.setBrush(QColor(colours.accent) if is_chosen else INK)
    for colour, width in ((HALO, 4.0), (INK, 1.8)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawPolygon(diamond)
    painter.restore()


def draw_hover(painter: QPainter, places: Places, at: QPointF) -> None:
    """Two thin broken lines under the mouse."""
    square = places.square
    for colour, style in ((HALO, Qt.PenStyle.SolidLine), (INK, Qt.PenStyle.DashLine)):
        painter.setPen(QPen(colour, 1, style))
        painter.drawLine(QPointF(at.x(), square.top()), QPointF(at.x(), square.bottom()))
        painter.drawLine(QPointF(square.left(), at.y()), QPointF(square.right(), at.y()))


def draw_span(painter: QPainter, places: Places, side: int, start_seconds: float, end_seconds: float) -> None:
    """What is being marked of A (side 0) or B, over the whole of the other."""
    region, square = places.region, places.square
    one = places.point(start_seconds if side == 0 else region.a.start, start_seconds if side else region.b.start)
    other = places.point(end_seconds if side == 0 else region.a.end, end_seconds if side else region.b.end)
    box = QRectF(one, other).normalized() & square
    painter.fillRect(box, QColor(255, 255, 255, 70))
    for colour, width in ((HALO, 3.0), (INK, 1.2)):
        painter.setPen(QPen(colour, width))
        painter.drawRect(box)


@dataclass(frozen=True)
class Tooltip:
    """Pictures of two frames and their similarity, in a corner."""

    box: QRectF
    thumb: QSizeF
    """The room of a picture; empty where there is none."""

    @classmethod
    def beside(
        cls, square: QRectF, room: QRectF, cursor: QPointF, letters: QFontMetrics, pictures: Pictures
    ) -> Tooltip | None:
        """In that corner of the square, off the path if possible, which is farther from the cursor.

        A square that is too small leaves it a corner of the whole room; None where it would come near the cursor.
        """
        width = min(max(square.width() * _THUMB_SHARE, _LEAST_THUMB), _MOST_THUMB)
        tallest = max((one.height() / one.width() for one in pictures if one is not None), default=0.0)
        thumb = QSizeF(width, width * min(tallest, 1.0))
        size = QSizeF(letters.horizontalAdvance(_words(-0.55)) + 2 * _CARD_PAD, letters.height() + 2 * _CARD_PAD)
        if tallest:
            size = QSizeF(2 * width + 3 * _CARD_PAD, size.height() + thumb.height() + _CARD_PAD)
        for within in (square.adjusted(_CARD_GAP, _CARD_GAP, -_CARD_GAP, -_CARD_GAP), room):
            right, bottom = within.right() - size.width(), within.bottom() - size.height()
            corners = [(within.left(), within.top()), (right, bottom), (right, within.top()), (within.left(), bottom)]
            boxes = [QRectF(QPointF(*corner), size) for corner in corners]
            clear = [box for box in boxes if within.contains(box) and not _reach(box).contains(cursor)]
            if clear:
                off_path = [box for box in clear if box in boxes[:2]] or clear
                return cls(max(off_path, key=lambda box: (box.center() - cursor).manhattanLength()), thumb)
        return None


def _reach(box: QRectF) -> QRectF:
    return box.adjusted(-_CLEAR, -_CLEAR, _CLEAR, _CLEAR)


def draw_card(painter: QPainter, card: Tooltip, pictures: Pictures, cosine: float, colours: ThemeColours) -> None:
    """A's picture in its colour, B's in its own, the cosine below them."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setPen(QPen(QColor(colours.border), 1))
    painter.setBrush(QColor(colours.base))
    painter.drawRoundedRect(card.box, 6, 6)
    line = QFontMetricsF(painter.font()).height()
    if not card.thumb.isEmpty():
        for side, picture in enumerate(pictures):
            left = _CARD_PAD + side * (card.thumb.width() + _CARD_PAD)
            room = QRectF(card.box.topLeft() + QPointF(left, _CARD_PAD), card.thumb)
            _draw_thumb(painter, room, picture, "AB"[side], QColor(colours.pair[side]))
    foot = QRectF(card.box.left(), card.box.bottom() - _CARD_PAD - line, card.box.width(), line)
    painter.setPen(QColor(colours.text))
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, _words(cosine))
    painter.restore()


def _words(cosine: float) -> str:
    return QCoreApplication.translate("Heatmap", "similarity {0}").format(f"{cosine:.2f}".replace("-", "−"))


def _draw_thumb(painter: QPainter, room: QRectF, picture: QImage | None, letter: str, colour: QColor) -> None:
    if picture is None or picture.isNull():
        where = room
        painter.fillRect(where, QColor("#141618"))
    else:
        size = picture.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        where = QRectF(QPointF(0, 0), size)
        where.moveCenter(room.center())
        painter.drawImage(where, picture)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 2))
    painter.drawRect(where)
    letters = QFontMetricsF(painter.font())
    tag = QRectF(where.topLeft(), letters.size(0, letter).grownBy(QMarginsF(4, 1, 4, 1)))
    painter.fillRect(tag, colour)
    painter.setPen(QColor("#000000") if colour.lightness() > 127 else INK)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, letter)
