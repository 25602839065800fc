"""Exports of a view: a button with a menu, progress and result."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMenu, QPushButton, QScrollArea, QWidget

from carl_gui.commands.panel_table import PanelTable
from carl_gui.panels.elided import breakable
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import vbox
from carl_gui.panels.progress_row import ProgressRow
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import push_button

_NO_TIME_MS = 0


class ExportBox(QWidget):
    """Shows what `set_*` gives it; what is to be exported is told by the commands."""

    def __init__(self, commands: PanelTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.commands = commands.actions(self)
        """By name."""
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.addActions(list(self.commands.values()))
        self._button = QPushButton(self.tr("Export…"))
        self._button.setMenu(self._menu)
        self._result = wrapped_label()
        self._result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._reveal = push_button(self.tr("Show in folder"))
        self.reveal_requested = self._reveal.clicked
        self._going = ProgressRow(self.tr("Export"), self.tr("Cancel export"))
        self.cancel_requested = self._going.cancel_requested
        vbox(
            section_title(self.tr("Export"), self._button),
            self._button,
            self._going,
            self._result,
            self._reveal,
            on=self,
            spacing=6,
        )
        self.set_progress(None, "")
        self.set_result("")

    @property
    def button(self) -> QPushButton:
        return self._button

    @property
    def result(self) -> str:
        """What came of the last export."""
        return self._result.text().replace("\u200b", "")

    @property
    def progress(self) -> str:
        """How far it has come, in words; empty: nothing is being exported."""
        return self._going.words

    def set_enabled(self, enabled: Collection[str], reasons: Mapping[str, str]) -> None:
        """Set which exports can be chosen, and why others cannot, by name."""
        for name, action in self.commands.items():
            action.setEnabled(name in enabled)
            action.setToolTip(reasons.get(name, ""))
        self._button.setEnabled(any(action.isEnabled() for action in self.commands.values()))

    def set_progress(self, share: float | None, words: str) -> None:
        """How far it has come, 0 to 1 (None: not known), and in words; empty words: nothing is being exported."""
        self._going.set_progress(share, words)

    def set_result(self, sentence: str, *, is_error: bool = False) -> None:
        """What came of it; empty: nothing yet."""
        self._result.setText(breakable(sentence))
        self._result.setVisible(bool(sentence))
        self._reveal.setVisible(bool(sentence) and not is_error)
        self._result.set_ink("warning" if is_error else "text")
        if sentence and self.isVisible():
            QTimer.singleShot(_NO_TIME_MS, self, self._come_into_sight)  # when it has its place

    def _come_into_sight(self) -> None:
        """What a column of controls holds may be higher than the window."""
        place = self.parentWidget()
        while place is not None and not isinstance(place, QScrollArea):
            place = place.parentWidget()
        if place is not None:
            place.ensureWidgetVisible(self._reveal if self._reveal.isVisible() else self._result)
