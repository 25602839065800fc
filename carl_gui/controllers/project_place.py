"""Detect at once that the folder of the open project was moved or deleted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.file_watch import FileWatch
from carl_gui.panels.elided import shown
from carl_gui.session import Session
from core.project.store import Project

_REST_MS = 200
"""A folder that is replaced is gone for a moment."""


class ProjectPlace(QObject):
    """Checks when the system reports a change, and on request."""

    lost = Signal(str)
    """A sentence: the folder is gone."""
    found = Signal(str)
    """It is back: that sentence is true no more."""

    def __init__(self, parent: QObject, session: Session) -> None:
        super().__init__(parent)
        self._session = session
        self._is_lost, self._sentence = False, ""
        self._watch = FileWatch(self)
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self.look)
        self._watch.changed.connect(self._resting.start)
        session.opened.connect(self._open)
        session.about_to_close.connect(self._leave)

    @property
    def is_lost(self) -> bool:
        """Whether the folder was gone when somebody looked last."""
        return self._is_lost

    def look(self) -> None:
        """Say what is news."""
        project = self._session.project
        if project is None:
            return
        self._follow(project.folder)
        was_lost, self._is_lost = self._is_lost, not Project.is_project(project.folder)
        if self._is_lost and not was_lost:
            said = self.tr("The project folder {0} was moved or deleted. Put it back, or open it where it is now.")
            self._sentence = shown(said.format(project.folder))
            self.lost.emit(self._sentence)
        elif was_lost and not self._is_lost:
            self.found.emit(self._sentence)

    def _open(self) -> None:
        self._is_lost = False
        self._follow(self._session.require().folder)

    def _leave(self) -> None:
        self._resting.stop()
        self._watch.set_folders(())

    def _follow(self, folder: Path) -> None:
        self._watch.set_folders([str(folder)])
