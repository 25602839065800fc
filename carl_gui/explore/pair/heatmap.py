"""The similarity of all frames of two videos, with the path through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from carl_gui.explore.pair.commands import HEATMAP_COMMANDS
from carl_gui.explore.pair.heatmap_drawing import Tooltip, draw_card, draw_frames, draw_hover, draw_pin
from carl_gui.explore.pair.heatmap_gestures import HeatmapMouse, Pull
from carl_gui.explore.pair.heatmap_look import Look
from carl_gui.explore.pair.heatmap_sheet import HeatmapSheet
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.path_shape import Grip, PathShape, Pin, shape_of
from carl_gui.theme import colours_of


class HeatmapMenu(QMenu):
    """Actions on two frames, and on the pin there; deleted once closed."""

    search_requested = Signal(int, int)
    """Side and frame: what is like it?"""
    marking_requested = Signal(int)
    """A span of that side is to be marked."""
    anchor_requested = Signal(int, int, int, int)
    """The path goes from a frame of A and one of B to another two."""
    anchor_removed = Signal(int)

    def __init__(self, parent: QWidget, shape: PathShape | None, frames: Pin, grip: Grip | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if shape is not None:
            self._add_pin(shape, frames, grip)
            self.addSeparator()
        a_frame, b_frame = frames
        self.addAction(self.tr("Find frames like A’s"), lambda: self.search_requested.emit(0, a_frame))
        self.addAction(self.tr("Find frames like B’s"), lambda: self.search_requested.emit(1, b_frame))
        self.addSeparator()
        self.addAction(self.tr("Mark a span of A to search for"), lambda: self.marking_requested.emit(0))
        self.addAction(self.tr("Mark a span of B to search for"), lambda: self.marking_requested.emit(1))

    def add_commands(self, commands: Iterable[QAction]) -> None:
        """Add these at the end."""
        self.addSeparator()
        self.addActions(list(commands))

    def _add_pin(self, shape: PathShape, frames: Pin, grip: Grip | None) -> None:
        if grip is not None and grip.index is not None:
            index = grip.index
            self.addAction(self.tr("Remove this pin"), lambda: self.anchor_removed.emit(index))
            return
        free = shape.grip_for(frames)
        action = self.addAction(self.tr("Pin these two frames"))
        action.setEnabled(free is not None)
        if free is not None:
            action.triggered.connect(lambda: self.anchor_requested.emit(*free.start, *frames))


_WHEEL_STEP, _KEY_STEP = 1.25, 1.6
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1)}
_NOWHERE = (-1, -1)


class HeatmapView(QWidget):
    """Frames count from 0, A to the right, B upwards. Displays what `set_*` gives it; emits the requests of the user.

    Side 0 is A, side 1 is B.
    """

    frames_selected = Signal(int, int)
    """A frame of A and one of B, by the mouse or the arrow keys."""
    hovered = Signal(int, int)
    """The frames under the mouse, or where the path is being pulled to; -1 and -1 when it left."""
    thumbnails_requested = Signal(int, int)
    """As `hovered`: `set_thumbnails` is to show these."""
    anchor_requested = Signal(int, int, int, int)
    """The path was pulled from a frame of A and one of B to another two."""
    anchor_moved = Signal(int, int, int)
    """The pin with that place in the order of time was pulled to these frames."""
    anchor_removed = Signal(int)
    search_requested = Signal(int, int)
    """Side and frame: what is like it?"""
    span_requested = Signal(int, int, int)
    """Side, first frame and end (exclusive) of a span to search for."""
    painted = Signal()
    """The view was drawn; used by benchmarks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Similarity of every pair of frames"))
        self.setAccessibleDescription(
            self.tr(
                "Arrow keys move: left and right in A, up and down in B. Scroll to zoom; Shift+drag to pan. "
                "Drag the path to correct it; Delete removes a pin."
            )
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.commands = HEATMAP_COMMANDS.actions(self)
        self._frames = (0, 0)
        self._hovered = _NOWHERE
        self._thumbnails: tuple[QImage | None, QImage | None] = (None, None)
        self._pins: tuple[Pin, ...] = ()
        self._selected_pin: int | None = None
        self.mouse = HeatmapMouse(self)
        self.sheet = HeatmapSheet(self)
        self.sheet.changed.connect(self.update)
        for name, action in (
            ("heatmap_zoom_in", lambda: self.zoom(_KEY_STEP)),
            ("heatmap_zoom_out", lambda: self.zoom(1 / _KEY_STEP)),
            ("heatmap_fit", self.sheet.fit),
        ):
            self.commands[name].triggered.connect(action)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, 200)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(520, 480)

    @property
    def pair(self) -> Pair | None:
        return self.sheet.pair

    @property
    def frames(self) -> Pin:
        """The frames that the players show."""
        return self._frames

    @property
    def is_sharp(self) -> bool:
        """Whether the visible part is drawn at the screen's resolution."""
        return self.pair is not None and self.sheet.pictures.is_sharp(self.sheet.region)

    def set_pair(self, pair: Pair | None, a_name: str, b_name: str) -> None:
        """Set the pair, and the names of the two videos; for the same videos, the visible region stays."""
        captions = (self.tr("A · {0}").format(a_name), self.tr("B · {0}").format(b_name))
        self.mouse.cancel()
        if pair is None or self.pair is None or (pair.a, pair.b) != (self.pair.a, self.pair.b):
            self.hover(*_NOWHERE)
        self.sheet.set_pair(pair, captions)
        self._shape_path()

    def set_frames(self, a_frame: int, b_frame: int) -> None:
        """Set the frames of the players; if they were visible, they stay so."""
        if (a_frame, b_frame) == self._frames:
            return
        if self.mouse.gesture is None:
            self.sheet.follow((a_frame, b_frame), self._frames)
        self._frames = a_frame, b_frame
        self.update()

    def set_anchors(self, anchors: Sequence[Pin]) -> None:
        """Set the user's pins that the path passes through, in order of time."""
        if tuple(anchors) != self._pins:
            self._pins, self._selected_pin = tuple(anchors), None
            self.mouse.cancel()
            self._shape_path()

    def set_deviating(self, deviating: Sequence[NDArray[np.bool_] | None]) -> None:
        """Set which frames deviate from right videos, (A,) and (B,); None: unknown, or the video is right."""
        self.sheet.set_deviating(deviating)

    def set_look(self, look: Look) -> None:
        """Set the colours of similarities."""
        self.sheet.set_look(look)

    def set_thumbnails(self, a_image: QImage | None, b_image: QImage | None) -> None:
        """Set the pictures of the two frames that `thumbnails_requested` named last; None: none, or not yet."""
        if (a_image, b_image) != self._thumbnails:
            self._thumbnails = a_image, b_image
            self.update()

    def spot(self, a_frame: int, b_frame: int) -> QPointF:
        """Return the position of the two frames in this widget."""
        return self.sheet.spot((a_frame, b_frame))

    def zoom(self, factor: float) -> None:
        """Zoom by a factor around the current frames."""
        if self.pair is not None:
            self.sheet.zoom(factor, self.spot(*self._frames))

    def choose_pin(self, index: int | None) -> None:
        """Select the pin that Delete removes."""
        if index != self._selected_pin:
            self._selected_pin = index
            self.update()

    def hover(self, a_frame: int, b_frame: int) -> None:
        """Mark these frames as hovered; -1 and -1: none."""
        if (a_frame, b_frame) == self._hovered:
            return
        self._hovered = a_frame, b_frame
        if a_frame < 0:
            self._thumbnails = None, None
        self.hovered.emit(a_frame, b_frame)
        self.thumbnails_requested.emit(a_frame, b_frame)
        self.update()

    def _shape_path(self) -> None:
        pair = self.pair
        self.sheet.set_shape(None if pair is None or pair.is_self else shape_of(pair, self._pins))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        self.sheet.draw(painter)
        if self.pair is not None:
            self._draw_marks(painter)
        painter.end()
        self.painted.emit()

    def _draw_marks(self, painter: QPainter) -> None:
        sheet, gesture, colours = self.sheet, self.mouse.gesture, colours_of(self.palette())
        if self.hasFocus():
            painter.setPen(colours.curve)
            painter.drawRect(sheet.layout.square.adjusted(-1, -1, 0, 0))
        if gesture is not None:
            gesture.draw(painter)
        if sheet.shape is not None:
            pulled = gesture.index if isinstance(gesture, Pull) and gesture.bends_path else None
            for index, pin in enumerate(self._pins):
                if index != pulled:
                    draw_pin(painter, sheet.layout, sheet.spot(pin), colours, is_chosen=index == self._selected_pin)
        draw_frames(painter, sheet.layout, sheet.spot(self._frames), colours)
        if self._hovered != _NOWHERE and self.pair is not None:
            draw_hover(painter, sheet.layout, sheet.spot(self._hovered))
            letters = painter.fontMetrics()
            card = Tooltip.beside(sheet.layout.square, QRectF(self.rect()), self.mouse.at, letters, self._thumbnails)
            if card is not None:
                draw_card(painter, card, self._thumbnails, self.pair.cosine_of(*self._hovered), colours)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.choose_pin(None)
        self.mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        grip = self.mouse.grip(event.position())
        if grip is not None and grip.index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.anchor_removed.emit(grip.index)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        self.mouse.cancel()
        if self.pair is None:
            return
        is_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        point = QPointF(event.pos()) if is_mouse else self.spot(*self._frames)
        if self.sheet.layout.square.contains(point):
            frames = self.sheet.frames_near(point) if is_mouse else self._frames
            self._menu(frames, point).popup(self.mapToGlobal(point.toPoint()))

    def _menu(self, frames: Pin, point: QPointF) -> HeatmapMenu:
        menu = HeatmapMenu(self, self.sheet.shape, frames, self.mouse.grip(point))
        menu.add_commands(self.commands.values())
        menu.search_requested.connect(self.search_requested)
        menu.marking_requested.connect(self.mouse.mark_next)
        menu.anchor_requested.connect(self.anchor_requested)
        menu.anchor_removed.connect(self.anchor_removed)
        return menu

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        if self.mouse.gesture is None:
            self.hover(*_NOWHERE)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        turns = event.angleDelta().y() / 120
        if turns and self.pair is not None and self.sheet.layout.square.contains(event.position()):
            self.sheet.zoom(_WHEEL_STEP**turns, event.position())
            event.accept()
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.sheet.zoom(max(1 + event.value(), 0.1), event.position())
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, pin = event.key(), self._pin_for_keys()
        is_done = False
        if key == Qt.Key.Key_Escape:
            is_done = self.mouse.cancel()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and pin is not None:
            self.anchor_removed.emit(pin)
            is_done = True
        elif key in _KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            is_done = self._step(*_KEYS[Qt.Key(key)])
        if not is_done:
            super().keyPressEvent(event)
        self.mouse.show_cursor(event.modifiers())

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        super().keyReleaseEvent(event)
        self.mouse.show_cursor(event.modifiers())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self.sheet.update_layout()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "sheet"):
            self.sheet.update_layout()

    def _step(self, a_by: int, b_by: int) -> bool:
        """Move by arrow keys; they are also accepted at the ends, so that the focus stays."""
        if self.pair is None:
            return False
        a_frame, b_frame = self._frames[0] + a_by, self._frames[1] + b_by
        if 0 <= a_frame < len(self.pair.a) and 0 <= b_frame < len(self.pair.b):
            self.frames_selected.emit(a_frame, b_frame)
        return True

    def _pin_for_keys(self) -> int | None:
        """Return the pin that was clicked, or that the players show."""
        if self._selected_pin is None and self._frames in self._pins:
            return self._pins.index(self._frames)
        return self._selected_pin
