"""What the tests of the whole window share: projects opened, boxes answered, windows closed as the program does."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton

from carl_gui.main_window import MainWindow
from carl_gui.tasks import finish_tasks
from core.project.store import Project

AnyDialog = TypeVar("AnyDialog", bound=QDialog)


def close(window: MainWindow) -> None:
    """As the program ends it."""
    window.close()
    finish_tasks()
    window.deleteLater()
    settle()


def settle() -> None:
    """What was closed is gone."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def reopened(settings: QSettings) -> MainWindow:
    """A second window with what the first one remembered."""
    return MainWindow(QSettings(settings.fileName(), QSettings.Format.IniFormat))


def open_project(window: MainWindow, folder: Path) -> Project:
    """As the start page opens it; it must open."""
    window.projects.open(folder)
    project = window.session.require()
    assert project.folder == folder
    return project


def dialogs(window: MainWindow, kind: type[AnyDialog]) -> list[AnyDialog]:
    """Those that are seen."""
    return [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]


def dialog_of(window: MainWindow, kind: type[AnyDialog]) -> AnyDialog:
    """The only one that is seen."""
    (found,) = dialogs(window, kind)
    return found


def box_of(window: MainWindow) -> QMessageBox:
    """The only box that is seen."""
    return dialog_of(window, QMessageBox)


def button(dialog: QDialog, start: str) -> QPushButton:
    """The button whose text begins so, whatever its letter is."""
    (found,) = [one for one in dialog.findChildren(QPushButton) if one.text().replace("&", "").startswith(start)]
    return found


def press(dialog: QDialog, start: str) -> None:
    """Press that button; the dialog is gone when this returns, if the button closes it."""
    button(dialog, start).click()
    settle()
