"""The list of past searches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPalette, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyleOptionViewItem, QWidget

from carl_gui.explore.search.filters import Filters
from carl_gui.models.messages import tooltip
from carl_gui.models.rows import Index, RowsModel
from carl_gui.models.scene import VideoRange
from carl_gui.widgets.delegate import Cell, RowDelegate
from carl_gui.widgets.pictures import draw_picture


@dataclass(frozen=True, slots=True)
class PastSearch:
    """One past search."""

    video_range: VideoRange
    filters: Filters
    name: str
    """The displayable name of its video."""
    time_text: str
    """The time, in words."""

    @property
    def pictured(self) -> int:
        """The frame that represents it."""
        return (self.video_range.start_frame + self.video_range.end_frame_exclusive - 1) // 2


class EntriesModel(RowsModel[PastSearch]):
    """Each frame or span once."""

    TIME_TEXT = Qt.ItemDataRole.UserRole + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[tuple[int, int], QPixmap] = {}

    def set_rows(self, rows: Sequence[PastSearch]) -> None:
        visible = {(one.video_range.video_id, one.pictured) for one in rows}
        self._pictures = {key: picture for key, picture in self._pictures.items() if key in visible}
        super().set_rows(rows)

    def set_picture(self, video_id: int, frame: int, picture: QPixmap) -> None:
        """Set the picture of the entries that show this frame."""
        for row, entry in enumerate(self.rows):
            if (entry.video_range.video_id, entry.pictured) == (video_id, frame):
                self._pictures[video_id, frame] = picture
                self.announce(row, row)

    def picture(self, row: int) -> QPixmap | None:
        """Return the picture; None while there is none."""
        entry = self.rows[row]
        return self._pictures.get((entry.video_range.video_id, entry.pictured))

    def key(self, row: PastSearch) -> VideoRange:
        return row.video_range

    def text(self, row: PastSearch) -> str:
        return row.name

    def tip(self, row: PastSearch) -> str:
        return tooltip(row.name, row.time_text)

    def spoken(self, row: PastSearch) -> str:
        return f"{row.name}, {row.time_text}"

    def value(self, row: PastSearch, role: int) -> object:
        return row.time_text if role == EntriesModel.TIME_TEXT else None


_PICTURE = QSize(57, 32)
_MARGIN = 5
_MOST_IN_SIGHT = 5


class _EntryDelegate(RowDelegate):
    """Draws a picture, the video's name, and the time."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(120, _height(option.fontMetrics))

    def draw(self, cell: Cell) -> None:
        model, height = cast(EntriesModel, cell.index.model()), cell.letters.lineSpacing()
        inner = cell.option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        box = QRect(inner.topLeft(), _PICTURE)
        box.moveTop(inner.center().y() - box.height() // 2)
        draw_picture(cell.painter, cell.option.palette, box, model.picture(cell.index.row()))
        left = box.right() + 9
        line = QRect(left, inner.center().y() - height + 1, inner.right() - left, height)
        cell.write(line, str(cell.index.data()))
        time_text, muted = str(cell.index.data(EntriesModel.TIME_TEXT)), cell.ink(QPalette.ColorRole.PlaceholderText)
        cell.write(line.translated(0, height), time_text, muted)
        cell.focus()


def _height(letters: QFontMetrics) -> int:
    return max(_PICTURE.height(), 2 * letters.lineSpacing()) + 2 * _MARGIN


class HistoryList(QListView):
    """A click repeats a search, and leaves the focus on the results; so does Enter, if Tab has led here."""

    entry_selected = Signal(int)
    """Its row."""
    scrolled = Signal()
    """Other rows are visible."""

    def __init__(self, model: EntriesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setAccessibleName(self.tr("Earlier searches"))
        self.setModel(model)
        self.setItemDelegate(_EntryDelegate(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda index: self.entry_selected.emit(index.row()))
        self.activated.connect(lambda index: self.entry_selected.emit(index.row()))
        self.verticalScrollBar().valueChanged.connect(self.scrolled)
        model.modelReset.connect(self._fit)
        self._fit()

    def set_current(self, row: int) -> None:
        """Set the current row; -1: none."""
        index = self._model.index(row)
        self.setCurrentIndex(index if row >= 0 else QModelIndex())
        if row >= 0:
            self.scrollTo(index)

    @property
    def visible_rows(self) -> list[int]:
        """The visible rows."""
        first = self.indexAt(self.viewport().rect().topLeft()).row()
        return list(range(max(first, 0), min(max(first, 0) + _MOST_IN_SIGHT + 2, len(self._model.rows))))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """Set the height to that of the first few entries."""
        self.setFixedHeight(
            _height(self.fontMetrics()) * max(1, min(len(self._model.rows), _MOST_IN_SIGHT)) + 2 * self.frameWidth()
        )
