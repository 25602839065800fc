"""Counts and shortened lists for sentences."""

from __future__ import annotations

from collections.abc import Sequence


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the names joined by commas, the first `most` and how many more there are: `a, b, c and 9 more`."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def count_noun(count: int, noun: str, plural: str = "") -> str:
    """Return `1 video`, `12 videos`: a number and its noun; `plural` where an s does not make it."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
