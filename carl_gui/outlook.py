"""Estimate the cost of a training in a child process, because that needs torch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from core.base.events import Event, decode

_KILL_MS = 2000


class OutlookQuestion(QObject):
    """Runs `python -m core.outlook` without blocking."""

    told = Signal(object)
    """An event of `core.base.events`."""
    ended = Signal()
    """Nothing more comes: it is done, or could not be."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child = QProcess(self)
        self._child.setStandardErrorFile(QProcess.nullDevice())
        self._child.readyReadStandardOutput.connect(self._read)
        self._child.finished.connect(self._end)
        self._child.errorOccurred.connect(self._on_error)

    @property
    def is_running(self) -> bool:
        return self._child.state() != QProcess.ProcessState.NotRunning

    def ask(self, videos: Sequence[Path], words: Sequence[str] = (sys.executable, "-m", "core.outlook")) -> None:
        """Begin with these videos; what was asked before is not answered any more."""
        self.stop()
        self._child.start(words[0], [*words[1:], *map(str, videos), "--events", "--control"])

    def stop(self) -> None:
        """Want no answer any more; the child is gone when this returns."""
        self._child.blockSignals(True)
        if self.is_running:
            self._child.kill()
            self._child.waitForFinished(_KILL_MS)
        self._child.blockSignals(False)

    def _read(self) -> None:
        while self._child.canReadLine():
            line = bytes(self._child.readLine().data()).decode("utf-8", "replace")
            event: Event | None = decode(line)
            if event is not None:
                self.told.emit(event)

    def _end(self) -> None:
        self._read()
        self.ended.emit()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # after any other one, `finished` follows
            self.ended.emit()
