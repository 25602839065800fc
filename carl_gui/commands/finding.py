"""Finding commands by what a person types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt

from carl_gui.models.rows import Index, RowsModel

_WORD_START, _IN_A_ROW = 4, 5


@dataclass(frozen=True)
class FuzzyMatch:
    """How well a text matches."""

    score: int
    """Higher is better; only the scores of one query compare."""
    positions: tuple[int, ...]
    """Which letters of the text the query names, rising."""


def find(query: str, text: str) -> FuzzyMatch | None:
    """Find the letters of `query` in `text` in their order, case and spaces aside, where they count most.

    A letter counts more at the start of a word and right after the one before it. None: they are not all there.
    """
    wanted = [letter.casefold() for letter in query if not letter.isspace()]
    letters = [letter.casefold() for letter in text]
    best: dict[int, FuzzyMatch] = {-1: FuzzyMatch(0, ())}
    for letter in wanted:
        best = _extend(best, letter, letters)
    return max(best.values(), key=lambda match: match.score, default=None)


def _extend(best: dict[int, FuzzyMatch], letter: str, letters: list[str]) -> dict[int, FuzzyMatch]:
    """Extend the best match that ends at each position by one more letter."""
    longer: dict[int, FuzzyMatch] = {}
    for at, found in enumerate(letters):
        before = [(end, match) for end, match in best.items() if end < at] if found == letter else []
        if not before:
            continue
        bonus = _WORD_START if at == 0 or not letters[at - 1].isalnum() else 0
        score, end = max((match.score + (_IN_A_ROW if end == at - 1 >= 0 else 0), end) for end, match in before)
        longer[at] = FuzzyMatch(score + 1 + bonus, (*best[end].positions, at))
    return longer


@dataclass(frozen=True)
class CommandRow:
    """The texts of a command, translated."""

    id: str
    category: str
    title: str
    keys: str
    """As the system writes them; empty: none."""
    is_enabled: bool = True
    is_changed: bool = False
    """Whether the person gave it other keys than it had."""


class CommandList(RowsModel[CommandRow]):
    """The list of the palette. Disabled commands come last and cannot be chosen."""

    PositionsRole = Qt.ItemDataRole.UserRole + 1
    """Which letters of the title the query names."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands: Sequence[CommandRow] = ()
        self._recent: Sequence[str] = ()
        self._positions: dict[str, Sequence[int]] = {}

    def set_commands(self, rows: Sequence[CommandRow], recent: Sequence[str]) -> None:
        """Take all commands in the order of the menus, and the ids of those used last, newest first."""
        self._commands, self._recent = rows, recent
        self.narrow("")

    def narrow(self, query: str) -> None:
        """Show the commands whose titles, or else categories and titles, hold the letters of the query."""
        found = [(row, match) for row in self._commands if (match := _found(query, row)) is not None]
        rank = {id_: index for index, id_ in enumerate(self._recent)}
        self._positions = {row.id: match.positions for row, match in found}
        found.sort(key=lambda pair: (not pair[0].is_enabled, -pair[1].score, rank.get(pair[0].id, len(rank))))
        self.set_rows([row for row, _ in found])
        self.announce()  # other letters of the same rows may be found

    def tip(self, row: CommandRow) -> str:
        return ""

    def text(self, row: CommandRow) -> str:
        return row.title

    def spoken(self, row: CommandRow) -> str:
        return ", ".join(filter(None, (row.title, row.category, row.keys)))

    def value(self, row: CommandRow, role: int) -> object:
        return self._positions[row.id] if role == self.PositionsRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row(index)
        if row is None or not row.is_enabled:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def _found(query: str, row: CommandRow) -> FuzzyMatch | None:
    in_title = find(query, row.title)
    if in_title is not None:
        return in_title
    anywhere = find(query, f"{row.category} {row.title}")
    return None if anywhere is None else FuzzyMatch(0, ())
