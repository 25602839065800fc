"""Dialog to choose the videos and embeddings for a label transfer, with its progress."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QPushButton, QWidget

from carl_gui.models.checked_choices import CheckedChoices
from carl_gui.models.choices import Choice
from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.layouts import STRETCH, hbox, vbox
from carl_gui.panels.many.tick_list import TickList
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.primary_button import PrimaryButton
from carl_gui.panels.progress_bar import ProgressBar
from carl_gui.panels.widgets import named, push_button


class TransferDialog(QDialog):
    """Displays what `set_*` gives it; emits the user's requests. Closed by its owner, or by Cancel."""

    source_selected = Signal(object)
    """The run whose embeddings are used."""
    transfer_requested = Signal()

    def __init__(self, title: str, parent: QWidget) -> None:
        """`title`: which labels these are, displayable."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Transfer labels to other videos"))
        self.setMinimumSize(420, 420)
        self._title = ElidedLabel(title)
        self._explained = QLabel(
            self.tr("The videos below are aligned with it and receive its labels. Nothing changes until you accept.")
        )
        self._explained.setWordWrap(True)
        self.sources = NameCombo(self.tr("Embeddings"))
        self.sources.chosen.connect(self.source_selected)
        self.model = CheckedChoices()
        self.model.setParent(self)
        self.view = TickList(self.model, self.tr("Videos"))
        self.repetitions = CheckBox(self.tr("Find and label repetitions"))
        self.repetitions.setToolTip(self.tr("Where a video repeats the action, every repetition is labelled"))
        self.line = ElidedLabel(is_sentence=True)
        self.progress = named(ProgressBar(), self.tr("Progress"))
        self.begin = PrimaryButton(self.tr("Transfer"))
        self._unlabelled: Collection[int | str] = ()
        self._like: Collection[int | str] = ()
        self._is_running, self._words = False, ""
        self._disabled_reason = ""
        self._lay_out()
        self.model.dataChanged.connect(self._show)
        self.begin.clicked.connect(self.transfer_requested)
        self._show()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("Embeddings of"), self.sources)
        self._ticks = (
            self._tick(self.tr("Unlabelled"), lambda: self._unlabelled),
            self._tick(self.tr("All of this action"), lambda: self._like),
            self._tick(self.tr("None"), lambda: ()),
        )
        cancel = push_button(self.tr("Cancel"), self.reject)
        vbox(
            self._title,
            self._explained,
            form,
            (self.view, 1),
            hbox(*self._ticks, STRETCH),
            self.repetitions,
            self.line,
            self.progress,
            hbox(STRETCH, cancel, self.begin),
            on=self,
            margins=(18, 16, 18, 16),
            spacing=10,
        )

    def _tick(self, text: str, keys: Callable[[], Collection[int | str]]) -> QPushButton:
        button = QPushButton(text, autoDefault=False)
        button.clicked.connect(lambda: self.model.check(keys()))
        return button

    @property
    def wanted(self) -> list[int | str]:
        """The keys of the videos that are ticked."""
        return self.model.checked

    def set_sources(self, choices: Sequence[Choice], now: str | None) -> None:
        """The runs whose embeddings can be used."""
        self.sources.set_choices(choices, now)

    def set_videos(
        self, choices: Sequence[Choice], unlabelled: Collection[int | str], like: Collection[int | str]
    ) -> None:
        """Those that can get labels.

        Args:
            unlabelled: those of the same action without any, which are ticked at first.
            like: all those of the same action.
        """
        self._unlabelled, self._like = set(unlabelled), set(like)
        is_of_one = len(self._like) == len(choices)
        self._ticks[1].setText(self.tr("All") if is_of_one else self.tr("All of this action"))
        self.model.show(choices, unlabelled)
        self._show()

    def set_disabled_reason(self, sentence: str) -> None:
        """Set why nothing can be transferred; empty if it can."""
        self._disabled_reason = sentence
        self._show()

    def set_progress(self, done: int, of: int) -> None:
        """It is going on."""
        self.set_going(self.tr("Aligning: {0} of {1}").format(done, of), done, of)

    def set_going(self, words: str, done: int, of: int) -> None:
        """It is going on: how far, and in words; `of` is 0 where that is not known."""
        self._is_running, self._words = True, words
        self.progress.setRange(0, of)
        self.progress.setValue(done)
        self._show()

    def _show(self) -> None:
        wanted = len(self.model.checked)
        self.progress.setVisible(self._is_running)
        for part in (self.sources, self.view, self.repetitions, *self._ticks):
            part.setEnabled(not self._is_running and not self._disabled_reason)
        self.begin.setEnabled(bool(wanted) and not self._is_running and not self._disabled_reason)
        if self._disabled_reason:
            self.line.set_full_text(self._disabled_reason)
        elif self._is_running:
            self.line.set_full_text(self._words)
        else:
            self.line.set_full_text(self.tr("Chosen: {0} of {1} videos").format(wanted, self.model.rowCount()))
