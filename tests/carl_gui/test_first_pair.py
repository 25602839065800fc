"""From the first start to the first aligned pair: clicks counted, no network, real children."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.guide.next_step import NextStepBar
from carl_gui.main_window import MainWindow
from core.align.many import match
from core.embedding.folder import read_card, read_embedded
from core.sample.make import make_sample
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe
from tests.carl_gui.projects import CHILD_MS, shown
from tests.carl_gui.windows import dialog_of
from tests.children import children
from tests.core.sample.drawn import share_clips
from training.queue import JobOrder

_CLIPS = 5
"""Of the sample; the last three judge."""
_MINUTES_MS = 5 * CHILD_MS
"""For what several children do one after the other."""
_NO_NETWORK = """
import socket
def refuse(self, address, *rest):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        raise OSError(101, "Network is unreachable")
    return connect(self, address, *rest)
connect = socket.socket.connect
socket.socket.connect = refuse
"""


class Mouse:
    """Clicks where a person can see something to click on, and counts."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot, self.clicks = qtbot, 0

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        assert widget.isVisible()
        assert widget.isEnabled()
        self.clicks += 1
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())


@pytest.fixture
def mouse(qtbot: QtBot) -> Mouse:
    return Mouse(qtbot)


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this process nor a child of it reaches any host."""
    folder = tmp_path / "offline"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_NO_NETWORK, encoding="utf-8")
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), before] if before else [str(folder)]))


@pytest.fixture(autouse=True)
def _short(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe `quick` with fewer steps and copies, and fewer clips of the sample: the way is the same."""
    share_clips(tmp_path_factory, monkeypatch)

    def shorter(name: str) -> Config:
        less = {"train.epochs": 3, "train.patience": 0, "train.augmented_copies": 1, "train.cpu_threads": 1}
        return with_values(find_recipe(name), less) if name == "quick" else find_recipe(name)

    def order(kind: str, name: str, command: tuple[str, ...], device: str) -> JobOrder:
        return JobOrder(kind, name, ("tests.core.sample.drawn", *command[1:], "--videos", str(_CLIPS)), device)

    monkeypatch.setattr("carl_gui.train.form.find_recipe", shorter)
    monkeypatch.setattr("carl_gui.projects.controller.JobOrder", order)


def _learn_button(window: MainWindow) -> QPushButton:
    return window.findChild(NextStepBar).button


def _see_the_pair(window: MainWindow, qtbot: QtBot) -> None:
    """It opens by itself, it is the best one, and nobody had to be warned."""
    qtbot.waitUntil(lambda: window.page_id == "explore", timeout=_MINUTES_MS)
    view = window.page("explore").views["pair"]
    qtbot.waitUntil(lambda: view.pair is not None and view.panel.isVisible(), timeout=_MINUTES_MS)
    assert frozenset(view.chosen) == _best_by_hand(window)
    assert not window.banner.isVisible(), window.banner.sentence
    assert "Label" in _learn_button(window).text(), "the line below leads on"


def _best_by_hand(window: MainWindow) -> frozenset[int]:
    """Every pair, one after the other."""
    project = window.session.require()
    folder = project.embeddings / "run-1"
    card = read_card(folder)
    videos = read_embedded(folder, card.encoder_digest, set(card.digests))
    ids = {video.digest: video.id for video in project.videos()}
    worth = {}
    for a, b in itertools.combinations(videos, 2):
        found = match(a.embeddings, b.embeddings)
        sure = found.confidence[found.has_partner]
        worth[ids[a.digest], ids[b.digest]] = found.alignable_score * found.matched_share * float(np.mean(sure))
    return frozenset(max(worth, key=lambda pair: worth[pair]))


def test_from_the_sample_to_the_best_pair_with_three_clicks(
    no_child_left: None, window: MainWindow, mouse: Mouse, qtbot: QtBot
) -> None:
    window.ask_device()  # as the program does when it is painted
    mouse.click(shown(window, QPushButton, "Try the sample"))
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=_MINUTES_MS)
    qtbot.waitUntil(
        lambda: _learn_button(window).isVisible() and _learn_button(window).text().startswith("Learn from these 2"),
        timeout=_MINUTES_MS,
    )
    mouse.click(_learn_button(window))
    qtbot.waitUntil(lambda: window.training.run_state == "running", timeout=_MINUTES_MS)
    assert window.page_id == "train"
    assert window.training.list.table.hasFocus(), "not the first step in the bar"
    order = window.training.form.order()
    assert order is not None
    assert order.recipe == "quick"
    _see_the_pair(window, qtbot)
    assert mouse.clicks <= 3
    window.close()
    assert children() == []


def test_from_two_own_videos_to_their_alignment_with_five_clicks(
    no_child_left: None, window: MainWindow, mouse: Mouse, qtbot: QtBot, tmp_path: Path
) -> None:
    films = tmp_path / "films" / "my takes"
    films.mkdir(parents=True)
    for number, clip in enumerate(make_sample(tmp_path / "drawn", videos=2)):
        clip.rename(films / f"take {number}.mp4")
    window._settings.setValue("videos_place", str(films.parent))  # where it would be after the first time
    window.ask_device()
    mouse.click(shown(window, QPushButton, "Compare your videos…"))
    dialog = dialog_of(window, QFileDialog)
    views = [view for name in ("listView", "treeView") for view in dialog.findChildren(QAbstractItemView, name)]
    rows = next(view for view in views if view.isVisible())
    qtbot.waitUntil(lambda: rows.model().rowCount(rows.rootIndex()) > 0)
    mouse.click(rows.viewport(), rows.visualRect(rows.model().index(0, 0, rows.rootIndex())).center())
    mouse.click(shown(dialog, QPushButton, "Choose"))
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=_MINUTES_MS)
    assert window.session.require().folder == tmp_path / "projects" / "my takes"
    qtbot.waitUntil(
        lambda: _learn_button(window).isVisible() and _learn_button(window).text().startswith("Learn from these 2"),
        timeout=_MINUTES_MS,
    )
    mouse.click(_learn_button(window))
    _see_the_pair(window, qtbot)
    assert mouse.clicks <= 5
    config = window.training._run_monitor.runs["run-1"].run.config()
    assert config.backbone.name == "hog", "a recipe whose download cannot be had is not chosen"
    assert "cannot be downloaded" in window.outlook.outlook.reason
    window.close()
    assert children() == []
