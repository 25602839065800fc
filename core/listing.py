"""Naming some of many in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the names joined by commas, the first `most` and how many more there are: `a, b, c and 9 more`."""
    said = ", ".join(names[:most])
    return f"{said} and {len(names) - most} more" if len(names) > most else said
