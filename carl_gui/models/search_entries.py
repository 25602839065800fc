"""Earlier searches as a Qt list, the newest first, with a small picture of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from carl_gui.models.scene import Passage
from carl_gui.models.search_filters import Filters
from carl_gui.models.wording import tooltip

_NOTHING = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """One search."""

    passage: Passage
    filters: Filters
    name: str
    """Of its video, displayable."""
    place: str
    """When, in words."""

    @property
    def pictured(self) -> int:
        """The frame that stands for it."""
        return (self.passage.start_frame + self.passage.end_frame_exclusive - 1) // 2


class EntriesModel(QAbstractListModel):
    """Each frame or span once."""

    PLACE = Qt.ItemDataRole.UserRole + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[Entry] = ()
        self._pictures: dict[tuple[int, int], QPixmap] = {}

    @property
    def entries(self) -> Sequence[Entry]:
        return self._entries

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; where they are the same ones, what is chosen and scrolled stays."""
        is_same = [one.passage for one in entries] == [one.passage for one in self._entries]
        if is_same:
            self._entries = tuple(entries)
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return
        self.beginResetModel()
        self._entries = tuple(entries)
        kept = {(one.passage.video_id, one.pictured) for one in entries}
        self._pictures = {key: picture for key, picture in self._pictures.items() if key in kept}
        self.endResetModel()

    def set_picture(self, video_id: int, frame: int, picture: QPixmap) -> None:
        """Where it stands for one of them."""
        for row, entry in enumerate(self._entries):
            if (entry.passage.video_id, entry.pictured) == (video_id, frame):
                self._pictures[video_id, frame] = picture
                self.dataChanged.emit(self.index(row), self.index(row))

    def picture(self, row: int) -> QPixmap | None:
        """None while there is none."""
        entry = self._entries[row]
        return self._pictures.get((entry.passage.video_id, entry.pictured))

    def row_of(self, passage: Passage | None) -> int:
        """-1 where there is none."""
        return next((row for row, entry in enumerate(self._entries) if entry.passage == passage), -1)

    def rowCount(self, parent: _Index = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == EntriesModel.PLACE:
            return entry.place
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(entry.name, entry.place)
        return f"{entry.name}, {entry.place}" if role == Qt.ItemDataRole.AccessibleTextRole else None
