"""A command of `core` that writes one file, as a job whose progress is shown in a box and that can be cancelled."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.status import FILM
from carl_gui.errands import Errand
from carl_gui.models.run_words import stage_text, stage_unit
from carl_gui.models.wording import displayable
from carl_gui.panels.export_box import ExportBox
from carl_gui.panels.numbers import duration, rate
from carl_gui.workshop import Workshop
from core.control import Control
from core.events import Event, Failed, Finished, Progress
from training.queue import JobOrder, QueuedJob

Prepare = Callable[[Control, Path], Sequence[str]]
"""Given a folder for what the command reads, which is removed after it: the module and its arguments."""


class Film(QObject):
    """One at a time."""

    ended = Signal(str, bool)
    """A sentence, and whether nothing was written."""

    def __init__(self, workshop: Workshop, box: ExportBox) -> None:
        super().__init__(box)
        self._workshop, self._box = workshop, box
        self._target = Path()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._job: QueuedJob | None = None
        self._errand = Errand(self)
        self._errand.done.connect(self._line_up)
        self._errand.failed.connect(lambda sentence: self._end(displayable(sentence), is_error=True))
        workshop.jobs.told.connect(self._hear)
        workshop.jobs.ended.connect(self._hear_ending)
        workshop.jobs.changed.connect(self._show)
        box.cancel_wanted.connect(self.cancel)

    @property
    def is_going(self) -> bool:
        return self._scratch is not None

    def begin(self, target: Path, prepare: Prepare) -> None:
        """Prepare in a thread, then run the command, which writes `target`."""
        if self.is_going:
            return
        self._target = target
        self._scratch = scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._box.set_progress(None, self.tr("Starting…"))
        self._errand.start(lambda control: prepare(control, Path(scratch.name)))

    def cancel(self) -> None:
        """Stop; nothing is left of the file."""
        if self._job is not None:
            self._workshop.jobs.stop(self._job)
        elif self.is_going:
            self._errand.close()
            self._end(self.tr("Cancelled; nothing was written."), is_error=True)

    def close(self) -> None:
        """Say nothing any more; the job ends with the others of the window."""
        self._errand.close()
        if self._job is not None:
            self._workshop.jobs.stop(self._job)
        self._forget()

    def _line_up(self, words: Sequence[str]) -> None:
        if self.is_going:
            order = JobOrder(FILM, self._target.name, tuple(words), "film")
            self._job = self._workshop.jobs.submit(order)

    def _show(self) -> None:
        if self._job is not None and self._job.state == "waiting":
            self._box.set_progress(None, self.tr("Waiting for another video to be written"))

    def _hear(self, job: QueuedJob, event: Event) -> None:
        if job is self._job and isinstance(event, Progress):
            words = stage_text(event.stage, event.done, event.total)
            if event.rate > 0:
                words = self.tr("{0} · {1} · {2} left").format(
                    words, rate(event.rate, stage_unit(event.stage)), duration(event.eta_seconds)
                )
            self._box.set_progress(event.done / event.total if event.total > 0 else None, words)

    def _hear_ending(self, job: QueuedJob, ending: Finished | Failed) -> None:
        if job is not self._job:
            return
        if isinstance(ending, Failed):
            self._end(displayable(ending.message), is_error=True)
        elif ending.reason == "done":
            self._end(self.tr("Wrote the video to {0}.").format(displayable(str(self._target))), is_error=False)
        else:
            self._end(self.tr("Cancelled; nothing was written."), is_error=True)

    def _end(self, sentence: str, *, is_error: bool) -> None:
        self._forget()
        self.ended.emit(sentence, is_error)

    def _forget(self) -> None:
        self._job = None
        if self._scratch is not None:
            scratch, self._scratch = self._scratch, None
            scratch.cleanup()
        self._box.set_progress(None, "")
