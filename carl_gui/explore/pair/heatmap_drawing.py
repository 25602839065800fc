"""Drawing on a heatmap: axes, path, anchors, marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from carl_gui.explore.pair.heatmap_look import ColourScale, Look, colour_table
from carl_gui.explore.pair.heatmap_pictures import (
    BAR_SAMPLE,
    GAP,
    HeatmapLayout,
    HeatmapPicture,
    label_width,
    tick_text,
    ticks,
)
from carl_gui.explore.pair.model import Pair, missing_stretches
from carl_gui.explore.pair.path_shape import Course
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.theme import ThemeColours
from carl_gui.widgets.factories import scaled_font

INK, HALO = QColor("#ffffff"), QColor(0, 0, 0, 190)
"""Colours of lines on the heatmap, independent of the theme."""
_VEIL, _HATCH = QColor(60, 62, 66, 150), QColor(225, 228, 230, 90)
_FADED = 0.72
"""How much the colours of a pair fade that may not show the same action."""
_TICK = 4
_DEPARTS = 4.0
_DOT = 0.5
"""The length of a dot in pixels, as a line of no length is not drawn."""


def draw_pictures(painter: QPainter, layout: HeatmapLayout, pictures: Sequence[HeatmapPicture]) -> None:
    """Draw each picture over its part of both videos, cut to the visible region."""
    painter.setClipRect(layout.square)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for picture in pictures:
        target = layout.rect_of(picture.region)
        visible = target & layout.square
        if visible.isEmpty():
            continue
        across, down = picture.image.width() / target.width(), picture.image.height() / target.height()
        part = QRectF(
            (visible.left() - target.left()) * across,
            (visible.top() - target.top()) * down,
            visible.width() * across,
            visible.height() * down,
        )
        painter.drawImage(visible, picture.image, part)
    painter.setClipping(False)


def path_of(course: Course, layout: HeatmapLayout) -> QPainterPath:
    """Return a painter path through these times; NaN is a gap. A single match is a dot."""
    path, points = QPainterPath(), 0
    for a, b in [*zip(*(times.tolist() for times in course), strict=True), (math.nan, math.nan)]:
        if a != a:
            if points == 1:
                path.lineTo(path.currentPosition() + QPointF(_DOT, 0))
            points = 0
            continue
        point = layout.point(a, b)
        (path.lineTo if points else path.moveTo)(point)
        points += 1
    return path


def draw_veil(painter: QPainter, layout: HeatmapLayout, pair: Pair) -> None:
    """Draw a veil over the columns of A's unmatched frames and the rows of B's, once where both overlap."""
    square, region, veiled = layout.square, layout.region, QPainterPath()
    veiled.setFillRule(Qt.FillRule.WindingFill)
    for side, video in enumerate((pair.a, pair.b)):
        for start, end in missing_stretches(pair.has_partner[side]):
            first, last = (float(video.edges_seconds[edge]) for edge in (start, end))
            if side == 0:
                left, right = layout.point(first, region.b.start).x(), layout.point(last, region.b.start).x()
                veiled.addRect(QRectF(left, square.top(), right - left, square.height()))
            else:
                top, bottom = layout.point(region.a.start, last).y(), layout.point(region.a.start, first).y()
                veiled.addRect(QRectF(square.left(), top, square.width(), bottom - top))
    painter.save()
    painter.setClipRect(square)
    painter.fillPath(veiled, _VEIL)
    painter.fillPath(veiled, QBrush(_HATCH, Qt.BrushStyle.BDiagPattern))
    if not pair.is_matched:
        _draw_nothing(painter, square)
    painter.restore()


def fade(painter: QPainter, layout: HeatmapLayout, colours: ThemeColours) -> None:
    """Fade the colours, because the similarities are not reliable."""
    veil = QColor(colours.base)
    veil.setAlphaF(_FADED)
    painter.fillRect(layout.square, veil)


def draw_doubt(painter: QPainter, layout: HeatmapLayout) -> None:
    """Draw a sentence across the top, or a word where there is no room for it."""
    letters = QFontMetricsF(painter.font())
    for text in (
        QCoreApplication.translate("Heatmap", "These two may not show the same action"),
        QCoreApplication.translate("Heatmap", "Not the same action?"),
        "?",
    ):
        box = QRectF(0, 0, letters.horizontalAdvance(text) + 24, letters.height() + 8)
        if box.width() <= layout.square.width():
            box.moveCenter(layout.square.center())
            box.moveTop(layout.square.top() + GAP)
            _draw_pill(painter, box, text)
            return


def _draw_nothing(painter: QPainter, square: QRectF) -> None:
    """Draw a sentence in place of the path."""
    text, letters = QCoreApplication.translate("Heatmap", "No frames match"), QFontMetricsF(painter.font())
    box = QRectF(0, 0, letters.horizontalAdvance(text) + 24, letters.height() + 8)
    if box.width() > square.width():
        return
    box.moveCenter(square.center())
    _draw_pill(painter, box, text)


def draw_repetitions(painter: QPainter, layout: HeatmapLayout, pair: RepeatedPair) -> None:
    """Draw a dashed line where each repetition begins and ends, and its number at the edge of its video's axis."""
    square, region, letters = layout.square, layout.region, QFontMetricsF(painter.font())
    edges = (pair.a, pair.b)[pair.side].edges_seconds
    painter.save()
    painter.setClipRect(square)
    for span in pair.found.spans:
        ends = [float(edges[frame]) for frame in (span.start_frame, span.end_frame_exclusive)]
        points = [layout.point(*((at, region.b.start) if pair.side == 0 else (region.a.start, at))) for at in ends]
        for point in points:
            line = (
                (QPointF(point.x(), square.top()), QPointF(point.x(), square.bottom()))
                if pair.side == 0
                else (QPointF(square.left(), point.y()), QPointF(square.right(), point.y()))
            )
            for ink, style in ((HALO, Qt.PenStyle.SolidLine), (INK, Qt.PenStyle.DashLine)):
                painter.setPen(QPen(ink, 1.0, style))
                painter.drawLine(*line)
        middle = (points[0] + points[1]) / 2
        box = QRectF(0, 0, max(letters.horizontalAdvance(str(span.number)) + 10, letters.height()), letters.height())
        away = box.width() / 2 + GAP
        box.moveCenter(
            QPointF(middle.x(), square.top() + away) if pair.side == 0 else QPointF(square.right() - away, middle.y())
        )
        _draw_pill(painter, box, str(span.number))
    painter.restore()


