"""The page Train: runs, their curves, and a form for the next one."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QWidget

from carl_gui.app_context import AppContext
from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.order import TrainingOrder
from carl_gui.job_control.recovery import EMBED, MAP, TRAIN
from carl_gui.job_control.status import JobShown
from carl_gui.jobs import JobFailedError
from carl_gui.models.runs import UNDER_WAY, RunRow, RunSlots, RunState, drawn_runs, stage_name
from carl_gui.tasks import Tasks
from carl_gui.train.curves import CurvesPanel
from carl_gui.train.form import TrainingForm
from carl_gui.train.log_tail import LogTail
from carl_gui.train.measuring import MeasuredRuns, RunMeasuring
from carl_gui.train.new_runs import NewRuns
from carl_gui.train.run_comparison import RunComparison
from carl_gui.train.run_control import RunControl, RunFolders
from carl_gui.train.run_details import Embedding, RunDetails
from carl_gui.train.run_list import RunList
from carl_gui.train.run_monitor import FollowedRun, RunMonitor
from carl_gui.whereabouts import Kept, part, text
from carl_gui.widgets.labels import shown
from carl_gui.widgets.layouts import ColumnScroll, splitter, vbox
from carl_gui.widgets.when_shown import WhenShown
from core.base.errors import CarlError
from core.base.events import Failed
from core.embedding.folder import is_embedded
from core.learning.run_folder import RunFolder
from training.queue import QueuedJob, Remembered

_SIZES = [300, 560, 400]
_STRETCHES = (1, 4, 0)


class TrainingPage(QWidget):
    """Only contains its panels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        slots = RunSlots()
        self.list, self.curves = RunList(slots), CurvesPanel(slots)
        self.details, self.comparison, self.log = RunDetails(), RunComparison(), LogTail()
        self.measured, self.form = MeasuredRuns(), TrainingForm()
        parts = [self.list, self._new_middle(), self.form]
        vbox(splitter("train", Qt.Orientation.Horizontal, parts, _SIZES, _STRETCHES), on=self)

    def _new_middle(self) -> QWidget:
        tabs = QTabWidget(documentMode=True)
        tabs.setUsesScrollButtons(False)  # all three can be read, however narrow the column is
        tabs.setElideMode(Qt.TextElideMode.ElideNone)
        tabs.addTab(self.curves, self.tr("Curves"))
        tabs.addTab(self.comparison, self.tr("Comparison"))
        tabs.addTab(self.measured, self.tr("Measured"))
        column = vbox(self.details, (tabs, 3), (self.log, 1), margins=(12, 12, 12, 8), spacing=10)
        return ColumnScroll(column)


_BUSY_MS, _QUIET_MS = 100, 1000
"""Between two looks at the runs: while one is under way, and otherwise."""
_JOB_STATES: dict[str, RunState] = {
    "waiting": "waiting",
    "running": "running",
    "pausing": "pausing",
    "paused": "paused",
    "stopping": "stopping",
}


