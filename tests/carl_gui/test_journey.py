"""The whole way with mouse and keys, in the real window with real children: sample, import, training, embeddings."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.train.fields import RecipeCombo, TrainingGrid
from core.project.store import Project
from tests.carl_gui.projects import CHILD_MS, shown
from tests.children import children
from training.queue import JobOrder

_LEFT = Qt.MouseButton.LeftButton
_CLIPS = 4
"""Of the sample, so that the test is quick: one is learned from, three judge."""


@pytest.fixture
def _small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    def order(kind: str, name: str, command: tuple[str, ...], device: str) -> JobOrder:
        return JobOrder(kind, name, (*command, "--videos", str(_CLIPS)), device)

    monkeypatch.setattr("carl_gui.projects.controller.JobOrder", order)


@pytest.fixture
def _nothing_goes_on_behind() -> Iterator[None]:
    """Set up before the window, and so asked after it has gone."""
    yield
    assert children() == []
    assert [thread.name for thread in threading.enumerate() if thread.name in ("task", "thumbnails", "frames")] == []


@pytest.mark.usefixtures("_small_sample", "_nothing_goes_on_behind")
@pytest.mark.journey
def test_from_the_first_start_to_embeddings(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.mouseClick(shown(window, QPushButton, "Try the sample"), _LEFT)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=CHILD_MS)
    project = window.session.require()
    assert project.folder == tmp_path / "projects" / "Sample"
    _see_it_imported(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.page_id == "train"
    _train(window, qtbot)
    qtbot.mouseClick(shown(window.training.details, QPushButton, "Embed all videos"), _LEFT)
    qtbot.waitUntil(lambda: not window.jobs.jobs, timeout=CHILD_MS)
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: all(one.embedded for one in window.library.badges.values()), timeout=CHILD_MS)
    embedded = project.embeddings / "run-1"
    with (embedded / "index.csv").open(encoding="utf-8", newline="") as file:
        listed = {Path(row["video"]).name for row in csv.DictReader(file)}
    assert listed == {video.name for video in project.videos()}
    card = json.loads((embedded / "embeddings.json").read_text(encoding="utf-8"))
    assert {entry["digest"] for entry in card["videos"]} == {video.digest for video in project.videos()}
    assert not window.banner.isVisible(), "nobody had to be warned of anything"
    window.close()
    assert not window.isVisible(), "nothing is asked: nothing goes on"
    assert children() == []
    with Project.open(tmp_path / "projects" / "Sample") as again:
        assert len(again.videos()) == _CLIPS
        assert not (again.folder / "jobs.json").exists()


def _see_it_imported(window: MainWindow, qtbot: QtBot) -> None:
    library = window.library
    qtbot.waitUntil(lambda: not window.jobs.jobs and len(library.videos) == _CLIPS, timeout=CHILD_MS)
    qtbot.waitUntil(
        lambda: len(library.badges) == _CLIPS and all(one.decoded for one in library.badges.values()), timeout=CHILD_MS
    )
    assert sorted(video.split for video in library.videos.values()) == ["train", "val", "val", "val"]
    qtbot.waitUntil(lambda: library.player.view.image is not None, timeout=CHILD_MS)


def _train(window: MainWindow, qtbot: QtBot) -> None:
    """Two passes of the recipe `quick`."""
    training = window.training
    grid = training.form.findChild(TrainingGrid)
    recipes = grid.findChild(RecipeCombo)
    recipes.setFocus()
    recipes.setCurrentIndex(recipes.findData("quick"))
    recipes.activated.emit(recipes.currentIndex())
    epochs = grid.rows["train.epochs"].editor
    assert isinstance(epochs, QSpinBox)
    epochs.setFocus()
    epochs.selectAll()
    qtbot.keyClicks(epochs, "2")
    qtbot.keyClick(epochs, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: training.form.order() is not None)
    order = training.form.order()
    assert order is not None
    assert (order.name, order.recipe, order.config.train.epochs, order.videos) == ("run-1", "quick", 2, "unless_val")
    leads_on = shown(training.form, QCheckBox, "Then embed all videos and open the best pair")
    qtbot.mouseClick(leads_on, _LEFT, pos=QPoint(8, leads_on.height() // 2))
    assert not leads_on.isChecked(), "step by step"
    qtbot.mouseClick(shown(training.form, QPushButton, "Start training"), _LEFT)
    qtbot.waitUntil(lambda: training.run_state == "done" and not window.jobs.jobs, timeout=CHILD_MS)
    (row,) = training.rows
    assert row.step == row.total_steps > 0
    assert set(row.evaluation) >= {"validation loss", "tau"}
    assert any("run-1" in stroke for stroke in training.curves.loss_plot.strokes)
