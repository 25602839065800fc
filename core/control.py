"""How long work is asked to stop or wait: signals, and the lines of a parent's pipe."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO


class Stopped(Exception):
    """The work was stopped as asked; what was done so far is kept."""


class Control:
    """Asked between two steps: `stop_requested`, and `wait_while_paused`. Safe to set from any thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    def stop(self) -> None:
        """Ask for an orderly end; ends a pause too."""
        self._stop.set()
        self._go.set()

    def raise_if_stopped(self) -> None:
        """Raise `Stopped` where a stop was asked for: for work whose caller has nothing left to do then."""
        if self.stop_requested:
            raise Stopped

    def pause(self) -> None:
        if not self.stop_requested:
            self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def wait_while_paused(self) -> None:
        """Block until `resume` or `stop`."""
        self._go.wait()

    def listen(self, stream: TextIO) -> None:
        """Obey the lines "stop", "pause" and "resume" of `stream` in a thread; its end means stop.

        The window starts jobs this way: when it dies, the pipe ends, and the job saves a checkpoint and exits.
        """
        threading.Thread(target=self._obey, args=(stream,), daemon=True, name="control").start()

    def _obey(self, stream: TextIO) -> None:
        commands = {"stop": self.stop, "pause": self.pause, "resume": self.resume}
        for line in stream:
            command = commands.get(line.strip())
            if command is None:
                print(f"control: unknown command {line.strip()!r}; there are {', '.join(commands)}", file=sys.stderr)
            else:
                command()
        self.stop()


@contextmanager
def stopping_on_signals(control: Control) -> Iterator[None]:
    """Within the block Ctrl-C and SIGTERM ask `control` to stop; a second Ctrl-C interrupts at once."""

    def handler(number: int, frame: FrameType | None) -> None:
        if control.stop_requested and number == signal.SIGINT:
            raise KeyboardInterrupt
        control.stop()

    previous = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in previous.items():
            signal.signal(number, old)
