"""Card beside the mouse with the frame, video, time and phase of a point of the map."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from carl_gui.panels.search.picture_box import draw_picture
from carl_gui.theme import colours_of

_PICTURE = QSize(200, 113)
_PAD, _AWAY = 8, 18


class HoverCard(QWidget):
    """Covers its parent and ignores the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._lines: tuple[str, ...] = ()
        self._picture: QPixmap | None = None
        self.hide()

    @property
    def lines(self) -> tuple[str, ...]:
        """What it says; nothing while it is not seen."""
        return () if self.isHidden() else self._lines

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    def show_frame(self, lines: tuple[str, ...], at: QPoint) -> None:
        """Say this beside a place of the parent; the picture follows."""
        self._lines, self._picture = lines, None
        high = self.fontMetrics().height() * len(lines)
        self.resize(_PICTURE.width() + 2 * _PAD, _PICTURE.height() + high + 3 * _PAD)
        self.move(self._beside(at))
        self.show()
        self.raise_()
        self.update()

    def set_picture(self, picture: QImage) -> None:
        """Of the frame that is said."""
        self._picture = QPixmap.fromImage(picture)
        self.update()

    def _beside(self, at: QPoint) -> QPoint:
        """Right of it and below, or on the other side where there is no room; always within the parent."""
        room = self._over.rect().adjusted(4, 4, -4, -4)
        x = at.x() + _AWAY if at.x() + _AWAY + self.width() <= room.right() else at.x() - _AWAY - self.width()
        y = at.y() + _AWAY if at.y() + _AWAY + self.height() <= room.bottom() else at.y() - _AWAY - self.height()
        return QPoint(max(room.left(), x), max(room.top(), y))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.border))
        painter.setBrush(QColor(colours.window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        draw_picture(painter, self.palette(), QRect(QPoint(_PAD, _PAD), _PICTURE), self._picture)
        letters = painter.fontMetrics()
        line = QRect(_PAD, 2 * _PAD + _PICTURE.height(), _PICTURE.width(), letters.height())
        for place, text in enumerate(self._lines):
            painter.setPen(QColor(colours.muted_text if place else colours.text))
            shown = letters.elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(
                line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, shown
            )
            line.translate(0, letters.height())
        painter.end()
