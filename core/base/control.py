"""How to stop or pause a long-running job: signals, lines on the parent's pipe, and a file once the parent has
exited."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_PEEK_SECONDS = 0.1
_WATCH_SECONDS = 0.3
_LONGEST_WORD = 16


class Stopped(Exception):  # noqa: N818 - not an error
    """The job was stopped on request; what was done so far is kept."""


class Control:
    """Asked between two pieces of work (`obey`), or between two steps: `stop_requested`, and `wait_while_paused`.

    Safe to set from any thread.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._report_pause: Callable[[bool], None] = lambda paused: None
        self._waiting = 0
        self._telling = threading.Lock()

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    def stop(self) -> None:
        """Request an orderly stop; also ends a pause."""
        self._stop.set()
        self._go.set()

    def obey(self) -> None:
        """Wait as long as a pause was asked for, then raise `Stopped` where a stop was.

        For work whose caller has nothing left to do then. Long work calls it at least once a second.
        """
        if self.paused:
            self._wait_and_report()
        if self.stop_requested:
            raise Stopped

    def lead(self, workers: Control) -> None:
        """Pause `workers`, which threads obey, as long as this is paused. Raises `Stopped` where a stop was asked for.

        For the thread that waits for them, called several times a second.
        """
        if self.paused:
            workers.pause()
        self.obey()
        workers.resume()

    @contextmanager
    def reporting_pauses(self, on_pause: Callable[[bool], None]) -> Iterator[None]:
        """Call `tell` with True where work begins to wait in `obey`, with False where it goes on."""
        before, self._report_pause = self._report_pause, on_pause
        try:
            yield
        finally:
            self._report_pause = before

    def pause(self) -> None:
        if not self.stop_requested:
            self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def wait_while_paused(self) -> None:
        """Block until `resume` or `stop`."""
        self._go.wait()

    def _wait_and_report(self) -> None:
        """Wait, and report it once: the first of several threads that wait does, and the last one that goes on."""
        with self._telling:
            self._waiting += 1
            if self._waiting == 1:
                self._report_pause(True)
        self._go.wait()
        with self._telling:
            self._waiting -= 1
            if self._waiting == 0:
                self._report_pause(False)

    def listen(self, pipe: int) -> None:
        """Obey the lines "stop", "pause", "resume" and "detach" from the file descriptor `pipe` in a thread.

        The window starts jobs this way. Its end means stop: when the window dies, the job saves a checkpoint and exits.
        After "detach" the end means nothing, and this process writes no more to its parent: it outlives it, and obeys
        the file that it watches.
        """
        threading.Thread(target=self._obey_pipe, args=(pipe,), daemon=True, name="control").start()

    def watch(self, file: Path) -> Callable[[], None]:
        """Obey, in a thread and until a stop, the word "stop", "pause" or "resume" whenever it is written to `file`.

        Returns:
            Ends the watching, for work that ends before its process.
        """
        ended = threading.Event()
        threading.Thread(target=self._obey_file, args=(file, ended), daemon=True, name="control file").start()
        return ended.set

    def _obey_pipe(self, pipe: int) -> None:
        detached = False
        for word in _lines(pipe):
            if word == "detach":
                detached = True
                _leave_the_parent()
            elif not self._obey(word):
                with suppress(OSError):  # the parent died
                    print(f"control: unknown command {word!r}; known are {', '.join(_WORDS)}, detach", file=sys.stderr)
        if not detached:
            self.stop()

    def _obey_file(self, file: Path, ended: threading.Event) -> None:
        obeyed: tuple[int, int, int] | None = None
        while not (self._stop.wait(_WATCH_SECONDS) or ended.is_set()):
            with suppress(OSError):  # it is not there, or just being replaced
                status = file.stat()
                written = (status.st_ino, status.st_mtime_ns, status.st_size)
                if written != obeyed:
                    with file.open("rb") as opened:
                        word = opened.read(_LONGEST_WORD).decode("utf-8", "replace").strip()
                    obeyed = written  # once: what the pipe says later is the newer word
                    self._obey(word)

    def _obey(self, word: str) -> bool:
        """Return whether there is such a word."""
        if word in _WORDS:
            _WORDS[word](self)
        return word in _WORDS


_WORDS = {"stop": Control.stop, "pause": Control.pause, "resume": Control.resume}


def _leave_the_parent() -> None:
    """Point stdout and stderr nowhere from now on: the parent's ends of these pipes may break."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
    finally:
        os.close(nowhere)


def _lines(pipe: int) -> Iterator[str]:
    """Yield the lines of a pipe until it ends or breaks.

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
    """Poll before reading, on Windows: a read that waits on stdin there blocks every DLL that looks at it while
    loading.

    Raises OSError where the pipe has ended.
    """
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        while not _winapi.PeekNamedPipe(msvcrt.get_osfhandle(pipe), 0)[0]:
            time.sleep(_PEEK_SECONDS)


@contextmanager
def stopping_on_signals(
    control: Control, signals: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)
) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM ask `control` to stop within the block; a second Ctrl-C interrupts at once.

    Args:
        numbers: of the signals. Only a process's main thread can take any.
    """

    def handler(signum: int, frame: FrameType | None) -> None:
        if control.stop_requested and signum == signal.SIGINT:
            raise KeyboardInterrupt
        control.stop()

    previous = {signum: signal.signal(signum, handler) for signum in signals}
    try:
        yield
    finally:
        for signum, old in previous.items():
            signal.signal(signum, old)
