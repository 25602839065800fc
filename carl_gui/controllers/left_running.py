"""Jobs that another window left running, such as an embedding: shown and steered as this window's own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject

from carl_gui.controllers.job_recovery import EMBED, MAP, followed_in
from carl_gui.jobs import Jobs
from carl_gui.session import Session
from carl_gui.tasks import Tasks
from core.base.followed import FollowedFolder
from training.queue import JobOrder

_LOOK_SECONDS = 2.0


class LeftRunning(QObject):
    """Looks when a project is opened and now and then; training runs are followed from their own folders instead."""

    def __init__(self, parent: QObject, session: Session, jobs: Jobs) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._tasks = Tasks(self, lambda sentence: None)
        session.opened.connect(lambda: self._tasks.start("look", self._look(session.require().folder)))
        session.about_to_close.connect(self._end)

    async def _look(self, project: Path) -> None:
        """Take in what goes on and is not known; first when it is settled where this window remembers its own jobs."""
        while True:
            for kind in (EMBED, MAP):
                for name in _names(followed_in(project, kind, "x").parent):
                    self._take_in(kind, name, followed_in(project, kind, name))
            await asyncio.sleep(_LOOK_SECONDS)

    def _take_in(self, kind: str, name: str, folder: Path) -> None:
        if self._jobs.find(kind, name) is None and FollowedFolder(folder).is_running():
            self._jobs.follow(JobOrder(kind, name, (), device=f"left {kind} {name}", is_remembered=True), folder)

    def _end(self) -> None:
        self._tasks.close()
        self._jobs.forget_left()


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:  # no such job ever began there
        return []
