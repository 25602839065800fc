"""The program that `crossings.py` runs in a work tree, old or new: prints a JSON line for each thing that was done.

`python crossings_run.py`, from the root of the tree, which `PYTHONPATH` names too.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from PySide6.QtCore import QElapsedTimer, QSettings, QTimer
from PySide6.QtWidgets import QApplication

ROOT = Path.cwd()
OURS = tuple(f"{ROOT}/{package}/" for package in ("carl_gui", "core", "training"))
QUIET_MS = 500
"""So long nothing of ours is called before anything is counted, and after it."""
MOVING = "progress_bar.py"
"""Moves as long as it is seen, in older versions."""
REGULAR_MS = 1000
"""Timers with this interval or longer look now and then at what nobody did here: they are stopped."""
LIMIT_MS = 60_000
POLLS = 300
NUM_RUNS = 10
LISTED_EVERY = 10
"""The window looks every 100 ms while a run is under way, and once a second at which runs there are."""


class Trace:
    """Notes each call of a function of ours, in all threads, while it is on."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.num_calls = 0
        self.is_asking = False
        self.since = QElapsedTimer()
        self.since.start()

    def begin(self) -> None:
        self.files, self.num_calls = set(), 0
        threading.setprofile(self._note)
        sys.setprofile(self._note)

    def end(self) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def found(self) -> list[str]:
        """Return the files of ours that were run through, relative to the root."""
        return sorted(str(Path(one).relative_to(ROOT)) for one in self.files)

    def asked(self, done: Callable[[], bool]) -> bool:
        self.is_asking = True
        is_done = done()
        self.is_asking = False
        return is_done

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and not self.is_asking and frame.f_code.co_filename.startswith(OURS):
            self.num_calls += 1
            self.files.add(frame.f_code.co_filename)
            if not frame.f_code.co_filename.endswith(MOVING):
                self.since.restart()


TRACE = Trace()


def until(done: Callable[[], bool]) -> None:
    """Let events happen until that is so."""
    clock = QElapsedTimer()
    clock.start()
    while not TRACE.asked(done):
        QApplication.processEvents()
        time.sleep(0.001)
        if clock.elapsed() > LIMIT_MS:
            raise TimeoutError("nothing came of it")


def until_quiet() -> None:
    """Let events happen until no function of ours was called for a while; the trace is on."""
    TRACE.since.restart()
    until(lambda: TRACE.since.elapsed() > QUIET_MS)


def tell(name: str, **figures: object) -> None:
    print(json.dumps({"name": name, **figures}), flush=True)


def count(name: str, act: Callable[[], object], done: Callable[[], bool]) -> None:
    """Do it in a window at rest, and tell what was run through until it was done, and until the window rests again."""
    TRACE.begin()
    until_quiet()
    TRACE.begin()
    act()
    until(done)
    files, calls = TRACE.found(), TRACE.num_calls
    until_quiet()
    TRACE.end()
    tell(name, files=files, calls=calls, files_after=TRACE.found(), calls_after=TRACE.num_calls)


def import_of_this_version() -> tuple[Any, Any]:
    """Return `RunFolder` and `Config`, which lay elsewhere before core had folders."""
    try:
        from core.learning.run_folder import RunFolder
        from core.settings.config import Config
    except ImportError:
        from core.config import Config  # type: ignore[import-not-found, no-redef]
        from core.run_folder import RunFolder  # type: ignore[import-not-found, no-redef]
    return RunFolder, Config


