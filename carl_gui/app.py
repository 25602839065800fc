"""`carl-gui [PROJECT]`: start the window. It never imports torch; heavy work runs as a command of `core` in a child
process."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from carl_gui.bugs import BugBox
from carl_gui.english import speak_english
from carl_gui.garbage import GarbageCollector
from carl_gui.loop import end_loop, running_loop
from carl_gui.main_window import MainWindow
from carl_gui.settings import open_settings
from carl_gui.tasks import finish_tasks
from core.version import DISTRIBUTION, VERSION


def main(args: Sequence[str] | None = None) -> int:
    """Run the window until it is closed; returns the exit status."""
    parser = argparse.ArgumentParser(prog="carl-gui", description="Compare performances frame by frame.")
    parser.add_argument("project", nargs="?", type=Path, metavar="PROJECT", help="the folder of a project to open")
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="DIR",
        help="open the sample, save screenshots of every view in this folder, and quit",
    )
    parser.add_argument("--version", action="version", version=f"{DISTRIBUTION} {VERSION}")
    options = parser.parse_args(args)
    if options.project is not None and not options.project.is_dir():
        parser.error(f"There is no folder {options.project}. Give the folder of a project, or none to choose one.")
    app = application()
    if options.screenshot is not None:
        from carl_gui.screenshots import take_pictures

        return take_pictures(app, options.screenshot)
    return show(app, MainWindow(open_settings()), options.project)


def application() -> QApplication:
    """Return the one application of this process, dressed as ours."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["carl-gui"])
    app.setDesktopFileName("carl-gui")
    app.setStyle("Fusion")
    speak_english(app)
    with resources.as_file(resources.files("assets") / "icon.svg") as icon:
        app.setWindowIcon(QIcon(str(icon)))
    return app


def show(app: QApplication, window: MainWindow, project: Path | None) -> int:
    """Show the window until it is closed; return the exit status."""

    def start_background_work() -> None:
        """Start what can wait until the window is seen."""
        window.ask_device()
        if project is not None:
            window.projects.open(project.absolute())

    BugBox(app).install()
    running_loop()
    garbage = GarbageCollector(app)
    window.painted.connect(start_background_work)
    window.show()
    status = app.exec()
    window.close()
    finish_tasks()
    window.deleteLater()
    QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)  # while Qt and Python are both still whole
    garbage.stop()
    end_loop()
    return status


if __name__ == "__main__":
    sys.exit(main())
