"""Find commands by some of their letters."""

from __future__ import annotations

from dataclasses import dataclass

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
        best = _extended(best, letter, letters)
    return max(best.values(), key=lambda match: match.score, default=None)


def _extended(best: dict[int, FuzzyMatch], letter: str, letters: list[str]) -> dict[int, FuzzyMatch]:
    """From the best match that ends at each position, those with one more letter."""
    longer: dict[int, FuzzyMatch] = {}
    for at, found in enumerate(letters):
        before = [(end, match) for end, match in best.items() if end < at] if found == letter else []
        if not before:
            continue
        bonus = _WORD_START if at == 0 or not letters[at - 1].isalnum() else 0
        score, end = max((match.score + (_IN_A_ROW if end == at - 1 >= 0 else 0), end) for end, match in before)
        longer[at] = FuzzyMatch(score + 1 + bonus, (*best[end].positions, at))
    return longer
