"""The videos that can play beside a reference: which are ticked, and how similar they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QObject, Signal

from carl_gui.models.choices import Choice, ChoicesModel
from carl_gui.models.messages import folded
from carl_gui.models.rows import TickedRows


class ManyList(TickedRows[Choice]):
    """A list of videos, filtered by words. A tick is said, and shown once `set_state` says so."""

    check_selected = Signal(int, bool)
    """By the person: the id of a video, and whether it plays."""

    NOTE = ChoicesModel.NOTE
    """How alike it is, in words; empty while that is not known."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()
        self._words: list[str] = []
        self._sought: dict[int | str, str] = {}
        self._checked: AbstractSet[int] = frozenset()
        self._notes: Mapping[int, str] = {}

    @property
    def seen(self) -> list[int]:
        """Ids of those that the words leave, in order."""
        return [int(choice.key) for choice in self.rows]

    def set_videos(self, choices: Sequence[Choice]) -> None:
        """All of them, in order."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._sought = {choice.key: folded(f"{choice.text}\n{choice.tip}") for choice in choices}
            self._narrow()

    def set_words(self, text: str) -> None:
        """Show those whose name or place holds all of these words."""
        self._words = folded(text).split()
        self._narrow()

    def set_state(self, checked: AbstractSet[int], notes: Mapping[int, str]) -> None:
        """Set which of them play, and how alike those are that are aligned, in words."""
        self._checked, self._notes = checked, notes
        self.announce()

    def _narrow(self) -> None:
        self.set_rows([one for one in self._choices if all(word in self._sought[one.key] for word in self._words)])

    def text(self, row: Choice) -> str:
        return row.text

    def tip(self, row: Choice) -> str:
        return row.tip or row.text

    def spoken(self, row: Choice) -> str:
        return f"{row.text} {self._note(row)}".strip()

    def value(self, row: Choice, role: int) -> object:
        return self._note(row) if role == ManyList.NOTE else None

    def is_ticked(self, row: Choice) -> bool:
        return row.key in self._checked

    def tick(self, row: Choice, is_ticked: bool) -> None:
        self.check_selected.emit(row.key, is_ticked)

    def _note(self, choice: Choice) -> str:
        return self._notes.get(int(choice.key), "")
