"""The table of videos: hides less important columns if they do not fit, and emits which rows are visible."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QImage, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from carl_gui.models.video_cells import Column
from carl_gui.models.videos import VideosModel
from carl_gui.panels.library.library_columns import Columns
from carl_gui.panels.library.library_header import LibraryHeader
from carl_gui.panels.library.pictures_in_sight import PicturesInSight
from carl_gui.panels.library.thumbnail_box import fitted

_OPENED_BY_CLICKS = (Column.ACTION, Column.SPLIT)
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
    """Ids of the rows in sight that have no picture though there may be one."""

    def __init__(self, model: VideosModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._is_told = True
        self._chosen = -1
        self._said: tuple[int, ...] = ()
        self._columns = Columns(self)
        self._sight = PicturesInSight(model, self)
        self._sight.wanted.connect(self.pictures_requested)
        self.setAccessibleName(self.tr("Videos of the project"))
        self.setModel(model)
        self.setItemDelegate(self._columns.delegate)
        self._set_up()
        self._set_up_header()
        model.layoutChanged.connect(self._go_back_to_chosen)
        model.modelReset.connect(self._go_back_to_chosen)
        model.dataChanged.connect(self._sight.look)
        self.verticalScrollBar().valueChanged.connect(self._sight.look)
        self.selectionModel().currentRowChanged.connect(self._say_chosen)
        self.selectionModel().selectionChanged.connect(self.say_selection)
        self.doubleClicked.connect(self._activate)

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)

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
        with self._silence():
            self._chosen, row = video_id, self._model.row_of(video_id)
            self.clearSelection()
            self.setCurrentIndex(self._model.index(row, Column.NAME) if row >= 0 else QModelIndex())
        self._said = self.selected

    def forget_if_gone(self) -> None:
        """The video that somebody went to may not be there any more."""
        if self._model.video(self._chosen) is None:
            self._chosen = -1

    def enter(self) -> None:
        """Choose the current row, or the first one, where none is chosen."""
        if self.selectionModel().hasSelection() or not self._model.shown:
            return
        current = self.currentIndex()
        start = current if current.isValid() else self._model.index(0, Column.NAME)
        with self._silence():
            self.setCurrentIndex(start)
        self._say_chosen(start)
        self.say_selection()

    def set_image(self, video_id: int, image: QImage) -> None:
        """The picture of a video."""
        self._model.set_picture(video_id, fitted(image, self.devicePixelRatioF()))

    def edit_cell(self, column: Column | None = None) -> None:
        """Let the person edit the current row: this column, or that of the focus where it can be edited."""
        current = self.currentIndex()
        if not current.isValid():
            return
        wanted = Column(current.column()) if column is None else column
        if wanted not in (Column.NAME, *_OPENED_BY_CLICKS) or self.isColumnHidden(wanted):
            wanted = Column.NAME
        target = current.siblingAtColumn(wanted)
        if not target.flags() & Qt.ItemFlag.ItemIsEditable:
            return
        self.selectionModel().setCurrentIndex(target, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.edit(target)

    def show_sorted(self, column: Column, order: Qt.SortOrder) -> None:
        """Sort by that column, as a click on its title does."""
        self.sortByColumn(column, order)

    def top_video(self) -> int:
        """Id of the first row in sight; -1 where all is in sight from the first row on."""
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
        """Letting go of the mouse on action or split keeps several rows chosen: a double click edits them all."""
        is_release = event is not None and event.type() == QEvent.Type.MouseButtonRelease
        if is_release and index.column() in _OPENED_BY_CLICKS and self.selectionModel().isSelected(index):
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return super().selectionCommand(index, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            if self.currentIndex().isValid():
                self.video_activated.emit(self._model.video_at(self.currentIndex().row()).id)
            return
        if event.key() in _MOVES and not event.modifiers() and not self.selectionModel().hasSelection():
            self.enter()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Qt makes the first row the current one; nobody has chosen it."""
        with self._silence():
            super().focusInEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_requested.emit(place)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._columns.fit()
        self._sight.look()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._sight.look()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._columns.measure()

    def say_selection(self, *_: QItemSelection) -> None:
        """Announce what is chosen, where it is something else than before."""
        selected = self.selected
        if self._is_told and selected != self._said:
            self._said = selected
            self.selection_changed.emit(selected)

    @contextlib.contextmanager
    def _silence(self) -> Iterator[None]:
        before, self._is_told = self._is_told, False
        try:
            yield
        finally:
            self._is_told = before

    def _say_chosen(self, current: QModelIndex) -> None:
        if self._is_told and current.isValid():
            self._chosen = self._model.video_at(current.row()).id
            self.video_selected.emit(self._chosen)

    def _activate(self, index: QModelIndex) -> None:
        """A double click edits what is not the name: that one it opens."""
        if index.column() in _OPENED_BY_CLICKS and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
        else:
            self.video_activated.emit(self._model.video_at(index.row()).id)

    def _go_back_to_chosen(self) -> None:
        """The current row may have been out of the filter's sight, and is there again."""
        row = self._model.row_of(self._chosen)
        if row >= 0 and not self.currentIndex().isValid():
            flag = QItemSelectionModel.SelectionFlag
            flags = flag.NoUpdate if self.selectionModel().hasSelection() else flag.ClearAndSelect | flag.Rows
            with self._silence():
                self.selectionModel().setCurrentIndex(self._model.index(row, Column.NAME), flags)
        self._sight.look()
