"""The step of training with real children: begun, paused, stopped, resumed, compared, failed and found again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.models.runs import RunRow
from carl_gui.train import run_control as run_folders
from carl_gui.train.controller import TrainingController
from carl_gui.train.fields import TrainingGrid
from carl_gui.train.run_cells import RunTableView
from core.base.errors import StorageError
from core.base.events import Finished
from core.base.types import Span
from core.learning.run_folder import RunFolder
from core.project.phase_edits import AddPhase
from core.project.span_edits import PaintSpan
from core.settings.config import Config
from tests.carl_gui.conftest import step
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, shown, standing, tiny_config, tiny_videos
from tests.children import children
from training.queue import JobOrder, JobQueue, Remembered
from training.run import Run

_LEFT = Qt.MouseButton.LeftButton
_MANY_EPOCHS = 20_000
"""More than any test waits for."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Four decoded videos; two are learned from and two judge."""
    films = tiny_videos(tmp_path / "films", 4)
    return new_project(tmp_path / "project", films, splits=("train", "train", "val", "val"), decodes=True)


@pytest.fixture
def stand(qtbot: QtBot, project: Path) -> Iterator[Stand]:
    with standing(qtbot) as made:
        made.session.open(project)
        yield made


@pytest.fixture
def training(stand: Stand) -> TrainingController:
    return _stage(stand)


@pytest.fixture
def idle(stand: Stand) -> TrainingController:
    """Whose jobs never start."""
    stand.jobs._queue = JobQueue(start=_start_nothing)
    return _stage(stand)


def _start_nothing(order: JobOrder) -> NoReturn:
    raise OSError("this test starts no child")


def _stage(stand: Stand) -> TrainingController:
    made = stand.stage(TrainingController)
    stand.qtbot.waitUntil(lambda: made.form.order() is not None)
    return made


def _set_up(training: TrainingController, config: Config) -> None:
    """What a person would type under "All settings"."""
    training.form.set_recipe("quick")
    training.form.set_config(config)


def _start(stand: Stand, training: TrainingController, config: Config) -> str:
    """With the mouse; returns the run's name, once it is lined up."""
    _set_up(training, config)
    order = training.form.order()
    assert order is not None
    with stand.qtbot.waitSignal(training._new.run_started):
        _press(stand, training, "Start training")
    return order.name


def _press(stand: Stand, training: TrainingController, text: str) -> None:
    button = shown(training.widget, QPushButton, text)
    assert button.isEnabled(), text
    stand.qtbot.mouseClick(button, _LEFT)


def _row(training: TrainingController, name: str = "run-1") -> RunRow:
    return next(row for row in training.rows if row.name == name)


def _wait(stand: Stand, holds: Callable[[], bool]) -> None:
    stand.qtbot.waitUntil(holds, timeout=CHILD_MS)


def _wait_for(stand: Stand, training: TrainingController, state: str, name: str = "run-1") -> RunRow:
    _wait(stand, lambda: _row(training, name).state == state)
    return _row(training, name)


def _said(training: TrainingController) -> str:
    """All that the panels above the curves say of the chosen run."""
    return "\n".join(label.text() for label in training.details.findChildren(QLabel) if label.isVisible())


def _name(training: TrainingController) -> str:
    return training.form.findChild(TrainingGrid).name.text()


def _make_run(project: Path, name: str, epochs: int = 1, *, ends: bool = True) -> Run:
    """A run that is over, or broke off."""
    with RunFolder.create(project / "runs" / name, tiny_config(epochs=epochs), []) as files:
        for number in range(1, 4):
            files.append(step(number, 3.0 / number))
        if ends:
            files.append(Finished("done", ""))
    return Run.open(project / "runs" / name)


def test_a_run_is_begun_paused_stopped_and_resumed_with_the_mouse_and_says_why_it_fails(
    stand: Stand, training: TrainingController, tmp_path: Path
) -> None:
    assert _start(stand, training, tiny_config(epochs=_MANY_EPOCHS)) == "run-1"
    assert training.run_state == "waiting"
    assert _name(training) == "run-2", "the next run has another name"
    _wait_for(stand, training, "running")
    _wait(stand, lambda: _row(training).step > 3)
    row = _row(training)
    assert (row.total_steps, row.is_steerable) == (2 * _MANY_EPOCHS, True)
    assert row.loss is not None
    assert row.settings["train.epochs"] == _MANY_EPOCHS
    _press(stand, training, "Pause")
    _wait_for(stand, training, "paused")
    _press(stand, training, "Resume")
    _wait_for(stand, training, "running")
    at = _row(training).step
    _wait(stand, lambda: _row(training).step > at)
    _press(stand, training, "Stop")
    row = _wait_for(stand, training, "stopped")
    assert row.is_resumable
    assert stand.jobs.jobs == ()
    live = training._run_monitor.runs["run-1"].drawn()
    replayed = Run.open(stand.session.require().runs / "run-1").curves()
    np.testing.assert_array_equal(live.loss, replayed.loss)
    np.testing.assert_array_equal(live.steps, np.arange(1, row.step + 1))
    assert "checkpoint" in training.log.text
    _fail_and_go_on(stand, training, row, tmp_path)
    assert not stand.warned


