"""The menu of a place in the heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from carl_gui.models.path_shape import Grip, Pin

if TYPE_CHECKING:
    from carl_gui.panels.pair.heatmap import HeatmapView


class HeatmapMenu(QMenu):
    """What can be done with two frames, and with the pin there; it is gone once it was closed."""

    def __init__(self, view: HeatmapView, frames: Pin, grip: Grip | None) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._view = view
        if view.sheet.shape is not None:
            self._add_pin(frames, grip)
            self.addSeparator()
        a_frame, b_frame = frames
        self.addAction(self.tr("Find frames like A’s"), lambda: view.search_wanted.emit(0, a_frame))
        self.addAction(self.tr("Find frames like B’s"), lambda: view.search_wanted.emit(1, b_frame))
        self.addSeparator()
        self.addAction(self.tr("Mark a span of A to search for"), lambda: view.mouse.mark_next(0))
        self.addAction(self.tr("Mark a span of B to search for"), lambda: view.mouse.mark_next(1))
        self.addSeparator()
        self.addActions(list(view.commands.values()))

    def _add_pin(self, frames: Pin, grip: Grip | None) -> None:
        view = self._view
        assert view.sheet.shape is not None
        if grip is not None and grip.index is not None:
            index = grip.index
            self.addAction(self.tr("Remove this pin"), lambda: view.anchor_removed.emit(index))
            return
        free = view.sheet.shape.grip_for(frames)
        action = self.addAction(self.tr("Pin these two frames"))
        action.setEnabled(free is not None)
        if free is not None:
            action.triggered.connect(lambda: view.anchor_wanted.emit(*free.start, *frames))
