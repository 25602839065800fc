"""The page Videos as a widget, and what it shows without videos."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton, QSizePolicy, QStackedWidget, QWidget

from carl_gui import numbers
from carl_gui.models.video_filter import Column, VideoFilter
from carl_gui.theme import colours_of
from carl_gui.videos.commands import COMMANDS
from carl_gui.videos.filters import FilterBar
from carl_gui.videos.list import LibraryView
from carl_gui.videos.menus import DropTarget, RowMenu, ask_for_action, ask_for_videos
from carl_gui.videos.model import VideosModel
from carl_gui.widgets.factories import push_button, scaled_font
from carl_gui.widgets.layouts import STRETCH, Stretch, hbox, vbox
from core.project.badges import Badges
from core.project.rows import VideoRow

_LARGE = 1.5
_RADIUS = 10


class EmptyLibrary(QWidget):
    """A drop area for videos, with buttons."""

    files_requested = Signal()
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = _title(self.tr("Drop videos or folders here"))
        self._note = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._note.setMinimumWidth(1)
        self._files = push_button(self.tr("Add files…"), self.files_requested)
        self._folder = push_button(self.tr("Add folder…"), self.folder_requested)
        vbox(
            Stretch(3),
            64,
            title,
            self._note,
            hbox(STRETCH, self._files, self._folder, STRETCH, spacing=8),
            Stretch(4),
            on=self,
            margins=36,
            spacing=14,
        )
        self._title = title
        self.set_read_only(False)

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self._title.setText(self.tr("No videos") if is_read_only else self.tr("Drop videos or folders here"))
        self._note.setText(
            self.tr("This project has no videos and is read-only.")
            if is_read_only
            else self.tr("Videos stay where they are; the project only links to them.")
        )
        for button in (self._files, self._folder):
            button.setVisible(not is_read_only)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(colours.border), 1.5, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(QColor(colours.base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        self._draw_film(painter, QColor(colours.curve))

    def _draw_film(self, painter: QPainter, colour: QColor) -> None:
        """Draw a strip of film with an arrow into it, above the title."""
        middle, top = self.width() / 2, self._title.y() - 68.0
        painter.setPen(QPen(colour, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(middle - 34, top + 8, 68, 44), 5, 5)
        for side in (-26, 26):
            for hole in range(4):
                painter.fillRect(QRectF(middle + side - 2.5, top + 13 + hole * 10, 5, 5), colour)
        painter.drawLine(round(middle), round(top - 6), round(middle), round(top + 36))
        painter.drawLine(round(middle), round(top + 36), round(middle - 9), round(top + 27))
        painter.drawLine(round(middle), round(top + 36), round(middle + 9), round(top + 27))


class CountLine(QLabel):
    """`3 of 12 shown, 2 broken · 2 selected`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_counts(self, model: VideosModel, num_missing: int, num_selected: int) -> None:
        """Show how many videos there are, and how many are visible, broken, missing and selected."""
        count, broken = model.num_videos, model.num_broken()
        text = self.tr("%n video(s)", "", count)
        if not model.filter.is_empty:
            text = self.tr("{0} of %n shown", "", count).format(numbers.count(model.rowCount()))
        if broken:
            text += self.tr(", %n broken", "", broken)
        if num_missing:
            text += self.tr(", %n missing", "", num_missing)
        if num_selected > 1:
            text += self.tr(" · %n selected", "", num_selected)
        self.setText(text)
        self.setToolTip(text)


