"""The files being added and their progress. Updates of ten thousand files are batched into few repaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from carl_gui.models.messages import displayable, tooltip

FileState = Literal["waiting", "checking", "decoding", "done", "failed"]

_ORDER: dict[FileState, int] = {"failed": 0, "decoding": 1, "checking": 1, "waiting": 2, "done": 3}
_REST_MS = 100
_NOTHING = QModelIndex()


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


class ImportsModel(QAbstractListModel):
    """Failed files first, then running, waiting and finished ones, each in the given order."""

    RowRole = Qt.ItemDataRole.UserRole
    """The ImportRow."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ImportRow] = []
        """In the order given."""
        self._numbers: dict[Path, int] = {}
        self._shown: list[int] = []
        """Which of the rows, from the top down."""
        self._places: list[int] = []
        """Where each row is shown."""
        self._changed: set[int] = set()
        self._is_moved = False
        self._num_failed = 0
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self.flush)

    @property
    def num_failed(self) -> int:
        return self._num_failed

    def begin(self, paths: Sequence[Path]) -> None:
        """Other files, all of them waiting."""
        self._resting.stop()
        self.beginResetModel()
        self._numbers = {path: number for number, path in enumerate(dict.fromkeys(paths))}
        self._rows = [ImportRow(path) for path in self._numbers]
        self._shown = list(range(len(self._rows)))
        self._places = list(self._shown)
        self._changed.clear()
        self._is_moved, self._num_failed = False, 0
        self.endResetModel()

    def set_file(self, path: Path, state: FileState, done: int = 0, total: int = 0, sentence: str = "") -> None:
        """How far a file has come; seen at the next flush, a tenth of a second later at most."""
        number = self._numbers.get(path)
        if number is None:
            return
        before = self._rows[number]
        self._rows[number] = replace(before, state=state, done=done, total=total, sentence=sentence)
        self._is_moved |= _ORDER[before.state] != _ORDER[state]
        self._num_failed += (state == "failed") - (before.state == "failed")
        self._changed.add(number)
        if not self._resting.isActive():
            self._resting.start()

    def failed(self) -> list[ImportRow]:
        """In the order given."""
        return [row for row in self._rows if row.state == "failed"]

    def flush(self) -> None:
        """Show what has changed."""
        self._resting.stop()
        if self._is_moved:
            self._rearrange()
        elif self._changed:
            places = [self._places[number] for number in self._changed]
            self.dataChanged.emit(self.index(min(places)), self.index(max(places)))
        self._changed.clear()
        self._is_moved = False

    def row(self, place: int) -> ImportRow:
        """From the top down; IndexError past the end."""
        return self._rows[self._shown[place]]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.row(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(displayable(str(row.path)), displayable(row.sentence))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.name}: {self.state_words(row)}"
        return row if role == self.RowRole else None

    def state_words(self, row: ImportRow) -> str:
        """Translated: `decoding 120 / 300`."""
        if row.state == "decoding":
            known = self.tr("decoding {0} / {1}").format(row.done, row.total)
            return known if row.total else self.tr("decoding")
        words = {"waiting": self.tr("waiting"), "checking": self.tr("checking"), "done": self.tr("done")}
        return words.get(row.state) or displayable(row.sentence) or self.tr("failed")

    def _rearrange(self) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        numbers = [self._shown[index.row()] for index in before]
        self._shown = sorted(range(len(self._rows)), key=lambda number: _ORDER[self._rows[number].state])
        for place, number in enumerate(self._shown):
            self._places[number] = place
        self.changePersistentIndexList(before, [self.index(self._places[number]) for number in numbers])
        self.layoutChanged.emit()
