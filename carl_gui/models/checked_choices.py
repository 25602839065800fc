"""Lists of choices with check boxes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QObject

from carl_gui.models.choices import Choice, ChoicesModel
from carl_gui.models.messages import folded
from carl_gui.models.rows import TickedRows


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
        place = self.row_of(row.key)
        self.announce(place, place)


class SoughtChoices(ChoicesModel, TickedRows[Choice]):
    """Choices to tick, filtered by words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()
        self._words: list[str] = []
        self._sought: dict[int | str, str] = {}

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """All of them, in order."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._sought = {choice.key: folded(self.sought(choice)) for choice in choices}
            self._narrow()

    def set_words(self, text: str) -> None:
        """Show those that say all of these words."""
        self._words = folded(text).split()
        self._narrow()

    def sought(self, choice: Choice) -> str:
        """Return what is searched for the words."""
        return f"{choice.text}\n{choice.tip}"

    def _narrow(self) -> None:
        self.set_rows([one for one in self._choices if all(word in self._sought[one.key] for word in self._words)])
