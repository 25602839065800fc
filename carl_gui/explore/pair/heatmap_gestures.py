"""The mouse gestures on a heatmap."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt, SignalInstance
from PySide6.QtGui import QMouseEvent, QPainter, QPalette

from carl_gui.explore.pair.heatmap_drawing import draw_path, draw_pin, draw_span, path_of
from carl_gui.explore.pair.heatmap_sheet import HeatmapSheet
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.path_shape import Grip, Pin
from carl_gui.theme import colours_of

_STILL = 4
"""Pixels that a click may move."""

Shape = Qt.CursorShape


class HeatmapSurface(Protocol):
    """The heatmap as gestures see and change it."""

    @property
    def sheet(self) -> HeatmapSheet: ...
    @property
    def pair(self) -> Pair | None: ...
    @property
    def frames_selected(self) -> SignalInstance: ...
    @property
    def anchor_requested(self) -> SignalInstance: ...
    @property
    def anchor_moved(self) -> SignalInstance: ...
    @property
    def span_requested(self) -> SignalInstance: ...
    def choose_pin(self, index: int | None) -> None: ...
    def hover(self, a_frame: int, b_frame: int) -> None: ...
    def palette(self) -> QPalette: ...
    def setCursor(self, cursor: Qt.CursorShape, /) -> None: ...  # noqa: N802
    def update(self) -> None: ...


class HeatmapGesture:
    """Created at the mouse before a press; its cursor shows what a press would do."""

    cursor = Shape.CrossCursor
    drag_cursor = Shape.CrossCursor

    def __init__(self, view: HeatmapSurface, at: QPointF) -> None:
        self._view, self._start = view, at
        self._has_moved = False

    @property
    def bends_path(self) -> bool:
        """Whether it draws the path itself."""
        return False

    def press(self) -> None:
        """Handle the press of the button."""

    def move(self, at: QPointF) -> None:
        """Handle a move of the mouse, which may leave the square."""
        self._has_moved = self._has_moved or (at - self._start).manhattanLength() >= _STILL

    def release(self) -> None:
        """Finish the gesture when the button is released."""

    def draw(self, painter: QPainter) -> None:
        """Draw the gesture over the heatmap while it lasts."""


class Scrub(HeatmapGesture):
    """Shows the frames under the mouse."""

    def press(self) -> None:
        self.move(self._start)

    def move(self, at: QPointF) -> None:
        self._view.frames_selected.emit(*self._view.sheet.frames_near(at))


class Pan(HeatmapGesture):
    """Moves the visible region."""

    cursor = Shape.SizeAllCursor
    drag_cursor = Shape.ClosedHandCursor

    def move(self, at: QPointF) -> None:
        sheet = self._view.sheet
        current, previous = sheet.layout.seconds_at(at), sheet.layout.seconds_at(self._start)
        self._start = at
        assert sheet.pair is not None
        sheet.set_region(sheet.region.moved(previous[0] - current[0], previous[1] - current[1], sheet.pair))


class Pull(HeatmapGesture):
    """Pulls the path by a pin, or by a new one at the grip. A click seeks there."""

    cursor = Shape.OpenHandCursor
    drag_cursor = Shape.ClosedHandCursor

    def __init__(self, view: HeatmapSurface, at: QPointF, grip: Grip) -> None:
        super().__init__(view, at)
        self._grip = grip
        self.to: Pin = grip.start

    @property
    def bends_path(self) -> bool:
        return self._has_moved

    @property
    def index(self) -> int | None:
        """The index of the pin that is pulled."""
        return self._grip.index

    def press(self) -> None:
        self._view.choose_pin(self._grip.index)

    def move(self, at: QPointF) -> None:
        super().move(at)
        if self._has_moved:
            self.to = self._grip.clamped(*self._view.sheet.frames_near(at))
            self._view.hover(*self.to)

    def release(self) -> None:
        grip, view = self._grip, self._view
        if not self._has_moved:
            view.frames_selected.emit(*grip.start)
        elif self.to == grip.start:
            return
        elif grip.index is None:
            view.anchor_requested.emit(*grip.start, *self.to)
        else:
            view.anchor_moved.emit(grip.index, *self.to)

    def draw(self, painter: QPainter) -> None:
        sheet = self._view.sheet
        if self._has_moved and sheet.shape is not None:
            course = sheet.shape.pulled(self._grip, self.to, sheet.region)
            draw_path(painter, sheet.layout, path_of(course, sheet.layout))
            draw_pin(painter, sheet.layout, sheet.spot(self.to), colours_of(self._view.palette()), is_chosen=True)


class Mark(HeatmapGesture):
    """Marks frames of A (side 0), or of B; None: of whichever the mouse moves along first."""

    cursor = Shape.IBeamCursor
    drag_cursor = Shape.IBeamCursor

    def __init__(self, view: HeatmapSurface, at: QPointF, side: int | None) -> None:
        super().__init__(view, at)
        self._side, self._to = side, at

    def move(self, at: QPointF) -> None:
        super().move(at)
        self._to = at
        delta = at - self._start
        if self._has_moved and self._side is None:
            self._side = 0 if abs(delta.x()) >= abs(delta.y()) else 1

    def release(self) -> None:
        if self._has_moved and self._side is not None:
            start, end = self._span(self._side)
            self._view.span_requested.emit(self._side, start, end)

    def draw(self, painter: QPainter) -> None:
        if self._has_moved and self._side is not None:
            start, end = self._span(self._side)
            pair = self._view.sheet.pair
            assert pair is not None
            edges = (pair.a, pair.b)[self._side].edges_seconds
            draw_span(painter, self._view.sheet.layout, self._side, float(edges[start]), float(edges[end]))

    def _span(self, side: int) -> tuple[int, int]:
        one, other = (self._view.sheet.frames_near(at)[side] for at in (self._start, self._to))
        return min(one, other), max(one, other) + 1


_REACH = 8.0
"""Pixels from the path, or a pin, within which a press grips it."""


class HeatmapMouse:
    """Runs one gesture at a time."""

    def __init__(self, view: HeatmapSurface) -> None:
        self._view = view
        self.at = QPointF()
        """The last position of the mouse."""
        self.gesture: HeatmapGesture | None = None
        self._marking_side: int | None = None
        """The side of the span that the next press marks."""

    def mark_next(self, side: int) -> None:
        """Let the next press mark a span of that side."""
        self._marking_side = side
        self.show_cursor()

    def press(self, event: QMouseEvent) -> None:
        """Start the gesture for this press."""
        self.at = event.position()
        gesture = self._gesture_at(event.button(), event.modifiers())
        if self.gesture is None and gesture is not None:
            self.gesture, self._marking_side = gesture, None
            gesture.press()
            self.show_cursor()

    def move(self, event: QMouseEvent) -> None:
        """Continue the gesture; without one, hover."""
        self.at, view = event.position(), self._view
        if self.gesture is not None:
            self.gesture.move(self.at)
            view.sheet.set_path_faint(self.gesture.bends_path)
            view.update()
        if view.pair is not None and not (self.gesture is not None and self.gesture.bends_path):
            is_inside = view.sheet.layout.square.contains(self.at)
            view.hover(*(view.sheet.frames_near(self.at) if is_inside else (-1, -1)))
        self.show_cursor(event.modifiers())

    def release(self, event: QMouseEvent) -> None:
        """Finish the gesture when no button is pressed any more."""
        gesture = self.gesture
        if gesture is not None and event.buttons() == Qt.MouseButton.NoButton:
            self.cancel()
            gesture.release()
            self.show_cursor(event.modifiers())

    def cancel(self) -> bool:
        """Cancel the gesture, and mark nothing; return False where there was none."""
        was_busy = self.gesture is not None or self._marking_side is not None
        self.gesture = self._marking_side = None
        self._view.sheet.set_path_faint(False)
        self._view.update()
        return was_busy

    def show_cursor(self, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Show by the cursor what a press would do, or what is going on."""
        if self.gesture is not None:
            self._view.setCursor(self.gesture.drag_cursor)
            return
        gesture = self._gesture_at(Qt.MouseButton.LeftButton, modifiers)
        self._view.setCursor(Qt.CursorShape.ArrowCursor if gesture is None else gesture.cursor)

    def grip(self, at: QPointF) -> Grip | None:
        """Return the pin there, or else the path; None for a video with itself."""
        sheet = self._view.sheet
        if sheet.pair is None or sheet.shape is None:
            return None
        seconds, scale = sheet.layout.seconds_at(at), sheet.layout.pixels_per_second
        pin = sheet.shape.pin_near(*seconds, scale, _REACH)
        if pin is not None:
            return sheet.shape.grip_pin(pin)
        step = sheet.shape.step_near(*seconds, scale, _REACH)
        return None if step is None else sheet.shape.grip_step(step)

    def _gesture_at(self, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> HeatmapGesture | None:
        """Return the gesture that a press would start; None: none."""
        view, at = self._view, self.at
        if view.pair is None or not view.sheet.layout.square.contains(at):
            return None
        if button == Qt.MouseButton.MiddleButton:
            return Pan(view, at)
        if button != Qt.MouseButton.LeftButton:
            return None
        if self._marking_side is not None:
            return Mark(view, at, self._marking_side)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return Pan(view, at)
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return Mark(view, at, None)
        grip = self.grip(at)
        return Scrub(view, at) if grip is None else Pull(view, at, grip)
