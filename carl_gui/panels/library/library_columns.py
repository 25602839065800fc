"""Visible columns of the library, and their widths."""

from __future__ import annotations

from PySide6.QtWidgets import QTableView

from carl_gui.models.messages import badge_word, duration_words, size_words, split_word
from carl_gui.models.video_cells import Column, column_title
from carl_gui.panels.library.badge_chips import chips_width
from carl_gui.panels.library.library_cells import MARGIN, VideoDelegate
from carl_gui.panels.library.thumbnail_box import PICTURE_SIZE
from core.project.rows import SPLITS

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
            Column.SPLIT: [split_word(split) for split in SPLITS],
            Column.FRAMES: ["1,000,000"],
            Column.DURATION: [duration_words(36000)],
            Column.SIZE: [size_words(999_900_000)],
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
            badge_word("decoded"),
            badge_word("embedded"),
            max(badge_word("labelled"), badge_word("predicted"), key=len),
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
