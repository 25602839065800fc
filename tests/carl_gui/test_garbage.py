"""Garbage is collected by the event loop, and by nothing else while the window runs."""

from __future__ import annotations

import gc
import weakref

from pytestqt.qtbot import QtBot

from carl_gui.garbage import GarbageCollector


class _Knot:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_goes_with_the_events_and_not_before(qtbot: QtBot) -> None:
    collector = GarbageCollector()
    try:
        first = weakref.ref(_Knot())
        kept = [_Knot() for _ in range(20 * gc.get_threshold()[0])]
        assert first() is not None, "nothing collects within a call"
        del kept
        qtbot.waitUntil(lambda: first() is None)
    finally:
        collector.stop()
    assert gc.isenabled()
