"""A combo box whose list is as wide as its texts, however narrow the box is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox

if TYPE_CHECKING:
    _Box = QComboBox
else:
    _Box = object

_ROOM = 12


class WidePopup(_Box):
    """Mixed into a combo box: no text of its list is elided, as far as the screen allows."""

    def showPopup(self) -> None:  # noqa: N802
        view = self.view()
        bar = view.verticalScrollBar().sizeHint().width()
        wanted = view.sizeHintForColumn(0) + bar + _ROOM
        view.setMinimumWidth(min(wanted, self.screen().availableGeometry().width()))
        super().showPopup()