def _fail_and_go_on(stand: Stand, training: TrainingController, before: RunRow, tmp_path: Path) -> None:
    """Its videos are away, and come back."""
    shutil.move(tmp_path / "films", tmp_path / "unplugged")
    _press(stand, training, "Resume")
    row = _wait_for(stand, training, "failed")
    assert "clip1.mp4" in row.reason
    assert row.reason in _said(training)
    shutil.move(tmp_path / "unplugged", tmp_path / "films")
    _press(stand, training, "Resume")
    _wait(stand, lambda: _row(training).step > before.step)
    assert _row(training).reason == ""
    training.stop()
    _wait_for(stand, training, "stopped")


def _label(stand: Stand, training: TrainingController) -> None:
    """Two phases, in videos that are learned from and in one that judges."""
    for phase in ("up", "down"):
        stand.session.do(AddPhase(phase))
    for video_id in (1, 2, 4):
        stand.session.do(PaintSpan(video_id, Span("up", 0, 6)))
        stand.session.do(PaintSpan(video_id, Span("down", 6, 12)))
    stand.qtbot.waitUntil(lambda: training.form.findChild(TrainingGrid).videos.counts.labelled == 3)


def test_a_second_run_waits_for_the_first_and_both_are_compared_by_the_projects_labels(
    stand: Stand, training: TrainingController
) -> None:
    _label(stand, training)
    _start(stand, training, tiny_config(epochs=3, eval_interval_epochs=1))
    _start(stand, training, tiny_config(epochs=2, learning_rate=0.01))
    assert [row.name for row in training.rows] == ["run-2", "run-1"]
    assert _row(training, "run-2").state == "waiting"
    _wait_for(stand, training, "running")
    assert _row(training, "run-2").state == "waiting"
    assert len(children()) == 1
    assert "aiting" in _said(training), "the chosen one waits"
    _wait_for(stand, training, "done")
    _wait_for(stand, training, "done", "run-2")
    assert (_row(training).step, _row(training, "run-2").step) == (6, 4)
    assert {"accuracy", "tau"} <= set(_row(training).evaluation), "figures of the split that judges, by the labels"
    assert [at for at, _ in training._run_monitor.runs["run-1"].drawn().evaluations] == [2, 4, 6]
    run = Run.open(stand.session.require().runs / "run-1").files
    assert [path.name for path in run.videos()] == ["clip1.mp4", "clip2.mp4"]
    assert [path.name for path in run.validation()] == ["clip3.mp4", "clip4.mp4"]
    table = training.list.findChild(RunTableView)
    for name in ("run-1", "run-2"):
        training.choose(name)
        stand.qtbot.keyClick(table, Qt.Key.Key_Space)
    values = {line.key: line.values for line in training.comparison._lines}
    assert values["accuracy"] == (_row(training).evaluation["accuracy"], None)
    assert values["steps"] == (6, 4)
    assert values["train.epochs"] == (3, 2)
    assert values["train.learning_rate"] == (0.003, 0.01)
    assert values["loss"] == (_row(training).loss, _row(training, "run-2").loss)
    assert shown(training.details, QPushButton, "Embed all videos").isEnabled()


def test_what_fails_before_the_run_can_write_it_down_is_said_too(stand: Stand, idle: TrainingController) -> None:
    _start(stand, idle, tiny_config())
    row = _wait_for(stand, idle, "failed")
    assert "could not be started" in row.reason
    assert row.reason in _said(idle)
    idle.poll(lists=True)
    assert _row(idle) == row
    assert shown(idle.details, QPushButton, "Resume").isEnabled()


def test_a_detached_run_goes_on_and_another_window_stops_it(
    stand: Stand, training: TrainingController, qtbot: QtBot, project: Path
) -> None:
    _start(stand, training, tiny_config(epochs=_MANY_EPOCHS))
    _wait(stand, lambda: _row(training).step > 0)
    (child,) = children()
    stand.jobs.detach()
    stand.session.close()
    assert training.rows == []
    other = Stand(qtbot)
    try:
        other.session.open(project)
        again = other.stage(TrainingController)
        assert other.jobs.jobs == ()
        row = _wait_for(other, again, "running")
        assert row.is_steerable
        at = row.step
        _wait(other, lambda: _row(again).step > at)
        assert len(children()) == 1
        _press(other, again, "Pause")
        _wait_for(other, again, "paused")
        _press(other, again, "Resume")
        _wait_for(other, again, "running")
        _press(other, again, "Stop")
        row = _wait_for(other, again, "stopped")
        assert row.is_resumable
    finally:
        other.leave()
    psutil.wait_procs([child], timeout=CHILD_MS / 1000)


