"""Menus of the library, and what is dropped on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from carl_gui.models.messages import displayable, split_text
from carl_gui.models.video_filter import Column, column_title
from carl_gui.theme import colours_of
from carl_gui.widgets.factories import scaled_font
from core.project.rows import SPLITS, Split, VideoRow
from core.video.inputs import VIDEO_EXTENSIONS


class RowMenu(QMenu):
    """Actions on the selected videos, and sorting."""

    split_selected = Signal(str)
    sort_selected = Signal(Column, Qt.SortOrder)

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self._splits: dict[Split, QAction] = {}
        for name in ("rename", "set_action"):
            self.addAction(commands[name])
        self._split_menu = self.addMenu(self.tr("Set split"))
        for split in SPLITS:
            action = self._split_menu.addAction(split_text(split))
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, split=split: self.split_selected.emit(split))
            self._splits[split] = action
        self.addSeparator()
        for name in ("find_moved", "reveal"):
            self.addAction(commands[name])
        self.addSeparator()
        self.addAction(commands["remove"])
        self.addSeparator()
        self._add_sorting()

    def _add_sorting(self) -> None:
        menu = self.addMenu(self.tr("Sort by"))
        by, direction = QActionGroup(self), QActionGroup(self)
        self._columns = [menu.addAction(column_title(column)) for column in Column]
        menu.addSeparator()
        self._directions = [menu.addAction(self.tr("Ascending")), menu.addAction(self.tr("Descending"))]
        for group, actions in ((by, self._columns), (direction, self._directions)):
            for action in actions:
                action.setCheckable(True)
                group.addAction(action)
            group.triggered.connect(self._emit_sorting)

    def update_for(self, videos: Sequence[VideoRow], sorted_by: tuple[Column, bool], *, is_editable: bool) -> None:
        """Tick what is so now."""
        splits = {video.split for video in videos}
        for split, action in self._splits.items():
            action.setChecked(splits == {split})
        self._split_menu.setEnabled(is_editable and bool(videos))
        self._columns[sorted_by[0]].setChecked(True)
        self._directions[sorted_by[1]].setChecked(True)

    def _emit_sorting(self) -> None:
        column = next(column for column in Column if self._columns[column].isChecked())
        is_down = self._directions[1].isChecked()
        self.sort_selected.emit(column, Qt.SortOrder.DescendingOrder if is_down else Qt.SortOrder.AscendingOrder)


def ask_for_videos(parent: QWidget, mode: QFileDialog.FileMode, on_chosen: Callable[[list[Path]], object]) -> None:
    """Let the person choose files, or a folder; `on_chosen` gets them, and is not called where nothing was chosen."""
    translate = QCoreApplication.translate
    if mode == QFileDialog.FileMode.Directory:
        dialog = QFileDialog(parent, translate("Library", "Add folder of videos"))
    else:
        kinds = " ".join(f"*{extension}" for extension in sorted(VIDEO_EXTENSIONS))
        offered = translate("Library", "Videos ({kinds});;Lists of videos (*.csv *.txt);;All files (*)").format(
            kinds=kinds
        )
        dialog = QFileDialog(parent, translate("Library", "Add videos"), "", offered)
    dialog.setFileMode(mode)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda names: on_chosen([Path(name) for name in names]))
    dialog.open()


def ask_for_action(
    parent: QWidget, videos: Sequence[VideoRow], known: Sequence[str], on_chosen: Callable[[str], object]
) -> None:
    """Let the person type the action of these videos or choose a known one; empty takes it away."""
    translate = QCoreApplication.translate
    actions = {video.action for video in videos}
    now = actions.pop() if len(actions) == 1 else ""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(translate("Library", "Set action"))
    number = len(videos)
    dialog.setLabelText(translate("Library", "Action of %n video(s):", "", number))
    dialog.setComboBoxEditable(True)
    dialog.setComboBoxItems([displayable(action) for action in known])
    dialog.setTextValue(displayable(now))
    dialog.textValueSelected.connect(lambda text: on_chosen(text.strip()))
    dialog.open()


_LARGE = 1.5
_RADIUS = 10


def local_paths(data: QMimeData) -> list[Path]:
    """Return the dragged files and folders of this computer; other addresses are left out."""
    return [_path_of(url) for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


def _path_of(url: QUrl) -> Path:
    if os.name == "posix" and not url.host():  # a name that is no UTF-8 would lose its bytes in `toLocalFile`
        return Path(os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded))))
    return Path(url.toLocalFile())


class DropTarget(QWidget):
    """Accepts drops anywhere on a panel, and covers it with an overlay while dragging over it."""

    dropped = Signal(list)
    """Paths."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self._is_open = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        panel.setAcceptDrops(True)
        panel.installEventFilter(self)

    def set_open(self, is_open: bool) -> None:
        """Set whether anything may be dropped."""
        self._is_open = is_open

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Handle the panel's drag events, and follow its size."""
        kind = event.type()
        if kind == QEvent.Type.Resize:
            self.resize(self._panel.size())
        elif kind in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self.hide()
        if not isinstance(event, QDropEvent):  # enter and move are such, too
            return False
        paths = local_paths(event.mimeData()) if self._is_open else []
        if not paths:
            event.ignore()
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if isinstance(event, QDragEnterEvent):
            self.resize(self._panel.size())
            self.raise_()
            self.show()
        elif kind == QEvent.Type.Drop:
            self.dropped.emit(paths)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(colours.window)
        veil.setAlphaF(0.85)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(colours.curve), 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), _RADIUS, _RADIUS)
        painter.setFont(scaled_font(self.font(), scale=_LARGE, bold=True))
        painter.setPen(QColor(colours.text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self.tr("Drop to add to the project"))
