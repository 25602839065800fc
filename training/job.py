"""Run a command of `core` as a child process: start, follow, pause, stop, kill.

The child watches its stdin: where this process dies, however it dies, the pipe ends, and the child saves a checkpoint
and exits. Pipes are read by threads: a job needs no loop, with a window or without one (docs/decisions/0026).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from core.base.child_command import command_line
from core.base.events import Event, Failed, Finished, decode

_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
"""Threads that wait for each other sleep: where other programs want the cores too, spinning takes ten times as long."""
_TAIL_LINES = 50
_DRAIN_SECONDS = 5.0
"""A grandchild may hold the pipes open after the child's end; how long to wait for the last lines then."""


class Job:
    """One running (or ended) `python -m MODULE ...`. Close it, or use it as a context manager."""

    def __init__(self, process: subprocess.Popen[str], log: TextIO | None) -> None:
        self._process = process
        self._log = log
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._stdin_lock = threading.Lock()
        self._ended = threading.Event()
        self._killed = self._detached = False
        self._has_spoken = self._has_ending = False
        self._readers = [
            threading.Thread(target=self._read_events, daemon=True, name="job events"),
            threading.Thread(target=self._read_errors, daemon=True, name="job errors"),
        ]
        self._waiter = threading.Thread(target=self._wait_and_close, daemon=True, name="job end")
        for thread in (*self._readers, self._waiter):
            thread.start()

    @classmethod
    def start(cls, command: Sequence[str], *, log: Path | None = None) -> Self:
        """Start `python -m COMMAND... --events --control`.

        Args:
            command: the module and its arguments, such as `["core.train", "clips", "--out", "run"]`.
            log: a file to which the child's stderr is added.
        """
        opened = log.open("a", encoding="utf-8", newline="\n") if log else None
        try:
            process = subprocess.Popen(
                command_line(*command, "--events", "--control"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env={**_PATIENT, **os.environ, "PYTHONUTF8": "1"},
                start_new_session=True,  # Ctrl-C in our terminal is ours; the child hears from us, once
                creationflags=_windows_flags(),
            )
        except BaseException:
            if opened:
                opened.close()
            raise
        return cls(process, opened)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status (negative: the signal that ended it); None while it runs."""
        return self._process.returncode if self._ended.is_set() else None

    @property
    def has_spoken(self) -> bool:
        """Whether it said anything yet. Before that it loads its libraries, and hears nothing."""
        return self._has_spoken

    @property
    def stderr_tail(self) -> str:
        """The last lines that the child wrote on stderr."""
        return "".join(list(self._tail))

    def follow(self) -> Iterator[Event]:
        """Yield every event from the first on, in order; waits for the next. Iterate once, in one thread.

        The last is always `Finished` or `Failed`: where the child could not say how it ended, this says it.
        """
        while (event := self._events.get()) is not None:
            yield event

    def poll(self) -> list[Event]:
        """Return the events since the last call, without waiting: for one who looks now and then, instead of `follow`.

        The last of all is `Finished` or `Failed`; `returncode` is known by then.
        """
        found = []
        with contextlib.suppress(queue.Empty):
            while (event := self._events.get_nowait()) is not None:
                found.append(event)
        return found

    def pause(self) -> None:
        """Request a pause after the current step. Returns at once, like `resume` and `stop`."""
        self._send("pause")

    def resume(self) -> None:
        self._send("resume")

    def stop(self) -> None:
        """Request to save a checkpoint and stop."""
        self._send("stop")

    def detach(self) -> None:
        """Keep the child running when this process ends; from then on it only reads its control file."""
        self._detached = True
        self._send("detach")

    def kill(self) -> None:
        """End the child and its children at once. What it saved last stays."""
        self._killed = True
        if sys.platform != "win32" and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end, at most `timeout` seconds. Returns `returncode`: None where the child still runs."""
        self._ended.wait(timeout)
        return self.returncode

    def close(self, grace_seconds: float = 10.0) -> None:
        """See the child to its end: ask it to stop, and kill it where it has not after `grace_seconds`.

        A child that was let go (`detach`) is left alone.
        """
        if self._detached:
            return
        self.stop()
        if self.wait(grace_seconds) is None:
            self.kill()
        self._waiter.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, word: str) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with self._stdin_lock, contextlib.suppress(OSError, ValueError):  # it has ended: nobody listens
            stdin.write(word + "\n")
            stdin.flush()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = decode(line)
            if event is not None:
                self._has_spoken = True
                self._has_ending |= isinstance(event, Finished | Failed)
                self._events.put(event)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._tail.append(line)
            if self._log:
                with contextlib.suppress(OSError):  # a full disk; the child must not wait for us
                    self._log.write(line)
                    self._log.flush()

    def _wait_and_close(self) -> None:
        self._process.wait()
        for reader in self._readers:
            reader.join(_DRAIN_SECONDS)
        with self._stdin_lock, contextlib.suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        if not any(reader.is_alive() for reader in self._readers):
            for stream in (self._process.stdout, self._process.stderr, self._log):
                if stream:
                    with contextlib.suppress(OSError):
                        stream.close()
        if not self._has_ending:
            self._events.put(self._ending())
        self._ended.set()
        self._events.put(None)

    def _ending(self) -> Event:
        if self._killed:
            return Finished("stopped", "")
        status = self._process.returncode
        if status < 0:
            name = signal.strsignal(-status) or f"signal {-status}"
            return Failed(f"The system killed the job ({name}), usually because memory ran out.", is_bug=False)
        last = next((line.strip() for line in reversed(self._tail) if line.strip()), "no reason given")
        return Failed(f"The job ended with status {status}: {last}", is_bug=True)


def _windows_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0
