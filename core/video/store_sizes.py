"""The sizes at which a frame store has videos: cached, and looked up again only after a video was started."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

from core.base.disk_cache import LOCKS
from core.video.stored_video import FORMAT

_AFTER_DIGEST = re.compile(rf"(\d{{1,5}})-{re.escape(FORMAT)}")
_TICK_NS = 20_000_000
"""Two changes within a tick of the file system's clock look like one."""

_known: dict[Path, tuple[int, tuple[int, ...]]] = {}
"""By folder: when it was changed last, and what was found in it then."""


def short_sides(folder: Path) -> tuple[int, ...]:
    """Return every short side (pixels) at which a video was ever begun there, the largest first; none without the
    folder."""
    changed_ns = _changed_ns(folder)
    if changed_ns is None:
        return ()
    known = _known.get(folder)
    if known is not None and known[0] == changed_ns:
        return known[1]
    found = _found(folder)
    if time.time_ns() - changed_ns > _TICK_NS:
        _known[folder] = changed_ns, found
    return found


def _changed_ns(folder: Path) -> int | None:
    """Return when the folder of locks changed. Whoever begins a video makes a lock for it; other uses of the store
    leave the folder of locks alone."""
    for path in (folder / LOCKS, folder):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime_ns
    return None


def _found(folder: Path) -> tuple[int, ...]:
    endings: set[str] = set()
    for path in (folder / LOCKS, folder):  # in this order, since a lock comes first
        with contextlib.suppress(OSError):
            endings.update(name.partition("-")[2] for name in os.listdir(path))
    sides = {int(match[1]) for ending in endings if (match := _AFTER_DIGEST.fullmatch(ending))}
    return tuple(sorted(sides, reverse=True))
