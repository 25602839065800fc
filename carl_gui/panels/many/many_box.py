"""Choice of the reference, the videos beside it and their order, and the state of their alignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from carl_gui.models.choices import Choice
from carl_gui.models.many_list import ManyList
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.many.tick_list import TickList
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.progress_bar import ProgressBar
from carl_gui.panels.section import section_title
from carl_gui.panels.wide_popup import WidePopup
from carl_gui.panels.widgets import named

BY_NAME, ALIKE, ODD = ORDERS = "name", "alike", "odd"
_BAR_HEIGHT = 8


class _Combo(WidePopup, QComboBox):
    pass


class ManyBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    checks_selected = Signal(list, bool)
    """Ids of videos, and whether they play."""
    order_selected = Signal(str)
    """`BY_NAME`, `ALIKE` or `ODD`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = ManyList(self)
        self._reference = NameCombo(self.tr("Reference"))
        self.reference_selected = self._reference.chosen
        """The id of a video."""
        self._field = QLineEdit(placeholderText=self.tr("Search by name or folder"), clearButtonEnabled=True)
        self._field.setAccessibleName(self.tr("Search videos"))
        self._field.textChanged.connect(self.list.set_words)
        self.view = TickList(self.list, self.tr("Videos beside the reference"))
        self.list.check_selected.connect(lambda number, is_checked: self.checks_selected.emit([number], is_checked))
        self._all, self._none = QPushButton(self.tr("All")), QPushButton(self.tr("None"))
        self._all.setToolTip(self.tr("Tick all listed videos"))
        self._none.setToolTip(self.tr("Untick all listed videos"))
        self._all.clicked.connect(lambda: self.checks_selected.emit(self.list.seen, True))
        self._none.clicked.connect(lambda: self.checks_selected.emit(self.list.seen, False))
        self._order = named(_Combo(), self.tr("Order of the videos"))
        self._order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        words = {BY_NAME: self.tr("By name"), ALIKE: self.tr("Most similar first"), ODD: self.tr("Least similar first")}
        for order, text in words.items():
            self._order.addItem(text, order)
        self._order.activated.connect(lambda row: self.order_selected.emit(self._order.itemData(row)))
        self._line = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._line.setMinimumWidth(1)
        self._bar = named(ProgressBar(), self.tr("Aligning"))
        self._lay_out()
        self.set_progress(0, 0)

    def _lay_out(self) -> None:
        vbox(
            section_title(self.tr("Reference"), self._reference),
            self._reference,
            12,
            section_title(self.tr("Beside it"), self.view),
            self._field,
            (self.view, 1),
            hbox((self._all, 1), (self._none, 1), spacing=6),
            self._order,
            self._bar,
            self._line,
            on=self,
            spacing=6,
        )

    def set_videos(self, choices: Sequence[Choice], reference: int | None) -> None:
        """All videos by name, and which one is the reference."""
        self._reference.set_choices(choices, reference)

    def set_others(self, choices: Sequence[Choice], checked: AbstractSet[int], notes: Mapping[int, str]) -> None:
        """All but the reference, in order; which of them play; and in words how alike those are that are aligned."""
        self.list.set_choices(choices)
        self.list.set_state(checked, notes)
        for widget in (self._all, self._none, self._order, self._field):
            widget.setEnabled(bool(choices))

    def set_order(self, order: str) -> None:
        """In which order they are."""
        with QSignalBlocker(self._order):
            self._order.setCurrentIndex(self._order.findData(order))

    def set_progress(self, done: int, total: int) -> None:
        """Set how many of those that play are aligned."""
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)
        self._bar.setVisible(done < total)
        if done < total:
            self.set_line(self.tr("Aligning: {0} of {1}").format(done, total))

    def set_line(self, line: str) -> None:
        """What is to be said of the alignment; empty: nothing."""
        self._line.setText(line)
        self._line.setVisible(bool(line))

    @property
    def line(self) -> str:
        """What is said of the alignment."""
        return self._line.text()
