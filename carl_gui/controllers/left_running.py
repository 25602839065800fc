"""Jobs that another window left running, such as an embedding: shown and steered as this window's own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from carl_gui.controllers.job_recovery import EMBED, MAP, followed_in
from carl_gui.jobs import Jobs
from carl_gui.session import Session
from core.base.followed import FollowedFolder
from training.queue import JobOrder

_LOOK_MS = 2000


class LeftRunning(QObject):
    """Looks when a project is opened and now and then; training runs are followed from their own folders instead."""

    def __init__(self, parent: QObject, session: Session, jobs: Jobs) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        session.opened.connect(self._begin)
        session.about_to_close.connect(self._end)

    def look(self) -> None:
        """Take in what goes on and is not known."""
        project = self._session.project
        if project is None:
            return
        for kind in (EMBED, MAP):
            for name in _names(followed_in(project.folder, kind, "x").parent):
                self._on_in(kind, name, followed_in(project.folder, kind, name))

    def _on_in(self, kind: str, name: str, folder: Path) -> None:
        if self._jobs.find(kind, name) is None and FollowedFolder(folder).is_running():
            self._jobs.follow(JobOrder(kind, name, (), device=f"left {kind} {name}", is_remembered=True), folder)

    def _begin(self) -> None:
        """As soon as it is settled where this window remembers its own jobs."""
        QTimer.singleShot(0, self, self.look)
        self._timer.start()

    def _end(self) -> None:
        self._timer.stop()
        self._jobs.forget_left()


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:  # no such job ever began there
        return []
