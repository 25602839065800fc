"""Processes that a test started."""

from __future__ import annotations

import contextlib

import psutil

_TRACKER = "multiprocessing.resource_tracker"
"""Python's own helper: from 3.14 on any lock between processes, such as a library's, starts it once for all."""


def children() -> list[psutil.Process]:
    """Return those of this process, theirs too; neither those that ended nor Python's own helper."""
    gone = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() not in gone and not any(_TRACKER in word for word in child.cmdline()):
                found.append(child)
    return found
