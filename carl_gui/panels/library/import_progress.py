"""Progress and result of adding videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QLabel, QListView, QPlainTextEdit, QSizePolicy, QWidget

from carl_gui.models.imports import FileState, ImportsModel
from carl_gui.models.messages import displayable
from carl_gui.numbers import count
from carl_gui.panels.layouts import STRETCH, hbox, vbox
from carl_gui.panels.library.import_cells import ImportDelegate
from carl_gui.panels.progress_bar import ProgressBar
from carl_gui.panels.widgets import lettered, list_view, named, push_button

_LINES = 3.5
"""Files in sight."""
_FAILURES_SHOWN = 1000
_FINE = 1000


class ImportProgressPanel(QWidget):
    """A total bar and a list of files; at the end one sentence, and which files failed and why."""

    cancel_requested = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Adding videos"))
        self._counts = ""
        self._sentence = ""
        self.model = ImportsModel(self)
        self._title = _line()
        self._title.setFont(lettered(self._title.font(), bold=True))
        self._bar = named(ProgressBar(), self.tr("All files"))
        self._numbers = _line()
        self._cancel = push_button(self.tr("Cancel"), self._say_cancel)
        self._copy = push_button(self.tr("Copy list"), self._copy_failures)
        self._dismiss = push_button(self.tr("Dismiss"), self._say_dismissed)
        self._files = self._new_list()
        self._failures = named(QPlainTextEdit(readOnly=True), self.tr("Files that were not added, and why"))
        self._lay_out()
        self.hide()

    def _new_list(self) -> QListView:
        files = list_view(self.model, ImportDelegate, self.tr("Files that are being added"))
        files.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        files.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        return files

    def _lay_out(self) -> None:
        head = hbox(
            (vbox(STRETCH, self._title, self._bar, self._numbers, STRETCH, spacing=4), 1),
            self._cancel,
            self._copy,
            self._dismiss,
            spacing=10,
        )
        vbox(head, self._files, self._failures, on=self, margins=8, spacing=8)
        letters = QFontMetrics(self.font())
        for part in (self._files, self._failures):
            part.setFixedHeight(round(_LINES * ImportDelegate.row_height(letters)))

    def begin(self, paths: Sequence[Path]) -> None:
        """These files are being added from now on."""
        self.model.begin(paths)
        self._sentence = ""
        self._title.setText(self.tr("Adding %n video(s)", "", len(paths)))
        self._show_numbers("")
        self._bar.setMaximum(0)  # how much there is to do is not known yet
        self._cancel.setEnabled(True)
        self._cancel.setText(self.tr("Cancel"))
        self._files.scrollToTop()
        self._show_parts(is_ended=False)
        self.show()

    def set_file(self, path: Path, state: FileState, done: int = 0, total: int = 0, sentence: str = "") -> None:
        """How far a file has come, in frames; `sentence` says why it failed. Other files are passed over."""
        self.model.set_file(path, state, done, total, sentence)

    def set_overall(self, done: float, total: float, unit: str, rate: float, eta_seconds: float) -> None:
        """How far all have come, as `core.base.events.Progress` counts it.

        Args:
            done: of `total`, in units.
            unit: as the event says, like `frame`.
            rate: units a second; 0: not known.
            eta_seconds: until the end, of this stage at least.
        """
        self._bar.setMaximum(_FINE if total > 0 else 0)
        self._bar.setValue(round(_FINE * min(done / total, 1.0)) if total > 0 else 0)
        words = [self._done(done, round(total), unit)]
        if rate > 0:
            words.append(self.tr("{0}/s").format(count(rate) if rate >= 10 else f"{rate:.1f}"))
            words.append(self._left(eta_seconds))
        if self.model.num_failed:
            words.append(self.tr("%n failed", "", self.model.num_failed))
        self._show_numbers(" · ".join(words))

    def _done(self, done: float, total: int, unit: str) -> str:
        words = {
            "video": self.tr("{0} of %n video(s)", "", total),
            "frame": self.tr("{0} of %n frame(s)", "", total),
            "file": self.tr("{0} of %n file(s)", "", total),
        }
        return words.get(unit, self.tr("{0} of %n", "", total)).format(count(done))

    def set_ended(self, sentence: str) -> None:
        """It is over: one sentence, and below it what failed, until somebody has read it."""
        self.model.flush()
        self._sentence = sentence
        self._title.setText(displayable(sentence))
        self._title.setToolTip(displayable(sentence))
        self._show_numbers("")
        failed = self.model.failed()
        lines = [f"{displayable(str(row.path))}\n{displayable(row.sentence)}\n" for row in failed[:_FAILURES_SHOWN]]
        if len(failed) > _FAILURES_SHOWN:
            lines.append(self.tr("… and %n more. “Copy list” has them all.", "", len(failed) - _FAILURES_SHOWN))
        self._failures.setPlainText("\n".join(lines).strip())
        self._show_parts(is_ended=True)

    def failures_text(self) -> str:
        """What `Copy list` copies: a line a file, path and reason."""
        return "\n".join(f"{displayable(str(row.path))}\t{displayable(row.sentence)}" for row in self.model.failed())

    def _show_parts(self, *, is_ended: bool) -> None:
        has_failures = is_ended and self.model.num_failed > 0
        for part, is_shown in (
            (self._bar, not is_ended),
            (self._numbers, not is_ended),
            (self._files, not is_ended),
            (self._cancel, not is_ended),
            (self._dismiss, is_ended),
            (self._copy, has_failures),
            (self._failures, has_failures),
        ):
            part.setVisible(is_shown)

    def _show_numbers(self, words: str) -> None:
        self._numbers.setText(words)
        self._numbers.setToolTip(words)
        self._bar.setAccessibleDescription(words)

    def _left(self, seconds: float) -> str:
        """To one or two digits: the rest is guessed anyway."""
        if seconds < 60:
            return self.tr("{0} s left").format(max(1, round(seconds)))
        minutes = round(seconds / 60)
        if minutes < 60:
            return self.tr("about {0} min left").format(minutes)
        return self.tr("about {0} h {1} min left").format(minutes // 60, minutes % 60)

    def _say_cancel(self) -> None:
        self._cancel.setEnabled(False)  # what is being decoded ends first
        self._cancel.setText(self.tr("Stopping…"))
        self.cancel_requested.emit()

    def _copy_failures(self) -> None:
        QGuiApplication.clipboard().setText(self.failures_text())

    def _say_dismissed(self) -> None:
        self.hide()
        self.dismissed.emit()


def _line() -> QLabel:
    """Text that widens nothing."""
    label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
