"""Run a command of `core` that writes one file as a cancellable job, with its progress in a box."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.status import FILM
from carl_gui.models.messages import displayable
from carl_gui.models.run_messages import stage_text, stage_unit
from carl_gui.numbers import duration, rate
from carl_gui.panels.export_box import ExportBox
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control, Stopped
from core.base.events import Event, Progress
from training.queue import JobOrder, QueuedJob

Prepare = Callable[[Control, Path], Sequence[str]]
"""Given a folder for what the command reads, which is removed after it: the module and its arguments."""


class VideoExportJob(QObject):
    """One at a time."""

    ended = Signal(str, bool)
    """A sentence, and whether nothing was written."""

    def __init__(self, workshop: AppContext, box: ExportBox) -> None:
        super().__init__(box)
        self._workshop, self._box = workshop, box
        self._control = Control()
        self._job: QueuedJob | None = None
        self._tasks = Tasks(self, lambda sentence: self.ended.emit(displayable(sentence), True))
        workshop.jobs.changed.connect(self._show)
        box.cancel_requested.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        return self._tasks.is_running("film")

    def begin(self, target: Path, prepare: Prepare) -> None:
        """Prepare in a thread, then run the command, which writes `target`."""
        if not self.is_running:
            self._control = Control()
            self._box.set_progress(None, self.tr("Starting…"))
            self._tasks.start("film", self._film(target, prepare, self._control))

    def cancel(self) -> None:
        """Stop; nothing is left of the file."""
        self._control.stop()
        if self._job is not None:
            self._workshop.jobs.stop(self._job)

    def close(self) -> None:
        """Say nothing any more; the job is stopped."""
        self._tasks.cancel("film")
        self._box.set_progress(None, "")

    async def _film(self, target: Path, prepare: Prepare, control: Control) -> None:
        try:
            await self._write(target, prepare, control)
        except Stopped:
            self.ended.emit(self.tr("Cancelled; nothing was written."), True)
        else:
            self.ended.emit(self.tr("Wrote the video to {0}.").format(displayable(str(target))), False)

    async def _write(self, target: Path, prepare: Prepare, control: Control) -> None:
        self._box.set_progress(None, self.tr("Starting…"))
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
                words = await in_thread(lambda control: prepare(control, Path(scratch)), control)
                if control.stop_requested:
                    raise Stopped
                self._job = self._workshop.jobs.submit(JobOrder(FILM, target.name, tuple(words), "film"))
                await self._workshop.jobs.finish(self._job, self._on_job_event)
        finally:
            self._job = None
            self._box.set_progress(None, "")

    def _show(self) -> None:
        if self._job is not None and self._job.state == "waiting":
            self._box.set_progress(None, self.tr("Waiting for another video to be written"))

    def _on_job_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            words = stage_text(event.stage, event.done, event.total)
            if event.rate > 0:
                words = self.tr("{0} · {1} · {2} left").format(
                    words, rate(event.rate, stage_unit(event.stage)), duration(event.eta_seconds)
                )
            self._box.set_progress(event.done / event.total if event.total > 0 else None, words)
