"""Draw and edit the cells of the library."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from carl_gui.models.messages import badge_kinds, badge_word, displayable, place_of, split_word
from carl_gui.models.video_cells import NUMBERS, Column, cell_text
from carl_gui.models.videos import VideosModel
from carl_gui.panels.library.badge_chips import ChipPainter
from carl_gui.panels.library.thumbnail_box import PICTURE_SIZE, draw_picture
from carl_gui.panels.widgets import named
from carl_gui.theme import colours_of
from core.project.badges import Badges
from core.project.rows import SPLITS, VideoRow

MARGIN = 8
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_SELECTED, _FOCUSED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_HasFocus
_TOUCHED = "touched"
_AT_FIRST = "at_first"


class VideoDelegate(QStyledItemDelegate):
    """Draws from the model's rows directly, because one role at a time would be four times as many calls."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden: tuple[Column, ...] = ()
        self._chips = ChipPainter()

    def set_hidden(self, columns: tuple[Column, ...]) -> None:
        """Columns that have no room: what they say stands small below the name."""
        self._hidden = columns

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = cast(VideosModel, index.model())
        video, column = model.video_at(index.row()), Column(index.column())
        badges = model.badges(video.id)
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        painter.save()
        painter.setFont(option.font)
        if column == Column.NAME:
            self._paint_name(painter, option, model, video, badges)
        elif column == Column.STATE:
            chips = [(kind, badge_word(kind)) for kind in badge_kinds(badges)]
            self._chips.paint(painter, option, option.rect.adjusted(MARGIN, 0, -2, 0), chips)
        else:
            self._paint_text(painter, option, column, cell_text(video, column, badges))
        if _FOCUSED in option.state:
            painter.setPen(_ink(option, QPalette.ColorRole.Text))
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        painter.restore()

    def _paint_text(self, painter: QPainter, option: QStyleOptionViewItem, column: Column, text: str) -> None:
        area = option.rect.adjusted(MARGIN, 0, -MARGIN, 0)
        painter.setPen(_ink(option, QPalette.ColorRole.Text if text else QPalette.ColorRole.PlaceholderText))
        elided = option.fontMetrics.elidedText(text or "–", Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, _RIGHT if column in NUMBERS else _LEFT, elided)

    def _paint_name(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        model: VideosModel,
        video: VideoRow,
        badges: Badges | None,
    ) -> None:
        cell = option.rect
        box = QRect(cell.left() + MARGIN, 0, PICTURE_SIZE.width(), PICTURE_SIZE.height())
        box.moveTop(cell.center().y() - box.height() // 2)
        draw_picture(painter, option.palette, box, model.picture(video.id))
        area = text_area(cell)
        below, is_warning = self._below(video, badges)
        letters = option.fontMetrics
        name = letters.elidedText(displayable(video.name), Qt.TextElideMode.ElideMiddle, area.width())
        painter.setPen(_ink(option, QPalette.ColorRole.Text))
        if not below:
            painter.drawText(area, _LEFT, name)
            return
        top = area.center().y() - letters.lineSpacing() + 1
        line = QRect(area.left(), top, area.width(), letters.lineSpacing())
        painter.drawText(line, _LEFT, name)
        small = option.font
        small.setPointSizeF(small.pointSizeF() * 0.88)
        painter.setFont(small)
        painter.setPen(_ink(option, QPalette.ColorRole.PlaceholderText))
        if is_warning and _SELECTED not in option.state:
            painter.setPen(colours_of(option.palette).warning)
        mode = Qt.TextElideMode.ElideRight if is_warning else Qt.TextElideMode.ElideMiddle
        shown = QFontMetrics(small).elidedText(below, mode, area.width())
        painter.drawText(line.translated(0, letters.lineSpacing()), _LEFT, shown)

    def _below(self, video: VideoRow, badges: Badges | None) -> tuple[str, bool]:
        """What stands under the name, and whether it is a complaint."""
        if badges is not None and badges.broken:
            return displayable(badges.broken), True
        if badges is not None and badges.missing:
            return place_of(video), False
        return " · ".join(filter(None, (cell_text(video, column, badges) for column in self._hidden))), False

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:  # noqa: N802
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

    def setEditorData(self, editor: QWidget, index: _Index) -> None:  # noqa: N802
        """As the cell is; a row that changes while somebody types does not take their text away."""
        if editor.property(_AT_FIRST) is not None:
            return
        value = index.data(Qt.ItemDataRole.EditRole)
        editor.setProperty(_AT_FIRST, value)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QLineEdit):
            editor.setText(value)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:  # noqa: N802
        """Only what somebody chose or typed: leaving the field alone changes nothing in the other chosen rows."""
        if isinstance(editor, QComboBox):
            if editor.property(_TOUCHED):
                model.setData(index, editor.currentData())
        elif isinstance(editor, QLineEdit) and (editor.isModified() or editor.text() != editor.property(_AT_FIRST)):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: N802
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


def _ink(option: QStyleOptionViewItem, role: QPalette.ColorRole) -> QColor:
    return option.palette.color(QPalette.ColorRole.HighlightedText if _SELECTED in option.state else role)
