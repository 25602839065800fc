"""When something was painted: in this process, and in one that is started for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject
from PySide6.QtWidgets import QApplication, QWidget

FIRST_PAINT = """
import sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
{imports}
imported = time.time()
app = QApplication([])
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and ({is_it}):
            print(imported, time.time())
            app.removeEventFilter(self)
            app.quit()
        return False
watch = Watch()
app.installEventFilter(watch)
{show}
"""
"""A program that says when it had imported and when it painted what it was to paint. `is_it`: whether `watched` is."""


def seconds_until(program: str, folder: Path, *arguments: str) -> tuple[float, float]:
    """(imports, paint) of a process of its own, from the call on; its settings and caches lie in the folder."""
    places = {"CARL_SETTINGS": f"{folder}/settings.ini", "CARL_CACHE": f"{folder}/cache"}
    surroundings = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **places}
    command = [sys.executable, "-c", program, *arguments]
    started = time.time()
    ended = subprocess.run(command, env=surroundings, check=True, capture_output=True, text=True)
    imported, painted = ended.stdout.split()
    return float(imported) - started, float(painted) - started


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.count += event.type() == QEvent.Type.Paint
        return False

    def until_next(self) -> None:
        """Run events until it is painted again and nothing waits."""
        before = self.count
        while self.count == before:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        QApplication.processEvents()