def _draw_pill(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(HALO)
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setPen(INK)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_path(painter: QPainter, layout: HeatmapLayout, path: QPainterPath, *, is_faint: bool = False) -> None:
    """Draw the path, white on black to stand out on every colour; faint: as it was before it was pulled."""
    painter.save()
    painter.setClipRect(layout.square)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(0.4 if is_faint else 1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((HALO, 4.0), (INK, 1.8)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(path)
    painter.restore()


def draw_axes(
    painter: QPainter, layout: HeatmapLayout, names: tuple[str, str], pair: Pair, colours: ThemeColours
) -> None:
    """Draw ticks in seconds, and the name of each video in its colour along its axis."""
    letters, square = QFontMetricsF(painter.font()), layout.square
    line, (a, b) = letters.height(), (layout.region.a, layout.region.b)
    width = label_width(letters, pair.b.end_seconds)
    for seconds in ticks(a.start, a.end, square.width(), letters.horizontalAdvance("0:00:00.0")):
        x = layout.point(seconds, b.start).x()
        painter.setPen(QColor(colours.border))
        painter.drawLine(QPointF(x, square.bottom() + 1), QPointF(x, square.bottom() + _TICK))
        painter.setPen(QColor(colours.muted_text))
        text = tick_text(seconds, a.start, a.end, pair.a.end_seconds)
        _text(painter, QRectF(x - 60, square.bottom() + GAP, 120, line), text)
    for seconds in ticks(b.start, b.end, square.height(), line * 2):
        y = layout.point(a.start, seconds).y()
        painter.setPen(QColor(colours.border))
        painter.drawLine(QPointF(square.left() - _TICK, y), QPointF(square.left() - 1, y))
        painter.setPen(QColor(colours.muted_text))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        box = QRectF(square.left() - GAP - 102, y - line / 2, 100, line)
        painter.drawText(box, right, tick_text(seconds, b.start, b.end, pair.b.end_seconds))
    far = layout.bar.right() + GAP + letters.horizontalAdvance(BAR_SAMPLE) + line
    half = min(square.center().x() - (square.left() - 2 * GAP - width - line), far - square.center().x())
    below = QRectF(square.center().x() - half, square.bottom() + GAP + line, 2 * half, line)
    _name(painter, below, names[0], colours.pair[0])
    painter.save()
    painter.translate(square.left() - 2 * GAP - width - line, square.bottom())
    painter.rotate(-90)
    _name(painter, QRectF(0, 0, square.height(), line), names[1], colours.pair[1])
    painter.restore()


def draw_deviating(
    painter: QPainter,
    layout: HeatmapLayout,
    pair: Pair,
    deviating: Sequence[NDArray[np.bool_] | None],
    colours: ThemeColours,
) -> None:
    """Draw a bar along the axis of a video where it deviates from right ones, (A,) and (B,)."""
    square, region = layout.square, layout.region
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for side, (video, at) in enumerate(zip((pair.a, pair.b), deviating, strict=True)):
        if at is None or len(at) != len(video):  # of another pair: what belongs to this one follows
            continue
        for start, end in missing_stretches(~at):
            first, last = (float(video.edges_seconds[edge]) for edge in (start, end))
            if side == 0:
                left, right = (layout.point(seconds, region.b.start).x() for seconds in (first, last))
                bar = QRectF(left, square.bottom() + 1, max(right - left, 2.0), _DEPARTS)
                axis = QRectF(square.left(), bar.top(), square.width(), bar.height())
            else:
                top, bottom = (layout.point(region.a.start, seconds).y() for seconds in (last, first))
                bar = QRectF(square.left() - 1 - _DEPARTS, top, _DEPARTS, max(bottom - top, 2.0))
                axis = QRectF(bar.left(), square.top(), bar.width(), square.height())
            if not (visible := bar & axis).isEmpty():
                painter.fillRect(visible, QColor(colours.warning))
    painter.restore()


def draw_bar(painter: QPainter, layout: HeatmapLayout, look: Look, scale: ColourScale, colours: ThemeColours) -> None:
    """Draw the colour bar, the brightest on top, with cosines, or words where these depend on the frame."""
    shades = np.ascontiguousarray(colour_table(look.colours)[::-1])  # (256, 3)
    bar = layout.bar
    painter.drawImage(bar, QImage(shades.data, 1, len(shades), 3, QImage.Format.Format_RGB888))
    letters = QFontMetricsF(painter.font())
    line = letters.height()
    painter.setPen(QColor(colours.muted_text))
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    room = letters.horizontalAdvance(BAR_SAMPLE)
    for share, text in marks(scale, max(int(bar.height() / (3 * line)), 1)):
        box = QRectF(bar.right() + GAP, bar.bottom() - share * bar.height() - line / 2, room, line)
        box.moveTop(min(max(box.top(), bar.top()), bar.bottom() - line))
        painter.drawText(box, left, letters.elidedText(text, Qt.TextElideMode.ElideRight, room))
    painter.save()
    painter.translate(bar.right() + GAP + room + line, bar.top())
    painter.rotate(90)
    caption = caption_of(look)
    if letters.horizontalAdvance(caption) > bar.height():
        caption = letters.elidedText(caption.split(",")[0], Qt.TextElideMode.ElideRight, bar.height())
    painter.drawText(QRectF(0, 0, bar.height(), line), Qt.AlignmentFlag.AlignCenter, caption)
    painter.restore()


def marks(scale: ColourScale, most: int) -> list[tuple[float, str]]:
    """Return the marks of the bar: the position from the bottom, 0 to 1, and the text."""
    if scale.cosine_at(0) is None:
        return [
            (0.0, QCoreApplication.translate("Heatmap", "worst")),
            (1.0, QCoreApplication.translate("Heatmap", "best")),
        ]
    count = 4 if most >= 4 else 2 if most >= 2 else 1
    found = []
    for index in range(count + 1):
        text = f"{scale.cosine_at(index / count):.2f}".replace("-", "−")
        found.append((index / count, f"≤ {text}" if index == 0 and scale.is_clipped else text))
    return found


def caption_of(look: Look) -> str:
    """Return the caption of the bar."""
    if look.scaling == "of_a":
        return QCoreApplication.translate("Heatmap", "matches of each frame of A, within the view")
    if look.scaling == "of_b":
        return QCoreApplication.translate("Heatmap", "matches of each frame of B, within the view")
    if look.scaling == "ranks":
        return QCoreApplication.translate("Heatmap", "similarity, by rank")
    if look.scaling == "stretch":
        return QCoreApplication.translate("Heatmap", "similarity, stretched to the view")
    return QCoreApplication.translate("Heatmap", "similarity, same scale in every pair")


def _text(painter: QPainter, box: QRectF, text: str) -> None:
    middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(box, middle | Qt.TextFlag.TextDontClip, text)  # Chinese is higher than a line of Latin


def _name(painter: QPainter, box: QRectF, name: str, colour: str) -> None:
    font = scaled_font(painter.font(), bold=True)
    painter.save()
    painter.setFont(font)
    painter.setPen(QColor(colour))
    letters = QFontMetricsF(font)
    caption = QCoreApplication.translate("Heatmap", "{0} · seconds").format(name)
    fits = letters.horizontalAdvance(caption) <= box.width()
    _text(painter, box, caption if fits else letters.elidedText(name, Qt.TextElideMode.ElideMiddle, box.width()))
    painter.restore()


_PIN = 5.5
_CARD_GAP, _CARD_PAD, _CLEAR = 10.0, 8.0, 24.0
_LEAST_THUMB, _MOST_THUMB = 60.0, 176.0
_THUMB_SHARE = 0.26
"""Of the square's width."""

Pictures = tuple[QImage | None, QImage | None]
"""The pictures of a frame of A and one of B."""


def draw_frames(painter: QPainter, layout: HeatmapLayout, at: QPointF, colours: ThemeColours) -> None:
    """Draw the current frames: a line for each, its colour at the axis, and a dot where they meet."""
    square = layout.square
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


def draw_pin(painter: QPainter, layout: HeatmapLayout, at: QPointF, colours: ThemeColours, *, is_chosen: bool) -> None:
    """Draw a white diamond; the selected pin is filled with the accent."""
    painter.save()
    painter.setClipRect(layout.square.adjusted(-_PIN, -_PIN, _PIN, _PIN))
    size = _PIN + (2 if is_chosen else 0)
    corners = [QPointF(0, -size), QPointF(size, 0), QPointF(0, size), QPointF(-size, 0)]
    diamond = QPolygonF([at + corner for corner in corners])
    painter.setBrush(QColor(colours.accent) if is_chosen else INK)
    for colour, width in ((HALO, 4.0), (INK, 1.8)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawPolygon(diamond)
    painter.restore()


def draw_hover(painter: QPainter, layout: HeatmapLayout, at: QPointF) -> None:
    """Draw two thin broken lines under the mouse."""
    square = layout.square
    for colour, style in ((HALO, Qt.PenStyle.SolidLine), (INK, Qt.PenStyle.DashLine)):
        painter.setPen(QPen(colour, 1, style))
        painter.drawLine(QPointF(at.x(), square.top()), QPointF(at.x(), square.bottom()))
        painter.drawLine(QPointF(square.left(), at.y()), QPointF(square.right(), at.y()))


def draw_span(painter: QPainter, layout: HeatmapLayout, side: int, start_seconds: float, end_seconds: float) -> None:
    """Draw the span being marked of A (side 0) or B, over the whole of the other."""
    region, square = layout.region, layout.square
    one = layout.point(start_seconds if side == 0 else region.a.start, start_seconds if side else region.b.start)
    other = layout.point(end_seconds if side == 0 else region.a.end, end_seconds if side else region.b.end)
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
        """Place the tooltip in the corner of the square farther from the cursor, off the path if possible.

        A square that is too small leaves it a corner of the whole room; None where it would come near the cursor.
        """
        width = min(max(square.width() * _THUMB_SHARE, _LEAST_THUMB), _MOST_THUMB)
        tallest = max((one.height() / one.width() for one in pictures if one is not None), default=0.0)
        thumb = QSizeF(width, width * min(tallest, 1.0))
        size = QSizeF(letters.horizontalAdvance(_cosine_text(-0.55)) + 2 * _CARD_PAD, letters.height() + 2 * _CARD_PAD)
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
    """Draw A's picture in its colour, B's in its own, and the cosine below them."""
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
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, _cosine_text(cosine))
    painter.restore()


def _cosine_text(cosine: float) -> str:
    return QCoreApplication.translate("Heatmap", "similarity {0}").format(f"{cosine:.2f}".replace("-", "−"))


def _draw_thumb(painter: QPainter, room: QRectF, picture: QImage | None, letter: str, colour: QColor) -> None:
    if picture is None or picture.isNull():
        target = room
        painter.fillRect(target, QColor("#141618"))
    else:
        size = picture.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(QPointF(0, 0), size)
        target.moveCenter(room.center())
        painter.drawImage(target, picture)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 2))
    painter.drawRect(target)
    letters = QFontMetricsF(painter.font())
    tag = QRectF(target.topLeft(), letters.size(0, letter).grownBy(QMarginsF(4, 1, 4, 1)))
    painter.fillRect(tag, colour)
    painter.setPen(QColor("#000000") if colour.lightness() > 127 else INK)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, letter)
