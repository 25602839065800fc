"""Cells of the list of videos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from carl_gui.models.messages import BadgeKind, badge_kinds, badge_text, displayable, path_text, split_text
from carl_gui.models.rows import Index
from carl_gui.models.video_filter import NUMBERS, Column, cell_text
from carl_gui.theme import ThemeColours, colours_of
from carl_gui.videos.model import VideosModel
from carl_gui.widgets.delegate import END, LEFT, MIDDLE, RIGHT, Cell, RowDelegate
from carl_gui.widgets.factories import named, scaled_font
from carl_gui.widgets.pictures import PICTURE_SIZE, draw_thumbnail
from core.project.badges import Badges
from core.project.rows import SPLITS, VideoRow

_PADDING, _GAP = 6, 4
_SMALLER = 0.85


def chip_font(font: QFont) -> QFont:
    """Return a smaller font for chips."""
    small = scaled_font(font, scale=_SMALLER)
    return small


def chips_width(font: QFont, words: Sequence[str]) -> int:
    """Return the width of these chips in one line."""
    letters = QFontMetrics(chip_font(font))
    return sum(letters.horizontalAdvance(word) + 2 * _PADDING + _GAP for word in words)


class ChipPainter:
    """Lays out chips in as many lines as needed."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, chips: Sequence[tuple[BadgeKind, str]]
    ) -> None:
        """Draw them, on the middle of the area."""
        if not chips:
            return
        font = chip_font(option.font)
        letters = QFontMetrics(font)
        height = letters.height() + 2
        lines = _lines(letters, area.width(), chips)
        top = area.center().y() + 1 - (len(lines) * (height + _GAP) - _GAP) // 2
        colours = colours_of(option.palette)
        is_on = QStyle.StateFlag.State_Selected in option.state
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        for line in lines:
            left = area.left()
            for kind, word, width in line:
                box = QRectF(left + 0.5, top + 0.5, width - 1, height - 1)
                edge, fill, ink = _colours_of_kind(kind, colours)
                painter.setPen(QColor(colours.accent_text if is_on and fill == colours.accent else edge))
                painter.setBrush(QColor(fill))
                painter.drawRoundedRect(box, height / 2, height / 2)
                if kind == "predicted":  # as its labels are in the timeline
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QBrush(QColor(colours.border), Qt.BrushStyle.BDiagPattern))
                    painter.drawRoundedRect(box, height / 2, height / 2)
                painter.setPen(QColor(ink))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
                left += width + _GAP
            top += height + _GAP


def _lines(
    letters: QFontMetrics, room: int, chips: Sequence[tuple[BadgeKind, str]]
) -> list[list[tuple[BadgeKind, str, int]]]:
    lines: list[list[tuple[BadgeKind, str, int]]] = []
    left = 0
    for kind, word in chips:
        width = letters.horizontalAdvance(word) + 2 * _PADDING
        if not lines or left + width > room:
            lines.append([])
            left = 0
        lines[-1].append((kind, word, width))
        left += width + _GAP
    return lines


def _colours_of_kind(kind: BadgeKind, colours: ThemeColours) -> tuple[str, str, str]:
    """Return edge, fill and ink."""
    if kind == "broken":
        return colours.warning, colours.warning, colours.base
    if kind == "missing":
        return colours.warning, colours.base, colours.warning
    if kind == "labelled":
        return colours.accent, colours.accent, colours.accent_text
    if kind in ("embedded", "predicted"):
        return colours.curve, colours.base, colours.curve
    return colours.border, colours.base, colours.muted_text


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
        """Set the columns that have no room: their texts stand small below the name."""
        self._hidden = columns

    def draw(self, cell: Cell) -> None:
        model, column = cast(VideosModel, cell.index.model()), Column(cell.index.column())
        video = model.video_at(cell.index.row())
        badges = model.badges(video.id)
        if column == Column.NAME:
            self._draw_name(cell, model, video, badges)
        elif column == Column.STATE:
            chips = [(kind, badge_text(kind)) for kind in badge_kinds(badges)]
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
        draw_thumbnail(cell.painter, cell.option.palette, box, model.picture(video.id))
        area, name = text_area(rect), displayable(video.name)
        below, is_warning = self._below(video, badges)
        if not below:
            cell.write(area, name)
            return
        line = QRect(area.left(), area.center().y() - height + 1, area.width(), height)
        cell.write(line, name)
        ink = cell.ink(cell.colours.warning if is_warning else QPalette.ColorRole.PlaceholderText)
        elide, small = END if is_warning else MIDDLE, scaled_font(cell.option.font, scale=0.88)
        cell.write(line.translated(0, height), below, ink, elide=elide, font=small)

    def _below(self, video: VideoRow, badges: Badges | None) -> tuple[str, bool]:
        """Return the text under the name, and whether it is an error."""
        if badges is not None and badges.broken:
            return displayable(badges.broken), True
        if badges is not None and badges.missing:
            return path_text(video), False
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
            combo.addItem(split_text(split), split)
        combo.activated.connect(lambda: self._on_choice(combo))
        QTimer.singleShot(0, combo, combo.showPopup)  # once it has its place
        return combo

    def _on_choice(self, combo: QComboBox) -> None:
        combo.setProperty(_TOUCHED, True)
        self.commitData.emit(combo)
        self.closeEditor.emit(combo, QStyledItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """Fill the editor; a row that changes during editing does not take the text away."""
        if editor.property(_AT_FIRST) is not None:
            return
        value = index.data(Qt.ItemDataRole.EditRole)
        editor.setProperty(_AT_FIRST, value)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QLineEdit):
            editor.setText(value)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        """Store only what was chosen or typed: leaving the field alone changes nothing in other selected rows."""
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
        """Leave the field by Tab with its contents, and open no other one."""
        is_tab = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        if is_tab and event.type() == QEvent.Type.KeyPress and isinstance(editor, QWidget):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
            return True
        return super().eventFilter(editor, event)


def text_area(cell: QRect) -> QRect:
    """Return the area that the picture leaves in a cell with a name."""
    return cell.adjusted(MARGIN + PICTURE_SIZE.width() + 10, 0, -MARGIN, 0)
