"""Side bar of the Search view: filters, search history, and export of the results."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.models.search_entries import EntriesModel
from carl_gui.panels.elided import breakable
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import vbox
from carl_gui.panels.search.filter_box import FilterBox
from carl_gui.panels.search.history_list import HistoryList
from carl_gui.panels.search.start_box import StartBox
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import follow, push_button


class SearchSide(QWidget):
    """The parts of the side bar, which emit their own signals."""

    forget_requested = Signal()
    cancel_requested = Signal()
    """What is being written is not wanted any more."""

    def __init__(self, commands: Mapping[str, QAction], entries: EntriesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start, self.filters = StartBox(commands["new_search"]), FilterBox()
        self.history = HistoryList(entries)
        self._entries = entries
        self._history_title = section_title(self.tr("Earlier searches"), self.history)
        self._forget = push_button(self.tr("Clear history"), self.forget_requested)
        self._export_title = section_title(self.tr("Export results"))
        self._exports = [
            follow(QPushButton(self.tr("Table…")), commands["hits_csv"]),
            follow(QPushButton(self.tr("Contact sheet…")), commands["hits_sheet"]),
        ]
        self._cancel = push_button(self.tr("Cancel"), self.cancel_requested)
        self._note = wrapped_label(ink="muted")
        self._lay_out()
        entries.modelReset.connect(self._show_history)
        self._show_history()
        self.set_export("")

    def _lay_out(self) -> None:
        vbox(
            self.start,
            12,
            self.filters,
            12,
            self._history_title,
            self.history,
            self._forget,
            12,
            self._export_title,
            *self._exports,
            self._cancel,
            self._note,
            on=self,
            spacing=6,
        )

    @property
    def note(self) -> str:
        """What came of the last export."""
        return self._note.text()

    def set_export(self, words: str, *, is_running: bool = False, is_bad: bool = False) -> None:
        """How writing goes, or what came of it; empty: nothing was written."""
        self._note.setText(breakable(words))
        self._note.setVisible(bool(words))
        self._cancel.setVisible(is_running)
        self._note.set_ink("warning" if is_bad else "muted")

    def _show_history(self) -> None:
        for widget in (self._history_title, self.history, self._forget):
            widget.setVisible(bool(self._entries.rows))
