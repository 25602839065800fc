"""Side bar of the Search view: filters and search history."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from carl_gui.models.search_entries import EntriesModel
from carl_gui.panels.layouts import vbox
from carl_gui.panels.search.filter_box import FilterBox
from carl_gui.panels.search.history_list import HistoryList
from carl_gui.panels.search.start_box import StartBox
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import push_button


class SearchSide(QWidget):
    """The parts of the side bar, which emit their own signals."""

    def __init__(self, commands: Mapping[str, QAction], entries: EntriesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start, self.filters = StartBox(commands["new_search"]), FilterBox()
        self.history = HistoryList(entries)
        self._entries = entries
        self._history_title = section_title(self.tr("Earlier searches"), self.history)
        self._forget = push_button(self.tr("Clear history"))
        self.forget_requested = self._forget.clicked
        self._lay_out()
        entries.modelReset.connect(self._show_history)
        self._show_history()

    def _lay_out(self) -> None:
        self._column = vbox(
            self.start,
            12,
            self.filters,
            12,
            self._history_title,
            self.history,
            self._forget,
            on=self,
            spacing=6,
        )

    def add_below(self, section: QWidget) -> None:
        """One more section, under all others."""
        self._column.addSpacing(12)
        self._column.addWidget(section)

    def _show_history(self) -> None:
        for widget in (self._history_title, self.history, self._forget):
            widget.setVisible(bool(self._entries.rows))
