"""Draw and edit the cells of the library."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from carl_gui.models.messages import badge_kinds, badge_word, displayable, place_of, split_word
from carl_gui.models.rows import Index
from carl_gui.models.video_cells import NUMBERS, Column, cell_text
from carl_gui.models.videos import VideosModel
from carl_gui.panels.library.badge_chips import ChipPainter
from carl_gui.panels.library.thumbnail_box import PICTURE_SIZE, draw_picture
from carl_gui.panels.padded_delegate import END, LEFT, MIDDLE, RIGHT, Cell, RowDelegate
from carl_gui.panels.widgets import lettered, named
from core.project.badges import Badges
from core.project.rows import SPLITS, VideoRow

MARGIN = 8
_TOUCHED = "touched"
_AT_FIRST = "at_first"


class VideoDelegate(RowDelegate):
    """Draws from the model's rows directly, because one role at a time would be four times as many calls."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden: tuple[Column, ...] = ()
        self._chips = ChipPainter()

    def set_hidden(self, columns: tuple[Column, ...]) -> None:
        """Columns that have no room: what they say stands small below the name."""
        self._hidden = columns

    def draw(self, cell: Cell) -> None:
        model, column = cast(VideosModel, cell.index.model()), Column(cell.index.column())
        video = model.video_at(cell.index.row())
        badges = model.badges(video.id)
        if column == Column.NAME:
            self._draw_name(cell, model, video, badges)
        elif column == Column.STATE:
            chips = [(kind, badge_word(kind)) for kind in badge_kinds(badges)]
            self._chips.paint(cell.painter, cell.option, cell.option.rect.adjusted(MARGIN, 0, -2, 0), chips)
        else:
            text = cell_text(video, column, badges)
            ink = cell.ink(QPalette.ColorRole.Text if text else QPalette.ColorRole.PlaceholderText)
            area = cell.option.rect.adjusted(MARGIN, 0, -MARGIN, 0)
            cell.write(area, text or "–", ink, RIGHT if column in NUMBERS else LEFT)
        cell.focus()

    def _draw_name(self, cell: Cell, model: VideosModel, video: VideoRow, badges: Badges | None) -> None:
        rect, height = cell.option.rect, cell.letters.lineSpacing()
        box = QRect(rect.left() + MARGIN, 0, PICTURE_SIZE.width(), PICTURE_SIZE.height())
        box.moveTop(rect.center().y() - box.height() // 2)
        draw_picture(cell.painter, cell.option.palette, box, model.picture(video.id))
        area, name = text_area(rect), displayable(video.name)
        below, is_warning = self._below(video, badges)
        if not below:
            cell.write(area, name)
            return
        line = QRect(area.left(), area.center().y() - height + 1, area.width(), height)
        cell.write(line, name)
        ink = cell.ink(cell.colours.warning if is_warning else QPalette.ColorRole.PlaceholderText)
        elide, small = END if is_warning else MIDDLE, lettered(cell.option.font, scale=0.88)
        cell.write(line.translated(0, height), below, ink, elide=elide, font=small)

    def _below(self, video: VideoRow, badges: Badges | None) -> tuple[str, bool]:
        """What stands under the name, and whether it is an error."""
        if badges is not None and badges.broken:
            return displayable(badges.broken), True
        if badges is not None and badges.missing:
            return place_of(video), False
        return " · ".join(filter(None, (cell_text(video, column, badges) for column in self._hidden))), False

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        if index.column() == Column.SPLIT:
            return self._new_combo(parent)
        field = named(QLineEdit(parent), self.tr("Action") if index.column() == Column.ACTION else self.tr("Name"))
        if index.column() == Column.ACTION:
            completer = QCompleter(cast(VideosModel, index.model()).actions(), field)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            field.setCompleter(completer)
        return field

    def _new_combo(self, parent: QWidget) -> QComboBox:
        combo = named(QComboBox(parent), self.tr("Split"))
        for split in SPLITS:
            combo.addItem(split_word(split), split)
        combo.activated.connect(lambda: self._on_choice(combo))
        QTimer.singleShot(0, combo, combo.showPopup)  # once it has its place
        return combo

    def _on_choice(self, combo: QComboBox) -> None:
        combo.setProperty(_TOUCHED, True)
        self.commitData.emit(combo)
        self.closeEditor.emit(combo, QStyledItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """As the cell is; a row that changes while somebody types does not take their text away."""
        if editor.property(_AT_FIRST) is not None:
            return
        value = index.data(Qt.ItemDataRole.EditRole)
        editor.setProperty(_AT_FIRST, value)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QLineEdit):
            editor.setText(value)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        """Only what somebody chose or typed: leaving the field alone changes nothing in the other chosen rows."""
        if isinstance(editor, QComboBox):
            if editor.property(_TOUCHED):
                model.setData(index, editor.currentData())
        elif isinstance(editor, QLineEdit) and (editor.isModified() or editor.text() != editor.property(_AT_FIRST)):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        area = option.rect.adjusted(1, 0, -1, 0)
        if index.column() == Column.NAME:
            area.setLeft(text_area(option.rect).left() - 4)
        height = min(editor.sizeHint().height(), area.height())
        editor.setGeometry(area.left(), area.center().y() - height // 2, area.width(), height)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:  # noqa: N802
        """Tab leaves the field with what is in it, and opens no other one."""
        is_tab = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        if is_tab and event.type() == QEvent.Type.KeyPress and isinstance(editor, QWidget):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
            return True
        return super().eventFilter(editor, event)


def text_area(cell: QRect) -> QRect:
    """Of a cell with a name: what the picture leaves."""
    return cell.adjusted(MARGIN + PICTURE_SIZE.width() + 10, 0, -MARGIN, 0)
