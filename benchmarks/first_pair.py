"""From the first start to the first aligned pair, in seconds and clicks, without a network: the window is driven.

Claimed: from "Try the sample" in 90 seconds and 3 clicks on 2 cores; from two own videos in a folder in 5 clicks. A
click is one of the mouse's, those in the file dialog included. Exit status 1 where one of them takes more. The
processor's seconds (of the window and all its children) stand beside those of the clock: on a busy machine only they
can be compared. For an offscreen window, a person's time to find the button is not in it.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QPushButton, QWidget
from window.driving import live_in, shown_window, until

from carl_gui.app import application
from carl_gui.main_window import MainWindow
from carl_gui.outlook import rounded_duration
from core.outlook.estimate import Amount
from core.sample.make import make_sample
from core.settings.recipes import find_recipe

CLAIMED_SECONDS, CLAIMED_CLICKS, CLAIMED_CLICKS_OWN = 90.0, 3, 5
MOST_SECONDS = 1800.0
NO_NETWORK = """
import socket
def refuse(self, address, *rest):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        raise OSError(101, "Network is unreachable")
    return connect(self, address, *rest)
connect = socket.socket.connect
socket.socket.connect = refuse
"""


@dataclass
class Journey:
    """One way, with its clicks and the times at which it came by."""

    window: MainWindow
    clicks: int = 0
    times: list[tuple[str, float, float]] = field(default_factory=list)
    """What was reached, and seconds of the clock and of the processor until then."""

    def __post_init__(self) -> None:
        self._began, self._used = time.monotonic(), _processor_seconds()

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        assert widget.isVisible()
        assert widget.isEnabled()
        self.clicks += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())

    def reach(self, name: str, condition: Callable[[], object]) -> None:
        until(condition, MOST_SECONDS)
        self.times.append((name, time.monotonic() - self._began, _processor_seconds() - self._used))

    def learn_and_see(self) -> None:
        """From the project's videos to the pair."""
        bar, guide = self.window._next_step, self.window.guide
        self.reach("videos imported", lambda: guide._step is not None and guide._step.action == "learn")
        self.click(bar.button)
        self.reach("training began", lambda: self.window.jobs.find("train") is not None)
        self.reach("trained", lambda: self.window.jobs.find("embed") is not None)
        self.reach("embedded", lambda: self.window.jobs.find("embed") is None)
        self.reach("the best pair opened", lambda: self.window.page_id == "explore" and _pair(self.window) is not None)

    def print(self, title: str) -> None:
        print(f"\n{title}: {self.times[-1][1]:.0f} s, {self.clicks} clicks")
        for name, seconds, used in self.times:
            print(f"  {name:24}{seconds:8.1f} s {used:8.1f} s of the processor")


def _processor_seconds() -> float:
    """Of this process and of those of its children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _pair(window: MainWindow) -> object:
    return window.page("explore").views["pair"].pair  # type: ignore[attr-defined]


def _button(widget: QWidget, text: str) -> QPushButton:
    buttons = widget.findChildren(QPushButton)
    return next(one for one in buttons if one.isVisible() and one.text().replace("&", "") == text)


def _from_the_sample() -> Journey:
    with shown_window() as window:
        journey = Journey(window)
        window.ask_device()  # as the program does when it is painted
        journey.click(_button(window, "Try the sample"))
        journey.reach("sample drawn", lambda: window.session.project is not None)
        journey.learn_and_see()
        return journey


def _from_own_videos(folder: Path) -> tuple[Journey, str]:
    """Two drawn clips under other names, so that nothing knows them for the sample."""
    films = folder / "films" / "my takes"
    films.mkdir(parents=True)
    for number, clip in enumerate(make_sample(folder / "drawn", videos=2), 1):
        clip.rename(films / f"take {number}.mp4")
    with shown_window() as window:
        window._settings.setValue("videos_place", str(films.parent))  # where it would be after the first time
        journey = Journey(window)
        window.ask_device()
        journey.click(_button(window, "Compare your videos…"))
        (dialog,) = window.findChildren(QFileDialog)
        views = [view for name in ("listView", "treeView") for view in dialog.findChildren(QAbstractItemView, name)]
        rows = next(view for view in views if view.isVisible())
        until(lambda: rows.model().rowCount(rows.rootIndex()) > 0)
        journey.click(rows.viewport(), rows.visualRect(rows.model().index(0, 0, rows.rootIndex())).center())
        journey.click(_button(dialog, "Choose"))
        journey.reach("project made", lambda: window.session.project is not None)
        journey.learn_and_see()
        return journey, _estimated(window)


def _estimated(window: MainWindow) -> str:
    videos = window.session.videos.values()
    amount = Amount(len(videos), sum(video.num_frames or 0 for video in videos))
    known = window.outlook.outlook
    found = known.estimate(known.recipe, find_recipe(known.recipe), amount)
    return "nothing" if found is None else f"about {rounded_duration(found.seconds)} with {known.recipe}"


def main() -> int:
    """Print both ways; returns the exit status."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--only", choices=("sample", "own"), help="one of the two ways")
    given = made.parse_args()
    application()
    is_kept = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
        os.environ["PYTHONPATH"] = os.pathsep.join([name, os.environ.get("PYTHONPATH", str(Path(__file__).parents[1]))])
        if given.only != "own":
            live_in(folder / "a")
            sample = _from_the_sample()
            sample.print("From the sample")
            is_kept &= sample.times[-1][1] <= CLAIMED_SECONDS and sample.clicks <= CLAIMED_CLICKS
        if given.only != "sample":
            live_in(folder / "b")
            own, estimated = _from_own_videos(folder)
            own.print("From two own videos")
            learning = own.times[-1][1] - own.times[-4][1]
            print(f"  told before it began: {estimated}; it took {learning:.0f} s")
            is_kept &= own.clicks <= CLAIMED_CLICKS_OWN
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: {'reached' if is_kept else 'NOT reached'}")
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
