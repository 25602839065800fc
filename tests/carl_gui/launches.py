"""A window that is launched, trains two steps and is left while it trains; and how that went.

python -m tests.carl_gui.launches PROJECT
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton

from carl_gui.app import application, show
from carl_gui.main_window import MainWindow
from carl_gui.settings import open_settings
from core.learning.run_folder import RunFolder
from tests.carl_gui.projects import new_project, tiny_config, tiny_videos
from training.run import Run

ROOT = Path(__file__).parents[2]
STEPS = 2
"""That are waited for before the window is left."""
_LOOK_MS = 20
_PATIENCE_SECONDS = 120.0
_ALLOWED = "This plugin does not support"
"""What Qt says without a screen."""


@dataclass(frozen=True)
class Launch:
    """How one of them went."""

    status: int
    """Of the window's process; negative: the signal that ended it."""
    said: tuple[str, ...]
    """Lines on stdout and stderr, without those that are allowed."""
    left: tuple[str, ...]
    """Command lines of processes that outlived it."""
    state: str
    """How the run stands: `stopped` where it was saved."""
    num_steps: int

    @property
    def is_good(self) -> bool:
        return (self.status, self.said, self.left, self.state) == (0, (), (), "stopped") and self.num_steps >= STEPS


def launch(home: Path) -> Launch:
    """In a folder of its own that is made: project, cache and settings."""
    places = {"CARL_SETTINGS": home / "settings.ini", "CARL_CACHE": home / "cache", "CARL_PROJECTS": home / "projects"}
    surroundings = os.environ | {name: str(place) for name, place in places.items()}
    surroundings |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    project = new_project(home / "project", tiny_videos(home / "films", 3))
    words = [sys.executable, "-m", "tests.carl_gui.launches", str(project)]
    ended = subprocess.run(
        words, check=False, capture_output=True, text=True, env=surroundings, cwd=ROOT, timeout=2 * _PATIENCE_SECONDS
    )
    lines = (ended.stdout + ended.stderr).splitlines()
    runs = [project / "runs" / "run-1"]
    state, num_steps = "none", 0
    if RunFolder.is_run(runs[0]):
        run = Run.open(runs[0])
        state, num_steps = run.status().state, len(run.curves())
    return Launch(
        ended.returncode, tuple(line for line in lines if _ALLOWED not in line), _left(home), state, num_steps
    )


def _left(home: Path) -> tuple[str, ...]:
    """Whatever works in that folder still. Those who end just then are waited for a moment: they hold nothing up."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and _works_in(process, home):
                found.append(process)
    _, alive = psutil.wait_procs(found, timeout=1.0)
    return tuple(" ".join(process.cmdline()) for process in alive)


def _works_in(process: psutil.Process, home: Path) -> bool:
    """By its command, or by the places that it inherited: the question for the device names none."""
    if any(str(home) in word for word in process.cmdline()):
        return True
    return process.environ().get("CARL_CACHE", "").startswith(str(home))


class _Person(QObject):
    """Does one thing after the other, each as soon as it can be done."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._actions = iter((self._start, self._leave, self._stop_and_save))
        self._action: Callable[[], bool] | None = next(self._actions)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._act)
        self._timer.start()
        QTimer.singleShot(round(_PATIENCE_SECONDS * 1000), self, self._give_up)

    def _act(self) -> None:
        if self._action is not None and self._action():
            self._action = next(self._actions, None)

    def _start(self) -> bool:
        """Begin a run, once the project is open and its videos are counted."""
        window = self._window
        if window.session.project is None:
            return False
        window.show_page("train")
        form = window.training.form
        form.set_recipe("quick")
        form.set_config(tiny_config(epochs=100_000))
        if form.order() is None:
            return False
        _button(form, "Start training").click()
        return True

    def _leave(self) -> bool:
        """Close the window after some steps; it asks."""
        if not any(row.step >= STEPS for row in self._window.training.rows):
            return False
        self._window.close()
        return True

    def _stop_and_save(self) -> bool:
        boxes = [box for box in self._window.findChildren(QMessageBox) if box.isVisible()]
        if not boxes:
            return False
        _button(boxes[0], "Stop and save").click()
        return True

    def _give_up(self) -> None:
        print(f"nothing more happens at {self._action}", file=sys.stderr)
        for dialog in self._window.findChildren(QDialog):
            dialog.hide()
        QApplication.exit(3)


def _button(widget: QObject, text: str) -> QPushButton:
    (found,) = [one for one in widget.findChildren(QPushButton) if one.text().replace("&", "") == text]
    return found


def main() -> int:
    """Be the window; returns its exit status."""
    window = MainWindow(open_settings())
    window.painted.connect(lambda: _Person(window))
    return show(application(), window, Path(sys.argv[1]))


if __name__ == "__main__":
    application()
    sys.exit(main())
