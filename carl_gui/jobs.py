"""The only place where a job's event becomes a signal of Qt's."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.events import Failed, Finished
from training.queue import JobOrder, JobQueue, QueuedJob

_LOOK_MS = 50
"""Between two looks at what the children said: twenty times a second."""
_NO_TIME_MS = 0


class Jobs(QObject):
    """The jobs of the window. Looks at them only while there are some."""

    told = Signal(object, object)
    """A `QueuedJob`, and an event of it; not its ending."""
    ended = Signal(object, object)
    """A `QueuedJob`, and `Finished` or `Failed`."""
    changed = Signal()
    """One came, began, waits, goes on or ended."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = JobQueue()
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
            raise RuntimeError("jobs of another project are going on")
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

    def let_go(self) -> None:
        """Forget what goes on without this window."""
        if self.jobs != self.own:
            self._queue.let_go()
            self.changed.emit()

    def find(self, kind: str, name: str | None = None) -> QueuedJob | None:
        """The job of that kind (and name) that waits or runs."""
        return next((job for job in self.jobs if job.order.kind == kind and name in (None, job.order.name)), None)

    def pause(self, job: QueuedJob) -> None:
        """Ask it to wait after the step at hand."""
        self._queue.pause(job)
        self.changed.emit()

    def go_on(self, job: QueuedJob) -> None:
        """Ask it to go on."""
        self._queue.go_on(job)
        self.changed.emit()

    def stop(self, job: QueuedJob) -> None:
        """Ask it to save and end; `ended` follows."""
        self._queue.stop(job)
        if job.ending is not None:  # it only waited
            self.ended.emit(job, job.ending)
        self.changed.emit()

    def kill(self, job: QueuedJob) -> None:
        """End a running job at once; `ended` follows. What it saved last stays."""
        if job.process is not None:
            job.process.kill()

    def detach(self) -> None:
        """Let what runs live on without this window."""
        self._queue.detach()
        self._timer.stop()
        self.changed.emit()

    def close(self) -> None:
        """Ask all to save and end, and wait until they have. Nothing is announced any more."""
        self._timer.stop()
        self._queue.close()

    def look(self) -> None:
        """Announce what the jobs said since the last look."""
        states = [(job, job.state) for job in self.jobs]
        for job, event in self._queue.poll():
            if isinstance(event, Finished | Failed):
                self.ended.emit(job, event)
            else:
                self.told.emit(job, event)
        if [(job, job.state) for job in self.jobs] != states:
            self.changed.emit()
        if not self.jobs:
            self._timer.stop()
