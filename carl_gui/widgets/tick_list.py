"""A list of names to tick."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from carl_gui.models.messages import folded
from carl_gui.models.rows import Choice, ChoicesModel, TickedRows
from carl_gui.widgets.delegate import Cell, RowDelegate


class CheckedChoices(ChoicesModel, TickedRows[Choice]):
    """The choices in order, and which are ticked; `dataChanged` is emitted for ticks."""

    def __init__(self) -> None:
        super().__init__()
        self._checked: set[int | str] = set()

    @property
    def checked(self) -> list[int | str]:
        """The keys of those that are ticked, in order."""
        return [choice.key for choice in self.rows if choice.key in self._checked]

    def show(self, choices: Sequence[Choice], checked: Collection[int | str]) -> None:
        """Show these, and tick those of these keys."""
        self.set_rows(choices)
        self.check(checked)

    def check(self, keys: Collection[int | str]) -> None:
        """Tick those of these keys and no others."""
        self._checked = set(keys)
        self.announce()

    def is_ticked(self, row: Choice) -> bool:
        return row.key in self._checked

    def tick(self, row: Choice, is_ticked: bool) -> None:
        (self._checked.add if is_ticked else self._checked.discard)(row.key)
        row_index = self.row_of(row.key)
        self.announce(row_index, row_index)


class FilteredChoices(ChoicesModel, TickedRows[Choice]):
    """Choices to tick, filtered by words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()
        self._words: list[str] = []
        self._search_texts: dict[int | str, str] = {}

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Take all of them, in order."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._search_texts = {choice.key: folded(self.search_text(choice)) for choice in choices}
            self._narrow()

    def set_words(self, text: str) -> None:
        """Show those that say all of these words."""
        self._words = folded(text).split()
        self._narrow()

    def search_text(self, choice: Choice) -> str:
        """Return what is searched for the words."""
        return f"{choice.text}\n{choice.tip}"

    def _narrow(self) -> None:
        self.set_rows(
            [one for one in self._choices if all(word in self._search_texts[one.key] for word in self._words)]
        )


_GAP = 8


class TickList(QListView):
    """A click anywhere in a row ticks it, and leaves the keys to the player; Tab leads into it: then Space ticks."""

    def __init__(self, model: QAbstractItemModel, name: str, parent: QWidget | None = None) -> None:
        """`model` takes ticks; `name` is what it is called for screen readers."""
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_TickDelegate(self))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._tick)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, round(self.fontMetrics().height() * 1.6 * 12))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(80, round(self.fontMetrics().height() * 1.6 * 5))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._tick(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _tick(self, index: QModelIndex) -> None:
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if is_ticked else Qt.CheckState.Checked
        self.model().setData(index, wanted, Qt.ItemDataRole.CheckStateRole)


class _TickDelegate(RowDelegate):
    """Draws the check box, the name, elided if needed, and the number at the right."""

    lines = 1.6

    def editorEvent(self, *_: object) -> bool:  # noqa: N802
        """Leave ticking to the list: a click counts anywhere in a row."""
        return False

    def draw(self, cell: Cell) -> None:
        room = cell.room(_GAP)
        room.setLeft(cell.tick(room.left(), room.center().y()).right() + _GAP)
        cell.write(cell.note(room, str(cell.index.data(ChoicesModel.NOTE)), _GAP), str(cell.index.data()))
