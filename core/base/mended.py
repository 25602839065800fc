"""Which cache entries proved damaged and are made again, until one sentence reports them."""

from __future__ import annotations

import threading

from core.base.listing import some

_found: list[str] = []
_noting = threading.Lock()


def note_damage(what: str) -> None:
    """Keep what was damaged, such as `frames of a.mp4`, for `take_damage`; in any thread."""
    with _noting:
        if what not in _found:
            _found.append(what)


def take_damage() -> str:
    """Return a sentence on all that was noted since the last call; empty where nothing was."""
    with _noting:
        found = _found[:]
        _found.clear()
    if not found:
        return ""
    return f"Damaged in the cache, and computed again: {some(found)}."