def test_what_was_going_when_a_window_died_is_lined_up_again(
    stand: Stand, idle: TrainingController, project: Path
) -> None:
    for name in ("a", "b"):
        _make_run(project, name, ends=name == "b").files.encoder_file.touch()
    idle.resume_jobs([Remembered("train", "a"), Remembered("embed", "b")])
    assert [(job.order.kind, job.order.name) for job in stand.jobs.jobs] == [("train", "a"), ("embed", "b")]
    assert stand.pages == ["train"]
    assert (idle.run_state, _row(idle, "a").state) == ("waiting", "waiting")
    idle.resume_jobs([Remembered("train", "a"), Remembered("embed", "b")])
    assert len(stand.jobs.jobs) == 2, "once"
    idle.stop()
    assert _row(idle, "a").state == "stopped"


def test_names_are_proposed_and_settings_used_again(stand: Stand, idle: TrainingController, project: Path) -> None:
    _make_run(project, "run-1", epochs=77)
    idle.poll(lists=True)
    idle.list.new_requested.emit()
    assert _name(idle) == "run-2"
    idle.list.reuse_requested.emit("run-1")
    order = idle.form.order()
    assert order is not None
    assert order.config == tiny_config(epochs=77)
    assert stand.pages == ["train", "train"]
    (project / "runs" / "run-1" / "config.toml").write_text("no settings", encoding="utf-8")
    idle.list.reuse_requested.emit("run-1")
    assert len(stand.warned) == 1
    assert "config.toml" in stand.warned[0]


def test_a_run_that_cannot_be_made_is_told_of_in_the_form(
    stand: Stand, idle: TrainingController, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("The disk is full: free some space.")

    monkeypatch.setattr("carl_gui.job_control.factory.Run.create", refuse)
    _press(stand, idle, "Start training")

    def said() -> list[str]:
        return [label.text().replace("\u200b", "") for label in idle.form.findChildren(QLabel) if label.isVisible()]

    _wait(stand, lambda: "The disk is full: free some space." in said())
    assert idle.rows == []
    assert not stand.jobs.jobs


@pytest.mark.parametrize("is_possible", [True, False])
def test_a_run_goes_into_the_bin_after_a_question(
    stand: Stand, idle: TrainingController, project: Path, monkeypatch: pytest.MonkeyPatch, is_possible: bool
) -> None:
    def throw_away(folder: Path) -> bool:
        if is_possible:
            shutil.rmtree(folder)
        return is_possible

    monkeypatch.setattr(run_folders, "to_bin", throw_away)
    _make_run(project, "a")
    _make_run(project, "run-1")
    idle.choose("run-1")
    idle.list._ask_to_delete(_row(idle))
    box = stand.findChild(QMessageBox)
    assert "run-1" in box.text()
    stand.qtbot.mouseClick(shown(box, QPushButton, "Delete"), _LEFT)
    names = [row.name for row in idle.rows]
    if is_possible:
        assert names == ["a"]
        assert idle.run_state == "done", "another one is chosen"
        assert _name(idle) == "run-1", "its name is free again"
    else:
        assert sorted(names) == ["a", "run-1"]
        assert str(project / "runs" / "run-1") in stand.warned[0]


def test_the_path_is_copied_and_arrows_lead_through_the_runs(
    stand: Stand, idle: TrainingController, project: Path
) -> None:
    for name in ("a", "b", "c"):
        _make_run(project, name)
    idle.poll(lists=True)
    idle.choose("b")
    idle.copy_path()
    assert QGuiApplication.clipboard().text() == str(project / "runs" / "b")
    place = idle.run_index
    assert place is not None
    idle.move(1)
    assert idle.run_index == place + 1
    for _ in range(5):
        idle.move(-1)
    assert idle.run_index == 0


def test_a_read_only_project_shows_its_runs_and_begins_none(stand: Stand, project: Path, tmp_path: Path) -> None:
    _make_run(project, "a")
    stand.session.require().read_only = "It is open for reading only."
    training = stand.stage(TrainingController)
    assert not training.form.isEnabled()
    assert [row.name for row in training.rows] == ["a"]


def test_runs_that_cannot_be_listed_are_said_once(stand: Stand, idle: TrainingController, project: Path) -> None:
    (project / "runs").write_text("a file", encoding="utf-8")
    for _ in range(3):
        idle.poll(lists=True)
    assert len(stand.warned) == 1
    (project / "runs").unlink()
    _make_run(project, "a")
    idle.poll(lists=True)
    assert [row.name for row in idle.rows] == ["a"]


def test_another_project_has_other_runs(stand: Stand, idle: TrainingController, project: Path, tmp_path: Path) -> None:
    _make_run(project, "a")
    idle.poll(lists=True)
    assert idle.run_count == 1
    other = new_project(tmp_path / "other")
    _make_run(other, "b")
    stand.session.open(other)
    assert [row.name for row in idle.rows] == ["b"]
    stand.qtbot.waitUntil(lambda: idle.form.order() is None)
    stand.session.close()
    assert idle.run_count == 0
    stand.session.open(project)
    stand.qtbot.waitUntil(lambda: idle.form.order() is not None)


def test_start_pressed_twice_makes_one_run(stand: Stand, idle: TrainingController) -> None:
    order = idle.form.order()
    assert order is not None
    with stand.qtbot.waitSignal(idle._new.run_started):
        idle.start(order)
        idle.start(order)
    assert [row.name for row in idle.rows] == [order.name]
    assert not stand.warned