class MissingNotice(QWidget):
    """A line that says how many files are missing; hidden if none."""

    find_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel(wordWrap=True)
        self._find = push_button("", self.find_requested)
        hbox((self._text, 1), self._find, on=self, margins=(14, 5, 6, 5))
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Set the number of missing videos."""
        self._text.setText(self.tr("%n video(s) (is|are) missing.", "", count))
        self._find.setText(self.tr("Find (it|them)…", "", count))
        self.setVisible(count > 0)

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether nothing can be found again."""
        self._find.setEnabled(not is_read_only)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.base))
        painter.setPen(QColor(colours.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.fillRect(0, 0, 4, self.height(), QColor(colours.warning))


class NothingMatches(QWidget):
    """Placeholder if the filter hides all videos."""

    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._note.setMinimumWidth(1)
        clear = push_button(self.tr("Clear filter"), self.clear_requested)
        vbox(
            Stretch(2),
            _title(self.tr("No video matches")),
            self._note,
            (clear, 0, Qt.AlignmentFlag.AlignHCenter),
            Stretch(3),
            on=self,
            margins=None,
            spacing=12,
        )

    def set_hidden_count(self, count: int) -> None:
        """Set how many videos there are."""
        self._note.setText(self.tr("%n video(s) (is|are) hidden by the search or the filters.", "", count))


def _title(text: str) -> QLabel:
    label = QLabel(text, alignment=Qt.AlignmentFlag.AlignCenter)
    label.setFont(scaled_font(label.font(), scale=_LARGE, bold=True))
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # it widens nothing
    return label


class LibraryPanel(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Videos go by their ids."""

    add_requested = Signal(list)
    """Paths of files and folders."""
    video_selected = Signal(int)
    """The person went to another row."""
    video_activated = Signal(int)
    """A double click, or Enter."""
    selection_changed = Signal(tuple)
    name_edited = Signal(int, str)
    action_edited = Signal(tuple, str)
    split_edited = Signal(tuple, str)
    """The word is one of `core.project.rows.SPLITS`."""
    remove_requested = Signal(tuple)
    find_requested = Signal(tuple)
    """Videos that are missing."""
    reveal_requested = Signal(int)
    thumbnails_requested = Signal(list)
    """Ids of the visible rows; earlier requests are obsolete."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Library"))
        self._is_read_only = self._is_filled = False
        self._num_missing = 0
        self.model = VideosModel(self)
        self.commands = COMMANDS.actions(self)
        """By the names of `COMMANDS`."""
        self._add = QPushButton(self.tr("Add videos…"))
        self._filters = FilterBar(self._add)
        self._notice = MissingNotice()
        self.view = LibraryView(self.model)
        self._empty, self._nothing = EmptyLibrary(), NothingMatches()
        self._count = CountLine()
        self._menu = RowMenu(self.commands, self)
        self._drops = DropTarget(self)
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        menu = QMenu(self._add)
        menu.addAction(self.tr("Files…"), self.commands["add_files"].trigger)
        menu.addAction(self.tr("Folder…"), self.commands["add_folder"].trigger)
        self._add.setMenu(menu)
        self._pages = QStackedWidget()
        for page in (self.view, self._empty, self._nothing):
            self._pages.addWidget(page)
        layout = vbox(self._filters, self._notice, self._pages, self._count, on=self, margins=(8, 8, 8, 6), spacing=6)
        layout.setStretchFactor(self._pages, 1)

    def _connect(self) -> None:
        handlers: dict[str, Callable[[], None]] = {
            "add_files": lambda: ask_for_videos(self, QFileDialog.FileMode.ExistingFiles, self.add_requested.emit),
            "add_folder": lambda: ask_for_videos(self, QFileDialog.FileMode.Directory, self.add_requested.emit),
            "find": self._filters.focus,
            "edit_cell": self.view.edit_cell,
            "rename": lambda: self.view.edit_cell(Column.NAME),
            "set_action": self._ask_for_action,
            "find_moved": lambda: self.find_requested.emit(self.model.missing(self.view.selected)),
            "reveal": lambda: self.reveal_requested.emit(self.view.current),
            "remove": lambda: self.remove_requested.emit(self.view.selected),
        }
        for name, handler in handlers.items():
            self.commands[name].triggered.connect(lambda _=False, handler=handler: handler())
        self.model.content_changed.connect(self._refresh)
        self.model.cell_edited.connect(self._on_cell_edited)
        self.view.video_selected.connect(self.video_selected)
        self.view.video_activated.connect(self.video_activated)
        self.view.selection_changed.connect(self.selection_changed)
        self.view.pictures_requested.connect(self.thumbnails_requested)
        self.view.selectionModel().selectionChanged.connect(self._refresh_selection)
        self.view.selectionModel().currentChanged.connect(self._refresh_selection)
        self.view.menu_requested.connect(self._show_menu)
        self._menu.split_selected.connect(lambda split: self._emit_split(self.view.selected, split))
        self._menu.sort_selected.connect(self.view.show_sorted)
        self._filters.filter_selected.connect(self._on_filter_selected)
        self._filters.list_requested.connect(self._focus_list)
        self._notice.find_requested.connect(lambda: self.find_requested.emit(self.model.missing()))
        self._empty.files_requested.connect(self.commands["add_files"].trigger)
        self._empty.folder_requested.connect(self.commands["add_folder"].trigger)
        self._nothing.clear_requested.connect(self._filters.clear)
        self._drops.dropped.connect(self.add_requested)

    @property
    def selected(self) -> tuple[int, ...]:
        """Ids of the chosen videos, from the top down."""
        return self.view.selected

    @property
    def chosen(self) -> int:
        """Id of the video that the person went to last; -1: none."""
        return self.view.chosen

    def set_videos(self, videos: Sequence[VideoRow]) -> None:
        """Set all videos of the project; the selection and the scroll position stay."""
        top = self.view.top_video()
        self._is_filled = True
        self.model.set_videos(videos)
        self.view.scroll_to_top(top)
        self.view.clear_if_missing()

    def add_videos(self, videos: Sequence[VideoRow]) -> None:
        """Add these videos of the project; the selection and the scroll position stay."""
        top = self.view.top_video()
        self._is_filled = True
        self.model.add_videos(videos)
        self.view.scroll_to_top(top)

    def update_videos(self, videos: Sequence[VideoRow]) -> None:
        """Update these rows."""
        self.model.update_videos(videos)

    def set_badges(self, badges: Mapping[int, Badges]) -> None:
        """Update the badges of these videos; the others keep theirs."""
        self.model.set_badges(badges)

    def set_thumbnail(self, video_id: int, image: QImage) -> None:
        """Set a thumbnail that `thumbnails_requested` asked for."""
        self.view.set_image(video_id, image)

    def set_chosen(self, video_id: int) -> None:
        """Go to this video; -1: none."""
        self.view.set_chosen(video_id)

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self._is_read_only = is_read_only
        self.model.set_read_only(is_read_only)
        self._empty.set_read_only(is_read_only)
        self._notice.set_read_only(is_read_only)
        self._drops.set_open(not is_read_only)
        self._refresh()

    @property
    def filter(self) -> VideoFilter:
        """The current filter."""
        return self._filters.filter

    def set_filter(self, video_filter: VideoFilter) -> None:
        """Show these videos alone."""
        self._filters.set_filter(video_filter)

    @property
    def sorted_by(self) -> tuple[int, bool]:
        """The column, and whether it descends."""
        header = self.view.horizontalHeader()
        return header.sortIndicatorSection(), header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder

    def sort_by(self, column: int, descends: bool) -> None:
        """Show the videos in this order; another column than there are: as they are."""
        if 0 <= column < self.model.columnCount():
            order = Qt.SortOrder.DescendingOrder if descends else Qt.SortOrder.AscendingOrder
            self.view.sortByColumn(column, order)

    def clear_filter(self) -> None:
        """Show all videos."""
        self._filters.clear()

    def _refresh(self) -> None:
        """Refresh the parts around the rows."""
        count, shown, missing = self.model.num_videos, self.model.rowCount(), self.model.missing()
        has_rows = count > 0 or not self._is_filled
        self._filters.setVisible(has_rows)
        self._count.setVisible(has_rows)
        self._filters.set_actions(self.model.actions())
        if self._filters.filter != self.model.filter:  # the action that it asked for is gone
            self._on_filter_selected(self._filters.filter)
        self._nothing.set_hidden_count(count)
        self._pages.setCurrentWidget(
            self._empty if not has_rows else self._nothing if count > shown == 0 else self.view
        )
        self._notice.set_count(len(missing))
        self._num_missing = len(missing)
        self._refresh_selection()

    def _refresh_selection(self) -> None:
        """Refresh which commands are enabled, and the line below the rows."""
        selected, current = self.view.selected, self.view.current
        badges = self.model.badges(current)
        possible = {
            "": True,
            "add": not self._is_read_only,
            "videos": self.model.num_videos > 0,
            "edit": bool(selected) and not self._is_read_only,
            "missing": bool(self.model.missing(selected)) and not self._is_read_only,
            "here": current >= 0 and not (badges is not None and badges.missing),
        }
        for command in COMMANDS:
            self.commands[command.name].setEnabled(possible[command.needs])
        self._add.setEnabled(not self._is_read_only)
        self._count.show_counts(self.model, self._num_missing, len(selected))

    def _on_filter_selected(self, video_filter: VideoFilter) -> None:
        self.model.set_filter(video_filter.text, video_filter.action, video_filter.split, video_filter.state)
        self.view.show_chosen()
        self.view.announce_selection()

    def _focus_list(self) -> None:
        if self.model.rowCount():
            self.view.setFocus()
            self.view.select_current()

    def _on_cell_edited(self, video_id: int, column: int, text: str) -> None:
        """Apply an edit of one cell to all selected rows."""
        selected = self.view.selected
        ids = selected if video_id in selected else (video_id,)
        if column == Column.SPLIT:
            self._emit_split(ids, text)
        elif column == Column.ACTION:
            self._emit_action(ids, text)
        elif text and (video := self.model.video(video_id)) is not None and text != video.name:
            self.name_edited.emit(video_id, text)

    def _emit_split(self, ids: Sequence[int], split: str) -> None:
        if changed := tuple(video.id for video in self.model.rows(ids) if video.split != split):
            self.split_edited.emit(changed, split)

    def _emit_action(self, ids: Sequence[int], action: str) -> None:
        if changed := tuple(video.id for video in self.model.rows(ids) if video.action != action):
            self.action_edited.emit(changed, action)

    def _ask_for_action(self) -> None:
        ids = self.view.selected
        on_chosen = functools.partial(self._emit_action, ids)
        ask_for_action(self, self.model.rows(ids), self.model.actions(), on_chosen)

    def _show_menu(self, position: QPoint) -> None:
        videos = self.model.rows(self.view.selected)
        self._menu.update_for(videos, self.model.sorted_by, is_editable=not self._is_read_only)
        self._menu.popup(position)
