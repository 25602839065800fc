"""The files being added and their progress. Updates of ten thousand files are batched into few repaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer

from carl_gui.models.messages import displayable, tooltip
from carl_gui.models.rows import RowsModel

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
        self._places: dict[Path, int] = {}
        """Where each is shown."""
        self._changed: set[Path] = set()
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
        self._changed.clear()
        self._is_moved, self._num_failed = False, 0
        self._files = {path: ImportRow(path) for path in paths}
        self.beginResetModel()
        self._rows = list(self._files.values())
        self._find_places()
        self.endResetModel()

    def set_file(self, path: Path, state: FileState, done: int = 0, total: int = 0, sentence: str = "") -> None:
        """How far a file has come; seen at the next flush, a tenth of a second later at most."""
        before = self._files.get(path)
        if before is None:
            return
        self._files[path] = replace(before, state=state, done=done, total=total, sentence=sentence)
        self._is_moved |= _ORDER[before.state] != _ORDER[state]
        self._num_failed += (state == "failed") - (before.state == "failed")
        self._changed.add(path)
        if not self._resting.isActive():
            self._resting.start()

    def failed(self) -> list[ImportRow]:
        """In the order given."""
        return [row for row in self._files.values() if row.state == "failed"]

    def flush(self) -> None:
        """Show what has changed."""
        self._resting.stop()
        if self._is_moved:
            self.rearrange(sorted(self._files.values(), key=lambda row: _ORDER[row.state]))
            self._find_places()
        elif self._changed:
            places = [self._places[path] for path in self._changed]
            for path, place in zip(self._changed, places, strict=True):
                self._rows[place] = self._files[path]
            self.announce(min(places), max(places))
        self._changed.clear()
        self._is_moved = False

    def _find_places(self) -> None:
        self._places = {row.path: place for place, row in enumerate(self._rows)}

    def key(self, row: ImportRow) -> Path:
        return row.path

    def text(self, row: ImportRow) -> str:
        return row.name

    def tip(self, row: ImportRow) -> str:
        return tooltip(displayable(str(row.path)), displayable(row.sentence))

    def spoken(self, row: ImportRow) -> str:
        return f"{row.name}: {self.state_words(row)}"

    def state_words(self, row: ImportRow) -> str:
        """Translated: `decoding 120 / 300`."""
        if row.state == "decoding":
            known = self.tr("decoding {0} / {1}").format(row.done, row.total)
            return known if row.total else self.tr("decoding")
        words = {"waiting": self.tr("waiting"), "checking": self.tr("checking"), "done": self.tr("done")}
        return words.get(row.state) or displayable(row.sentence) or self.tr("failed")
