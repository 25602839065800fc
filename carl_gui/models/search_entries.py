"""Search history as a Qt list, newest first, with a thumbnail of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QPixmap

from carl_gui.models.messages import tooltip
from carl_gui.models.rows import RowsModel
from carl_gui.models.scene import VideoRange
from carl_gui.models.search_filters import Filters


@dataclass(frozen=True, slots=True)
class PastSearch:
    """One past search."""

    passage: VideoRange
    filters: Filters
    name: str
    """Of its video, displayable."""
    place: str
    """When, in words."""

    @property
    def pictured(self) -> int:
        """The frame that stands for it."""
        return (self.passage.start_frame + self.passage.end_frame_exclusive - 1) // 2


class EntriesModel(RowsModel[PastSearch]):
    """Each frame or span once."""

    PLACE = Qt.ItemDataRole.UserRole + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[tuple[int, int], QPixmap] = {}

    def set_rows(self, rows: Sequence[PastSearch]) -> None:
        kept = {(one.passage.video_id, one.pictured) for one in rows}
        self._pictures = {key: picture for key, picture in self._pictures.items() if key in kept}
        super().set_rows(rows)

    def set_picture(self, video_id: int, frame: int, picture: QPixmap) -> None:
        """Where it stands for one of them."""
        for row, entry in enumerate(self.rows):
            if (entry.passage.video_id, entry.pictured) == (video_id, frame):
                self._pictures[video_id, frame] = picture
                self.announce(row, row)

    def picture(self, row: int) -> QPixmap | None:
        """None while there is none."""
        entry = self.rows[row]
        return self._pictures.get((entry.passage.video_id, entry.pictured))

    def key(self, row: PastSearch) -> VideoRange:
        return row.passage

    def text(self, row: PastSearch) -> str:
        return row.name

    def tip(self, row: PastSearch) -> str:
        return tooltip(row.name, row.place)

    def spoken(self, row: PastSearch) -> str:
        return f"{row.name}, {row.place}"

    def value(self, row: PastSearch, role: int) -> object:
        return row.place if role == EntriesModel.PLACE else None