class Stand:
    """A window with a project of three videos, embedded, two phases, and runs of which one is followed."""

    def __init__(self, folder: Path) -> None:
        from carl_gui.main_window import MainWindow
        from core.project.phase_edits import AddPhase
        from tests.carl_gui.conftest import step
        from tests.carl_gui.searches import searched_project

        self.run_folder, config = import_of_this_version()
        self.step = step
        project = searched_project(folder)
        self.runs = project / "runs"
        with self.run_folder.create(self.runs / "live", config(), []) as run:
            run.append(step(1, 4.0))
        self.window = window = MainWindow(QSettings(str(folder / "s.ini"), QSettings.Format.IniFormat))
        window.resize(1400, 860)
        window.show()
        window.projects.open(project)
        for name in ("reach", "pour"):
            window.session.do(AddPhase(name))
        for page in ("explore", "label", "train", "videos"):
            window.show_page(page)
        pages: dict[str, Any] = {name: window.page(name) for name in ("explore", "label", "train", "videos")}
        self.explore, self.label, self.training = pages["explore"], pages["label"], pages["train"]
        self.player = pages["videos"].player
        until(lambda: self.player.view.image is not None)
        context = getattr(self.explore, "context", None) or self.explore.desk
        until(lambda: context.scene is not None)
        self.add_runs(config)

    def add_runs(self, config: Any) -> None:
        """Runs that came to their end, beside the one that is followed."""
        for number in range(NUM_RUNS - 1):
            with self.run_folder.create(self.runs / f"earlier-{number}", config(), []) as run:
                for step in range(1, 101):
                    run.append(self.step(step, 4.0 / step))

    def search(self) -> None:
        """Similar frames, from the page of videos: until the answer is there."""
        window, player, search_session = self.window, self.player, self.explore.views["search"].search_session
        player.commands["find_similar"].trigger()
        until(lambda: search_session.answer is not None)
        first = search_session.answer
        window.show_page("videos")
        player.commands["frame_on"].trigger()
        self.stop_polls()
        find = player.commands["find_similar"]
        count("search", find.trigger, lambda: search_session.answer not in (None, first))

    def label_stretch(self) -> None:
        """A stretch that is marked becomes a label."""
        label = self.label
        self.window.show_page("label")
        until(lambda: label.panel.player.view.image is not None)
        commands = label.panel.commands
        commands["mark_start"].trigger()
        (getattr(label.playback, "seek", None) or label.playback.go)(9)
        commands["mark_end"].trigger()
        project = self.window.session.require()
        count("label", commands["label"].trigger, lambda: bool(project.spans(1)))

    def stop_polls(self) -> None:
        """Runs, jobs of others and where a person is are looked at now and then; a poll of runs is counted alone."""
        for timer in self.window.findChildren(QTimer):
            if timer.isActive() and not timer.isSingleShot() and timer.interval() >= REGULAR_MS:
                timer.stop()
        self.training._timer.stop()  # more often while there is more to read

    @property
    def read_runs(self) -> Any:
        """What reads the new events of the runs, by today's name or by the one before."""
        return getattr(self.training, "poll", None) or self.training.look

    @property
    def followed(self) -> Any:
        """The runs as they are followed."""
        return next(
            value for value in vars(self.training).values() if type(value).__name__ in ("RunBook", "RunMonitor")
        )

    def follow_step(self) -> None:
        """An event of a step of a run under way, until its curve is drawn: the poll itself is part of it."""
        training = self.training
        self.window.show_page("train")
        training.choose("live")
        until(lambda: training.run_index is not None)
        self.look(50)  # what is left of the others is read

        with self.run_folder.resume(self.runs / "live") as run:
            self.look(1)  # it is under way

            def append() -> None:
                run.append(self.step(2, 3.0))
                self.read_runs()  # which the timer does ten times a second

            count("step", append, lambda: len(self.followed.runs["live"].curves.steps) > 1)

    def poll(self) -> None:
        """Nothing new of ten runs, one of which is being trained: what a look costs, on its page and on another."""
        with self.run_folder.resume(self.runs / "live"):
            for page in ("train", "videos"):
                self.window.show_page(page)
                TRACE.begin()
                self.read_runs(lists=True)
                self.stop_polls()
                until_quiet()
                TRACE.begin()
                self.look(POLLS)
                TRACE.end()
                calls, files = TRACE.num_calls / POLLS, TRACE.found()
                seconds = []
                for _ in range(POLLS // LISTED_EVERY):
                    begin = time.process_time()
                    self.look(LISTED_EVERY)
                    seconds.append((time.process_time() - begin) / LISTED_EVERY)
                milliseconds = 1000 * sorted(seconds)[len(seconds) // 2]
                tell(f"poll, {page} shown", files=files, calls=round(calls), milliseconds=milliseconds)

    def look(self, times: int) -> None:
        for number in range(times):
            self.read_runs(lists=number % LISTED_EVERY == 0)


def main() -> None:
    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder))
        stand.search()
        stand.label_stretch()
        stand.follow_step()
        stand.poll()
        sys.stdout.flush()
    del app
    os._exit(0)  # threads of the window may still read


if __name__ == "__main__":
    main()
