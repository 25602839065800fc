"""The list of videos: columns, header, visible thumbnails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPalette,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from carl_gui.models.messages import badge_text, duration_text, size_text, split_text
from carl_gui.models.video_filter import NUMBERS, Column, column_title
from carl_gui.videos.cells import MARGIN, VideoDelegate, chips_width
from carl_gui.videos.model import VideosModel
from carl_gui.widgets.factories import show_rows
from carl_gui.widgets.pictures import PICTURE_SIZE, fitted
from core.project.rows import SPLITS

_REST_MS = 50
"""While it scrolls, pictures are asked for no more often."""


class VisibleThumbnails(QObject):
    """Emits which visible rows have no thumbnail yet."""

    thumbnails_requested = Signal(list)
    """Video ids, from the top down."""

    def __init__(self, model: VideosModel, table: QTableView) -> None:
        super().__init__(table)
        self._model, self._table = model, table
        self._request_timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._request_timer.timeout.connect(self._request_missing)

    def refresh_soon(self) -> None:
        """Request thumbnails soon: other rows may be visible."""
        if not self._request_timer.isActive():
            self._request_timer.start()

    def _request_missing(self) -> None:
        if not self._table.isVisible() or not self._model.shown:
            return
        first, last = self._table.rowAt(0), self._table.rowAt(self._table.viewport().height() - 1)
        in_sight = self._model.shown[max(first, 0) : last + 1 if last >= 0 else None]
        without = [key for key in in_sight if self._model.picture(key) is None and self._may_have_thumbnail(key)]
        if without:
            self.thumbnails_requested.emit(without)

    def _may_have_thumbnail(self, video_id: int) -> bool:
        badges = self._model.badges(video_id)
        return badges is None or badges.decoded


_BARE = (Column.FRAMES, Column.SIZE)
"""Numbers that say little without their title: they do not stand below the name."""


class Columns:
    """Fits columns into a table; the contents of hidden ones are shown below the names."""

    def __init__(self, table: QTableView) -> None:
        self._table = table
        self.delegate = VideoDelegate(table)
        self._widths: dict[Column, int] = {}
        """Widths of the columns that come and go; the user may have changed them."""

    def measure(self) -> None:
        """Take the heights and widths from the font."""
        letters = self._table.fontMetrics()
        self._table.verticalHeader().setDefaultSectionSize(
            max(PICTURE_SIZE.height() + 12, 2 * letters.lineSpacing() + 12)
        )
        widest = {
            Column.ACTION: ["n" * 16],
            Column.SPLIT: [split_text(split) for split in SPLITS],
            Column.FRAMES: ["1,000,000"],
            Column.DURATION: [duration_text(36000)],
            Column.SIZE: [size_text(999_900_000)],
        }
        for column, texts in widest.items():
            title = letters.horizontalAdvance(column_title(column)) + 24  # with the arrow of the sorted one
            width = max(letters.horizontalAdvance(text) for text in texts)
            self._widths[column] = max(title, width + 2 * MARGIN + 4)
            self._table.setColumnWidth(column, self._widths[column])
        self.fit()

    def fit(self) -> None:
        """Show as many columns as there is room for beside a readable name, in the order of their weight."""
        words = [
            badge_text("decoded"),
            badge_text("embedded"),
            max(badge_text("labelled"), badge_text("predicted"), key=len),
        ]
        wide, narrow = (chips_width(self._table.font(), some) + MARGIN + 4 for some in (words, words[:2]))
        name = PICTURE_SIZE.width() + 3 * MARGIN + self._table.fontMetrics().averageCharWidth() * 26
        room = self._table.viewport().width() - name - narrow
        state, hidden = narrow, []
        for column in (Column.ACTION, Column.SPLIT, Column.STATE, Column.DURATION, Column.FRAMES, Column.SIZE):
            needs = wide - narrow if column == Column.STATE else self._width_of(column)
            if has_room := room >= needs:
                room -= needs
            else:
                room = 0  # a lesser column does not come before a weightier one
            if column == Column.STATE:
                state = wide if has_room else narrow
            else:
                self._table.setColumnHidden(column, not has_room)
                hidden += [] if has_room else [column]
        self._table.setColumnWidth(Column.STATE, state)
        self.delegate.set_hidden(tuple(column for column in hidden if column not in _BARE))

    def _width_of(self, column: Column) -> int:
        """Return the width of a column, visible or not."""
        if not self._table.isColumnHidden(column):
            self._widths[column] = self._table.columnWidth(column)
        return self._widths[column]


_ARROW = 14


class LibraryHeader(QHeaderView):
    """Drawn here so that titles stand above their texts: a style's own margin is another one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(20)
        self.setStretchLastSection(False)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(super().sizeHint().width(), self.fontMetrics().height() + 12)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N802, N803
        column, palette = Column(logicalIndex), self.palette()
        painter.save()
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Button))
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        area = rect.adjusted(MARGIN, 0, -MARGIN, 0)
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == column:
            self._draw_arrow(painter, QPointF(rect.right() - MARGIN, rect.center().y()))
            area.setRight(area.right() - _ARROW)
        side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
        painter.setPen(palette.color(QPalette.ColorRole.ButtonText))
        title = self.fontMetrics().elidedText(column_title(column), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, title)
        painter.restore()

    def _draw_arrow(self, painter: QPainter, middle: QPointF) -> None:
        """Draw the sort arrow, upwards for ascending order."""
        way = -1 if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else 1
        corners = ((-4, -2), (4, -2), (0, 3))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.ButtonText))
        painter.drawPolygon(QPolygonF([middle + QPointF(x - 2, way * y) for x, y in corners]))


