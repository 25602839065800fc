"""Folders that the system watches for us: files that are moved, deleted or come back are noticed at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

MOST_FOLDERS = 200
"""A system allows few watches to each of its users. What lies elsewhere is looked at when the window comes forward."""


class FileWatch(QObject):
    """Says that something in the folders changed; what it was is for others to find out."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda _: self.changed.emit())

    @property
    def folders(self) -> frozenset[str]:
        """Those that are watched. One that is gone is watched no more."""
        return frozenset(self._watcher.directories())

    def set_folders(self, folders: Iterable[str]) -> None:
        """Watch these instead; those that cannot be watched are not."""
        wanted = set(sorted(set(folders))[:MOST_FOLDERS])
        watched = set(self._watcher.directories())
        if gone := watched - wanted:
            self._watcher.removePaths(list(gone))
        if new := wanted - watched:
            self._watcher.addPaths(list(new))


def watchable(files: Iterable[Path]) -> set[str]:
    """Return the folders in which these files lie, or would; for a folder that is gone the nearest one above it.

    Asks the disk: it belongs in a thread.
    """
    return {str(_nearest(folder)) for folder in {file.parent for file in files}}


def _nearest(folder: Path) -> Path:
    try:
        return next((one for one in (folder, *folder.parents) if one.is_dir()), folder)
    except (OSError, ValueError):  # a name that this system cannot have
        return folder
