"""Legend of a plot: the run of each line, and its value at the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QWidget

from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.runs.name_line import NameLine
from carl_gui.panels.runs.run_colours import SWATCH_WIDTH, swatch

_NAME_LETTERS = 24


@dataclass(frozen=True)
class LegendEntry:
    """One run."""

    name: str
    slot: int
    value: str
    is_chosen: bool = False


class CurveLegend(QWidget):
    """The step at the cursor, and below it an entry for each run, as many per line as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = QLabel()
        self._entries: list[_Entry] = []
        self._flow = FlowLayout(gap=18, line_gap=3)
        vbox(self._head, self._flow, on=self, spacing=3)

    @property
    def text(self) -> str:
        """All that is read out, a line each."""
        shown = [entry for entry in self._entries if not entry.isHidden()]
        return "\n".join([self._head.text(), *(f"{entry.name.full_text} {entry.value.text()}" for entry in shown)])

    def set_entries(self, head: str, entries: Sequence[LegendEntry]) -> None:
        """What is read out, and the runs in their order."""
        self._head.setText(head)
        while len(self._entries) < len(entries):
            self._entries.append(_Entry())
            self._flow.addWidget(self._entries[-1])
        for place, shown in enumerate(self._entries):
            if place < len(entries):
                shown.set_entry(entries[place])
            shown.setVisible(place < len(entries))


class _Entry(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._slot = -1
        self._swatch = QLabel()
        self._swatch.setFixedWidth(SWATCH_WIDTH)
        self.name = NameLine()
        self.name.setMaximumWidth(self.fontMetrics().averageCharWidth() * _NAME_LETTERS)
        self.value = QLabel()
        self.value.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.00000"))
        hbox(self._swatch, self.name, self.value, on=self, spacing=6)

    def set_entry(self, entry: LegendEntry) -> None:
        self.name.set_name(entry.name)
        font = self.name.font()
        if font.bold() != entry.is_chosen:
            font.setBold(entry.is_chosen)
            self.name.setFont(font)
        self.value.setText(entry.value)
        if entry.slot != self._slot:
            self._slot = entry.slot
            self._update_palette()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "value"):
            self._update_palette()

    def _update_palette(self) -> None:
        if self._slot >= 0:
            self._swatch.setPixmap(swatch(self._slot, self.palette()).pixmap(SWATCH_WIDTH, 10))
