"""The list of videos: columns, header, pictures in sight."""

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
from carl_gui.widgets.pictures import PICTURE_SIZE, fitted
from core.project.rows import SPLITS

_REST_MS = 50
"""While it scrolls, pictures are asked for no more often."""


class PicturesInSight(QObject):
    """Emits which visible rows have no thumbnail yet."""

    wanted = Signal(list)
    """Video ids, from the top down."""

    def __init__(self, model: VideosModel, table: QTableView) -> None:
        super().__init__(table)
        self._model, self._table = model, table
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self._ask)

    def look(self) -> None:
        """Something else may be in sight: look soon."""
        if not self._resting.isActive():
            self._resting.start()

    def _ask(self) -> None:
        if not self._table.isVisible() or not self._model.shown:
            return
        first, last = self._table.rowAt(0), self._table.rowAt(self._table.viewport().height() - 1)
        in_sight = self._model.shown[max(first, 0) : last + 1 if last >= 0 else None]
        without = [key for key in in_sight if self._model.picture(key) is None and self._may_have(key)]
        if without:
            self.wanted.emit(without)

    def _may_have(self, video_id: int) -> bool:
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
        """Of those that come and go; the person may have changed them."""

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
        """Shown or not."""
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
        """Up where the smallest stands first."""
        way = -1 if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else 1
        corners = ((-4, -2), (4, -2), (0, 3))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.ButtonText))
        painter.drawPolygon(QPolygonF([middle + QPointF(x - 2, way * y) for x, y in corners]))


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

    def clear_if_missing(self) -> None:
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
