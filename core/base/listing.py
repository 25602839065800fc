"""Counts and shortened lists for sentences."""

from __future__ import annotations

from collections.abc import Sequence


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the names joined by commas, the first `most` and how many more there are: `a, b, c and 9 more`."""
    said = ", ".join(names[:most])
    return f"{said} and {len(names) - most} more" if len(names) > most else said


def count_noun(number: int, noun: str, plural: str = "") -> str:
    """Return `1 video`, `12 videos`: a number and its noun; `plural` where an s does not make it."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
