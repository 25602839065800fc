"""Converts events of jobs to Qt signals, and lets coroutines wait for their end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.loop import running_loop
from carl_gui.tasks import Tasks, outlast
from core.base.control import Stopped
from core.base.errors import CarlError
from core.base.events import Event, Failed, Finished, ignore
from training.queue import JobOrder, JobQueue, QueuedJob

_POLL_MS = 50
"""Between two polls of the children: twenty times a second."""
_NO_TIME_MS = 0


class JobFailedError(CarlError):
    """A job that somebody waits for failed; the sentence is its own."""


@dataclass(eq=False)
class _Waiting:
    """A caller that waits for a job."""

    job: QueuedJob
    on_event: Callable[[Event], object]
    on_abandoned: Callable[[], object] = lambda: None
    """What becomes of the job once its caller no longer waits."""
    ending: asyncio.Future[Finished | Failed] = field(default_factory=lambda: running_loop().create_future())

    def notify(self, event: Event) -> None:
        """Pass it on; a bug in `on_event` is raised where the job is awaited."""
        if self.ending.done():
            return
        if isinstance(event, Finished | Failed):
            self.ending.set_result(event)
            return
        try:
            self.on_event(event)
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits, who would wait for ever otherwise
            self.ending.set_exception(error)
            self.on_abandoned()


class Jobs(QObject):
    """The jobs of the window, polled only while there are any.

    Whoever waits for a job awaits it (`run`, `finish`, `watch`, `follow_kind`). The signals are for those who show all
    jobs, or read the disk again whenever one ended.
    """

    submitted = Signal(object)
    """A `QueuedJob` that was enqueued, or found."""
    event_received = Signal(object, object)
    """A `QueuedJob`, and an event of it; not its ending."""
    finished = Signal(object, object)
    """A `QueuedJob`, and `Finished` or `Failed`."""
    changed = Signal()
    """One was submitted, started, paused, resumed or ended."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = JobQueue()
        self._waiting: list[_Waiting] = []
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self.poll)

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """Those that wait or run, in the order in which they came."""
        return self._queue.jobs

    @property
    def own_jobs(self) -> tuple[QueuedJob, ...]:
        """Those of this window: the others go on without it, and it only follows them."""
        return tuple(job for job in self.jobs if not job.is_left)

    def remember_in(self, memory: Path | None) -> None:
        """Keep what runs in this file from now on. Only while there is no job."""
        if self._queue.jobs:
            raise RuntimeError("jobs of another project are running")
        self._queue = JobQueue(memory)

    def submit(self, order: JobOrder) -> QueuedJob:
        """Enqueue; it starts as soon as its device is free."""
        job = self._queue.submit(order)
        self._timer.start()
        QTimer.singleShot(_NO_TIME_MS, self, self.poll)
        self.submitted.emit(job)
        self.changed.emit()
        return job

    def follow(self, order: JobOrder, folder: Path) -> QueuedJob:
        """Show and steer work that runs without this window, in the folder of its `--followed-in`."""
        job = self._queue.follow(order, folder)
        self._timer.start()
        self.submitted.emit(job)
        self.changed.emit()
        return job

    def clear_left(self) -> None:
        """Forget the jobs that run without this window."""
        if self.jobs != self.own_jobs:
            self._queue.clear_left()
            self._drop_waiting()
            self.changed.emit()

    async def run(self, order: JobOrder, on_event: Callable[[Event], object] = ignore) -> None:
        """Enqueue, and wait until it is done; as `finish`."""
        await self.finish(self.submit(order), on_event)

    async def finish(self, job: QueuedJob, on_event: Callable[[Event], object] = ignore) -> None:
        """Wait until a job is done. Where the task is cancelled, the job is stopped, and its end waited for.

        Args:
            on_event: is called with its events meanwhile. Where it raises, the job is stopped, and that is raised.

        Raises:
            JobFailedError: it failed.
            Stopped: somebody stopped it.
        """

        def stop() -> None:
            waiting.on_event = ignore
            self.stop(job)

        with self._waiting_for(job, on_event, stop) as waiting:
            await outlast(waiting.ending, stop)
            _check(waiting.ending.result())

    async def watch(self, job: QueuedJob, on_event: Callable[[Event], object] = ignore) -> None:
        """Wait until a job is done that runs on without its caller; otherwise as `finish`."""
        with self._waiting_for(job, on_event) as waiting:
            _check(await waiting.ending)

    def follow_kind(self, kind: str, tasks: Tasks, follow: Callable[[QueuedJob], Coroutine[Any, Any, None]]) -> None:
        """Start a task for every job of this kind, whoever submits it, and for those that a window left running.

        Args:
            follow: is called at once where a job is lined up; what it returns begins with the next turn of the loop.
        """

        def start_task(job: QueuedJob) -> None:
            if job.order.kind == kind:
                tasks.start(f"{kind} {job.number}", follow(job))

        for job in self.jobs:
            start_task(job)
        self.submitted.connect(start_task)

    def find(self, kind: str, name: str | None = None) -> QueuedJob | None:
        """Return the job of that kind (and name) that waits or runs."""
        return next((job for job in self.jobs if job.order.kind == kind and name in (None, job.order.name)), None)

    def pause(self, job: QueuedJob) -> None:
        """Ask it to wait after the step at hand.

        Raises:
            StorageError: it was left running in a folder that cannot be written. So do `resume` and `stop`.
        """
        self._queue.pause(job)
        self.changed.emit()

    def resume(self, job: QueuedJob) -> None:
        """Ask it to continue."""
        self._queue.resume(job)
        self.changed.emit()

    def stop(self, job: QueuedJob) -> None:
        """Ask it to save and end; `finished` follows, once."""
        if not job.is_active:
            return
        self._queue.stop(job)
        if job.ending is not None:  # it only waited
            self._announce(job, job.ending)
        self.changed.emit()

    def kill(self, job: QueuedJob) -> None:
        """End a running job at once; `finished` follows. Its last checkpoint stays."""
        if job.process is not None:
            job.process.kill()

    def detach(self) -> None:
        """Let running jobs continue without this window."""
        self._queue.detach()
        self._timer.stop()
        self._drop_waiting()
        self.changed.emit()

    def close(self) -> None:
        """Stop all jobs and wait until they have saved and ended. Nothing is announced afterwards."""
        self._timer.stop()
        self._queue.close()
        self._drop_waiting()

    def poll(self) -> None:
        """Announce the events of the jobs since the last poll."""
        states = [(job, job.state) for job in self.jobs]
        for job, event in self._queue.poll():
            self._announce(job, event)
        if [(job, job.state) for job in self.jobs] != states:
            self.changed.emit()
        if not self.jobs:
            self._timer.stop()

    def _announce(self, job: QueuedJob, event: Event) -> None:
        signal = self.finished if isinstance(event, Finished | Failed) else self.event_received
        signal.emit(job, event)
        for waiting in [one for one in self._waiting if one.job is job]:
            waiting.notify(event)

    @contextlib.contextmanager
    def _waiting_for(
        self, job: QueuedJob, on_event: Callable[[Event], object], on_abandoned: Callable[[], object] = lambda: None
    ) -> Iterator[_Waiting]:
        waiting = _Waiting(job, on_event, on_abandoned)
        if job.ending is not None:  # it may have been stopped before anybody waited
            waiting.notify(job.ending)
        self._waiting.append(waiting)
        try:
            yield waiting
        finally:
            self._waiting.remove(waiting)

    def _drop_waiting(self) -> None:
        """Cancel waiting for jobs that are not followed any more."""
        for waiting in self._waiting:
            if waiting.job not in self.jobs:
                waiting.ending.cancel()


def _check(ending: Finished | Failed) -> None:
    if isinstance(ending, Failed):
        raise JobFailedError(ending.message)
    if ending.reason != "done":
        raise Stopped
