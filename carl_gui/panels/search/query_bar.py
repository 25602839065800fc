"""The query: its picture and name, and buttons to move it by a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.glyphs import glyph
from carl_gui.panels.ink_label import InkLabel
from carl_gui.panels.layouts import STRETCH, hbox, vbox
from carl_gui.panels.player.transport import Button
from carl_gui.panels.search.filmstrip import Filmstrip
from carl_gui.panels.widgets import follow, lettered

_LEAST_WORDS = 230
"""Pixels that a filmstrip leaves to the words."""
_GLYPHS = {
    "previous_search": "search_back",
    "next_search": "search_on",
    "query_earlier": "frame_back",
    "query_later": "frame_on",
}


class QueryBar(QWidget):
    """Buttons for commands of the view; words and pictures as `set_*` gives them."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = Filmstrip()
        self._buttons = {name: follow(Button(), commands[name]) for name in _GLYPHS}
        self._name, self._place, self._result = ElidedLabel(), ElidedLabel(), InkLabel(ink="muted")
        self._place.set_ink("muted")
        self._result.setTextFormat(Qt.TextFormat.PlainText)
        self._result.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name.setFont(lettered(self._name.font(), bold=True))
        self._lay_out()
        self._update_palette()

    def _lay_out(self) -> None:
        beside = QWidget()
        beside.setMinimumWidth(_LEAST_WORDS)
        vbox(
            self._name,
            hbox(*(self._buttons[name] for name in ("query_earlier", "query_later")), (self._place, 1), spacing=4),
            self._result,
            STRETCH,
            on=beside,
            spacing=2,
        )
        hbox(
            vbox(*(self._buttons[name] for name in ("previous_search", "next_search")), STRETCH, spacing=2),
            (self.strip, 0, Qt.AlignmentFlag.AlignTop),
            (beside, 1),
            on=self,
            margins=(10, 10, 12, 8),
            spacing=12,
        )

    @property
    def words(self) -> tuple[str, str, str]:
        """Name, place, and what came of it."""
        return self._name.full_text, self._place.full_text, self._result.text()

    def set_query(self, name: str, place: str, frames: Sequence[int]) -> None:
        """Whose frames, when, and which of them are to be seen; no frames: the hits stand for themselves."""
        self._name.set_full_text(name)
        self._place.set_full_text(place)
        self.strip.setVisible(bool(frames))
        if frames != self.strip.frames:
            self.strip.set_frames(frames)
        for button in ("query_earlier", "query_later"):
            self._buttons[button].setVisible(bool(frames))

    def set_result(self, words: str) -> None:
        """What came of it."""
        self._result.setText(words)
        self._result.setToolTip(words)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_palette()

    def _update_palette(self) -> None:
        for name, drawn in _GLYPHS.items():
            self._buttons[name].setIcon(glyph(drawn, self.palette()))
