"""A list of choices with check boxes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from carl_gui.models.choices import Choice, ChoicesModel
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
