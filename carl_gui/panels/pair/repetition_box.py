"""Option to find repetitions, and the result."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import hbox, holder, vbox
from carl_gui.panels.progress_row import ProgressRow
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import follow


class RepetitionBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, previous: QAction, following: QAction, parent: QWidget | None = None) -> None:
        """What the buttons do: go to the previous repetition, and to the next one."""
        super().__init__(parent)
        self.box = CheckBox(self.tr("Find repetitions"))
        self.box.setToolTip(
            self.tr(
                "Where one video repeats what the other shows once, each repetition is found and aligned separately"
            )
        )
        self.toggled = self.box.toggled
        self._words = wrapped_label()
        self._going = ProgressRow(self.tr("Finding repetitions"), self.tr("Cancel finding repetitions"))
        self.cancel_requested = self._going.cancel_requested
        texts = ((self.tr("Previous"), previous), (self.tr("Next"), following))
        self._buttons = holder(hbox(*(follow(QPushButton(text), action) for text, action in texts), spacing=6))
        vbox(
            section_title(self.tr("Repetitions"), self.box),
            self.box,
            self._going,
            self._words,
            self._buttons,
            on=self,
            spacing=6,
        )
        self.set_progress(None, "")
        self.set_result("", has_repetitions=False)

    @property
    def words(self) -> str:
        """What came of it."""
        return self._words.text()

    @property
    def progress(self) -> str:
        """How far it has come, in words; empty: nothing goes on."""
        return self._going.words

    def set_on(self, is_on: bool, *, is_possible: bool) -> None:
        """Set whether they are looked for, and can be."""
        with QSignalBlocker(self.box):
            self.box.setChecked(is_on)
        self.box.setEnabled(is_possible)

    def set_progress(self, share: float | None, words: str) -> None:
        """How far it has come, 0 to 1 (None: not known), and in words; empty words: nothing goes on."""
        self._going.set_progress(share, words)

    def set_result(self, sentence: str, *, has_repetitions: bool) -> None:
        """What came of it, and whether there are repetitions to go to."""
        self._words.setText(sentence)
        self._words.setVisible(bool(sentence))
        self._buttons.setVisible(has_repetitions)
