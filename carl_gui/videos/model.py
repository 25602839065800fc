"""The videos of a project as a table."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from carl_gui.models.video_filter import (
    EDITABLE,
    SORT_KEYS,
    Column,
    FilteredVideos,
    StateFilter,
    VideoFilter,
    by_column,
    cell_spoken,
    cell_text,
    cell_tip,
    column_title,
)
from core.project.badges import Badges
from core.project.rows import Split, VideoRow, natural


class KnownBadges(dict[int, Badges]):
    """Badges by video id. Changed only by `set_badges` and `keep_only`."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: set[int] = set()
        """Ids of those whose files are not where they were."""
        self.broken: set[int] = set()

    def set_badges(self, badges: Mapping[int, Badges]) -> None:
        """Store these badges, new or changed."""
        self.update(badges)
        self.missing.difference_update(badges)
        self.broken.difference_update(badges)
        self.missing.update(key for key, one in badges.items() if one.missing)
        self.broken.update(key for key, one in badges.items() if one.broken)

    def keep_only(self, ids: Iterable[int]) -> None:
        """Forget the others."""
        for key in self.keys() - set(ids):
            del self[key]
            self.missing.discard(key)
            self.broken.discard(key)


_READABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_WRITABLE = _READABLE | Qt.ItemFlag.ItemIsEditable
_MAX_PICTURES = 600
_NOTHING = QModelIndex()
_DISPLAY, _EDIT = int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.EditRole)


