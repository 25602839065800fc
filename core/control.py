"""How long work is asked to stop or wait: signals, and the lines of a parent's pipe."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_PEEK_SECONDS = 0.1


class Stopped(Exception):  # noqa: N818 - not an error
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

    def listen(self, pipe: int) -> None:
        """Obey the lines "stop", "pause" and "resume" from the file descriptor `pipe` in a thread; its end means stop.

        The window starts jobs this way: when it dies, the pipe ends, and the job saves a checkpoint and exits.
        """
        threading.Thread(target=self._obey, args=(pipe,), daemon=True, name="control").start()

    def _obey(self, pipe: int) -> None:
        commands = {"stop": self.stop, "pause": self.pause, "resume": self.resume}
        for word in _lines(pipe):
            command = commands.get(word)
            if command is None:
                print(f"control: unknown command {word!r}; there are {', '.join(commands)}", file=sys.stderr)
            else:
                command()
        self.stop()


def _lines(pipe: int) -> Iterator[str]:
    """Lines of a pipe until it ends or breaks.

    Read without Python's buffered files, whose lock a daemon thread would still hold when the interpreter shuts down.
    """
    waiting = b""
    while True:
        try:
            _wait_for_input(pipe)
            chunk = os.read(pipe, 4096)
        except OSError:
            return
        if not chunk:
            return
        *lines, waiting = (waiting + chunk).split(b"\n")
        yield from (line.decode("utf-8", "replace").strip() for line in lines)


def _wait_for_input(pipe: int) -> None:
    """On Windows look before reading: a read that waits on stdin there blocks every DLL that looks at it while loading.

    Raises OSError where the pipe has ended.
    """
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        while not _winapi.PeekNamedPipe(msvcrt.get_osfhandle(pipe), 0)[0]:
            time.sleep(_PEEK_SECONDS)


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
