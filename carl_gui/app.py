"""`carl-gui [FOLDER|VIDEO]`: the window. It never imports torch; heavy work is a command of `core` in a child."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from carl_gui.main_window import MainWindow
from carl_gui.settings import open_settings

_DEVICE_WAIT_MS = 20_000
"""How long a picture waits for the status line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the window until it is closed; returns the exit status."""
    made = argparse.ArgumentParser(prog="carl-gui", description="See how performances correspond.")
    made.add_argument(
        "opened", nargs="?", type=Path, metavar="FOLDER|VIDEO", help="a folder of runs, or a video; default: ./runs"
    )
    made.add_argument("--screenshot", type=Path, metavar="DIR", help="save pictures of every page there, and quit")
    given = made.parse_args(arguments)
    if given.opened is not None and not given.opened.exists():
        made.error(f"there is no folder or video {given.opened}: give the folder that holds your runs, or a video")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["carl-gui"])
    app.setStyle("Fusion")
    with resources.as_file(resources.files("assets") / "icon.svg") as icon:
        app.setWindowIcon(QIcon(str(icon)))
    opened = (given.opened or Path("runs")).absolute()
    if given.screenshot is None:
        return _show(app, open_settings(), opened, None)
    with tempfile.TemporaryDirectory() as fresh:  # pictures are the same whatever the person has set
        return _show(app, QSettings(f"{fresh}/settings.ini", QSettings.Format.IniFormat), opened, given.screenshot)


def _show(app: QApplication, settings: QSettings, opened: Path, pictures: Path | None) -> int:
    window = MainWindow(settings)

    def begin() -> None:
        """What can wait until the window is seen."""
        if opened.is_dir():
            window.runs.open_folder(opened)
        elif opened.exists():
            window.open_video(opened)
        window.ask_device()

    window.painted.connect(begin)
    if pictures is not None:
        _take_pictures(window, pictures)
    window.show()
    status = app.exec()
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)  # while Qt and Python are both still whole
    return status


def _take_pictures(window: MainWindow, folder: Path) -> None:
    """Once the status line knows the device, or gave up on it."""
    late = QTimer(window, singleShot=True, interval=_DEVICE_WAIT_MS)

    def take() -> None:
        late.stop()
        from carl_gui.screenshots import save_pictures

        QApplication.exit(0 if save_pictures(window, folder) else 1)

    late.timeout.connect(take)
    window.device_answered.connect(take)
    window.painted.connect(late.start)


if __name__ == "__main__":
    sys.exit(main())
