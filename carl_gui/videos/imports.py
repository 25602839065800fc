"""Files that are imported: their list, its cells, and progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QPlainTextEdit,
    QSizePolicy,
    QStyleOptionViewItem,
    QWidget,
)

from carl_gui.models.messages import displayable, tooltip
from carl_gui.models.rows import Index, RowsModel
from carl_gui.numbers import count
from carl_gui.widgets.delegate import END, Cell, RowDelegate
from carl_gui.widgets.factories import list_view, named, push_button, scaled_font
from carl_gui.widgets.layouts import STRETCH, hbox, vbox
from carl_gui.widgets.progress import ProgressBar

FileState = Literal["waiting", "checking", "decoding", "done", "failed"]

_ORDER: dict[FileState, int] = {"failed": 0, "decoding": 1, "checking": 1, "waiting": 2, "done": 3}
_REST_MS = 100


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One file."""

    path: Path
    state: FileState = "waiting"
    done: int = 0
    total: int = 0
    """Frames; 0 while nobody knows how many there are."""
    sentence: str = ""
    """Why it failed."""

    @property
    def name(self) -> str:
        """Displayable."""
        return displayable(self.path.name)


class ImportsModel(RowsModel[ImportRow]):
    """Failed files first, then running, waiting and finished ones, each in the given order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: dict[Path, ImportRow] = {}
        """In the order given."""
        self._rows: list[ImportRow] = []
        self._row_by_path: dict[Path, int] = {}
        """Row of each file."""
        self._changed: set[Path] = set()
        self._is_moved = False
        self._num_failed = 0
        self._flush_timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._flush_timer.timeout.connect(self.flush)

    @property
    def num_failed(self) -> int:
        return self._num_failed

    def start(self, paths: Sequence[Path]) -> None:
        """Show these files, all of them waiting."""
        self._flush_timer.stop()
        self._changed.clear()
        self._is_moved, self._num_failed = False, 0
        self._files = {path: ImportRow(path) for path in paths}
        self.beginResetModel()
        self._rows = list(self._files.values())
        self._index_rows()
        self.endResetModel()

    def set_file(self, path: Path, state: FileState, done: int = 0, total: int = 0, sentence: str = "") -> None:
        """Set the progress of a file; shown at the next flush, a tenth of a second later at most."""
        before = self._files.get(path)
        if before is None:
            return
        self._files[path] = replace(before, state=state, done=done, total=total, sentence=sentence)
        self._is_moved |= _ORDER[before.state] != _ORDER[state]
        self._num_failed += (state == "failed") - (before.state == "failed")
        self._changed.add(path)
        if not self._flush_timer.isActive():
            self._flush_timer.start()

    def failed(self) -> list[ImportRow]:
        """Return the failed files in the order given."""
        return [row for row in self._files.values() if row.state == "failed"]

    def flush(self) -> None:
        """Show what has changed."""
        self._flush_timer.stop()
        if self._is_moved:
            self.rearrange(sorted(self._files.values(), key=lambda row: _ORDER[row.state]))
            self._index_rows()
        elif self._changed:
            indices = [self._row_by_path[path] for path in self._changed]
            for path, index in zip(self._changed, indices, strict=True):
                self._rows[index] = self._files[path]
            self.announce(min(indices), max(indices))
        self._changed.clear()
        self._is_moved = False

    def _index_rows(self) -> None:
        self._row_by_path = {row.path: index for index, row in enumerate(self._rows)}

    def key(self, row: ImportRow) -> Path:
        return row.path

    def text(self, row: ImportRow) -> str:
        return row.name

    def tip(self, row: ImportRow) -> str:
        return tooltip(displayable(str(row.path)), displayable(row.sentence))

    def spoken(self, row: ImportRow) -> str:
        return f"{row.name}: {self.state_text(row)}"

    def state_text(self, row: ImportRow) -> str:
        """Return the translated state, such as `decoding 120 / 300`."""
        if row.state == "decoding":
            known = self.tr("decoding {0} / {1}").format(row.done, row.total)
            return known if row.total else self.tr("decoding")
        texts = {"waiting": self.tr("waiting"), "checking": self.tr("checking"), "done": self.tr("done")}
        return texts.get(row.state) or displayable(row.sentence) or self.tr("failed")


_MARGIN = 8
_BAR = 3


class ImportDelegate(RowDelegate):
    """Draws two lines per file."""

    @staticmethod
    def row_height(letters: QFontMetrics) -> int:
        """Return the height in logical pixels."""
        return 2 * letters.lineSpacing() + 8

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(0, self.row_height(option.fontMetrics))

    def draw(self, cell: Cell) -> None:
        model = cast(ImportsModel, cell.index.model())
        row: ImportRow = cell.index.data(ImportsModel.RowRole)
        is_failed, warning = row.state == "failed", cell.ink(cell.colours.warning)
        line = QRectF(cell.option.rect.adjusted(_MARGIN, 4, -_MARGIN, -4))
        line.setHeight(cell.letters.lineSpacing())
        text = self.tr("failed") if is_failed else model.state_text(row)
        muted = warning if is_failed else cell.ink(QPalette.ColorRole.PlaceholderText)
        cell.write(cell.note(line, text, 2 * _MARGIN, muted), row.name)
        below = line.translated(0, line.height())
        if is_failed:
            cell.write(below, displayable(row.sentence), warning, elide=END)
        else:
            fraction = 1.0 if row.state == "done" else min(row.done / row.total, 1.0) if row.total else 0.0
            bar = QRectF(below.left(), below.top() + 6, below.width(), _BAR)
            cell.bar(bar, fraction, cell.colours.border, cell.colours.curve)


_LINES = 3.5
"""Visible files."""
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
        self._title = _new_label()
        self._title.setFont(scaled_font(self._title.font(), bold=True))
        self._bar = named(ProgressBar(), self.tr("All files"))
        self._progress_label = _new_label()
        self._cancel = push_button(self.tr("Cancel"), self._on_cancel)
        self._copy = push_button(self.tr("Copy list"), self._copy_failures)
        self._dismiss = push_button(self.tr("Dismiss"), self._on_dismiss)
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
            (vbox(STRETCH, self._title, self._bar, self._progress_label, STRETCH, spacing=4), 1),
            self._cancel,
            self._copy,
            self._dismiss,
            spacing=10,
        )
        vbox(head, self._files, self._failures, on=self, margins=8, spacing=8)
        letters = QFontMetrics(self.font())
        for section in (self._files, self._failures):
            section.setFixedHeight(round(_LINES * ImportDelegate.row_height(letters)))

    def start(self, paths: Sequence[Path]) -> None:
        """Show these files as being added."""
        self.model.start(paths)
        self._sentence = ""
        self._title.setText(self.tr("Adding %n video(s)", "", len(paths)))
        self._show_progress_text("")
        self._bar.setMaximum(0)  # how much there is to do is not known yet
        self._cancel.setEnabled(True)
        self._cancel.setText(self.tr("Cancel"))
        self._files.scrollToTop()
        self._show_parts(is_ended=False)
        self.show()

    def set_file(self, path: Path, state: FileState, done: int = 0, total: int = 0, sentence: str = "") -> None:
        """Set the progress of a file in frames; `sentence` says why it failed. Other files are ignored."""
        self.model.set_file(path, state, done, total, sentence)

    def set_overall(self, done: float, total: float, unit: str, rate: float, eta_seconds: float) -> None:
        """Set the progress of all files, as `core.base.events.Progress` counts it.

        Args:
            done: of `total`, in units.
            unit: as the event says, like `frame`.
            rate: units a second; 0: not known.
            eta_seconds: until the end, of this stage at least.
        """
        self._bar.setMaximum(_FINE if total > 0 else 0)
        self._bar.setValue(round(_FINE * min(done / total, 1.0)) if total > 0 else 0)
        parts = [self._done_text(done, round(total), unit)]
        if rate > 0:
            parts.append(self.tr("{0}/s").format(count(rate) if rate >= 10 else f"{rate:.1f}"))
            parts.append(self._time_left_text(eta_seconds))
        if self.model.num_failed:
            parts.append(self.tr("%n failed", "", self.model.num_failed))
        self._show_progress_text(" · ".join(parts))

    def _done_text(self, done: float, total: int, unit: str) -> str:
        texts = {
            "video": self.tr("{0} of %n video(s)", "", total),
            "frame": self.tr("{0} of %n frame(s)", "", total),
            "file": self.tr("{0} of %n file(s)", "", total),
        }
        return texts.get(unit, self.tr("{0} of %n", "", total)).format(count(done))

    def set_ended(self, sentence: str) -> None:
        """Show the result in one sentence, and the failed files until they are dismissed."""
        self.model.flush()
        self._sentence = sentence
        self._title.setText(displayable(sentence))
        self._title.setToolTip(displayable(sentence))
        self._show_progress_text("")
        failed = self.model.failed()
        lines = [f"{displayable(str(row.path))}\n{displayable(row.sentence)}\n" for row in failed[:_FAILURES_SHOWN]]
        if len(failed) > _FAILURES_SHOWN:
            lines.append(self.tr("… and %n more. “Copy list” has them all.", "", len(failed) - _FAILURES_SHOWN))
        self._failures.setPlainText("\n".join(lines).strip())
        self._show_parts(is_ended=True)

    def failures_text(self) -> str:
        """Return the text that `Copy list` copies: a line a file, path and reason."""
        return "\n".join(f"{displayable(str(row.path))}\t{displayable(row.sentence)}" for row in self.model.failed())

    def _show_parts(self, *, is_ended: bool) -> None:
        has_failures = is_ended and self.model.num_failed > 0
        for section, is_shown in (
            (self._bar, not is_ended),
            (self._progress_label, not is_ended),
            (self._files, not is_ended),
            (self._cancel, not is_ended),
            (self._dismiss, is_ended),
            (self._copy, has_failures),
            (self._failures, has_failures),
        ):
            section.setVisible(is_shown)

    def _show_progress_text(self, text: str) -> None:
        self._progress_label.setText(text)
        self._progress_label.setToolTip(text)
        self._bar.setAccessibleDescription(text)

    def _time_left_text(self, seconds: float) -> str:
        """Return the time left, rounded: the rest is guessed anyway."""
        if seconds < 60:
            return self.tr("{0} s left").format(max(1, round(seconds)))
        minutes = round(seconds / 60)
        if minutes < 60:
            return self.tr("about {0} min left").format(minutes)
        return self.tr("about {0} h {1} min left").format(minutes // 60, minutes % 60)

    def _on_cancel(self) -> None:
        self._cancel.setEnabled(False)  # what is being decoded ends first
        self._cancel.setText(self.tr("Stopping…"))
        self.cancel_requested.emit()

    def _copy_failures(self) -> None:
        QGuiApplication.clipboard().setText(self.failures_text())

    def _on_dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()


def _new_label() -> QLabel:
    """Return a label that never widens its parent."""
    label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
