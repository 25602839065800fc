"""Making the UMAP map of a run's embeddings, as a job, with its progress beside the choice of the map."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.interrupted import MAP
from carl_gui.controllers.orders import Orders
from carl_gui.models.run_words import stage_text
from carl_gui.models.wording import displayable
from carl_gui.panels.map.method_box import MethodBox
from carl_gui.panels.numbers import duration
from carl_gui.workshop import Workshop
from core.errors import CarlError
from core.events import Event, Failed, Finished, Progress
from training.queue import QueuedJob


class MapJob(QObject):
    """Joins the box with the jobs."""

    changed = Signal()
    """It began or ended."""

    def __init__(self, workshop: Workshop, box: MethodBox) -> None:
        super().__init__(box)
        self._workshop, self._box = workshop, box
        self._orders = Orders(workshop)
        self._run = ""
        self._progress: dict[QueuedJob, Progress] = {}
        self._failures: dict[str, str] = {}
        """Why it failed last, by run."""
        self._was_going = False
        box.cancel_wanted.connect(self._cancel)
        workshop.jobs.told.connect(self._hear)
        workshop.jobs.ended.connect(self._hear_ending)
        workshop.jobs.changed.connect(self._show)

    @property
    def is_going(self) -> bool:
        """Whether the map of this run is being made, or will be."""
        return self._job() is not None

    @property
    def failure(self) -> str:
        """Why it was not made; empty: nothing failed."""
        return displayable(self._failures.get(self._run, ""))

    def set_run(self, run: str) -> None:
        """Of whose embeddings the map is."""
        self._run = run
        self._show()

    def begin(self) -> None:
        """Make the map."""
        if not self._run or self.is_going:
            return
        self._failures.pop(self._run, None)
        try:
            self._orders.draw_map(self._run)
        except CarlError as error:
            self._workshop.warn(displayable(str(error)))

    def forget(self) -> None:
        """Another project: nothing is known of this one."""
        self._failures.clear()
        self._run = ""

    def _job(self) -> QueuedJob | None:
        return self._workshop.jobs.find(MAP, self._run) if self._run else None

    def _cancel(self) -> None:
        job = self._job()
        if job is not None:
            self._workshop.jobs.stop(job)

    def _hear(self, job: QueuedJob, event: Event) -> None:
        if isinstance(event, Progress) and job.order.kind == MAP:
            self._progress[job] = event
            self._show()

    def _hear_ending(self, job: QueuedJob, ending: Finished | Failed) -> None:
        self._progress.pop(job, None)
        if job.order.kind == MAP and isinstance(ending, Failed):
            self._failures[job.order.name] = ending.message
        self._show()

    def _show(self) -> None:
        job = self._job()
        progress = self._progress.get(job) if job is not None else None
        if job is None:
            self._box.set_progress(None, "")
        elif progress is not None:
            share = progress.done / progress.total if progress.total > 0 else None
            words = stage_text(progress.stage, progress.done, progress.total)
            if progress.eta_seconds >= 1:
                words = self.tr("{0}, {1} left").format(words, duration(progress.eta_seconds))
            self._box.set_progress(share, words)
        else:
            waits, begins = self.tr("Waits until another map is made"), self.tr("Starting…")
            self._box.set_progress(None, waits if job.state == "waiting" else begins)
        if (job is not None) != self._was_going:
            self._was_going = job is not None
            self.changed.emit()
