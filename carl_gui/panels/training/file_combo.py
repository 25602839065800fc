"""A combo box with fixed choices and a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QStyle, QWidget

from carl_gui.panels.training.file_choice import ask_for_file
from carl_gui.panels.training.setting_editors import NoWheelComboBox
from carl_gui.panels.widgets import lettered

_LETTERS, _LEAST_LETTERS = 90, 18
"""Of an entry, at most in the list and at least in the field."""
_BAR = QStyle.PixelMetric.PM_ScrollBarExtent
_ASK = "?"
"""Data of the entry that asks for a file; no file can have this name on Windows, and none is offered under it."""


@dataclass(frozen=True)
class FileChoice:
    """An entry of the combo box."""

    data: str
    text: str
    tip: str = ""
    is_title: bool = False
    """Of a group: it stands above those that follow, and cannot be chosen."""


class FileCombo(NoWheelComboBox):
    """Fixed choices and "A file…". The user's choice is emitted as `chosen`; a cancelled dialog changes nothing."""

    chosen = Signal(str)
    """The data of the choice, or a file's path."""

    def __init__(self, ask: str, title: str, kinds: str, parent: QWidget | None = None) -> None:
        """`ask` is the last entry's text; `title` and `kinds` are the dialog's."""
        super().__init__(parent)
        self._ask, self._title, self._kinds = ask, title, kinds
        self._now = ""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LEAST_LETTERS)
        self.activated.connect(self._on_result)

    @property
    def data(self) -> str:
        """What is shown as chosen."""
        return self._now

    def set_choices(self, choices: Sequence[FileChoice], now: str) -> None:
        """Show these; `now` is the data of one of them."""
        self._now = now
        with QSignalBlocker(self):
            self.clear()
            width = self.fontMetrics().averageCharWidth() * _LETTERS
            for choice in (*choices, FileChoice(_ASK, self._ask)):
                self.addItem(self.fontMetrics().elidedText(choice.text, Qt.TextElideMode.ElideMiddle, width))
                self.setItemData(self.count() - 1, choice.data)
                self.setItemData(self.count() - 1, choice.tip or choice.text, Qt.ItemDataRole.ToolTipRole)
                if choice.is_title:
                    self._make_title(self.count() - 1)
            self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + self.style().pixelMetric(_BAR))
            self._show_now()

    def _make_title(self, index: int) -> None:
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(index)
        item.setFont(lettered(self.font(), bold=True))
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _show_now(self) -> None:
        self.setCurrentIndex(self.findData(self._now))
        self.setToolTip(str(self.currentData(Qt.ItemDataRole.ToolTipRole)))

    def _on_result(self, index: int) -> None:
        data = self.itemData(index)
        if data == _ASK:
            ask_for_file(self, self._title, self._kinds, self.chosen.emit, self._show_now)
        elif data != self._now:
            self.chosen.emit(data)
