"""The minimum confidence of a match, shared by all views, and kept between starts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from carl_gui.models.sureness import level_of
from carl_gui.panels.explore.sure_box import SureBox
from carl_gui.settings import open_settings

_KEY = "explore/least_confidence"


class Sureness(QObject):
    """One per page; each view shows it in its own box."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._level = level_of(open_settings().value(_KEY))

    @property
    def level(self) -> float:
        """The least confidence of a match, 0 to below 1."""
        return self._level

    def choose(self, level: float) -> None:
        """Ask for this much, now and next time."""
        if level != self._level:
            self._level = level
            open_settings().setValue(_KEY, level)
            self.changed.emit()

    def new_box(self) -> SureBox:
        """Return a box that shows it, and changes it."""
        box = SureBox()
        box.set_level(self._level)
        box.level_selected.connect(self.choose)
        self.changed.connect(lambda: box.set_level(self._level))
        return box
