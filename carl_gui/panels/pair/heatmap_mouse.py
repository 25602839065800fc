"""The mouse over the heatmap: which hand takes hold of what, and the cursor that says so beforehand."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from carl_gui.models.path_shape import Grip
from carl_gui.panels.pair.heatmap_gestures import HeatmapGesture, HeatmapSurface, Mark, Pan, Pull, Scrub

_REACH = 8.0
"""Pixels from the path, or a pin, at which it is taken hold of."""


class HeatmapMouse:
    """One hand at a time holds something."""

    def __init__(self, view: HeatmapSurface) -> None:
        self._view = view
        self.at = QPointF()
        """Where it was last."""
        self.hand: HeatmapGesture | None = None
        self._marking: int | None = None
        """The side of which a span is marked next."""

    def mark_next(self, side: int) -> None:
        """The next press marks a span of that side."""
        self._marking = side
        self.show_cursor()

    def press(self, event: QMouseEvent) -> None:
        """Take hold of what is there."""
        self.at = event.position()
        hand = self._hand_at(event.button(), event.modifiers())
        if self.hand is None and hand is not None:
            self.hand, self._marking = hand, None
            hand.press()
            self.show_cursor()

    def move(self, event: QMouseEvent) -> None:
        """Move what is held; else look at the frames there."""
        self.at, view = event.position(), self._view
        if self.hand is not None:
            self.hand.move(self.at)
            view.sheet.set_path_faint(self.hand.bends_path)
            view.update()
        if view.pair is not None and not (self.hand is not None and self.hand.bends_path):
            is_inside = view.sheet.places.square.contains(self.at)
            view.hover(*(view.sheet.frames_near(self.at) if is_inside else (-1, -1)))
        self.show_cursor(event.modifiers())

    def release(self, event: QMouseEvent) -> None:
        """Do what the hand is for, when no button is held any more."""
        hand = self.hand
        if hand is not None and event.buttons() == Qt.MouseButton.NoButton:
            self.let_go()
            hand.release()
            self.show_cursor(event.modifiers())

    def let_go(self) -> bool:
        """Hold nothing, and mark nothing; False where that was so already."""
        was_busy = self.hand is not None or self._marking is not None
        self.hand = self._marking = None
        self._view.sheet.set_path_faint(False)
        self._view.update()
        return was_busy

    def show_cursor(self, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """What a press here would do, or what is going on."""
        if self.hand is not None:
            self._view.setCursor(self.hand.held_cursor)
            return
        hand = self._hand_at(Qt.MouseButton.LeftButton, modifiers)
        self._view.setCursor(Qt.CursorShape.ArrowCursor if hand is None else hand.cursor)

    def grip(self, at: QPointF) -> Grip | None:
        """The pin there, or else the path; nothing where it is one video against itself."""
        sheet = self._view.sheet
        if sheet.pair is None or sheet.shape is None:
            return None
        seconds, scale = sheet.places.seconds_at(at), sheet.places.pixels_per_second
        pin = sheet.shape.pin_near(*seconds, scale, _REACH)
        if pin is not None:
            return sheet.shape.grip_pin(pin)
        step = sheet.shape.step_near(*seconds, scale, _REACH)
        return None if step is None else sheet.shape.grip_step(step)

    def _hand_at(self, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> HeatmapGesture | None:
        """What a press would do; None: nothing."""
        view, at = self._view, self.at
        if view.pair is None or not view.sheet.places.square.contains(at):
            return None
        if button == Qt.MouseButton.MiddleButton:
            return Pan(view, at)
        if button != Qt.MouseButton.LeftButton:
            return None
        if self._marking is not None:
            return Mark(view, at, self._marking)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return Pan(view, at)
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return Mark(view, at, None)
        grip = self.grip(at)
        return Scrub(view, at) if grip is None else Pull(view, at, grip)
