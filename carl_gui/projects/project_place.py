"""Whether the project's folder is still there; files that are watched."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from carl_gui.session import Session
from carl_gui.widgets.labels import shown
from core.project.store import Project

MOST_FOLDERS = 200
"""A system allows few watches to each of its users. What lies elsewhere is looked at when the window comes forward."""


class FileWatch(QObject):
    """Signals that something in the folders changed, or that one was deleted or restored; others find out what.

    The folders above them are watched too, since a folder is not told that one above it was renamed. There only the
    way down counts: what else happens in a person's home is no news.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folders: frozenset[str] = frozenset()
        self._way: dict[str, set[str]] = {}
        """By folder above: the names in it that lead down."""
        self._there: dict[str, frozenset[str]] = {}
        """Which of these names were there last."""
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_job_event)

    @property
    def folders(self) -> frozenset[str]:
        """Those that are watched for their own sake."""
        return self._folders

    def set_folders(self, folders: Iterable[str]) -> None:
        """Watch these instead, whether they are there or not."""
        wanted = frozenset(sorted(set(folders))[:MOST_FOLDERS])
        if wanted == self._folders:
            return
        self._folders = wanted
        way = defaultdict[str, set[str]](set)
        for folder in map(Path, wanted):
            for below in (folder, *folder.parents):
                if below.name:
                    way[str(below.parent)].add(below.name)
        self._way = dict(way)
        self._watch()

    def _watch(self) -> None:
        """Anew: a watch stays with a folder that was renamed, under its old name."""
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
        self._there = {folder: self._found(folder) for folder in self._way}
        if there := [folder for folder in {*self._folders, *self._way} if os.path.isdir(folder)][:MOST_FOLDERS]:
            self._watcher.addPaths(there)

    def _on_job_event(self, folder: str) -> None:
        if folder in self._way and self._found(folder) != self._there.get(folder):
            self._watch()
            self.changed.emit()
        elif folder in self._folders:
            self.changed.emit()

    def _found(self, folder: str) -> frozenset[str]:
        return frozenset(name for name in self._way[folder] if os.path.exists(os.path.join(folder, name)))


def folders_of(files: Iterable[Path]) -> set[str]:
    """Return the folders in which these files lie, or would."""
    return {str(file.parent) for file in files}


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
