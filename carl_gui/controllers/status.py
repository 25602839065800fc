"""The status line: the device, running jobs, and their results."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from carl_gui.controllers.job_recovery import EMBED, MAP, TRAIN
from carl_gui.jobs import Jobs
from carl_gui.models.run_messages import stage_name
from carl_gui.notices import DesktopNotices
from carl_gui.panels.elided import ElidedLabel, shown
from carl_gui.panels.runs.job_chip import JobChip, JobShown
from core.base.events import Event, Failed, Finished, Progress, StepDone
from training.queue import QueuedJob

IMPORT, SAMPLE, FILM, REPETITIONS, MEASURE = "import", "sample", "film", "repetitions", "measure"
"""Kinds of jobs that are not offered again."""


class StatusController(QObject):
    """Shows jobs from anywhere in the window."""

    page_requested = Signal(str)
    """The person wants to see what is going on."""

    def __init__(self, window: QMainWindow, jobs: Jobs) -> None:
        super().__init__(window)
        self._jobs = jobs
        self._progress: dict[QueuedJob, tuple[float | None, float, str]] = {}
        """Share, seconds to go, and the stage, where the share is not of the whole."""
        self._elsewhere: Sequence[JobShown] = ()
        """What other processes do in this project."""
        self.notices = DesktopNotices(window)
        self._device = ElidedLabel()
        self._device.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._device.setContentsMargins(8, 2, 8, 2)
        self.chip = JobChip()
        window.statusBar().addWidget(self._device, 1)
        window.statusBar().addPermanentWidget(self.chip)
        self.chip.clicked.connect(self._show_page)
        jobs.changed.connect(self._show)
        jobs.told.connect(self._on_job_event)
        jobs.ended.connect(self._on_job_finished)
        self._show()

    def set_device(self, line: str) -> None:
        """Set the device training will use."""
        self._device.set_full_text(line)

    def set_elsewhere(self, jobs: Sequence[JobShown]) -> None:
        """Show these too: they go on without this window, which did not start them or left them running."""
        if jobs != self._elsewhere:
            self._elsewhere = jobs
            self._show()

    def device_line(self) -> str:
        """What the status line says of the device."""
        return self._device.full_text

    def title(self, job: QueuedJob) -> str:
        """What a job does, for a person."""
        titles = {
            TRAIN: self.tr("Training {0}"),
            EMBED: self.tr("Embedding with {0}"),
            MAP: self.tr("Making the map of {0}"),
            IMPORT: self.tr("Importing videos"),
            SAMPLE: self.tr("Drawing the sample"),
            FILM: self.tr("Writing {0}"),
            REPETITIONS: self.tr("Finding repetitions of {0}"),
            MEASURE: self.tr("Measuring {0}"),
        }
        return titles.get(job.order.kind, "{0}").format(shown(job.order.name))

    def _on_job_event(self, job: QueuedJob, event: Event) -> None:
        if isinstance(event, StepDone):
            self._progress[job] = event.step / max(event.total_steps, 1), event.eta_seconds, ""
        elif isinstance(event, Progress):
            self._progress[job] = self._of_stage(job, event)
        else:
            return
        self._show()

    @staticmethod
    def _of_stage(job: QueuedJob, event: Progress) -> tuple[float | None, float, str]:
        """A stage is no share of the whole where others follow: then it is named instead."""
        if job.order.kind in (TRAIN, EMBED, MAP):
            return None, event.whole_eta_seconds, stage_name(event.stage)
        if job.order.kind == IMPORT and event.stage != "decode":
            return None, 0.0, stage_name(event.stage)
        return min(event.done / max(event.total, 1e-9), 1.0), event.eta_seconds, ""

    def _on_job_finished(self, job: QueuedJob, ending: Finished | Failed) -> None:
        self._progress.pop(job, None)
        self._show()
        if isinstance(ending, Failed):
            self.notices.tell(self.tr("{0}: failed").format(self.title(job)), ending.message)
        elif ending.reason == "done" and job.order.kind not in (SAMPLE, REPETITIONS):
            self.notices.tell(self.tr("{0}: done").format(self.title(job)), self.tr("Finished."))

    def _show(self) -> None:
        rows = []
        for job in sorted(self._jobs.jobs, key=lambda job: job.state == "waiting"):
            share, eta_seconds, stage = self._progress.get(job, (None, 0.0, ""))
            state = "stopping" if job.state == "ended" else job.state
            rows.append(JobShown(self.title(job), share, eta_seconds, state, stage))
        self.chip.set_jobs([*rows, *self._elsewhere])

    def _show_page(self) -> None:
        kinds = {job.order.kind for job in self._jobs.jobs}
        pages = {IMPORT: "videos", SAMPLE: "videos", FILM: "explore", MAP: "explore", REPETITIONS: "explore"}
        wanted = {pages.get(kind, "train") for kind in kinds}
        self.page_requested.emit(wanted.pop() if len(wanted) == 1 else "train")
