"""Work that did not end: offered again after a crash, or followed where another window left it running."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.jobs import Jobs
from carl_gui.numbers import count
from carl_gui.session import Session
from carl_gui.tasks import Tasks
from carl_gui.widgets.labels import shown
from core.base.errors import CarlError
from core.base.events import StepDone
from core.base.followed import FollowedFolder
from training.queue import JobOrder, Remembered, read_remembered
from training.run import Run
from training.tail import newest_first

MEMORY = "jobs.json"
TRAIN, EMBED, MAP = "train", "embed", "map"
"""Kinds of jobs that are offered again."""


def followed_in(project: Path, kind: str, name: str) -> Path:
    """Return the folder in which a project's job of this kind and run can be followed while it runs."""
    return project / "jobs" / kind / name


class JobRecovery(QObject):
    """Checks (`offer`) when a project is opened, before anything else is started in it."""

    offered = Signal(str, str)
    """A sentence, and what the button is called."""
    resume_requested = Signal(list)
    """Of `Remembered`: the person accepted."""

    def __init__(self, parent: QObject, session: Session) -> None:
        super().__init__(parent)
        self._session = session
        self._found: list[Remembered] = []

    def offer(self) -> None:
        """Offer to resume what did not end."""
        project = self._session.require()
        self._found = []
        if project.read_only:
            return
        self._found = [job for job in read_remembered(project.folder / MEMORY) if _can_resume(project.runs, job)]
        if self._found:
            self.offered.emit(self._sentence(project.runs), self.tr("Resume"))

    def accept(self) -> None:
        """Resume what was offered."""
        found, self._found = self._found, []
        if found:
            self.resume_requested.emit(found)

    def decline(self) -> None:
        """Do not offer it again."""
        project = self._session.project
        if self._found and project is not None:
            (project.folder / MEMORY).unlink(missing_ok=True)
        self._found = []

    def _sentence(self, runs: Path) -> str:
        first = self._found[0]
        name = shown(first.name)
        if first.kind == EMBED:
            text = self.tr("CARL Studio closed unexpectedly while embedding videos with {0}.").format(name)
        elif first.kind == MAP:
            text = self.tr("CARL Studio closed unexpectedly while making the map for {0}.").format(name)
        else:
            run = Run.open(runs / first.name)
            latest = _last_step(run)
            text = self.tr("CARL Studio closed unexpectedly while training {0}.").format(name)
            if latest is None and run.has_begun():
                text = self.tr("CARL Studio closed unexpectedly while preparing {0}, before its first step.")
                text = text.format(name)
            elif latest is not None:
                text = self.tr("CARL Studio closed unexpectedly while training {0}, at step {1} of {2}.").format(
                    name, count(latest.step), count(latest.total_steps)
                )
        more = len(self._found) - 1
        return self.tr("{0} %n more job(s) (was|were) waiting.", "", more).format(text) if more else text


def _can_resume(runs: Path, job: Remembered) -> bool:
    """Return whether the run is in this project, and neither done nor being worked on by another process."""
    folder = runs / job.name
    if job.kind not in (TRAIN, EMBED, MAP) or folder.parent != runs or not job.name.strip("."):
        return False
    try:
        if job.kind != TRAIN and FollowedFolder(followed_in(runs.parent, job.kind, job.name)).is_running():
            return False
        if job.kind == MAP:
            from core.embedding.folder import is_embedded  # decoders are not needed to start

            return is_embedded(runs.parent / "embeddings" / job.name)
        run = Run.open(folder)
        if job.kind == EMBED:
            return run.files.encoder_file.exists()
        return run.status().state not in ("done", "running")
    except (CarlError, OSError):  # no run, or a name that no disk takes
        return False


def _last_step(run: Run) -> StepDone | None:
    """Read from the end: a long run has many events."""
    events = newest_first(run.files.events_file)
    return next((event for event in events if isinstance(event, StepDone)), None)


_SCAN_SECONDS = 2.0


class LeftRunning(QObject):
    """Looks when a project is opened and now and then; training runs are followed from their own folders instead."""

    def __init__(self, parent: QObject, session: Session, jobs: Jobs) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._tasks = Tasks(self, lambda sentence: None)
        session.opened.connect(lambda: self._tasks.start("watch", self._watch(session.require().folder)))
        session.about_to_close.connect(self._on_close)

    async def _watch(self, project: Path) -> None:
        """Follow unknown jobs that run; first once it is settled where this window remembers its own."""
        while True:
            for kind in (EMBED, MAP):
                for name in _subfolder_names(followed_in(project, kind, "x").parent):
                    self._follow(kind, name, followed_in(project, kind, name))
            await asyncio.sleep(_SCAN_SECONDS)

    def _follow(self, kind: str, name: str, folder: Path) -> None:
        if self._jobs.find(kind, name) is None and FollowedFolder(folder).is_running():
            self._jobs.follow(JobOrder(kind, name, (), device=f"left {kind} {name}", is_remembered=True), folder)

    def _on_close(self) -> None:
        self._tasks.close()
        self._jobs.clear_left()


def _subfolder_names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:  # no such job ever began there
        return []
