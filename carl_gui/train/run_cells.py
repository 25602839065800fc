"""The table of runs and its cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QLineF, QModelIndex, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QIcon, QKeyEvent, QMouseEvent, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.models.rows import Column, Index, TickedRows
from carl_gui.models.runs import UNDER_WAY, RunRow, state_with_share
from carl_gui.numbers import figure
from carl_gui.theme import ThemeColours, colours_of
from carl_gui.translation import QT_TRANSLATE_NOOP
from carl_gui.widgets.delegate import END, TICK_SIZE, Cell, PaddedDelegate

COMPARE, NAME, STATE, LOSS, FIGURES, CREATED = range(6)
_ORDER = {state: rank for rank, state in enumerate((*UNDER_WAY[1:], "waiting", "failed", "stopped", "new", "done"))}
PAD = "\u2002"
"""An en space: parts numbers on the right of their cell from what follows."""
_NOTHING = QModelIndex()


def _translate(text: str) -> str:
    return QCoreApplication.translate("RunTable", text)


class RunTable(TickedRows[RunRow]):
    """One row per run, in the given order; `SortRole` is what a column is sorted by."""

    SortRole = Qt.ItemDataRole.UserRole + 1
    ticked = Signal(str, bool)
    """The person wants this run compared, or no longer. The table waits for `set_compared`."""
    columns = (
        Column[RunRow](lambda row: ""),
        Column[RunRow](lambda row: row.name, QT_TRANSLATE_NOOP("RunTable", "Run")),
        Column[RunRow](state_with_share, QT_TRANSLATE_NOOP("RunTable", "State")),
        Column[RunRow](lambda row: figure(row.loss), QT_TRANSLATE_NOOP("RunTable", "Loss"), is_number=True),
        Column[RunRow](lambda row: figures_text(row), QT_TRANSLATE_NOOP("RunTable", "Metrics")),
        Column[RunRow](lambda row: moment_text(row.created), QT_TRANSLATE_NOOP("RunTable", "Started")),
    )

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._compared: frozenset[str] = frozenset()

    def update_rows(self, rows: Sequence[RunRow]) -> bool:
        """Show these; return whether other runs than before are shown, or one is in another state."""
        names = {row.name for row in rows}
        moved = False
        for position in reversed(range(len(self._rows))):
            if self._rows[position].name not in names:
                self.beginRemoveRows(_NOTHING, position, position)
                del self._rows[position]
                self.endRemoveRows()
                moved = True
        positions = {row.name: position for position, row in enumerate(self._rows)}
        for row in rows:
            if row.name in positions:
                moved |= self._replace(positions[row.name], row)
        new = [row for row in rows if row.name not in positions]
        if new:
            self.beginInsertRows(_NOTHING, len(self._rows), len(self._rows) + len(new) - 1)
            self._rows += new
            self.endInsertRows()
        return moved or bool(new)

    def set_compared(self, names: Sequence[str]) -> None:
        """Tick these runs and no other."""
        changed = self._compared ^ set(names)
        self._compared = frozenset(names)
        for position, row in enumerate(self._rows):
            if row.name in changed:
                index = self.index(position, COMPARE)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.CheckStateRole])

    def _replace(self, position: int, row: RunRow) -> bool:
        old = self._rows[position]
        self._rows[position] = row
        for at, column in enumerate(self.columns):
            if column.text(old) != column.text(row) or (at <= STATE and old.reason != row.reason):
                index = self.index(position, at)
                self.dataChanged.emit(index, index)
        return old.state != row.state

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        if orientation == Qt.Orientation.Horizontal:
            if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) and section == COMPARE:
                return _translate(QT_TRANSLATE_NOOP("RunTable", "Tick runs to compare their curves"))
            if role == Qt.ItemDataRole.ToolTipRole and section in (LOSS, FIGURES):
                return metric_tip("loss") if section == LOSS else self._meanings()
        text = super().headerData(section, orientation, role)
        if role != Qt.ItemDataRole.DisplayRole or not text:
            return text
        return _translate(str(text)) + (PAD if section == LOSS else "")

    def _meanings(self) -> str:
        names = dict.fromkeys(name for row in self._rows for name in row.evaluation)
        return "<br>".join(metric_tip(name) for name in names)

    def cell(self, row: RunRow, column: int, role: int) -> object:
        if role == self.SortRole:
            return _sort_key(row, column, row.name in self._compared)
        return super().cell(row, column, role)

    def tip(self, row: RunRow) -> str:
        return "\n".join(filter(None, (row.name, state_with_share(row), row.reason, figures_text(row))))

    def spoken(self, row: RunRow) -> str:
        return _translate(QT_TRANSLATE_NOOP("RunTable", "Compare {0}")).format(row.name)

    def is_ticked(self, row: RunRow) -> bool:
        return row.name in self._compared

    def tick(self, row: RunRow, is_ticked: bool) -> None:
        self.ticked.emit(row.name, is_ticked)


def figures_text(row: RunRow) -> str:
    """Return `Tau 0.912 · Accuracy 0.83`."""
    return " · ".join(f"{metric_title(name)} {figure(value, 3)}" for name, value in row.evaluation.items())


def moment_text(moment: datetime | None) -> str:
    """Return a time to the minute, so that it sorts as it is written; empty: not known."""
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


def _sort_key(row: RunRow, column: int, is_compared: bool) -> Any:
    """Return what rises from the best to the worst; a run without a value comes after all others."""
    match column:
        case 0:
            return not is_compared
        case 2:
            return _ORDER[row.state]
        case 3:
            return math.inf if row.loss is None or math.isnan(row.loss) else row.loss
        case 5:
            return row.created.timestamp() if row.created else 0.0
        case _:
            return RunTable.columns[column].text(row).casefold()


_KINDS = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
SWATCH_WIDTH, _SWATCH_HEIGHT, _SWATCH_LINE = 22, 10, 2.4
_SCALES = (1, 2, 3)


def run_pen(slot: int, palette: QPalette, width: float) -> QPen:
    """Return the line of the run with this number, of a width in pixels whatever the scale of the plot."""
    series = colours_of(palette).series
    pen = QPen(QColor(series[slot % len(series)]), width, _KINDS[slot // len(series) % len(_KINDS)])
    pen.setCosmetic(True)
    return pen


def swatch(slot: int, palette: QPalette) -> QIcon:
    """Draw a piece of that line."""
    icon = QIcon()
    for scale in _SCALES:
        pixmap = QPixmap(SWATCH_WIDTH * scale, _SWATCH_HEIGHT * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setPen(run_pen(slot, palette, _SWATCH_LINE))
        painter.drawLine(QLineF(1, _SWATCH_HEIGHT / 2, SWATCH_WIDTH - 1, _SWATCH_HEIGHT / 2))
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # else Qt tints it on the chosen row
            icon.addPixmap(pixmap, mode)
    return icon


_BAR = 3
_GAP = 6
_FAINT = 0.16


class CompareDelegate(QStyledItemDelegate):
    """Draws a check box visible in every theme, and next to it the line of the run in the plot."""

    _slots: Mapping[str, int] = {}

    def set_slots(self, slots: Mapping[str, int]) -> bool:
        """Set the numbers of the drawn runs; return whether they changed."""
        changed = slots != self._slots
        self._slots = dict(slots)
        return changed

    def width(self) -> int:
        """Return the pixels that a cell needs."""
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
        """Turn a tick by a click, and leave the chosen run unchanged."""
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
        """Request the menu of the row under the mouse, or of the current one where a key asked."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            point = self.visualRect(self.currentIndex()).bottomLeft()
        else:
            point = self.viewport().mapFromGlobal(event.globalPos())
        if self.indexAt(point).isValid():
            self.setCurrentIndex(self.indexAt(point))
            self.menu_requested.emit(self.viewport().mapToGlobal(point))
