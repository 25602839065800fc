"""Numbers with captions, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.layouts import FlowLayout, vbox

_SMALL = 0.87


class Facts(QWidget):
    """A small caption above each value; as many per line as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, gap=26, line_gap=8)
        self._facts: list[_Fact] = []

    @property
    def text(self) -> str:
        """What is shown, a line each."""
        return "\n".join(f"{fact.caption.text()}: {fact.value.text()}" for fact in self._facts if not fact.isHidden())

    def set_facts(self, facts: Sequence[tuple[str, str]], tips: Mapping[str, str] | None = None) -> None:
        """Show (caption, value), translated; `tips` explain values, by caption."""
        while len(self._facts) < len(facts):
            self._facts.append(_Fact())
            self._flow.addWidget(self._facts[-1])
        for index, fact in enumerate(self._facts):
            if index < len(facts):
                fact.set_fact(*facts[index])
                fact.setToolTip((tips or {}).get(facts[index][0], ""))
            fact.setVisible(index < len(facts))
        self.setVisible(bool(facts))


class _Fact(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.caption, self.value = QLabel(), QLabel()
        self.caption.setFont(scaled_font(self.caption.font(), scale=_SMALL))
        self.caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        vbox(self.caption, self.value, on=self, spacing=1)

    def set_fact(self, caption: str, value: str) -> None:
        """Show a value; one that grew keeps its room, so that the ones beside it do not move."""
        if self.caption.text() != caption:
            self.caption.setText(caption)
            self.value.setMinimumWidth(0)
        if self.value.text() != value:
            self.value.setText(value)
            self.value.setMinimumWidth(max(self.value.minimumWidth(), self.value.sizeHint().width()))
        self.setAccessibleName(f"{caption}: {value}")
