"""The running job of one kind for a run, if any: followed, and shown in a box with its error."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from carl_gui.controllers.app_context import AppContext
from carl_gui.jobs import JobFailedError
from carl_gui.models.messages import displayable
from carl_gui.models.run_messages import stage_text
from carl_gui.numbers import duration
from carl_gui.tasks import Tasks
from core.base.control import Stopped
from core.base.errors import CarlError
from core.base.events import Event, Progress
from training.queue import QueuedJob


class ProgressBox(Protocol):
    """The box that shows the job."""

    @property
    def cancel_requested(self) -> SignalInstance: ...

    @property
    def pause_requested(self) -> SignalInstance: ...

    def set_progress(self, share: float | None, words: str) -> None: ...

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None: ...

    def set_locked(self, reason: str) -> None: ...


class RunJob(QObject):
    """Shows the job of one run at a time; those of other runs are followed too, to know their failures."""

    changed = Signal()
    """One began or ended, of whatever run."""

    def __init__(self, workshop: AppContext, kind: str, box: ProgressBox, parent: QObject) -> None:
        super().__init__(parent)
        self._workshop, self._jobs, self._kind, self._box = workshop, workshop.jobs, kind, box
        self.run = ""
        """Whose job it is; empty: of none. `show` follows it."""
        self._progress: dict[QueuedJob, Progress] = {}
        self._failures: dict[str, str] = {}
        """Why it failed last, by run."""
        self._tasks = Tasks(self, lambda _: self.show())
        box.cancel_requested.connect(lambda: self._steer(self._jobs.stop))
        box.pause_requested.connect(self._pause)
        self._jobs.changed.connect(self.show)
        self._jobs.attend(kind, self._tasks, self._begin)

    @property
    def is_running(self) -> bool:
        """Whether it goes on for this run, or will."""
        return self._job() is not None

    @property
    def failure(self) -> str:
        """Why it failed last; empty: it did not."""
        return displayable(self._failures.get(self.run, ""))

    def close(self) -> None:
        """Follow nothing any more; another project knows nothing of this one."""
        self.run = ""
        self._tasks.close()
        self._failures.clear()

    def _job(self) -> QueuedJob | None:
        return self._jobs.find(self._kind, self.run) if self.run else None

    def _pause(self) -> None:
        self._steer(lambda job: (self._jobs.go_on if job.state == "paused" else self._jobs.pause)(job))

    def _steer(self, ask: Callable[[QueuedJob], object]) -> None:
        job = self._job()
        try:
            if job is not None:
                ask(job)
        except CarlError as error:
            self._workshop.warn(displayable(str(error)))
            self.show()

    def _begin(self, job: QueuedJob) -> Coroutine[Any, Any, None]:
        """At once: it is seen to begin, and why it failed before is taken back."""
        self._failures.pop(job.order.name, None)
        self.changed.emit()
        return self._follow(job)

    async def _follow(self, job: QueuedJob) -> None:
        def hear(event: Event) -> None:
            if isinstance(event, Progress):
                self._progress[job] = event
                self.show()

        try:
            await self._jobs.watch(job, hear)
        except JobFailedError as error:
            self._failures[job.order.name] = str(error)
        except Stopped:
            pass
        finally:
            self._progress.pop(job, None)
        self.changed.emit()

    def _disabled_reason(self, job: QueuedJob) -> str:
        """Return why it can be neither paused nor stopped from here; empty: it can."""
        project = self._workshop.session.project
        if project is None or not project.read_only or not job.is_left:
            return ""
        said = self.tr(
            "Another window left this running. It can only be paused or stopped where the project is writable."
        )
        return f"{said}\n{displayable(project.read_only)}"

    def show(self) -> None:
        """How far it has come."""
        job = self._job()
        progress = self._progress.get(job) if job is not None else None
        names = {"running": self.tr("Pause"), "pausing": self.tr("Pausing…"), "paused": self.tr("Resume")}
        self._box.set_pause(names.get(job.state, "") if job else "", is_enabled=job is None or job.state != "pausing")
        if job is not None and job.state != "stopping":
            self._box.set_locked(self._disabled_reason(job))
        if job is None:
            self._box.set_progress(None, "")
        elif progress is not None:
            share = progress.done / progress.total if progress.total > 0 else None
            words = stage_text(progress.stage, progress.done, progress.total)
            left_seconds = max(progress.eta_seconds, progress.whole_eta_seconds)
            if left_seconds >= 1:
                words = self.tr("{0}, {1} left").format(words, duration(left_seconds))
            self._box.set_progress(share, words)
        else:
            waits, begins = self.tr("Waiting for other work to finish"), self.tr("Starting…")
            self._box.set_progress(None, waits if job.state == "waiting" else begins)
