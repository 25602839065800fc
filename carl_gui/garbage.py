"""Collect Python's garbage between events, and never within a call of Qt's.

A collection runs wherever Python allocates, so within Qt too: `QObject::disconnect` of PySide6 6.11 asks Python for an
override while it holds the lock of the two objects, and the destructor of a collected QObject that falls under the
same lock waits for ever (seen once in 8,000 tests). In a thread, a collection would destroy widgets there.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 250


class GarbageCollector(QObject):
    """Collects as often as Python would, from the event loop of the window's thread, until `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the oldest generation that is due, and all younger ones."""
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, most) in enumerate(counts) if 0 < most < count]
        if due:
            gc.collect(max(due))

    def stop(self) -> None:
        """Let Python collect again."""
        self._timer.stop()
        gc.enable()
