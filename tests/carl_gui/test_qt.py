"""What is taken for granted of Qt's binding."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer


def test_a_call_takes_no_reference_to_none(qapp: object) -> None:
    """PySide6 6.12.0 did on Python 3.11, where None can be freed: the window died after some hundred thousand calls."""
    timer = QTimer()
    before = sys.getrefcount(None)
    for _ in range(500):
        timer.start(60_000)
    timer.stop()
    assert abs(sys.getrefcount(None) - before) < 50
