"""Short work beside the window's thread: reading the disk, hashing. Training and decoding are jobs instead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.control import Control
from core.errors import CarlError

_LEAVE_SECONDS = 5.0

Work = Callable[[Control], Any]


class Errand(QObject):
    """One piece of work at a time, in a thread; a newer one takes its place."""

    done = Signal(object)
    """What the work returned."""
    failed = Signal(str)
    """The sentence of a CarlError."""

    _ended = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticket = 0
        self._control = Control()
        self._thread: threading.Thread | None = None
        self._waiting: Work | None = None
        self._ended.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    @property
    def is_going(self) -> bool:
        return self._thread is not None

    def start(self, work: Work) -> None:
        """Do this; what is going on is asked to stop, and says nothing any more."""
        if self._thread is not None:
            self._control.stop()
            self._waiting = work
            return
        self._ticket += 1
        self._control = Control()
        ticket, control = self._ticket, self._control
        self._thread = threading.Thread(target=lambda: self._run(work, ticket, control), name="errand", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; `done` still follows with what it has by then, unless something newer waits."""
        self._control.stop()

    def close(self) -> None:
        """Say nothing any more; waits a moment for what is going on."""
        self._waiting = None
        self._control.stop()
        self._ticket += 1
        if self._thread is not None:
            self._thread.join(_LEAVE_SECONDS)

    def _run(self, work: Work, ticket: int, control: Control) -> None:
        result, sentence = None, None
        try:
            result = work(control)
        except CarlError as error:
            sentence = str(error)
        try:
            self._ended.emit(ticket, result, sentence)
        except RuntimeError:  # the window is gone
            return

    @Slot(int, object, object)
    def _hear(self, ticket: int, result: object, sentence: str | None) -> None:
        if ticket != self._ticket:
            return
        self._thread = None
        if self._waiting is not None:
            work, self._waiting = self._waiting, None
            self.start(work)
        elif sentence is not None:
            self.failed.emit(sentence)
        else:
            self.done.emit(result)
