"""Pause, Stop and Close at every stage of real work: with a word at once, and nothing done after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.train.fields import VideosCombo
from core.base.events import Event, Finished, Paused, Progress, StepDone
from core.learning.run_folder import RunFolder
from core.model.checkpoint import save_encoder
from core.model.encoder import build_encoder
from core.settings.config import Config, with_values
from tests.carl_gui.projects import CHILD_MS, new_project, shown, tiny_config, tiny_video
from tests.carl_gui.windows import box_of, open_project, press
from tests.shared_material import made_once, take
from training.queue import QueuedJob
from training.run import NO_STEP_YET, list_runs

pytestmark = pytest.mark.usefixtures("no_child_left")

_LARGE = (1600, 1200)
_LONG_FRAMES = 120
_BEGINS_MS = 5 * CHILD_MS
"""A child loads its libraries before the stage: on a busy machine that takes long, which is no failure."""
_STAGES = ["decode", "features", "train", "embed"]


class Heard:
    """What the only job of a window says."""

    def __init__(self, window: MainWindow) -> None:
        self.events: list[Event] = []
        self.endings: list[object] = []
        window.jobs.event_received.connect(lambda job, event: self.events.append(event))
        window.jobs.finished.connect(lambda job, ending: self.endings.append(ending))

    def of(self, stage: str) -> list[Event]:
        """Its news of this stage; `train` are the steps."""
        if stage == "train":
            return [event for event in self.events if isinstance(event, StepDone)]
        return [event for event in self.events if isinstance(event, Progress) and event.stage == stage]

    def work_after(self, pause: Event) -> list[Event]:
        """What was done between this event and the next of its kind."""
        after = self.events[self.events.index(pause) + 1 :]
        until = next((place for place, event in enumerate(after) if isinstance(event, Paused)), len(after))
        return [event for event in after[:until] if isinstance(event, Progress | StepDone)]


def _config(stage: str) -> Config:
    """Settings with which this stage lasts longer than a test looks at it."""
    wanted: dict[str, object] = {"train.epochs": 20_000}
    if stage == "features":
        wanted |= {"augment.image_size": 224, "train.augmented_copies": 100}
    if stage == "embed":  # the others need no network, which takes long to load
        wanted |= {"backbone.name": "resnet18", "backbone.weights": "none", "augment.image_size": 224}
    return with_values(tiny_config(), wanted)


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `films`, two short ones; `large`, one that takes long to decode; `ready`, an encoder."""

    def make(folder: Path) -> None:
        for number in (1, 2):
            tiny_video(folder / "films", f"clip{number}.mp4", number, frames=24)
        tiny_video(folder / "large", "large.avi", 3, _LONG_FRAMES, _LARGE)
        config = _config("embed")
        torch.manual_seed(0)
        save_encoder(
            folder / "ready" / "encoder.safetensors", build_encoder(config), config, {"videos_identity": "none"}
        )

    return made_once(tmp_path_factory, "stages", make)


@pytest.fixture
def videos(material: Path, tmp_path: Path) -> Path:
    """Two videos."""
    return take(material, "films", tmp_path / "films")


@pytest.fixture
def at(
    request: pytest.FixtureRequest, window: MainWindow, videos: Path, material: Path, tmp_path: Path
) -> Iterator[str]:
    """The stage in which the window's work is, in a project of its own."""
    stage = request.param
    if stage == "decode":
        take(material, "large", videos)
    folder = new_project(tmp_path / "project", sorted(videos.iterdir()), decodes=stage != "decode")
    if stage == "embed":
        with RunFolder.create(folder / "runs" / "ready", _config(stage), []) as run:
            take(material, "ready", run.folder)
            run.append(Finished("done", ""))
    open_project(window, folder)
    yield stage
    window.jobs.close()
    shutil.rmtree(tmp_path / "films", ignore_errors=True)


def _begin(window: MainWindow, qtbot: QtBot, stage: str, *, says_something: bool = True) -> tuple[Heard, QueuedJob]:
    """With the mouse, until the stage is under way; or until there is a process, which has said nothing yet."""
    heard = Heard(window)
    window.show_page("train")
    training = window.training
    if stage == "embed":
        training.choose("ready")
        qtbot.mouseClick(shown(training.widget, QPushButton, "Embed all videos"), Qt.MouseButton.LeftButton)
    else:
        training.form.set_recipe("quick")
        training.form.set_config(_config(stage))
        qtbot.waitUntil(lambda: training.form.order() is not None)
        videos = training.form.findChild(VideosCombo)
        assert videos.count()
        qtbot.mouseClick(shown(training.widget, QPushButton, "Start training"), Qt.MouseButton.LeftButton)
    if says_something:
        qtbot.waitUntil(lambda: bool(heard.of(stage)), timeout=_BEGINS_MS)
    else:
        qtbot.waitUntil(lambda: any(job.process is not None for job in window.jobs.jobs), timeout=CHILD_MS)
    (job,) = window.jobs.jobs
    return heard, job


def _buttons(widget: QWidget, text: str) -> list[QPushButton]:
    return [button for button in widget.findChildren(QPushButton) if button.text() == text and button.isVisible()]


