"""The process that drives Ray for a command, and what it says."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import core
from core.base.child_command import command_line
from core.base.control import Control
from core.base.files import cache_folder, make_folder
from core.cluster.job import Job

_POLL_SECONDS = 0.2
_WAITING = 16
"""Results that wait to be written; while there are more, the cluster waits."""
_STOP_SECONDS = 15.0
_QUIET = {"RAY_DATA_DISABLE_PROGRESS_BARS": "1"}
_LOSS_SECONDS = {"RAY_gcs_rpc_server_reconnect_timeout_s": "20"}
"""After so long without its head Ray gives up; of itself it waits for 60."""


class Child:
    """A `core.cluster.driver` at work on a job, until the block is left.

    Raises:
        StorageError: its log cannot be written.
    """

    def __init__(self, job: Job) -> None:
        make_folder(cache_folder("cluster"))
        self.log = cache_folder("cluster") / f"ray-{os.getpid()}.log"
        self._job = job
        self._received: queue.Queue[object] = queue.Queue(_WAITING)
        self._is_left = threading.Event()

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command_line("core.cluster.driver"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(),
                start_new_session=True,  # Ctrl-C reaches this process alone, which ends the child in order
            )
        self._listener = threading.Thread(target=self._listen, daemon=True, name="cluster")
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_left.set()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        if hasattr(os, "killpg"):  # also what a Ray that was started for this has left
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self._process.stdout.close()

    def messages(self, control: Control, first_seconds: float) -> Iterator[object]:
        """Yield what it says, until it ends or `control` asks for something else.

        Args:
            first_seconds: how long to wait for the first message.

        Raises:
            TimeoutError: it says nothing for so long.
        """
        waited = 0.0
        while not (control.stop_requested or control.paused):
            try:
                message = self._received.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                waited += _POLL_SECONDS
                if waited >= first_seconds:
                    raise TimeoutError from None
                continue
            if message is None:
                return
            first_seconds = float("inf")
            yield message

    def _listen(self) -> None:
        """Give it the job, and take what it says; None: it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):  # it died
            pickle.dump(self._job, self._process.stdin, protocol=5)
            self._process.stdin.flush()
            while True:
                self._put(pickle.load(self._process.stdout))  # noqa: S301 - of our own process
        self._put(None)

    def _put(self, message: object) -> None:
        while not self._is_left.is_set():
            with contextlib.suppress(queue.Full):
                self._received.put(message, timeout=_POLL_SECONDS)
                return


def _environment() -> dict[str, str]:
    """Return the child's environment: this program is found, and Ray keeps to itself."""
    root = str(Path(core.__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**_LOSS_SECONDS, **os.environ, **_QUIET, "PYTHONPATH": os.pathsep.join(paths)}
