"""Converts events of jobs to Qt signals, and lets coroutines wait for their end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.loop import running_loop
from carl_gui.tasks import outlast
from core.base.control import Stopped
from core.base.errors import CarlError
from core.base.events import Event, Failed, Finished, ignore
from training.queue import JobOrder, JobQueue, QueuedJob

_LOOK_MS = 50
"""Between two looks at what the children said: twenty times a second."""
_NO_TIME_MS = 0


class JobFailedError(CarlError):
    """A job that somebody waits for failed; the sentence is its own."""


@dataclass(frozen=True)
class _Awaited:
    ending: asyncio.Future[Finished | Failed]
    hear: Callable[[Event], object]


class Jobs(QObject):
    """The jobs of the window, polled only while there are any."""

    told = Signal(object, object)
    """A `QueuedJob`, and an event of it; not its ending."""
    ended = Signal(object, object)
    """A `QueuedJob`, and `Finished` or `Failed`."""
    changed = Signal()
    """One came, began, waits, goes on or ended."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = JobQueue()
        self._awaited: dict[QueuedJob, _Awaited] = {}
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """Those that wait or run, in the order in which they came."""
        return self._queue.jobs

    @property
    def own(self) -> tuple[QueuedJob, ...]:
        """Those of this window: the others go on without it, and it only follows them."""
        return tuple(job for job in self.jobs if not job.is_left)

    def remember_in(self, memory: Path | None) -> None:
        """Keep what goes in this file from now on. Only while no job is there."""
        if self._queue.jobs:
            raise RuntimeError("jobs of another project are running")
        self._queue = JobQueue(memory)

    def submit(self, order: JobOrder) -> QueuedJob:
        """Line up; it starts as soon as its device is free."""
        job = self._queue.submit(order)
        self._timer.start()
        QTimer.singleShot(_NO_TIME_MS, self, self.look)
        self.changed.emit()
        return job

    def follow(self, order: JobOrder, folder: Path) -> QueuedJob:
        """Show and steer work that goes on without this window, in the folder of its `--followed-in`."""
        job = self._queue.follow(order, folder)
        self._timer.start()
        self.changed.emit()
        return job

    def forget_left(self) -> None:
        """Forget what goes on without this window."""
        if self.jobs != self.own:
            self._queue.forget_left()
            self.changed.emit()

    async def run(self, order: JobOrder, hear: Callable[[Event], object] = ignore) -> None:
        """Line up, and wait until it is done; as `finish`."""
        await self.finish(self.submit(order), hear)

    async def finish(self, job: QueuedJob, hear: Callable[[Event], object] = ignore) -> None:
        """Wait until a job that was just lined up is done. Where the task is cancelled, the job is stopped.

        Args:
            hear: is told what it says meanwhile.

        Raises:
            JobFailedError: it failed.
            Stopped: somebody stopped it.
        """
        ended = job.ending or await self._ending_of(job, hear)  # it may have been stopped before anybody waited
        if isinstance(ended, Failed):
            raise JobFailedError(ended.message)
        if ended.reason != "done":
            raise Stopped

    async def _ending_of(self, job: QueuedJob, hear: Callable[[Event], object]) -> Finished | Failed:
        ending: asyncio.Future[Finished | Failed] = running_loop().create_future()
        self._awaited[job] = _Awaited(ending, hear)
        try:
            await outlast(ending, lambda: self.stop(job))
        finally:
            del self._awaited[job]
        return ending.result()

    def find(self, kind: str, name: str | None = None) -> QueuedJob | None:
        """The job of that kind (and name) that waits or runs."""
        return next((job for job in self.jobs if job.order.kind == kind and name in (None, job.order.name)), None)

    def pause(self, job: QueuedJob) -> None:
        """Ask it to wait after the step at hand."""
        self._queue.pause(job)
        self.changed.emit()

    def go_on(self, job: QueuedJob) -> None:
        """Ask it to go on."""
        self._queue.resume(job)
        self.changed.emit()

    def stop(self, job: QueuedJob) -> None:
        """Ask it to save and end; `ended` follows."""
        self._queue.stop(job)
        if job.ending is not None:  # it only waited
            self._announce(job, job.ending)
        self.changed.emit()

    def kill(self, job: QueuedJob) -> None:
        """End a running job at once; `ended` follows. What it saved last stays."""
        if job.process is not None:
            job.process.kill()

    def detach(self) -> None:
        """Let what runs live on without this window."""
        self._queue.detach()
        self._timer.stop()
        self._let_go()
        self.changed.emit()

    def close(self) -> None:
        """Ask all to save and end, and wait until they have. Nothing is announced any more."""
        self._timer.stop()
        self._queue.close()
        self._let_go()

    def look(self) -> None:
        """Announce what the jobs said since the last look."""
        states = [(job, job.state) for job in self.jobs]
        for job, event in self._queue.poll():
            self._announce(job, event)
        if [(job, job.state) for job in self.jobs] != states:
            self.changed.emit()
        if not self.jobs:
            self._timer.stop()

    def _announce(self, job: QueuedJob, event: Event) -> None:
        awaited = self._awaited.get(job)
        if isinstance(event, Finished | Failed):
            self.ended.emit(job, event)
            if awaited is not None and not awaited.ending.done():
                awaited.ending.set_result(event)
        else:
            self.told.emit(job, event)
            if awaited is not None:
                awaited.hear(event)

    def _let_go(self) -> None:
        """Nobody hears how these end."""
        for awaited in self._awaited.values():
            awaited.ending.cancel()
