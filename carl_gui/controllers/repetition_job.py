"""Finding repetitions as a job of `core.repetitions`: begun, followed, cancelled, and what it found."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.status import REPETITIONS
from carl_gui.errands import Errand
from carl_gui.jobs import Jobs
from carl_gui.models.repetition_search import RepetitionOrder, check_digests, command_of
from carl_gui.models.run_words import stage_text
from core.align.repetition_files import FoundRepetitions, read_found
from core.events import Event, Failed, Finished, Progress
from training.queue import JobOrder, QueuedJob

_LANE = "repetitions"
"""Of its own: it takes seconds where the videos are embedded, and waits for no training."""

Use = Callable[[Sequence[FoundRepetitions]], Any]


class RepetitionJob(QObject):
    """One at a time; a newer one takes its place."""

    done = Signal(object, object)
    """The `RepetitionOrder`, and what `use` made of the `FoundRepetitions`, one for each video in order."""
    failed = Signal(object, str)
    """The order, and why, as a sentence; empty: somebody stopped it."""
    progressed = Signal(object, str)
    """How far it has come, 0 to 1 or None, and in words."""

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._order: RepetitionOrder | None = None
        self._use: Use = list
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._job: QueuedJob | None = None
        self._errand = Errand(self)
        self._errand.done.connect(self._take)
        self._errand.failed.connect(self._fail)
        jobs.told.connect(self._hear)
        jobs.ended.connect(self._hear_ending)

    @property
    def is_going(self) -> bool:
        return self._order is not None

    def begin(self, order: RepetitionOrder, use: Use) -> None:
        """Look for them; what went on is given up.

        Args:
            use: what a thread makes of them, before `done` hands it over.
        """
        self.close()
        self._order, self._use = order, use
        self._scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        target = Path(self._scratch.name) / "found.npz"
        self.progressed.emit(None, self.tr("Starting…"))
        self._errand.start(lambda control: (order, command_of(order, target)))

    def close(self) -> None:
        """Give up what goes on, and say nothing of it any more."""
        self._errand.close()
        job, self._job = self._job, None
        if job is not None:
            self._jobs.stop(job)
        self._forget()

    def _take(self, made: tuple[RepetitionOrder, Any]) -> None:
        """The command, or what came of it."""
        order, result = made
        if order is not self._order:
            return
        if self._job is None:
            self._job = self._jobs.submit(JobOrder(REPETITIONS, order.reference.name, tuple(result), _LANE))
        else:
            self._forget()
            self.done.emit(order, result)

    def _hear(self, job: QueuedJob, event: Event) -> None:
        if job is self._job and isinstance(event, Progress):
            share = event.done / event.total if event.total > 0 else None
            self.progressed.emit(share, stage_text(event.stage, event.done, event.total))

    def _hear_ending(self, job: QueuedJob, ending: Finished | Failed) -> None:
        order, use, scratch = self._order, self._use, self._scratch
        if job is not self._job or order is None or scratch is None:
            return
        if isinstance(ending, Failed):
            self._fail(ending.message)
        elif ending.reason != "done":
            self._fail("")
        else:
            target = Path(scratch.name) / "found.npz"
            self._errand.start(lambda control: (order, use(_read(order, target))))

    def _fail(self, sentence: str) -> None:
        order = self._order
        self._forget()
        self.failed.emit(order, sentence)

    def _forget(self) -> None:
        self._order = self._job = None
        scratch, self._scratch = self._scratch, None
        if scratch is not None:
            scratch.cleanup()
        self.progressed.emit(None, "")


def _read(order: RepetitionOrder, target: Path) -> list[FoundRepetitions]:
    found, _ = read_found(target)
    check_digests(order, [video.digest for one in found for video in (one.reference, one.video)])
    return found
