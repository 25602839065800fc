"""Watch folders, so that moved, deleted or restored files are noticed at once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

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