class TrainingController(QObject):
    """Shows runs, and handles actions on them."""

    changed = Signal()
    """How many runs there are, which is chosen, or how it stands."""
    elsewhere_changed = Signal()
    pair_requested = Signal(str)
    """The best pair of this run is to be shown."""
    lead_on_requested = Signal(str)
    """A run was begun after which embedding and the best pair are to follow."""

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self._run_monitor: RunMonitor | None = None
        self._chosen: str | None = None
        self._compared: tuple[str, ...] = ()
        self._rows: list[RunRow] = []
        self._error = ""
        """Why the runs cannot be read, once a warning was shown."""
        self._shown_state: object = None
        """What runs are shown for, besides their own files: states of jobs, what is chosen and compared."""
        self._announced_state: object = None
        """How it stood when `changed` was emitted last."""
        self._of_form: object = None
        """What the form for new runs shows: which names are taken, whether a run is what comes next."""
        self._elsewhere: list[JobShown] = []
        self._has_compared = False
        self._logged: str | None = None
        """Whose log is shown."""
        page = TrainingPage()
        self.list, self.details, self.curves, self.log = page.list, page.details, page.curves, page.log
        self.comparison, self.form = page.comparison, page.form
        self.widget: QWidget = page
        self._when_shown = WhenShown(page, self._show)
        self.first = page.list.table
        self.actions: Sequence[QAction] = ()
        self._folders = RunFolders(app_context)
        self.measuring = RunMeasuring(app_context, page.measured)
        orders = JobFactory(app_context)
        self._steering = RunControl(app_context, orders)
        self._new = NewRuns(app_context, page.form, orders)
        self._tasks = Tasks(self, lambda sentence: app_context.warn(shown(sentence)))
        self._timer = QTimer(self, interval=_QUIET_MS)
        self._connect()
        if app_context.session.project is not None:
            self._open()

    def _connect(self) -> None:
        app_context = self._app_context
        app_context.session.opened.connect(self._open)
        app_context.session.about_to_close.connect(self._on_close)
        app_context.jobs.changed.connect(self.poll)
        app_context.jobs.follow_kind(TRAIN, self._tasks, self._follow_training)
        self._timer.timeout.connect(self.poll)
        self._new.run_started.connect(self._show_new)
        self.list.run_selected.connect(self.choose)
        self.list.compared_changed.connect(self._compare)
        self.list.resume_requested.connect(self.resume_run)
        self.list.stop_requested.connect(self._stop)
        self.list.reveal_requested.connect(self._folders.reveal)
        self.list.copy_requested.connect(self._folders.copy_path)
        self.list.reuse_requested.connect(self._reuse)
        self.list.delete_requested.connect(self._delete)
        self.list.new_requested.connect(self.start_new)
        self.details.pause_requested.connect(self.pause)
        self.details.continue_requested.connect(self.resume)
        self.details.stop_requested.connect(self.stop)
        self.details.resume_requested.connect(self.resume)
        self.details.embed_requested.connect(self.embed)
        self.details.pair_requested.connect(lambda: self.pair_requested.emit(self._chosen or ""))
        self.details.further_requested.connect(self.train_further)
        self.list.further_requested.connect(self.further)

    @property
    def run_count(self) -> int:
        """How many runs are shown."""
        return len(self._rows)

    @property
    def run_index(self) -> int | None:
        """Which of them is chosen, counted from 0."""
        return next((index for index, row in enumerate(self._rows) if row.name == self._chosen), None)

    @property
    def run_state(self) -> str:
        """Of the chosen run; empty: none."""
        return next((row.state for row in self._rows if row.name == self._chosen), "")

    @property
    def elsewhere(self) -> list[JobShown]:
        """The runs that other processes train, such as one that a window left running."""
        jobs = {job.order.name for job in self._app_context.jobs.jobs if job.order.kind == TRAIN}
        held = [row for row in self._rows if row.state in UNDER_WAY and row.name not in jobs]
        return [self._as_job(row) for row in held]

    def _as_job(self, row: RunRow) -> JobShown:
        assert self._run_monitor is not None
        run = self._run_monitor.runs[row.name]
        title = self.tr("Training {0}").format(shown(row.name))
        if run.stage is not None:
            return JobShown(title, None, run.stage.whole_eta_seconds, row.state, stage_name(run.stage.stage))
        latest = run.curves.latest
        return JobShown(title, row.share, latest.eta_seconds if latest is not None else 0.0, row.state)

    @property
    def rows(self) -> Sequence[RunRow]:
        """The runs as they are shown, the newest first."""
        return self._rows

    def start(self, order: TrainingOrder) -> None:
        """Make the run and line it up; the form says why where that cannot be."""
        self._new.start(order)

    def learn(self) -> None:
        """Start what the form shows, as soon as it knows the videos; where it cannot be, the form says why."""
        order = self.form.order()
        if order is not None:
            self.start(dataclasses.replace(order, leads_on=True))
        elif not self.form.has_counts:
            self._new.counted.connect(self.learn, Qt.ConnectionType.SingleShotConnection)

    def _show_new(self, name: str, leads_on: bool) -> None:
        """Show the run that was just started; its button may not be pressed again, and loses the focus."""
        self.choose(name)
        if leads_on:
            self.lead_on_requested.emit(name)
        if self.widget.isVisible():
            self.first.setFocus()

    def resume_run(self, name: str) -> None:
        """Enqueue this run again."""
        self._steering.resume(name)
        self.choose(name)

    def resume_jobs(self, jobs: Sequence[Remembered]) -> None:
        """Resume the jobs that a window had when it died."""
        for job in jobs:
            if job.kind == TRAIN:
                self.resume_run(job.name)
            elif job.kind == MAP:
                self._steering.draw_map(job.name)
            else:
                self._steering.embed(job.name)
        self._app_context.show_page("explore" if all(job.kind == MAP for job in jobs) else "train")
        self.choose(jobs[0].name)

    def choose(self, name: str) -> None:
        """Show this run from now on."""
        self._chosen = name
        self.poll(lists=True)

    def move(self, by: int) -> None:
        """Choose the run so many further down; none where the list ends before."""
        index = self.run_index
        if index is not None and 0 <= index + by < len(self._rows):
            self.choose(self._rows[index + by].name)

    def start_new(self) -> None:
        """Let the person set up a run."""
        self._app_context.show_page("train")
        self._new.propose_name()
        self.form.setFocus()

    def pause(self) -> None:
        """Pause the chosen run."""
        if run := self._followed():
            self._steering.ask(run, "pause")

    def resume(self) -> None:
        """Resume the chosen run, whether it is paused or was stopped."""
        run = self._followed()
        if run is not None and self.run_state in ("pausing", "paused"):
            self._steering.ask(run, "resume")
        elif run is not None:
            self.resume_run(run.name)

    def stop(self) -> None:
        """Stop the chosen run, which saves and ends."""
        if self._chosen is not None:
            self._stop(self._chosen)

    def embed(self) -> None:
        """Embed all videos with the chosen run's encoder."""
        if self._chosen is not None:
            is_first = not _has_embeddings(self._app_context.session.require().embeddings)
            self._steering.embed(self._chosen)
            if is_first:
                self.lead_on_requested.emit(self._chosen)

    def train_further(self) -> None:
        """Start a run with the weights of the chosen one."""
        if self._chosen is not None:
            self.further(self._chosen)

    def further(self, name: str) -> None:
        """Start a run with the weights of this one, on the present videos."""
        self._new.further(name)

    def reveal(self) -> None:
        """Show the folder of the chosen run in the system's file manager."""
        if self._chosen is not None:
            self._folders.reveal(self._chosen)

    def copy_path(self) -> None:
        """Put the path of the chosen run into the clipboard."""
        if self._chosen is not None:
            self._folders.copy_path(self._chosen)

    def poll(self, *, lists: bool = False) -> None:
        """Read what is new of the runs, and show it."""
        if self._run_monitor is None:
            return
        jobs = {job.order.name: job for job in self._app_context.jobs.jobs if job.order.kind == TRAIN}
        try:
            has_changed = self._run_monitor.poll(set(jobs), lists=lists)
        except CarlError as error:
            if str(error) != self._error:  # once, not at every poll
                self._error = str(error)
                self._app_context.warn(self._error)
            return
        self._error = ""
        states = {name: job.state for name, job in jobs.items()}
        if has_changed or self._shown_state != (states, self._chosen, self._compared):
            self._on_runs(self._run_monitor, jobs)
            self._shown_state = states, self._chosen, self._compared
        elif (run := self._followed()) is not None and self.widget.isVisible():
            self._show_disk(run)

    def _on_runs(self, run_monitor: RunMonitor, jobs: Mapping[str, QueuedJob]) -> None:
        """Show the runs in their present state, and announce it."""
        rows = [self._row(run, jobs.get(run.name)) for run in run_monitor.runs.values()]
        self._rows = sorted(rows, key=lambda row: (row.created is not None, row.created, row.name), reverse=True)
        if self._chosen not in run_monitor.runs:
            self._chosen = self._rows[0].name if self._rows else None
        busy = run_monitor.is_stale or any(row.state in UNDER_WAY for row in rows)
        self._timer.setInterval(_BUSY_MS if busy else _QUIET_MS)
        self._when_shown.refresh()
        state = self.run_count, self.run_index, self.run_state
        if state != self._announced_state:
            self._announced_state = state
            self.changed.emit()
        if (elsewhere := self.elsewhere) != self._elsewhere:
            self._elsewhere = elsewhere
            self.elsewhere_changed.emit()

    def save_state(self) -> Kept:
        """Return which run is shown, which are compared, and what the form says."""
        return {"run": self._chosen or "", "compared": list(self._compared), "form": self.form.draft()}

    def restore_state(self, kept: Kept) -> None:
        """Show and compare the runs of the last time again, and restore the form."""
        runs = self._run_monitor.runs if self._run_monitor is not None else {}
        compared = kept.get("compared")
        listed = compared if isinstance(compared, list) else []
        self._compared = tuple(name for name in listed if isinstance(name, str) and name in runs)
        if form := part(kept, "form"):
            self.form.set_draft(form)
        if (name := text(kept, "run")) in runs:
            self._chosen = name
        self.poll()

    def close(self) -> None:
        """Stop polling."""
        self._timer.stop()
        self._tasks.close()
        self._new.close()
        self.measuring.close()

    def _open(self) -> None:
        project = self._app_context.session.require()
        self._run_monitor, self._chosen, self._compared = RunMonitor(project.runs), None, ()
        self._new.open()
        self._shown_state = self._announced_state = None
        self.poll(lists=True)
        self._timer.start()

    def _on_close(self) -> None:
        self.close()
        self._when_shown.clear()
        self._run_monitor, self._rows, self._elsewhere = None, [], []

    def _row(self, run: FollowedRun, job: QueuedJob | None) -> RunRow:
        state = _JOB_STATES.get(job.state) if job is not None else None
        return run.row(state)

    def _show(self) -> None:
        assert self._run_monitor is not None
        runs = self._run_monitor.runs
        self._compared = tuple(name for name in self._compared if name in runs)
        self.list.set_runs(self._rows, self._chosen, self._compared)
        by_name = {row.name: row for row in self._rows}
        drawn = {name: runs[name].drawn() for name in drawn_runs(self._chosen, self._compared)}
        self.curves.set_curves(drawn, self._chosen)
        compared = [by_name[name] for name in self._compared]
        if compared or self._has_compared:
            self._has_compared = bool(compared)
            self.comparison.set_runs(compared, drawn)
            self.measuring.follow(compared)
        is_next = not any(row.state == "done" or row.state in UNDER_WAY for row in self._rows)
        if (of_form := (set(runs), is_next)) != self._of_form:
            self._of_form = of_form
            self.form.set_taken_names(set(runs))
            self.form.set_next(is_next)
        run = self._followed()
        if run is None:
            self.details.set_run(None, None)
            self._show_log(None)
            return
        self.details.set_run(by_name[run.name], run.curves.latest)
        if run.stage is not None and by_name[run.name].state in UNDER_WAY:
            self.details.set_stage(run.stage)
        self._show_disk(run)

    def _show_disk(self, run: FollowedRun) -> None:
        """Show what is not among its events: whether it is embedded with, and its log."""
        self.details.set_embedding(self._embedding_of(run.name))
        self._show_log(run)

    def _embedding_of(self, name: str) -> Embedding:
        if self._app_context.jobs.find(EMBED, name) is not None:
            return "going"
        return "done" if is_embedded(self._app_context.session.require().embeddings / name) else "none"

    def _show_log(self, run: FollowedRun | None) -> None:
        name = None if run is None else run.name
        if name != self._logged:
            self._logged = name
            self.log.set_lines([])
            if run is not None:
                run.clear_log()
        if run is not None and (lines := run.new_log_lines()):
            self.log.append(lines)

    def _followed(self) -> FollowedRun | None:
        return (
            self._run_monitor.runs.get(self._chosen)
            if self._run_monitor is not None and self._chosen is not None
            else None
        )

    def _compare(self, names: tuple[str, ...]) -> None:
        self._compared = names
        self.poll()

    def _stop(self, name: str) -> None:
        self.choose(name)
        if run := self._followed():
            self._steering.ask(run, "stop")

    async def _follow_training(self, job: QueuedJob) -> None:
        """Embed with a run that was trained further where videos are embedded with the run before."""
        name, project = job.order.name, self._app_context.session.require()
        try:
            await self._app_context.jobs.watch(job)
        except JobFailedError as error:  # which the run itself may not have been able to write down
            self._record_failure(name, Failed(str(error), is_bug=False))
            return
        with contextlib.suppress(CarlError):  # it was deleted meanwhile
            origin = RunFolder.open(project.runs / name).origin()
            if origin is not None and is_embedded(project.embeddings / origin.path.parent.name):
                self._steering.embed(name)

    def _record_failure(self, name: str, failure: Failed) -> None:
        run = self._run_monitor.runs.get(name) if self._run_monitor is not None else None
        if run is not None:
            run.record_failure(failure)
            self.poll()

    def _reuse(self, name: str) -> None:
        run = self._run_monitor.runs.get(name) if self._run_monitor is not None else None
        try:
            if run is not None:
                self.form.set_config(run.run.config())
                self.start_new()
        except CarlError as error:
            self._app_context.warn(str(error))

    def _delete(self, name: str) -> None:
        self._folders.move_to_bin(name)
        self.poll(lists=True)
        self._new.propose_name()


def _has_embeddings(folder: Path) -> bool:
    """Return whether anything is embedded in the project."""
    try:
        return any(is_embedded(entry) for entry in folder.iterdir())
    except OSError:
        return False
