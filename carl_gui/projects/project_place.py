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

    The folders above them are watched too, since the watch on a folder does not report that one above it was renamed.
    There only the way down counts: other changes in a person's home are ignored.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folders: frozenset[str] = frozenset()
        self._names_above: dict[str, set[str]] = {}
        """By folder above: the names in it that lead down."""
        self._existing: dict[str, frozenset[str]] = {}
        """Which of these names were there last."""
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_directory_changed)

    @property
    def folders(self) -> frozenset[str]:
        """Those that are watched for their own sake."""
        return self._folders

    def set_folders(self, folders: Iterable[str]) -> None:
        """Watch these instead, whether they exist or not."""
        requested = frozenset(sorted(set(folders))[:MOST_FOLDERS])
        if requested == self._folders:
            return
        self._folders = requested
        names_above = defaultdict[str, set[str]](set)
        for folder in map(Path, requested):
            for below in (folder, *folder.parents):
                if below.name:
                    names_above[str(below.parent)].add(below.name)
        self._names_above = dict(names_above)
        self._watch()

    def _watch(self) -> None:
        """Watch from the start: a watch stays with a folder that was renamed, under its old name."""
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
        self._existing = {folder: self._existing_names(folder) for folder in self._names_above}
        if there := [folder for folder in {*self._folders, *self._names_above} if os.path.isdir(folder)][:MOST_FOLDERS]:
            self._watcher.addPaths(there)

    def _on_directory_changed(self, folder: str) -> None:
        if folder in self._names_above and self._existing_names(folder) != self._existing.get(folder):
            self._watch()
            self.changed.emit()
        elif folder in self._folders:
            self.changed.emit()

    def _existing_names(self, folder: str) -> frozenset[str]:
        return frozenset(name for name in self._names_above[folder] if os.path.exists(os.path.join(folder, name)))


def folders_of(files: Iterable[Path]) -> set[str]:
    """Return the folders in which these files lie, or would."""
    return {str(file.parent) for file in files}


_REST_MS = 200
"""A folder that is replaced is gone for a moment."""


class ProjectFolderMonitor(QObject):
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
        self._delay = QTimer(self, singleShot=True, interval=_REST_MS)
        self._delay.timeout.connect(self.check)
        self._watch.changed.connect(self._delay.start)
        session.opened.connect(self._open)
        session.about_to_close.connect(self._on_close)

    @property
    def is_lost(self) -> bool:
        """Whether the folder was gone when somebody looked last."""
        return self._is_lost

    def check(self) -> None:
        """Emit `lost` or `found` where that changed."""
        project = self._session.project
        if project is None:
            return
        self._follow(project.folder)
        was_lost, self._is_lost = self._is_lost, not Project.is_project(project.folder)
        if self._is_lost and not was_lost:
            text = self.tr("The project folder {0} was moved or deleted. Put it back, or open it where it is now.")
            self._sentence = shown(text.format(project.folder))
            self.lost.emit(self._sentence)
        elif was_lost and not self._is_lost:
            self.found.emit(self._sentence)

    def _open(self) -> None:
        self._is_lost = False
        self._follow(self._session.require().folder)

    def _on_close(self) -> None:
        self._delay.stop()
        self._watch.set_folders(())

    def _follow(self, folder: Path) -> None:
        self._watch.set_folders([str(folder)])
