"""Killing windows: what they had said by then, which children outlive them, and what is on the disk afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from core.project.phase_edits import AddPhase
from core.project.store import Project
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.window_child import RUN, digest
from tests.core.project.test_kill import check_nothing_is_lost
from training.run import Run

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 90.0
"""The longest that a child may take to save and end: it may be importing torch on a busy machine."""


class WindowChild:
    """`window_child` in a process of its own; a context manager that leaves none behind.

    Args:
        home: where its settings and caches lie.
    """

    def __init__(self, home: Path, *words: str) -> None:
        surroundings = {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        places = {"CARL_SETTINGS": str(home / "settings.ini"), "CARL_CACHE": str(home / "cache")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.carl_gui.window_child", *words],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | surroundings | places,
            cwd=ROOT,
        )
        self.told: list[str] = []

    def __enter__(self) -> WindowChild:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def listen(self, lines: int | None = None) -> None:
        """Until it has said so many lines more; None: until it ends."""
        assert self._process.stdout
        while lines is None or lines > 0:
            line = self._process.stdout.readline()
            if not line.endswith("\n"):  # it has ended, perhaps within the line
                return
            self.told.append(line.rstrip())
            lines = None if lines is None else lines - 1

    def kill_after(self, seconds: float) -> None:
        """At once where that is 0; what it says until then is heard."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        self.listen()
        timer.join()
        self.kill()

    def kill(self) -> None:
        """SIGKILL: it learns nothing of it. What was in the pipe is heard."""
        self._process.kill()
        if not self._process.stdout.closed:
            self.listen()
            self._process.stdout.close()
        self._process.wait()

    @property
    def status(self) -> int:
        """Its exit status, once it has ended by itself."""
        return self._process.wait(_PATIENCE_SECONDS)


def check_edits(folder: Path, told: list[str], confirmed: int) -> int:
    """The project opens and holds every confirmed edit, or one more; returns the last one that it holds.

    Args:
        confirmed: before `told`.
    """
    confirmed = int(told[-1]) if told else confirmed
    with Project.open(folder) as project:
        found = int(project.notes() or 0)
        undone = project.next_redo() is not None
        if found:
            assert project.video(1).action == f"take {found}"
    if found:
        check_nothing_is_lost(folder, confirmed)
    return max(confirmed, found + undone)


def labelled_project(folder: Path) -> Path:
    """A project with a video of 60 frames and two phases."""
    made = new_project(folder / "labelled", tiny_videos(folder / "clips", 1, 60), decodes=True)
    with Project.open(made) as project:
        for name in ("up", "down"):
            project.do(AddPhase(name))
    return made


def check_labels(folder: Path, told: list[str]) -> int:
    """The project holds the labels that the screen showed last, or one step more, and goes back through all that it
    had shown, and on again; returns how many steps that were."""
    with Project.open(folder) as project:
        extra = digest(project.spans(1)) != told[-1]
        now = digest(project.spans(1))
        if extra:
            assert project.undo()
            assert digest(project.spans(1)) == told[-1]
        for shown in reversed(told[:-1]):
            assert project.undo()
            assert digest(project.spans(1)) == shown
        for shown in told[1:]:
            assert project.redo()
            assert digest(project.spans(1)) == shown
        if extra:
            project.redo()
        assert digest(project.spans(1)) == now
    return len(told) - 1 + extra


def trainers(folder: Path) -> list[psutil.Process]:
    """The processes that train in that folder, whosever children they are."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if "core.train" in words and str(folder) in words and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def check_saved(project: Path) -> int:
    """No child outlives the window for long, and where one had begun, its last step is saved; returns that step."""
    folder = project / "runs" / RUN
    _, left = psutil.wait_procs(trainers(folder), _PATIENCE_SECONDS)
    assert not left, f"{left} outlived the window"
    run = Run.open(folder)
    assert run.status().state in ("new", "stopped"), run.status()
    latest = run.curves().latest
    saved = [int(re.findall(r"\d+", path.stem)[0]) for path in run.files.checkpoints.glob("step-*.safetensors")]
    assert max(saved, default=0) == (latest.step if latest else 0), (saved, latest)
    return latest.step if latest else 0
