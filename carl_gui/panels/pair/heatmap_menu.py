"""The context menu of the heatmap."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from carl_gui.models.path_shape import Grip, PathShape, Pin


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
        """Put these at the end."""
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
