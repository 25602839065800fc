"""Context menu and dialogs of the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from carl_gui.models.messages import displayable, split_word
from carl_gui.models.video_cells import Column, column_title
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
            action = self._split_menu.addAction(split_word(split))
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
        by, way = QActionGroup(self), QActionGroup(self)
        self._columns = [menu.addAction(column_title(column)) for column in Column]
        menu.addSeparator()
        self._ways = [menu.addAction(self.tr("Ascending")), menu.addAction(self.tr("Descending"))]
        for group, actions in ((by, self._columns), (way, self._ways)):
            for action in actions:
                action.setCheckable(True)
                group.addAction(action)
            group.triggered.connect(self._say_sorting)

    def show_for(self, videos: Sequence[VideoRow], sorted_by: tuple[Column, bool], *, is_editable: bool) -> None:
        """Tick what is so now."""
        splits = {video.split for video in videos}
        for split, action in self._splits.items():
            action.setChecked(splits == {split})
        self._split_menu.setEnabled(is_editable and bool(videos))
        self._columns[sorted_by[0]].setChecked(True)
        self._ways[sorted_by[1]].setChecked(True)

    def _say_sorting(self) -> None:
        column = next(column for column in Column if self._columns[column].isChecked())
        is_down = self._ways[1].isChecked()
        self.sort_selected.emit(column, Qt.SortOrder.DescendingOrder if is_down else Qt.SortOrder.AscendingOrder)


def ask_for_videos(parent: QWidget, mode: QFileDialog.FileMode, take: Callable[[list[Path]], object]) -> None:
    """Let the person choose files, or a folder; `take` gets them, and is not called where nothing was chosen."""
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
    dialog.filesSelected.connect(lambda names: take([Path(name) for name in names]))
    dialog.open()


def ask_for_action(
    parent: QWidget, videos: Sequence[VideoRow], known: Sequence[str], take: Callable[[str], object]
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
    dialog.textValueSelected.connect(lambda text: take(text.strip()))
    dialog.open()
