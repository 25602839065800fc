"""The videos that can play beside a reference: which are ticked, and how similar they are."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QObject, Signal

from carl_gui.models.checked_choices import SoughtChoices
from carl_gui.models.choices import Choice


class ManyList(SoughtChoices):
    """A list of videos, filtered by words. A tick is said, and shown once `set_state` says so."""

    check_selected = Signal(int, bool)
    """By the person: the id of a video, and whether it plays."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._checked: AbstractSet[int] = frozenset()
        self._notes: Mapping[int, str] = {}

    @property
    def seen(self) -> list[int]:
        """Ids of those that the words leave, in order."""
        return [int(choice.key) for choice in self.rows]

    def set_state(self, checked: AbstractSet[int], notes: Mapping[int, str]) -> None:
        """Set which of them play, and how alike those are that are aligned, in words."""
        self._checked, self._notes = checked, notes
        self.announce()

    def spoken(self, row: Choice) -> str:
        return f"{row.text} {self._note(row)}".strip()

    def value(self, row: Choice, role: int) -> object:
        return self._note(row) if role == self.NOTE else None

    def is_ticked(self, row: Choice) -> bool:
        return row.key in self._checked

    def tick(self, row: Choice, is_ticked: bool) -> None:
        self.check_selected.emit(row.key, is_ticked)

    def _note(self, choice: Choice) -> str:
        return self._notes.get(int(choice.key), "")
