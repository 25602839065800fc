"""Small drawn icons for buttons, in the colours of a palette."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPainterPathStroker, QPalette, QPixmap, QPolygonF

_SIDE = 16
_SCALES = (1, 2, 3)


def glyph(name: str, palette: QPalette) -> QIcon:
    """Return an icon of 16 x 16, by one of the names of `_PATHS`."""
    icon = QIcon()
    groups = ((QIcon.Mode.Normal, QPalette.ColorGroup.Active), (QIcon.Mode.Disabled, QPalette.ColorGroup.Disabled))
    for mode, group in groups:
        for scale in _SCALES:
            icon.addPixmap(_drawn(_PATHS[name], palette.color(group, QPalette.ColorRole.ButtonText), scale), mode)
    return icon


def _drawn(path: QPainterPath, colour: QColor, scale: int) -> QPixmap:
    pixmap = QPixmap(_SIDE * scale, _SIDE * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, colour)
    painter.end()
    return pixmap


def _path(*bars: tuple[float, float], triangles: tuple[tuple[float, float], ...] = ()) -> QPainterPath:
    """Return bars as (left, width), triangles as (base, tip)."""
    path = QPainterPath()
    for left, width in bars:
        path.addRect(QRectF(left, 3, width, 10))
    for base, tip in triangles:
        path.addPolygon(QPolygonF([QPointF(base, 3), QPointF(tip, 8), QPointF(base, 13)]))
        path.closeSubpath()
    return path


def _undo() -> QPainterPath:
    """Draw an arrow that goes back around."""
    arc = QPainterPath()
    arc.arcMoveTo(QRectF(3.5, 4, 9, 9), -150)
    arc.arcTo(QRectF(3.5, 4, 9, 9), -150, 285)
    pen = QPainterPathStroker()
    pen.setWidth(1.6)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    path = pen.createStroke(arc)
    path.addPolygon(QPolygonF([QPointF(2, 2), QPointF(2, 8), QPointF(8, 8)]))
    path.closeSubpath()
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def _loop() -> QPainterPath:
    """Draw an arrow that goes round."""
    arc = QPainterPath()
    arc.arcMoveTo(QRectF(3, 3.5, 10, 9.5), 60)
    arc.arcTo(QRectF(3, 3.5, 10, 9.5), 60, 290)
    pen = QPainterPathStroker()
    pen.setWidth(1.6)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    path = pen.createStroke(arc)
    path.addPolygon(QPolygonF([QPointF(9, 0.5), QPointF(9, 7.5), QPointF(14, 4)]))
    path.closeSubpath()
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def _arrow(base: float, tip: float) -> QPainterPath:
    """Draw a shaft with a head."""
    path = QPainterPath()
    neck = tip + (5 if base > tip else -5)
    path.addRect(QRectF(min(base, neck), 7, abs(base - neck), 2))
    path.addPolygon(QPolygonF([QPointF(neck, 3), QPointF(tip, 8), QPointF(neck, 13)]))
    path.closeSubpath()
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def _peak(base: float, tip: float, middle: float) -> QPainterPath:
    """Draw the mark of a peak, and an arrow before or after it."""
    path = _path(triangles=((base, tip),))
    path.addPolygon(QPolygonF([QPointF(middle - 4, 4), QPointF(middle + 4, 4), QPointF(middle, 12)]))
    path.closeSubpath()
    return path


def _sound(*, is_muted: bool) -> QPainterPath:
    """Draw a loudspeaker with waves, or crossed out."""
    path = QPainterPath()
    path.addPolygon(
        QPolygonF([QPointF(*at) for at in ((1, 6), (3.5, 6), (7.5, 2.5), (7.5, 13.5), (3.5, 10), (1, 10), (1, 6))])
    )
    lines = QPainterPath()
    if is_muted:
        for start, end in (((10, 6), (14.5, 10.5)), ((14.5, 6), (10, 10.5))):
            lines.moveTo(*start)
            lines.lineTo(*end)
    else:
        for reach in (3.0, 6.0):
            box = QRectF(7.5 - reach, 8 - reach, 2 * reach, 2 * reach)
            lines.arcMoveTo(box, -45)
            lines.arcTo(box, -45, 90)
    pen = QPainterPathStroker()
    pen.setWidth(1.5)
    path.addPath(pen.createStroke(lines))
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


_PATHS = {
    "previous_peak": _peak(5, 0, 11),
    "next_peak": _peak(11, 16, 5),
    "search_back": _arrow(14, 2),
    "search_on": _arrow(2, 14),
    "undo": _undo(),
    "loop": _loop(),
    "sound": _sound(is_muted=False),
    "muted": _sound(is_muted=True),
    "play": _path(triangles=((4, 13),)),
    "pause": _path((4, 3), (9, 3)),
    "frame_back": _path((11, 2), triangles=((9, 3),)),
    "frame_on": _path((3, 2), triangles=((7, 13),)),
    "first_frame": _path((2, 2), triangles=((9, 4), (14, 9))),
    "last_frame": _path((12, 2), triangles=((2, 7), (7, 12))),
}
