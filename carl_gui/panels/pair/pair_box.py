"""Choice of the two videos, and the numbers of their comparison."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from carl_gui.models.choices import Choice
from carl_gui.models.metric_messages import metric_tip
from carl_gui.panels.help.help_button import HelpButton
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.pair.pair_read_out import tips_of_facts
from carl_gui.panels.runs.facts import Facts
from carl_gui.panels.section import section_title

_DOUBT = "⚠ "


class PairBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, swap: QAction, itself: QAction, parent: QWidget | None = None) -> None:
        """What the buttons below the two do: change their places, and compare A with itself."""
        super().__init__(parent)
        self._a, self._b = NameCombo(self.tr("Video A, the reference")), NameCombo(self.tr("Video B"))
        self.a_selected = self._a.chosen
        self.b_selected = self._b.chosen
        """The id of a video."""
        self._titles = section_title(self.tr("A, the reference"), self._a), section_title(self.tr("B"), self._b)
        self._swap, self._itself = QPushButton(self.tr("Swap A and B")), QPushButton(self.tr("A with itself"))
        self._itself.setToolTip(self.tr("Compare A with itself: shows what it repeats"))
        for button, action in ((self._swap, swap), (self._itself, itself)):
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            button.setEnabled(action.isEnabled())
        self._facts, self._help = Facts(), HelpButton("metrics", self.tr("how good the alignment is"))
        self._verdict, self._note = (wrapped_label() for _ in range(2))
        for label in (self._verdict, self._note):
            label.setMinimumWidth(1)
        vbox(
            self._titles[0],
            self._a,
            self._titles[1],
            self._b,
            self._swap,
            self._itself,
            12,
            hbox((self._verdict, 1), (self._help, 0, Qt.AlignmentFlag.AlignTop)),
            self._facts,
            self._note,
            on=self,
            spacing=6,
        )
        self.set_result("", [], "")
        self._titles[0].set_ink("a")
        self._titles[1].set_ink("b")

    def add_below(self, section: QWidget) -> None:
        """One more thing to choose from, under all others."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addSpacing(12)
        layout.addWidget(section)

    def set_videos(self, choices: Sequence[Choice], a: int | None, b: int | None) -> None:
        """What can be compared, and what is; by id. Hidden while there is nothing."""
        self.setVisible(bool(choices))
        self._a.set_choices(choices, a)
        self._b.set_choices(choices, b)

    @property
    def verdict(self) -> str:
        """How well the two go together, in words."""
        return self._verdict.text().removeprefix(_DOUBT)

    def set_result(
        self, verdict: str, facts: Sequence[tuple[str, str]], note: str, *, is_doubtful: bool = False
    ) -> None:
        """How well the two go together, numbers with their captions, and how they came about; empty: none.

        Args:
            is_doubtful: whether the two may not show the same action; not told by colour alone.
        """
        self._facts.set_facts(facts, tips_of_facts())
        self._verdict.setToolTip(metric_tip("confidence"))
        for label, words in ((self._verdict, verdict), (self._note, note)):
            label.setText(words)
            label.setVisible(bool(words))
        if is_doubtful and verdict:
            self._verdict.setText(f"{_DOUBT}{verdict}")
        self._help.setVisible(bool(verdict or facts))
        self._verdict.set_ink("warning" if is_doubtful else "text")
