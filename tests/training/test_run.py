"""A run on disk gives the same curves as live, and says how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from core.base.control import Control
from core.base.errors import ConfigError, StorageError
from core.base.events import (
    CheckpointSaved,
    EvalDone,
    Event,
    Failed,
    Finished,
    Notice,
    Progress,
    StepDone,
    decode,
    encode,
)
from core.learning.run_folder import RunFolder
from core.settings.config import Config
from tests.conftest import reached
from training.run import NO_STEP_YET, Curves, Run, Tail, list_runs, unused_folder
from training.tail import newest_first


def step(number: int, loss: float | None = None) -> StepDone:
    return StepDone(0, number, 100, loss or 1 / number, 1e-4 * number, 2.0 * number, 50.0 + number, 9.0, 10 * number)


def figures(after: int, tau: float = 0.5, representation: str = "trained") -> EvalDone:
    return EvalDone("run", representation, {"tau": tau}, after)


COLUMNS = ("steps", "loss", "learning_rate", "gradient_norm", "frames_per_second", "gpu_bytes")


def assert_same_curves(one: Curves, other: Curves) -> None:
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert (one.latest, one.evaluations, len(one)) == (other.latest, other.evaluations, len(other))


def curves_of(events: Iterable[Event]) -> Curves:
    curves = Curves()
    for event in events:
        curves.add(event)
    return curves


def write(folder: Path, *sessions: list[Event]) -> Run:
    """A run with the events of a first session and of those that resumed it."""
    Run.create(folder, Config(), [])
    for events in sessions:
        with RunFolder.resume(folder) as files:
            for event in events:
                files.append(event)
    return Run.open(folder)


def test_replay_gives_the_curves_that_were_seen_live(tmp_path: Path) -> None:
    measured = [step(number) for number in range(1, 20)]
    events: list[Event] = [Notice("x"), *measured, figures(19), Finished("done", "x")]
    live = curves_of(events)
    run = write(tmp_path / "run", events)
    assert list(run.replay()) == events
    assert_same_curves(run.curves(), live)
    for name, told in zip(COLUMNS, ("step", *COLUMNS[1:]), strict=True):
        assert getattr(live, name).tolist() == [getattr(one, told) for one in measured]
    assert (live.latest, len(live), live.evaluations) == (step(19), 19, [figures(19)])


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


def test_figures_of_steps_that_are_done_again_are_dropped(tmp_path: Path) -> None:
    """Killed after step 7, resumed from step 4: what was told after 4 stays, what was told after 6 is told anew."""
    first = [step(1), figures(1), step(4), figures(4), step(6), figures(6, 0.1), step(7)]
    assert curves_of([*first, step(5)]).evaluations == [figures(1), figures(4)]
    assert curves_of([*first, step(5), step(6), figures(6, 0.9)]).evaluations == [
        figures(1),
        figures(4),
        figures(6, 0.9),
    ]
    beside = figures(4, 0.2, "untrained")
    assert curves_of([step(4), figures(4, 0.1), beside, figures(4)]).evaluations == [beside, figures(4)]


def test_arrays_that_were_handed_out_stay_as_they_are() -> None:
    curves = curves_of(step(number) for number in range(1, 1000))
    loss, steps = curves.loss, curves.steps
    for number in [*range(500, 600), *range(1000, 5000)]:
        curves.add(step(number, loss=99.0))
    np.testing.assert_array_equal(steps, np.arange(1, 1000))
    np.testing.assert_array_equal(loss, 1 / np.arange(1, 1000))
    assert curves.steps.tolist() == [*range(1, 600), *range(1000, 5000)]
    with pytest.raises(ValueError, match="read-only"):
        curves.loss[0] = 1.0


def a_long_run() -> list[Event]:
    """Two sessions, with text beyond ASCII and notices between the steps."""
    first: list[Event] = [Notice("Verlies \u00e9\u00fc"), *(step(number) for number in range(1, 40)), figures(20)]
    again: list[Event] = [Notice("x" * 700), *(step(number) for number in range(21, 60)), figures(59)]
    return [*first, *again, Finished("done", "x")]


def test_a_tail_of_a_whole_file_gives_what_replay_gives(tmp_path: Path) -> None:
    run = write(tmp_path / "run", a_long_run())
    tail = run.tail()
    assert tail.read() == list(run.replay()) == a_long_run()
    assert (tail.read(), tail.restarted, tail.is_stale) == ([], False, False)


@pytest.mark.parametrize("seed", range(5))
def test_a_tail_of_a_file_that_grows_by_any_bytes_gives_the_same_curves(tmp_path: Path, seed: int) -> None:
    run = write(tmp_path / "run", a_long_run())
    whole, growing = run.files.events_file.read_bytes(), tmp_path / "events.jsonl"
    tail, seen = Tail(growing, most_bytes=300), list[Event]()
    assert tail.read() == []  # it is not there yet
    cuts = np.random.default_rng(seed).integers(0, len(whole), 40)
    for end in [*sorted(cuts.tolist()), len(whole)]:
        growing.write_bytes(whole[:end])  # the start is the same: it only grew
        seen += tail.read()
        assert not tail.restarted
        if seed % 2:
            while tail.is_stale:
                seen += tail.read()
            assert len(seen) == whole[:end].count(b"\n")
    while tail.is_stale:
        seen += tail.read()
    assert seen == a_long_run()
    assert_same_curves(curves_of(seen), run.curves())


def test_one_read_of_a_tail_is_bounded_but_takes_a_line_that_is_longer_whole(tmp_path: Path) -> None:
    events = [Notice("x" * 5000), *(Notice(f"{number:04}") for number in range(1000))]
    tail = Tail(write(tmp_path / "run", events).files.events_file, most_bytes=1000)
    reads = [tail.read()]
    while tail.is_stale:
        reads.append(tail.read())
    assert [event for one in reads for event in one] == events
    assert 1 <= len(reads[0]) < 30
    assert max(map(len, reads[1:])) < 30


@pytest.mark.parametrize("then", [[], [step(1)], [Notice("other"), *(step(number, 5.0) for number in range(1, 200))]])
def test_a_tail_begins_again_where_the_file_was_replaced_or_shrank(tmp_path: Path, then: list[Event]) -> None:
    file = write(tmp_path / "run", a_long_run()).files.events_file
    tail = Tail(file)
    tail.read()
    file.write_text("".join(encode(event) + "\n" for event in then), encoding="ascii", newline="\n")
    assert tail.read() == then
    assert tail.restarted
    assert tail.read() == []
    assert not tail.restarted
    file.unlink()
    assert tail.read() == []
    assert tail.restarted is bool(then)


def test_a_tail_does_not_begin_again_where_a_resume_cuts_off_half_an_event(tmp_path: Path) -> None:
    run = write(tmp_path / "run", [step(1)])
    tail = run.tail()
    with run.files.events_file.open("ab") as file:
        file.write(b'{"event": "step_d')
    assert tail.read() == [step(1)]
    with RunFolder.resume(run.files.folder) as files:
        files.append(step(2))
    assert tail.read() == [step(2)]
    assert not tail.restarted


@pytest.mark.parametrize("block_bytes", [1, 7, 250, 1 << 16])
def test_from_the_end_the_same_events_come_the_other_way_round(tmp_path: Path, block_bytes: int) -> None:
    run = write(tmp_path / "run", a_long_run())
    assert list(newest_first(run.files.events_file, block_bytes=block_bytes)) == a_long_run()[::-1]
    with run.files.events_file.open("ab") as file:
        file.write(b'{"event": "step_d')
    assert list(newest_first(run.files.events_file, block_bytes=block_bytes)) == a_long_run()[::-1]
    assert list(newest_first(tmp_path / "missing")) == []


def test_how_a_run_stands_is_read_from_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = write(tmp_path / "run", [*(step(number) for number in range(1, 3000)), Finished("done", "x"), figures(2999)])
    read: list[str] = []
    monkeypatch.setattr("training.tail.decode", lambda line: read.append(line) or decode(line))
    assert run.status().state == "done"
    assert len(read) < 5


@pytest.mark.parametrize(
    ("sessions", "state", "reason"),
    [
        ([], "new", ""),
        ([[Notice("x")]], "new", ""),
        ([[Progress("decode", 1, 3, "video", 1.0, 2.0)]], "stopped", NO_STEP_YET),
        ([[step(1), Finished("done", "x")]], "done", ""),
        ([[step(1), Finished("stopped", "x")]], "stopped", ""),
        ([[step(1), Failed("The loss is not finite.", False)]], "failed", "The loss is not finite."),
        ([[step(1), step(2)]], "stopped", "It was interrupted after step 2 and can be resumed."),
        (
            [[step(1), Finished("stopped", "x")], [step(2)]],
            "stopped",
            "It was interrupted after step 2 and can be resumed.",
        ),
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
    with pytest.raises(StorageError, match="is not a run"):
        Run.open(tmp_path)


def test_a_run_knows_what_its_figures_are_of(tmp_path: Path) -> None:
    a, b, labels = (tmp_path / name for name in ("a.mp4", "b.mp4", "labels.csv"))
    run = Run.create(tmp_path / "run", Config(), [a], [b], labels)
    assert (run.files.videos(), run.files.validation(), run.files.labels()) == ([a], [b], labels)
    with pytest.raises(ConfigError, match=r"a\.mp4 is in both the training and the validation set"):
        Run.create(tmp_path / "other", Config(), [a], [b, a])
    assert not (tmp_path / "other").exists()


def test_a_folder_that_is_not_taken(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        folder = unused_folder(tmp_path, "frozen")
        folder.mkdir()
        names.append(folder.name)
    assert names == ["frozen", "frozen-2", "frozen-3"]


def test_a_run_is_told_by_a_file_that_the_process_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.base.control._WATCH_SECONDS", 0.001)
    run, control = Run.create(tmp_path / "run", Config(), []), Control()
    control.watch(run.files.control_file)
    run.send("pause")
    run.send("stop")
    control.wait_while_paused()
    assert reached(lambda: control.stop_requested)
    assert run.status().state == "new"
