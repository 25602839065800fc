"""Evaluate runs by the project's labels, as a job of `core.evaluate`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.status import MEASURE
from carl_gui.models.messages import displayable
from carl_gui.models.run_measuring import MeasureOrder, command_of, measured_rows
from carl_gui.models.run_messages import stage_text
from carl_gui.models.runs import RunRow
from carl_gui.panels.runs.measured_runs import MeasuredRuns
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Stopped
from core.base.declaring import Value
from core.base.events import Event, Progress
from core.evaluation.summary import ResultRow
from training.queue import JobOrder

_LANE = "measuring"
"""Of its own: most of the features are known, and it waits for no training."""


class RunMeasuring(QObject):
    """Connects the panel to the job; one at a time."""

    def __init__(self, workshop: AppContext, panel: MeasuredRuns) -> None:
        super().__init__(panel)
        self._workshop, self._panel = workshop, panel
        self._runs: dict[str, RunRow] = {}
        """Those that are compared now."""
        self._asked: tuple[str, ...] = ()
        """Those that are being measured, or were."""
        self._rows: Sequence[ResultRow] = ()
        self._error = ""
        self._tasks = Tasks(self, self._fail)
        panel.wanted.connect(self.measure)
        panel.cancel_requested.connect(self._cancel)

    @property
    def is_running(self) -> bool:
        return self._tasks.is_running("measure")

    def follow(self, rows: Sequence[RunRow]) -> None:
        """These runs are compared now; what was measured of others is not shown."""
        self._runs = {row.name: row for row in rows}
        self._show()

    def measure(self) -> None:
        """Begin; runs without an encoder are left to the command, which names them."""
        project = self._workshop.session.project
        if project is None or self.is_running or not self._runs:
            return
        self._asked, self._rows, self._error = tuple(self._runs), (), ""
        settings = {name: dict(row.settings) for name, row in self._runs.items()}
        read, videos = project.spans_reader(), tuple(self._workshop.session.videos.values())
        place, runs = project.folder, self._asked
        self._tasks.start("measure", self._measure(settings, lambda: MeasureOrder(place, runs, videos, read())))
        self._show()

    def close(self) -> None:
        """The project closes: end what goes on, and forget what was found."""
        self._cancel()
        self._asked, self._rows, self._error, self._runs = (), (), "", {}
        self._show()

    def _cancel(self) -> None:
        self._tasks.cancel("measure")
        self._panel.set_progress(None, "")
        self._show()

    async def _measure(self, settings: dict[str, dict[str, Value]], order: Callable[[], MeasureOrder]) -> None:
        self._panel.set_progress(None, self.tr("Starting…"))
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
                folder = Path(scratch)
                words = await in_thread(lambda control: command_of(order(), folder))
                await self._workshop.jobs.run(
                    JobOrder(MEASURE, ", ".join(settings), tuple(words), _LANE), self._on_job_event
                )
                self._rows = await in_thread(lambda control: measured_rows(folder, settings))
        except Stopped:
            self._error = self.tr("Stopped.")
        finally:
            self._panel.set_progress(None, "")
        self._show()

    def _on_job_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            share = event.done / event.total if event.total > 0 else None
            self._panel.set_progress(share, stage_text(event.stage, event.done, event.total))

    def _fail(self, sentence: str) -> None:
        self._error = displayable(sentence)
        self._show()

    def _show(self) -> None:
        is_theirs = set(self._asked) == set(self._runs)
        rows = self._rows if is_theirs else ()
        self._panel.set_rows(
            rows, self._error if is_theirs else "", can_measure=bool(self._runs) and not self.is_running
        )
