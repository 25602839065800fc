"""A run on disk gives the same curves as live, and says how it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.config import Config
from core.control import Control
from core.errors import StorageError
from core.events import CheckpointSaved, Event, Failed, Finished, Notice, StepDone
from core.run_folder import RunFolder
from tests.conftest import reached
from training.run import Curves, Run, list_runs, unused_folder


def step(number: int, loss: float | None = None) -> StepDone:
    return StepDone(0, number, 100, loss or 1 / number, 1e-4 * number, 2.0 * number, 50.0, 9.0, 0)


def write(folder: Path, *sessions: list[Event]) -> Run:
    """A run with the events of a first session and of those that resumed it."""
    Run.create(folder, Config(), [])
    for events in sessions:
        with RunFolder.resume(folder) as files:
            for event in events:
                files.append(event)
    return Run.open(folder)


def test_replay_gives_the_curves_that_were_seen_live(tmp_path: Path) -> None:
    live = Curves()
    events: list[Event] = [Notice("x"), *(step(number) for number in range(1, 20)), Finished("done", "x")]
    for event in events:
        live.add(event)
    run = write(tmp_path / "run", events)
    assert list(run.replay()) == events
    replayed = run.curves()
    for name in ("steps", "loss", "learning_rate", "gradient_norm"):
        np.testing.assert_array_equal(getattr(replayed, name), getattr(live, name))
    assert replayed.latest == live.latest == step(19)
    assert len(replayed) == 19


@pytest.mark.parametrize("after", [3, 8])
def test_curves_after_a_resume_are_those_of_an_uninterrupted_run(tmp_path: Path, after: int) -> None:
    """Killed after step 7, resumed from a checkpoint at step 4: steps 5, 6 and 7 are done again."""
    first: list[Event] = [step(number, loss=99.0 if number > 4 else None) for number in range(1, 8)]
    again: list[Event] = [step(number) for number in range(5, 5 + after)]
    curves = write(tmp_path / "run", first, again).curves()
    expected = np.arange(1, 5 + after)
    np.testing.assert_array_equal(curves.steps, expected)
    np.testing.assert_array_equal(curves.loss, 1 / expected)


def test_curves_of_a_resumed_run_never_show_what_it_has_not_reached(tmp_path: Path) -> None:
    curves = write(tmp_path / "run", [step(number) for number in range(1, 8)], [step(5)]).curves()
    assert curves.steps.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("sessions", "state", "reason"),
    [
        ([], "new", ""),
        ([[Notice("x")]], "new", ""),
        ([[step(1), Finished("done", "x")]], "done", ""),
        ([[step(1), Finished("stopped", "x")]], "stopped", ""),
        ([[step(1), Failed("The loss is not finite.", False)]], "failed", "The loss is not finite."),
        ([[step(1), step(2)]], "stopped", "It broke off after step 2; it can be resumed."),
        ([[step(1), Finished("stopped", "x")], [step(2)]], "stopped", "It broke off after step 2; it can be resumed."),
        ([[step(1), Failed("x", False)], [step(2), Finished("done", "x")]], "done", ""),
        ([[step(1), Finished("done", "x"), CheckpointSaved("x", 0, 1)]], "done", ""),
    ],
)
def test_how_a_run_stands(tmp_path: Path, sessions: list[list[Event]], state: str, reason: str) -> None:
    status = write(tmp_path / "run", *sessions).status()
    assert (status.state, status.reason) == (state, reason)


def test_a_run_whose_folder_is_held_is_running(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", Config(), []):
        assert Run.open(tmp_path / "run").status().state == "running"
    assert Run.open(tmp_path / "run").status().state == "new"


def test_runs_are_listed_by_name_and_other_folders_are_not(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "missing") == []
    for name in ("b", "a"):
        Run.create(tmp_path / name, Config(), [])
    (tmp_path / "photos").mkdir()
    (tmp_path / "config.toml").write_text("")
    runs = list_runs(tmp_path)
    assert [run.name for run in runs] == ["a", "b"]
    assert runs[0].config() == Config()


def test_a_folder_is_begun_once(tmp_path: Path) -> None:
    Run.create(tmp_path / "run", Config(), [])
    with pytest.raises(StorageError, match="already holds a run"):
        Run.create(tmp_path / "run", Config(), [])
    with pytest.raises(StorageError, match="holds no run"):
        Run.open(tmp_path)


def test_a_folder_that_is_not_taken(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        folder = unused_folder(tmp_path, "frozen")
        folder.mkdir()
        names.append(folder.name)
    assert names == ["frozen", "frozen-2", "frozen-3"]


def test_a_run_is_told_by_a_file_that_the_process_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.control._WATCH_SECONDS", 0.001)
    run, control = Run.create(tmp_path / "run", Config(), []), Control()
    control.watch(run.files.control_file)
    run.tell("pause")
    run.tell("stop")
    control.wait_while_paused()
    assert reached(lambda: control.stop_requested)
    assert run.status().state == "new"
