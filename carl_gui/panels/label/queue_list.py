"""Suggestions of what to label next, most informative first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from carl_gui.models.choices import Choice, ChoicesModel
from carl_gui.panels.label.video_list import VideoChoiceDelegate
from carl_gui.panels.layouts import stacked, vbox
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import list_view


class QueueList(QWidget):
    """Shows what `set_entries` gives it; says where the person wants to go."""

    entry_selected = Signal(object)
    """The key of an entry."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoicesModel(self)
        self.view = list_view(self.model, VideoChoiceDelegate, self.tr("What to label next"))
        self.view.clicked.connect(self._say)
        self.view.activated.connect(self._say)
        self._empty = QLabel(wordWrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = stacked(self._empty, self.view)
        title = section_title(self.tr("Label next"), self.view)
        title.setToolTip(self.tr("Press N for the next one"))
        vbox(title, (self._stack, 1), on=self, spacing=6)

    @property
    def hint(self) -> str:
        """Why nothing is listed; empty while something is."""
        return "" if self._stack.currentWidget() is self.view else self._empty.text()

    def set_entries(self, choices: Sequence[Choice], now: str | None, hint: str) -> None:
        """The entries, and the one where the person is; without any, `hint` says why."""
        with QSignalBlocker(self):
            self.model.set_rows(choices)
            row = self.model.row_of(now)
            self.view.setCurrentIndex(self.model.index(row, 0) if row >= 0 else QModelIndex())
        self._empty.setText(hint)
        self._stack.setCurrentWidget(self.view if choices else self._empty)

    def _say(self, at: QModelIndex) -> None:
        self.entry_selected.emit(self.model.rows[at.row()].key)