def _words(window: MainWindow) -> str:
    labels = [label.text() for label in window.training.details.findChildren(QLabel) if label.isVisible()]
    return " ".join([*labels, window.status.chip.text()])


@pytest.mark.parametrize("at", _STAGES, indirect=True)
def test_pause_waits_within_the_stage_and_says_so_at_once(at: str, window: MainWindow, qtbot: QtBot) -> None:
    heard, job = _begin(window, qtbot, at)
    if at == "embed":
        window.show_page("explore")
    seen = window.page("explore").widget if at == "embed" else window.training.widget
    qtbot.waitUntil(lambda: bool(_buttons(seen, "Pause")), timeout=CHILD_MS)
    qtbot.mouseClick(shown(seen, QPushButton, "Pause"), Qt.MouseButton.LeftButton)
    assert job.state == "pausing"
    assert "pausing…" in window.status.chip.text()
    assert [one.isEnabled() for one in _buttons(seen, "Pausing…")] == [False]
    assert at == "embed" or "pausing after this" in _words(window)
    qtbot.waitUntil(lambda: Paused(True) in heard.events, timeout=CHILD_MS)
    assert job.state == "paused"
    if at != "embed":
        assert "paused" in _words(window)
        done = heard.of(at)[-1]
        assert at == "train" or (done.done < done.total), "it waits within the stage"
    qtbot.waitUntil(lambda: at != "train" or shown(window.training.widget, QPushButton, "Resume").isEnabled())
    before = len(heard.of(at))
    qtbot.mouseClick(shown(seen, QPushButton, "Resume"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(heard.of(at)) > before, timeout=CHILD_MS)
    assert heard.work_after(Paused(True)) == [], "it worked while it was paused"
    window.jobs.stop(job)
    qtbot.waitUntil(lambda: bool(heard.endings), timeout=CHILD_MS)
    assert [ending.reason for ending in heard.endings] == ["stopped"]


@pytest.mark.parametrize("at", ["features"], indirect=True)
def test_before_the_first_step_the_time_to_go_is_that_of_the_whole_run(
    at: str, window: MainWindow, qtbot: QtBot
) -> None:
    chips: list[str] = []
    window.jobs.event_received.connect(lambda job, event: chips.append(window.status.chip.text()))
    heard, job = _begin(window, qtbot, at)
    qtbot.waitUntil(lambda: any(event.eta_seconds > 0 for event in heard.of(at)), timeout=CHILD_MS)
    last = next(event for event in reversed(heard.of(at)) if event.eta_seconds > 0)
    assert last.whole_eta_seconds > last.eta_seconds + 20, "twenty thousand epochs follow"
    assert chips
    assert all("%" not in chip for chip in chips), "a stage is not the whole"
    qtbot.waitUntil(lambda: "Time left" in _words(window), timeout=CHILD_MS)  # the page follows the run's file
    window.jobs.stop(job)
    qtbot.waitUntil(lambda: bool(heard.endings), timeout=CHILD_MS)


@pytest.mark.parametrize("at", _STAGES, indirect=True)
@pytest.mark.parametrize("is_paused", [False, True])
def test_the_window_closes_in_every_stage(at: str, is_paused: bool, window: MainWindow, qtbot: QtBot) -> None:
    heard, job = _begin(window, qtbot, at)
    if is_paused:
        window.jobs.pause(job)
        qtbot.waitUntil(lambda: Paused(True) in heard.events, timeout=CHILD_MS)
    window.close()
    press(box_of(window), "Stop and save")
    assert job.state == "stopping"
    assert "stopping" in window.status.chip.text()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=CHILD_MS)
    assert [ending.reason for ending in heard.endings] == ["stopped"]
    if at not in ("train", "embed"):
        done = heard.of(at)[-1]
        assert done.done < done.total, "it went on to the end of the stage"


@pytest.mark.parametrize("at", ["train"], indirect=True)
def test_while_its_libraries_load_a_run_pauses_resumes_and_stops_at_once(
    at: str, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    heard, job = _begin(window, qtbot, at, says_something=False)
    assert heard.events == [], "it is too early for this test"
    training = window.training
    first = job.process
    qtbot.waitUntil(lambda: bool(_buttons(training.widget, "Pause")), timeout=CHILD_MS)
    qtbot.mouseClick(shown(training.widget, QPushButton, "Pause"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.state == "paused", timeout=CHILD_MS)
    assert heard.events == [Paused(True)]
    qtbot.waitUntil(lambda: "paused" in _words(window), timeout=CHILD_MS)
    qtbot.mouseClick(shown(training.widget, QPushButton, "Resume"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.process not in (None, first), timeout=CHILD_MS)
    window.close()
    press(box_of(window), "Stop and save")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=CHILD_MS)
    assert heard.endings == [Finished("stopped", "")]
    assert heard.events == [Paused(True), Paused(False)]
    (run,) = list_runs(tmp_path / "project" / "runs")
    assert (run.status().state, len(run.files.videos())) == ("stopped", 2), "nothing of it is lost"
    assert run.status().reason == NO_STEP_YET, "it can be resumed"
