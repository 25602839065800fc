"""`carl-gui [FOLDER]`: the window. It never imports torch; heavy work is a command of `core` in a child process."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from carl_gui.runs import RunsOfFolder
from carl_gui.welcome import WelcomePanel
from core.errors import CarlError

_LOOK_MS = 500
_SHARE_OF_TIME = 0.1
"""The most of the window's time that looking for news may take."""


class WelcomeController:
    """Joins the welcome page and the runs of a folder; looks for news twice a second."""

    def __init__(self, panel: WelcomePanel) -> None:
        self._panel = panel
        self._runs: RunsOfFolder | None = None
        self._chosen: str | None = None
        self._timer = QTimer(panel, singleShot=True)
        self._timer.timeout.connect(self.look)
        panel.folder_chosen.connect(self.open_folder)
        panel.run_chosen.connect(self.choose_run)

    def open_folder(self, folder: Path) -> None:
        """Show the runs of this folder from now on."""
        self._runs, self._chosen = RunsOfFolder(folder), None
        self._panel.set_folder(folder)
        self.look()

    def choose_run(self, name: str) -> None:
        """Show this run's curve from now on."""
        self._chosen = name
        self.look()

    def look(self) -> None:
        """Read what is new and show it; the first run is chosen where none is."""
        if self._runs is None:
            return
        started = time.monotonic()
        try:
            rows = self._runs.rows()
        except CarlError as error:
            self._panel.set_message(str(error))
            rows = None
        if rows is not None:
            chosen = next((row for row in rows if row.name == self._chosen), rows[0] if rows else None)
            self._chosen = chosen.name if chosen else None
            self._panel.set_runs(rows, self._chosen)
            self._panel.set_curve(chosen)
        took_ms = (time.monotonic() - started) * 1000
        self._timer.start(max(_LOOK_MS, round(took_ms / _SHARE_OF_TIME)))

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the window until it is closed; returns the exit status."""
    made = argparse.ArgumentParser(prog="carl-gui", description="See how performances correspond.")
    made.add_argument("folder", nargs="?", type=Path, help="the folder that holds your runs; default: ./runs")
    made.add_argument("--screenshot", type=Path, metavar="DIR", help="save pictures of the window there, and quit")
    given = made.parse_args(arguments)
    if given.folder is not None and not given.folder.is_dir():
        made.error(f"there is no folder {given.folder}: give the folder that holds your runs")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["carl-gui"])
    app.setStyle("Fusion")
    with resources.as_file(resources.files("assets") / "icon.svg") as icon:
        app.setWindowIcon(QIcon(str(icon)))
    panel = WelcomePanel()
    panel.setWindowTitle("CARL Studio")
    panel.resize(1080, 640)
    controller = WelcomeController(panel)
    folder = given.folder or Path("runs")
    if folder.is_dir():
        controller.open_folder(folder.absolute())
    panel.show()
    if given.screenshot:
        QTimer.singleShot(0, panel, lambda: _save_picture(panel, given.screenshot))
    status = app.exec()
    controller.close()
    panel.close()
    panel.deleteLater()
    QApplication.sendPostedEvents(panel, QEvent.Type.DeferredDelete.value)  # while Qt and Python are both still whole
    return status


def _save_picture(panel: WelcomePanel, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    saved = panel.grab().save(str(folder / "welcome.png"))
    QApplication.exit(0 if saved else 1)


if __name__ == "__main__":
    sys.exit(main())