class VideosModel(QAbstractTableModel):
    """Sorts and filters in lists: a proxy that compares in Python takes far longer (`benchmarks/library.py`).

    What is selected stays so through every change for as long as its video is shown.
    """

    cell_edited = Signal(int, int, str)
    """Somebody wants another value: video id, column, text."""
    content_changed = Signal()
    """There are other videos, or something else is known of them, or others are shown; not for pictures."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._videos: dict[int, VideoRow] = {}
        self._badges = KnownBadges()
        self._pictures: OrderedDict[int, QPixmap] = OrderedDict()
        self._order: list[int] = []
        """Ids of all videos, sorted."""
        self._by_name: list[int] = []
        """Ids of all videos, sorted by name."""
        self._shown: list[int] = []
        self._row_by_id: dict[int, int] = {}
        self._filtered = FilteredVideos()
        self._by, self._descending = Column.NAME, False
        self._is_read_only = False

    @property
    def num_videos(self) -> int:
        return len(self._videos)

    @property
    def shown(self) -> Sequence[int]:
        """Ids from the top down."""
        return self._shown

    @property
    def filter(self) -> VideoFilter:
        return self._filtered.filter

    @property
    def sorted_by(self) -> tuple[Column, bool]:
        """The column, and whether it is sorted downwards."""
        return self._by, self._descending

    def set_videos(self, videos: Sequence[VideoRow]) -> None:
        """Set all videos of the project; what is known of those that were there already stays."""
        new = {video.id: video for video in videos}
        same = {key for key, video in new.items() if key in self._videos and self._videos[key].digest == video.digest}
        self._badges.keep_only(same)
        for key in self._pictures.keys() - same:
            del self._pictures[key]
        self._filtered.clear()
        self._arrange(new, list(new))
        self.content_changed.emit()

    def add_videos(self, videos: Iterable[VideoRow]) -> None:
        """Add these videos; ids that are in the table already are passed over."""
        new = {video.id: video for video in videos if video.id not in self._videos}
        if not new:
            return
        self._arrange(self._videos | new, [*self._by_name, *new])
        self.content_changed.emit()

    def update_videos(self, videos: Iterable[VideoRow]) -> None:
        """Update these rows; ids that are not in the table are passed over."""
        changed = {video.id: (self._videos[video.id], video) for video in videos if video.id in self._videos}
        changed = {key: pair for key, pair in changed.items() if pair[0] != pair[1]}
        moves = any(self._changes_order(*pair) for pair in changed.values())
        self._filtered.clear(changed)
        for key, (before, after) in changed.items():
            if before.digest != after.digest:
                self._pictures.pop(key, None)
        if moves:
            self._arrange(self._videos | {key: after for key, (_, after) in changed.items()}, self._by_name)
        else:
            self._videos.update((key, after) for key, (_, after) in changed.items())
            self._emit_changed(changed, Column.NAME, Column.STATE)
        self.content_changed.emit()

    def set_badges(self, badges: Mapping[int, Badges]) -> None:
        """Update the badges of these videos; the others keep theirs."""
        changed = {key: one for key, one in badges.items() if key in self._videos and self._badges.get(key) != one}
        self._badges.set_badges(changed)
        if changed and (self._by == Column.STATE or self._filtered.filter.state is not None):
            self._show(self._videos, self._sorted(self._videos))
        self._emit_changed(changed, Column.NAME, Column.STATE)
        self.content_changed.emit()

    def set_picture(self, video_id: int, picture: QPixmap) -> None:
        """Set the picture beside the name; the last few hundred are kept."""
        if video_id in self._videos:
            self._pictures[video_id] = picture
            self._pictures.move_to_end(video_id)
            while len(self._pictures) > _MAX_PICTURES:
                self._pictures.popitem(last=False)
            self._emit_changed((video_id,), Column.NAME, Column.NAME)

    def set_filter(
        self, text: str = "", action: str | None = None, split: Split | None = None, state: StateFilter | None = None
    ) -> None:
        """Show only those (see `VideoFilter`)."""
        if (video_filter := VideoFilter(text, action, split, state)) != self._filtered.filter:
            self._filtered.filter = video_filter
            self._show(self._videos, self._order)
            self.content_changed.emit()

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self._is_read_only = is_read_only

    def video_at(self, row: int) -> VideoRow:
        """Return the video of that row; IndexError past the end."""
        return self._videos[self._shown[row]]

    def row_of(self, video_id: int) -> int:
        """Return the row of a video; -1 where it is not shown."""
        return self._row_by_id.get(video_id, -1)

    def video(self, video_id: int) -> VideoRow | None:
        """Return a video, shown or not; None where there is none."""
        return self._videos.get(video_id)

    def badges(self, video_id: int) -> Badges | None:
        """Return the badges of a video; None while they are not known."""
        return self._badges.get(video_id)

    def picture(self, video_id: int) -> QPixmap | None:
        """Return the picture of a video; None while there is none."""
        return self._pictures.get(video_id)

    def rows(self, ids: Iterable[int]) -> list[VideoRow]:
        """Return these videos, shown or not, without those that are gone."""
        return [self._videos[key] for key in ids if key in self._videos]

    def missing(self, ids: Iterable[int] | None = None) -> tuple[int, ...]:
        """Return those of these videos, or of all, whose files are not where they were."""
        among = self._order if ids is None else ids
        return tuple(key for key in among if key in self._badges.missing) if self._badges.missing else ()

    def num_broken(self) -> int:
        return len(self._badges.broken)

    def actions(self) -> list[str]:
        """Return the actions of the videos, each once, sorted."""
        return sorted({video.action for video in self._videos.values()} - {""}, key=natural)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, then by name. Later videos are sorted in, so that the same order again is nothing to do."""
        sorting = Column(column), order == Qt.SortOrder.DescendingOrder
        if sorting == (self._by, self._descending):
            return
        self._by, self._descending = sorting
        self._show(self._videos, self._sorted(self._videos))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOTHING) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _WRITABLE if index.column() in EDITABLE and not self._is_read_only else _READABLE

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Vertical:
            return None
        return column_title(Column(section)) if role == _DISPLAY else None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        video, column = self.video_at(index.row()), Column(index.column())
        badges = self._badges.get(video.id)
        if role == _DISPLAY:
            return cell_text(video, column, badges)
        if role == _EDIT:
            return video.split if column == Column.SPLIT else cell_text(video, column, badges)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.NAME:
            return self._pictures.get(video.id)
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell_tip(video, column, badges)
        return cell_spoken(video, column, badges) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def setData(self, index: QModelIndex | QPersistentModelIndex, value: Any, role: int = _EDIT) -> bool:  # noqa: N802
        """Request an edit; the row changes when the project has."""
        if role == _EDIT and index.isValid():
            self.cell_edited.emit(self.video_at(index.row()).id, index.column(), str(value).strip())
        return False

    def _changes_order(self, before: VideoRow, after: VideoRow) -> bool:
        """Return whether a change of this row can change the order, or what is shown."""
        key = SORT_KEYS.get(self._by, "name")
        if before.name != after.name or getattr(before, key) != getattr(after, key):
            return True
        badges = self._badges.get(before.id)
        return self._filtered.accepts(before, badges) != self._filtered.accepts(after, badges)

    def _arrange(self, videos: dict[int, VideoRow], ids: Iterable[int]) -> None:
        """Show these, sorted anew: what is nearly in order is sorted in no time."""
        self._by_name = sorted(ids, key=lambda key: natural(videos[key].name))
        self._show(videos, self._sorted(videos))

    def _sorted(self, videos: Mapping[int, VideoRow]) -> list[int]:
        if self._by == Column.NAME and not self._descending:
            return self._by_name
        named = [videos[key] for key in self._by_name]
        return [video.id for video in by_column(named, self._by, self._badges, descending=self._descending)]

    def _show(self, videos: dict[int, VideoRow], order: list[int]) -> None:
        """Show these from now on; selected and current cells go with their videos."""
        shown = self._filtered.apply(videos, order, self._badges)
        if not self._shown or not shown:
            self.beginResetModel()
            self._set_rows(videos, order, shown)
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        cells = [(self._shown[index.row()], index.column()) for index in before]
        self._set_rows(videos, order, shown)
        self.changePersistentIndexList(before, [self._index_of(*cell) for cell in cells])
        self.layoutChanged.emit()

    def _set_rows(self, videos: dict[int, VideoRow], order: list[int], shown: list[int]) -> None:
        self._videos, self._order, self._shown = videos, order, shown
        self._row_by_id = {key: row for row, key in enumerate(shown)}

    def _index_of(self, video_id: int, column: int) -> QModelIndex:
        row = self.row_of(video_id)
        return self.index(row, column) if row >= 0 else QModelIndex()

    def _emit_changed(self, ids: Iterable[int], first: Column, last: Column) -> None:
        rows = [self._row_by_id[key] for key in ids if key in self._row_by_id]
        if rows:  # one signal: a view repaints what it shows of the span, however long that is
            self.dataChanged.emit(self.index(min(rows), first), self.index(max(rows), last))
