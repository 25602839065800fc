"""Runs measured by the project's labels, as a job of `core.evaluate`: begun, followed, cancelled, and shown."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from carl_gui.controllers.status import MEASURE
from carl_gui.errands import Errand
from carl_gui.models.run_measuring import MeasureOrder, command_of, measured_rows
from carl_gui.models.run_words import stage_text
from carl_gui.models.runs import RunRow
from carl_gui.models.wording import displayable
from carl_gui.panels.runs.measured_runs import MeasuredRuns
from carl_gui.workshop import Workshop
from core.evaluation.summary import Row
from core.events import Event, Failed, Finished, Progress
from core.setting import Value
from training.queue import JobOrder, QueuedJob

_LANE = "measuring"
"""Of its own: most of the features are known, and it waits for no training."""


class RunMeasuring(QObject):
    """Joins the panel with the job; one at a time."""

    def __init__(self, workshop: Workshop, panel: MeasuredRuns) -> None:
        super().__init__(panel)
        self._workshop, self._panel = workshop, panel
        self._runs: dict[str, RunRow] = {}
        """Those that are compared now."""
        self._asked: tuple[str, ...] = ()
        """Those that are being measured, or were."""
        self._settings: dict[str, dict[str, Value]] = {}
        """Of those, by dotted name, as they were when it was begun."""
        self._rows: Sequence[Row] = ()
        self._trouble = ""
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._job: QueuedJob | None = None
        self._errand = Errand(self)
        self._errand.done.connect(self._take)
        self._errand.failed.connect(self._fail)
        panel.wanted.connect(self.measure)
        panel.cancel_wanted.connect(self._cancel)
        workshop.jobs.told.connect(self._hear)
        workshop.jobs.ended.connect(self._hear_ending)

    @property
    def is_going(self) -> bool:
        return self._scratch is not None

    def follow(self, rows: Sequence[RunRow]) -> None:
        """These runs are compared now; what was measured of others is not shown."""
        self._runs = {row.name: row for row in rows}
        self._show()

    def measure(self) -> None:
        """Begin; runs without an encoder are left to the command, which names them."""
        project = self._workshop.session.project
        if project is None or self.is_going or not self._runs:
            return
        self._asked, self._rows, self._trouble = tuple(self._runs), (), ""
        self._settings = {name: dict(row.settings) for name, row in self._runs.items()}
        self._scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        folder, read, runs = Path(self._scratch.name), project.spans_reader(), self._asked
        videos, place = tuple(self._workshop.session.videos.values()), project.folder
        self._panel.set_progress(None, self.tr("Starting…"))
        self._show()
        self._errand.start(lambda _: command_of(MeasureOrder(place, runs, videos, read()), folder))

    def close(self) -> None:
        """The project closes: end what goes on, and forget what was found."""
        self._cancel()
        self._asked, self._rows, self._trouble, self._runs = (), (), "", {}
        self._show()

    def _cancel(self) -> None:
        self._errand.close()
        job = self._job
        self._end()
        if job is not None:
            self._workshop.jobs.stop(job)
        self._show()

    def _take(self, made: list[Any]) -> None:
        """The command, or the rows that came of it."""
        if self._job is None:
            order = JobOrder(MEASURE, ", ".join(self._asked), tuple(made), _LANE)
            self._job = self._workshop.jobs.submit(order)
            return
        self._rows = made
        self._end()
        self._show()

    def _hear(self, job: QueuedJob, event: Event) -> None:
        if job is self._job and isinstance(event, Progress):
            share = event.done / event.total if event.total > 0 else None
            self._panel.set_progress(share, stage_text(event.stage, event.done, event.total))

    def _hear_ending(self, job: QueuedJob, ending: Finished | Failed) -> None:
        if job is not self._job or self._scratch is None:
            return
        if isinstance(ending, Failed) or ending.reason != "done":
            self._fail(ending.message if isinstance(ending, Failed) else self.tr("Stopped."))
            return
        folder, settings = Path(self._scratch.name), self._settings
        self._errand.start(lambda _: measured_rows(folder, settings))

    def _fail(self, sentence: str) -> None:
        self._trouble = displayable(sentence)
        self._end()
        self._show()

    def _end(self) -> None:
        scratch, self._scratch, self._job = self._scratch, None, None
        if scratch is not None:
            scratch.cleanup()
        self._panel.set_progress(None, "")

    def _show(self) -> None:
        is_theirs = set(self._asked) == set(self._runs)
        rows = self._rows if is_theirs else ()
        self._panel.set_rows(
            rows, self._trouble if is_theirs else "", can_measure=bool(self._runs) and not self.is_going
        )