_EDITED_BY_CLICK = (Column.ACTION, Column.SPLIT)
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_Index = QModelIndex | QPersistentModelIndex


class LibraryView(QTableView):
    """One row per video. Enter and a double click open one; F2, and a double click on action or split, edit."""

    video_selected = Signal(int)
    """The person went to another row."""
    video_activated = Signal(int)
    selection_changed = Signal(tuple)
    menu_requested = Signal(QPoint)
    """At that place of the screen."""
    pictures_requested = Signal(list)
    """Ids of the visible rows without a picture that may have one."""

    def __init__(self, model: VideosModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._is_announcing = True
        self._chosen = -1
        self._announced: tuple[int, ...] = ()
        self._columns = Columns(self)
        self._thumbnails = VisibleThumbnails(model, self)
        self._thumbnails.thumbnails_requested.connect(self.pictures_requested)
        self.setAccessibleName(self.tr("Videos of the project"))
        self.setModel(model)
        self.setItemDelegate(self._columns.delegate)
        self._set_up()
        self._set_up_header()
        model.layoutChanged.connect(self._restore_current)
        model.modelReset.connect(self._restore_current)
        model.dataChanged.connect(self._thumbnails.refresh_soon)
        self.verticalScrollBar().valueChanged.connect(self._thumbnails.refresh_soon)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.selectionModel().selectionChanged.connect(self.announce_selection)
        self.doubleClicked.connect(self._activate)

    def _set_up(self) -> None:
        show_rows(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)

    def _set_up_header(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = LibraryHeader(self)
        self.setHorizontalHeader(header)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(Column.NAME, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        header.sortIndicatorChanged.connect(self.show_chosen)  # after the table has sorted itself
        self._columns.measure()

    @property
    def selected(self) -> tuple[int, ...]:
        """Ids of the chosen videos, from the top down."""
        rows = {
            row for part in self.selectionModel().selection().toList() for row in range(part.top(), part.bottom() + 1)
        }
        return tuple(self._model.shown[row] for row in sorted(rows) if row < len(self._model.shown))

    @property
    def chosen(self) -> int:
        """Id of the current video, shown or not; -1 while there is none."""
        return self._chosen

    @property
    def current(self) -> int:
        """Id of the current row's video; -1 where none is current, or it is not shown."""
        index = self.currentIndex()
        return self._model.shown[index.row()] if index.isValid() else -1

    def set_chosen(self, video_id: int) -> None:
        """Go to this video and select it alone; -1: none. Announces nothing."""
        with self._silenced():
            self._chosen, row = video_id, self._model.row_of(video_id)
            self.clearSelection()
            self.setCurrentIndex(self._model.index(row, Column.NAME) if row >= 0 else QModelIndex())
        self._announced = self.selected

    def clear_if_missing(self) -> None:
        """Clear the chosen video if it is gone."""
        if self._model.video(self._chosen) is None:
            self._chosen = -1

    def select_current(self) -> None:
        """Choose the current row, or the first one, where none is chosen."""
        if self.selectionModel().hasSelection() or not self._model.shown:
            return
        current = self.currentIndex()
        start = current if current.isValid() else self._model.index(0, Column.NAME)
        with self._silenced():
            self.setCurrentIndex(start)
        self._on_current_changed(start)
        self.announce_selection()

    def set_image(self, video_id: int, image: QImage) -> None:
        """Set the picture of a video."""
        self._model.set_picture(video_id, fitted(image, self.devicePixelRatioF()))

    def edit_cell(self, column: Column | None = None) -> None:
        """Let the person edit the current row: this column, or that of the focus where it can be edited."""
        current = self.currentIndex()
        if not current.isValid():
            return
        target_column = Column(current.column()) if column is None else column
        if target_column not in (Column.NAME, *_EDITED_BY_CLICK) or self.isColumnHidden(target_column):
            target_column = Column.NAME
        target = current.siblingAtColumn(target_column)
        if not target.flags() & Qt.ItemFlag.ItemIsEditable:
            return
        self.selectionModel().setCurrentIndex(target, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.edit(target)

    def show_sorted(self, column: Column, order: Qt.SortOrder) -> None:
        """Sort by that column, as a click on its title does."""
        self.sortByColumn(column, order)

    def top_video(self) -> int:
        """Return the id of the first visible row; -1 where all is visible from the first row on."""
        row = self.rowAt(0)
        return self._model.shown[row] if row > 0 else -1

    def scroll_to_top(self, video_id: int) -> None:
        """Show this video's row first; nothing where it is not shown."""
        if (row := self._model.row_of(video_id)) >= 0:
            self.scrollTo(self._model.index(row, Column.NAME), QAbstractItemView.ScrollHint.PositionAtTop)

    def show_chosen(self) -> None:
        """Scroll to the current row."""
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def selectionCommand(  # noqa: N802
        self, index: _Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """Keep the selection when the mouse is released on action or split: a double click edits all selected rows."""
        is_release = event is not None and event.type() == QEvent.Type.MouseButtonRelease
        if is_release and index.column() in _EDITED_BY_CLICK and self.selectionModel().isSelected(index):
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return super().selectionCommand(index, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            if self.currentIndex().isValid():
                self.video_activated.emit(self._model.video_at(self.currentIndex().row()).id)
            return
        if event.key() in _MOVES and not event.modifiers() and not self.selectionModel().hasSelection():
            self.select_current()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Announce nothing: Qt makes the first row the current one, though nobody has chosen it."""
        with self._silenced():
            super().focusInEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        position = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            position = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_requested.emit(position)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._columns.fit()
        self._thumbnails.refresh_soon()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._thumbnails.refresh_soon()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._columns.measure()

    def announce_selection(self, *_: QItemSelection) -> None:
        """Announce what is chosen, where it is something else than before."""
        selected = self.selected
        if self._is_announcing and selected != self._announced:
            self._announced = selected
            self.selection_changed.emit(selected)

    @contextlib.contextmanager
    def _silenced(self) -> Iterator[None]:
        before, self._is_announcing = self._is_announcing, False
        try:
            yield
        finally:
            self._is_announcing = before

    def _on_current_changed(self, current: QModelIndex) -> None:
        if self._is_announcing and current.isValid():
            self._chosen = self._model.video_at(current.row()).id
            self.video_selected.emit(self._chosen)

    def _activate(self, index: QModelIndex) -> None:
        """Edit the cell that was double-clicked; open the video if it is the name."""
        if index.column() in _EDITED_BY_CLICK and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
        else:
            self.video_activated.emit(self._model.video_at(index.row()).id)

    def _restore_current(self) -> None:
        """Make the chosen video's row current again, which the filter may have hidden."""
        row = self._model.row_of(self._chosen)
        if row >= 0 and not self.currentIndex().isValid():
            flag = QItemSelectionModel.SelectionFlag
            flags = flag.NoUpdate if self.selectionModel().hasSelection() else flag.ClearAndSelect | flag.Rows
            with self._silenced():
                self.selectionModel().setCurrentIndex(self._model.index(row, Column.NAME), flags)
        self._thumbnails.refresh_soon()
