"""Cells of the list of runs: a check box with the line of the run, and its state and progress."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from carl_gui.models.rows import Index
from carl_gui.models.run_table import COMPARE, PAD, RunTable
from carl_gui.models.runs import UNDER_WAY, RunRow
from carl_gui.panels.padded_delegate import END, TICK_SIZE, Cell, PaddedDelegate
from carl_gui.panels.runs.run_colours import SWATCH_WIDTH, swatch
from carl_gui.theme import ThemeColours, colours_of

_BAR = 3
_GAP = 6
_FAINT = 0.16


class CompareDelegate(QStyledItemDelegate):
    """Draws a check box visible in every theme, and next to it the line of the run in the plot."""

    _slots: Mapping[str, int] = {}

    def set_slots(self, slots: Mapping[str, int]) -> bool:
        """The numbers of the drawn runs; returns whether they are others."""
        changed = slots != self._slots
        self._slots = dict(slots)
        return changed

    def width(self) -> int:
        """Pixels that a cell needs."""
        return TICK_SIZE + SWATCH_WIDTH + 3 * _GAP

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator  # the style's drowns in the dark

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = option.rect.center().y() + 1
        box = Cell(painter, option, index).tick(option.rect.left() + _GAP, middle)
        slot = self._slots.get(index.data(RunTable.RowRole).name)
        if slot is not None:
            plate = QRect(round(box.right()) + _GAP, round(middle) - 5, SWATCH_WIDTH, 10)
            if option.state & QStyle.StateFlag.State_Selected:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours_of(option.palette).base))
                painter.drawRoundedRect(QRectF(plate).adjusted(-2, -1, 2, 1), 3, 3)
            swatch(slot, option.palette).paint(painter, plate)
        painter.restore()


class NumberDelegate(PaddedDelegate):
    """Draws numbers with a margin at the right."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.text += PAD


class TailDelegate(PaddedDelegate):
    """Draws text elided at its end."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class StateDelegate(QStyledItemDelegate):
    """Draws the state in a rounded frame, with a thin progress bar below for unfinished runs."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.text = ""  # the style draws what lies behind; `paint` the chip

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(option.font)
        self._draw_chip(Cell(painter, option, index), index.data(RunTable.RowRole))
        painter.restore()

    def _draw_chip(self, cell: Cell, row: RunRow) -> None:
        letters, painter, rect = cell.letters, cell.painter, cell.option.rect
        text, ink = str(cell.index.data()), cell.ink(_ink(row, cell.colours))
        height = letters.height() + 4
        shows_bar = row.state in (*UNDER_WAY[1:], "stopped") and row.share is not None and row.step > 0
        middle = rect.center().y() + 1 - (2 if shows_bar else 0)
        chip = QRectF(rect.left() + 4, middle - height / 2, 0, height)
        chip.setWidth(min(letters.horizontalAdvance(text) + 16, rect.width() - 8))
        faint = QColor(ink)
        faint.setAlphaF(_FAINT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint)
        painter.drawRoundedRect(chip, height / 2, height / 2)
        cell.write(chip.adjusted(8, 0, -7, 0), text, ink, elide=END)
        if shows_bar:
            bar = QRectF(chip.left(), chip.bottom() + 1.5, rect.width() - 12, _BAR)
            cell.bar(bar, max(row.share or 0.0, _BAR / bar.width()), faint, ink)


def _ink(row: RunRow, colours: ThemeColours) -> str:
    if row.state == "failed":
        return colours.warning
    if row.state == "running":
        return colours.curve
    return colours.text if row.state == "done" else colours.muted_text


class RunTableView(QTableView):
    """Keys of the list: Space ticks a run from any column, Delete asks to delete it."""

    delete_pressed = Signal()
    menu_requested = Signal(object)
    """Where, as a QPoint on the screen."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on a tick turns it, and leaves the chosen run as it is."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.column() == COMPARE:
            self._turn(index)
        else:
            super().mousePressEvent(event)

    def _turn(self, tick: QModelIndex) -> None:
        is_ticked = tick.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if is_ticked else Qt.CheckState.Checked
        self.model().setData(tick, wanted, Qt.ItemDataRole.CheckStateRole)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.modifiers() and self.currentIndex().isValid():
            self._turn(self.currentIndex().siblingAtColumn(COMPARE))
        elif event.key() == Qt.Key.Key_Delete and not event.modifiers():
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """On the row under the mouse, or the current one where a key asked."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).bottomLeft()
        else:
            place = self.viewport().mapFromGlobal(event.globalPos())
        if self.indexAt(place).isValid():
            self.setCurrentIndex(self.indexAt(place))
            self.menu_requested.emit(self.viewport().mapToGlobal(place))
