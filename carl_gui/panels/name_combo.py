"""A combo box for any number of names of any length."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QListView, QWidget

from carl_gui.models.choices import Choice, ChoicesModel
from carl_gui.panels.elided_combo import ElidedCombo
from carl_gui.panels.training.setting_editors import NoWheelMixin
from carl_gui.panels.wide_popup import WidePopup

_LETTERS = 6


class NameCombo(WidePopup, NoWheelMixin, ElidedCombo):
    """Elides the middle of names that do not fit. `chosen` is emitted only for the user's choice."""

    chosen = Signal(object)
    """The key of the choice."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """`name` is what it is called for screen readers."""
        super().__init__(parent)
        self._choices = ChoicesModel(self)
        self.setModel(self._choices)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LETTERS)
        view = QListView(uniformItemSizes=True)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setView(view)
        self.activated.connect(self._say)

    @property
    def key(self) -> int | str | None:
        """What is shown as chosen; None: nothing."""
        row = self.currentIndex()
        return self._choices.rows[row].key if 0 <= row < len(self._choices.rows) else None

    def set_choices(self, choices: Sequence[Choice], now: int | str | None) -> None:
        """Show these; `now` is the key of one of them, or None."""
        with QSignalBlocker(self):
            self._choices.set_rows(choices)
            self.setCurrentIndex(self._choices.row_of(now))
        self.setEnabled(len(choices) > 0)
        self._show_tip()

    def _say(self, row: int) -> None:
        self._show_tip()
        self.chosen.emit(self._choices.rows[row].key)

    def _show_tip(self) -> None:
        row = self.currentIndex()
        self.setToolTip(self._choices.rows[row].tip or self._choices.rows[row].text if row >= 0 else "")
