"""The Search view: the query at the top, its results below, or what to do if there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QWidget

from carl_gui.commands.search import COMMANDS
from carl_gui.models.hit import Hit
from carl_gui.models.hits import HitsModel
from carl_gui.models.search_entries import EntriesModel
from carl_gui.panels.empty_state import EmptyState
from carl_gui.panels.layouts import stacked, vbox
from carl_gui.panels.search.hits_view import HitsView
from carl_gui.panels.search.query_bar import QueryBar
from carl_gui.panels.search.search_side import SearchSide


class SearchPanel(QWidget):
    """Shows what `set_*` gives it and its parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Search"))
        self.commands = COMMANDS.actions(self)
        self.model, self.entries = HitsModel(self), EntriesModel(self)
        self.query, self.hits = QueryBar(self.commands), HitsView(self.model)
        self.side = SearchSide(self.commands, self.entries)
        self.empty = EmptyState()
        self._line = QFrame(frameShape=QFrame.Shape.HLine, frameShadow=QFrame.Shadow.Plain)
        self._line.setForegroundRole(QPalette.ColorRole.Mid)
        self._stack = stacked(self.hits, self.empty)
        vbox(self.query, self._line, (self._stack, 1), on=self, spacing=0)
        self.setFocusProxy(self.hits)
        self.show_beginning()

    def set_query(self, name: str, place: str, frames: Sequence[int]) -> None:
        """What was searched for; see `QueryBar.set_query`."""
        self.query.set_query(name, place, frames)
        self.query.show()
        self._line.show()

    def set_hits(self, hits: Sequence[Hit], names: Mapping[int, str], words: str) -> None:
        """Show these; `names` of their videos by id, `words`: how many they are."""
        self.model.set_hits(hits, names)
        self.query.set_result(words)
        self._stack.setCurrentWidget(self.hits)

    def say(self, title: str, sentence: str, action: str = "") -> None:
        """There are no hits; why, and what the button does."""
        self.model.set_hits((), {})
        self.query.set_result("")
        self.empty.say(title, sentence, action)
        self._stack.setCurrentWidget(self.empty)

    def show_beginning(self) -> None:
        """Nothing was searched for."""
        self.query.hide()
        self._line.hide()
        self.say(
            self.tr("Where else is this moment?"),
            self.tr(
                "Choose a video and a frame at the side. Or stop any player at the moment and press F; for a span, "
                "mark it with [ and ] and press Shift+F. The most similar frames of all videos appear here."
            ),
            self.tr("Find similar frames"),
        )
