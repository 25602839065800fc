"""The similarity of every pair of frames of two videos, with the path on it: hovered, clicked, and moved in by keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.models.pair import Pair
from carl_gui.panels.pair.heatmap_drawing import (
    colour_image,
    draw_axes,
    draw_bar,
    draw_hover,
    draw_path,
    draw_places,
    path_of,
)
from carl_gui.panels.pair.heatmap_places import Places
from carl_gui.theme import colours_of

_MARGIN = 8
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1)}


class HeatmapView(QWidget):
    """A's time to the right, B's upwards; frames count from 0."""

    frames_chosen = Signal(int, int)
    """A frame of A and one of B, by the mouse or the arrow keys."""
    hovered = Signal(int, int)
    """The frames under the mouse; -1 and -1 when it left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Similarity of every pair of frames"))
        self.setAccessibleDescription(self.tr("Arrow keys move in it: left and right in A, up and down in B"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._pair: Pair | None = None
        self._names = ("", "")
        self._frames = (0, 0)
        self._hovered = (-1, -1)
        self._places: Places | None = None
        self._drawn: QPixmap | None = None
        """All that stays while the frames change."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, 200)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(520, 480)

    def set_pair(self, pair: Pair | None, a_name: str, b_name: str) -> None:
        """What is shown, and what the two videos are called."""
        self._pair, self._names = pair, (a_name, b_name)
        self._hover(-1, -1)
        self._lay_out()

    def set_frames(self, a_frame: int, b_frame: int) -> None:
        """Which frames the players show."""
        if (a_frame, b_frame) != self._frames:
            self._frames = a_frame, b_frame
            self.update()

    def spot(self, a_frame: int, b_frame: int) -> QPointF:
        """Where the two frames meet, in this widget."""
        assert self._pair is not None
        assert self._places is not None
        pair = self._pair
        a_frame, b_frame = min(a_frame, len(pair.a) - 1), min(b_frame, len(pair.b) - 1)
        return self._places.point(pair.a.middle(a_frame), pair.b.middle(b_frame))

    def _lay_out(self) -> None:
        self._drawn = self._places = None
        if self._pair is not None:
            room = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            a, b = self._pair.a, self._pair.b
            self._places = Places.within(room, QFontMetricsF(self.font()), a.duration_seconds, b.duration_seconds)
        self.update()

    def _draw(self, pair: Pair, places: Places) -> QPixmap:
        colours, ratio = colours_of(self.palette()), self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(colours.base)
        painter = QPainter(pixmap)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(places.square, colour_image(pair))
        draw_bar(painter, places, pair.limits, colours)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(places.square)
        draw_path(painter, path_of(pair, places))
        painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        names = (
            self.tr("A · {0} · seconds").format(self._names[0]),
            self.tr("B · {0} · seconds").format(self._names[1]),
        )
        draw_axes(painter, places, names, colours)
        painter.end()
        return pixmap

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        if self._pair is None or self._places is None:
            painter.fillRect(self.rect(), colours.base)
            painter.end()
            return
        if self._drawn is None or self._drawn.devicePixelRatio() != self.devicePixelRatioF():
            self._drawn = self._draw(self._pair, self._places)
        painter.drawPixmap(0, 0, self._drawn)
        if self.hasFocus():
            painter.setPen(colours.curve)
            painter.drawRect(self._places.square.adjusted(-1, -1, 0, 0))
        if self._hovered[0] >= 0:
            draw_hover(painter, self._places, self.spot(*self._hovered))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_places(painter, self._places, self.spot(*self._frames), colours)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        frames = self._frames_at(event.position())
        self._hover(*(frames or (-1, -1)))
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._hover(-1, -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        by = _KEYS.get(Qt.Key(event.key()))
        if by is None or self._pair is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        moved = [frame + step for frame, step in zip(self._frames, by, strict=True)]
        if 0 <= moved[0] < len(self._pair.a) and 0 <= moved[1] < len(self._pair.b):
            self.frames_chosen.emit(*moved)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_drawn"):
            self._lay_out()

    def _choose(self, event: QMouseEvent) -> None:
        frames = self._frames_at(event.position())
        if frames is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.frames_chosen.emit(*frames)

    def _frames_at(self, point: QPointF) -> tuple[int, int] | None:
        if self._pair is None or self._places is None or not self._places.square.contains(point):
            return None
        a_seconds, b_seconds = self._places.seconds_at(point)
        return self._pair.a.frame_at(a_seconds), self._pair.b.frame_at(b_seconds)

    def _hover(self, a_frame: int, b_frame: int) -> None:
        if (a_frame, b_frame) != self._hovered:
            self._hovered = a_frame, b_frame
            self.hovered.emit(a_frame, b_frame)
            self.update()
