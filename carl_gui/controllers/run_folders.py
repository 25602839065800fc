"""Actions on the folder of a run: show, copy its path, delete."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFile, QObject
from PySide6.QtGui import QGuiApplication

from carl_gui.controllers.app_context import AppContext, reveal
from carl_gui.panels.elided import shown


class RunFolders(QObject):
    """The folders of the open project's runs, by their names."""

    def __init__(self, workshop: AppContext) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop

    def reveal(self, name: str) -> None:
        """Show it in the system's file manager."""
        if not reveal(self._folder(name)):
            self._workshop.tell(self.tr("No program is set up to open {0}.").format(shown(str(self._folder(name)))))

    def copy_path(self, name: str) -> None:
        """Put its path into the clipboard."""
        QGuiApplication.clipboard().setText(str(self._folder(name)))
        self._workshop.tell(self.tr("Copied the path of {0}.").format(shown(name)))

    def throw_away(self, name: str) -> None:
        """Into the system's bin, from which it can be taken back."""
        if not to_bin(self._folder(name)):
            self._workshop.warn(
                self.tr("{0} could not be moved to the bin. Delete the folder {1} yourself.").format(
                    shown(name), shown(str(self._folder(name)))
                )
            )

    def _folder(self, name: str) -> Path:
        return self._workshop.session.require().runs / name


def to_bin(folder: Path) -> bool:
    """Move a folder into the system's bin; False where that fails."""
    return QFile(str(folder)).moveToTrash()
