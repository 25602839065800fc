"""The videos to label, and how much of each is labelled: by hand, and by accepted predictions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QLabel, QStyleOptionViewItem, QWidget

from carl_gui.models.choices import Choice, ChoicesModel
from carl_gui.panels.label.video_filters import VideoFilters
from carl_gui.panels.layouts import STRETCH, holder, stacked, vbox
from carl_gui.panels.padded_delegate import Cell, RowDelegate
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import list_view, push_button

_GAP = 9
_BAR = 3
"""Pixels: the height of the bar under a name."""
_PATTERNS = Qt.BrushStyle.SolidPattern, Qt.BrushStyle.Dense5Pattern


class VideoList(QWidget):
    """Shows what `set_videos` gives it; says which video the person chose, and which ones are to be listed."""

    video_selected = Signal(int)
    filter_selected = Signal(object)
    """`carl_gui.models.label_filter.LabelFilter`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoicesModel(self)
        self.filters = VideoFilters()
        self.view = list_view(self.model, ShareDelegate, self.tr("Videos"))
        self.view.selectionModel().currentChanged.connect(self._say)
        self._title = section_title(self.tr("Videos"), self.view)
        self._title.setToolTip(self.tr("Page Down and Page Up show the next and the previous one"))
        self._stack = stacked(self.view, self._new_nothing())
        self.filters.filter_selected.connect(self.filter_selected)
        self.filters.list_requested.connect(self._enter)
        vbox(self._title, self.filters, (self._stack, 1), on=self, spacing=6)

    def _new_nothing(self) -> QWidget:
        self.show_all = push_button(self.tr("List all videos"), self.filters.clear)
        nothing = holder(
            vbox(
                QLabel(self.tr("No video matches."), wordWrap=True),
                (self.show_all, 0, Qt.AlignmentFlag.AlignLeft),
                STRETCH,
                margins=(0, 4, 0, 0),
            )
        )
        return nothing

    def search(self) -> None:
        """Let the person type what they search."""
        self.filters.focus()

    def set_videos(self, choices: Sequence[Choice], chosen: int | None, of: int | None = None) -> None:
        """The videos that are listed, by id, and the one that is shown; `of`: how many there are, None: no more."""
        with QSignalBlocker(self):
            self.model.set_rows(choices)
            row = self.model.row_of(chosen)
            if row != self.view.currentIndex().row():
                self.view.setCurrentIndex(self.model.index(row, 0) if row >= 0 else QModelIndex())
        count = len(choices) if of is None else of
        is_part = len(choices) < count
        self._title.setText(
            self.tr("Videos ({0} of {1})").format(len(choices), count) if is_part else self.tr("Videos")
        )
        self._stack.setCurrentIndex(int(is_part and not choices))

    def _enter(self) -> None:
        if self.model.rows:
            self.view.setFocus()
            if not self.view.currentIndex().isValid():
                self.view.setCurrentIndex(self.model.index(0, 0))

    def _say(self, now: QModelIndex) -> None:
        if now.isValid():
            self.video_selected.emit(self.model.rows[now.row()].key)


class VideoChoiceDelegate(RowDelegate):
    """Draws the name, elided if needed, and a note at the right."""

    below = 0
    """Pixels of a row that are no text's."""

    def text_room(self, option: QStyleOptionViewItem) -> QRectF:
        """Return where name and note stand."""
        return QRectF(option.rect).adjusted(_GAP, 0, -_GAP, -self.below)

    def draw(self, cell: Cell) -> None:
        room = cell.note(self.text_room(cell.option), str(cell.index.data(ChoicesModel.NOTE)), _GAP)
        cell.write(room, str(cell.index.data()))


class ShareDelegate(VideoChoiceDelegate):
    """Draws a bar under the name: filled for labels by hand, hatched for accepted predictions."""

    below = _BAR + 1

    def draw(self, cell: Cell) -> None:
        super().draw(cell)
        ink, rect = cell.ink(cell.colours.curve), cell.option.rect
        box = QRectF(rect).adjusted(_GAP, rect.height() - self.below, -_GAP, -1)
        left = box.left()
        for share, pattern in zip(cell.index.data(ChoicesModel.SHARES), _PATTERNS, strict=True):
            cell.painter.fillRect(QRectF(left, box.top(), box.width() * share, _BAR), QBrush(ink, pattern))
            left += box.width() * share
