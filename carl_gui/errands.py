"""Short work beside the window's thread: reading the disk, hashing. Training and decoding are jobs instead."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.control import Control, Stopped
from core.errors import CarlError

_LEAVE_SECONDS = 5.0

Work = Callable[[Control], Any]


@dataclass(frozen=True)
class _Done:
    result: Any


_Outcome = _Done | str | None
"""What came of it: its result, a sentence for the person, or nothing after a bug."""


class Errand(QObject):
    """One piece of work at a time, in a thread; a newer one takes its place."""

    done = Signal(object)
    """What the work returned."""
    failed = Signal(str)
    """The sentence of a CarlError."""

    _ended = Signal(int, object)

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
        """Say nothing of what is going on any more, and wait a moment for its end. Something new may be started."""
        self._waiting = None
        self._control.stop()
        self._ticket += 1
        if self._thread is not None:
            self._thread.join(_LEAVE_SECONDS)
            self._thread = None

    def _run(self, work: Work, ticket: int, control: Control) -> None:
        outcome: _Outcome = None
        try:
            outcome = _Done(work(control))
        except CarlError as error:
            outcome = str(error)
        except Stopped:
            pass  # as it was asked to
        finally:  # after a bug of ours, whose traceback is on stderr, the next piece of work begins all the same
            with contextlib.suppress(RuntimeError):  # the window is gone
                self._ended.emit(ticket, outcome)

    @Slot(int, object)
    def _hear(self, ticket: int, outcome: _Outcome) -> None:
        if ticket != self._ticket:
            return
        self._thread = None
        if self._waiting is not None:
            work, self._waiting = self._waiting, None
            self.start(work)
        elif isinstance(outcome, str):
            self.failed.emit(outcome)
        elif outcome is not None:
            self.done.emit(outcome.result)
