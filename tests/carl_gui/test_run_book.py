"""The runs of a project, followed: live as from disk, never for long, and one that is spoilt hides no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from carl_gui.models.runs import RunCurves
from carl_gui.train.run_monitor import FollowedRun, RunMonitor
from core.base.errors import StorageError
from core.base.events import EvalDone, Event, Failed, Finished, Paused, Progress, encode
from core.learning.run_folder import RunFolder
from core.settings.config import Config, save, with_values
from tests.carl_gui.conftest import step
from training.run import NO_STEP_YET, Run

_HOLDER = """
import sys
from pathlib import Path
from core.learning.run_folder import RunFolder
from core.base.events import decode
with RunFolder.resume(Path(sys.argv[1])) as run:
    print("held", flush=True)
    for line in sys.stdin:
        run.append(decode(line))
        print("written", flush=True)
"""


def _write(folder: Path, *events: Event, config: Config | None = None) -> Run:
    """Go on with the run there, or begin it."""
    if not RunFolder.is_run(folder):
        Run.create(folder, config or Config(), [])
    with RunFolder.resume(folder) as files:
        for event in events:
            files.append(event)
    return Run.open(folder)


def _read_all(run_monitor: RunMonitor, under_way: set[str] | None = None) -> None:
    run_monitor.poll(under_way or set(), lists=True)
    while run_monitor.is_stale:
        run_monitor.poll(under_way or set())


def _state(run_monitor: RunMonitor, name: str) -> tuple[str, str]:
    row = run_monitor.runs[name].row()
    return row.state, row.reason


def _assert_same(one: RunCurves, other: RunCurves) -> None:
    for name in ("steps", "loss", "learning_rate"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert list(one.evaluations) == list(other.evaluations)


@contextmanager
def _held(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that has the run, as a trainer has."""
    words = [sys.executable, "-c", _HOLDER, str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.stdin.close()
        assert holder.wait() == 0


def _let_say(holder: subprocess.Popen[str], event: Event) -> None:
    holder.stdin.write(encode(event) + "\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "written\n"


def test_followed_bit_by_bit_and_read_afterwards_a_run_is_the_same(tmp_path: Path) -> None:
    session = [
        Progress("decode", 1, 3, "video", 1.0, 2.0),
        *[step(number, 5.0 / number) for number in range(1, 8)],
        EvalDone("a", "trained", {"tau": 0.5}, 5),
        EvalDone("a", "positions", {"tau": 0.1}, 5),
        Finished("stopped", "a"),
        *[step(number, 4.0 / number) for number in range(6, 12)],
        EvalDone("a", "trained", {"tau": 0.7}, 10),
        Finished("done", "a"),
    ]
    live, seen = RunMonitor(tmp_path), list[tuple[str, int]]()
    for event in session:
        _write(tmp_path / "a", event)
        _read_all(live)
        seen.append((live.runs["a"].row().state, len(live.runs["a"].curves)))
    assert seen[0] == ("stopped", 0)
    assert seen[10] == ("stopped", 7)
    assert seen[11] == ("stopped", 6), "the steps after the last checkpoint are done again"
    assert seen[-1] == ("done", 11)
    later = RunMonitor(tmp_path)
    _read_all(later)
    _assert_same(live.runs["a"].drawn(), later.runs["a"].drawn())
    assert live.runs["a"].row() == later.runs["a"].row()
    assert later.runs["a"].row().evaluation == {"tau": 0.7}
    _write(
        tmp_path / "a", EvalDone("a", "trained", {"loss": 2.0, "tau": 0.8}, 11), EvalDone("a", "raw", {"tau": 0.0}, 11)
    )
    _read_all(later)
    assert later.runs["a"].row().evaluation == {"validation loss": 2.0, "tau": 0.8}, "not the loss of training"
    replayed = Run.open(tmp_path / "a").curves()
    np.testing.assert_array_equal(later.runs["a"].drawn().loss, replayed.loss)


def test_what_is_drawn_is_the_same_object_until_there_is_news(tmp_path: Path) -> None:
    _write(tmp_path / "a", step(1, 2.0))
    run_monitor = RunMonitor(tmp_path)
    _read_all(run_monitor)
    before, row = run_monitor.runs["a"].drawn(), run_monitor.runs["a"].row()
    _read_all(run_monitor)
    assert run_monitor.runs["a"].drawn() is before
    assert run_monitor.runs["a"].row() is row
    _write(tmp_path / "a", EvalDone("a", "trained", {"tau": 0.5}, 1))
    _read_all(run_monitor)
    assert run_monitor.runs["a"].drawn().evaluations == [(1, {"tau": 0.5})]
    assert len(before.evaluations) == 0, "what was handed out stays as it is"


def test_one_look_takes_little_and_many_take_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carl_gui.train.run_monitor._MOST_SECONDS", 0.0)  # one bit of one run a look
    for name in ("long", "short"):
        _write(tmp_path / name, *[step(number, 1.0) for number in range(1, 3000 if name == "long" else 3)])
    run_monitor, lengths = RunMonitor(tmp_path), list[int]()
    run_monitor.poll(set())
    assert sorted(len(run.curves) > 0 for run in run_monitor.runs.values()) == [False, True]
    while run_monitor.is_stale:
        run_monitor.poll(set())
        lengths.append(len(run_monitor.runs["long"].curves))
    assert lengths[-1] == 2999
    assert len(lengths) > 3
    assert len(run_monitor.runs["short"].curves) == 2


def test_what_is_under_way_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carl_gui.train.run_monitor._MOST_SECONDS", 0.0)
    for name in "abc":
        _write(tmp_path / name, step(1, 1.0))
    run_monitor = RunMonitor(tmp_path)
    run_monitor.poll({"c"})
    assert [len(run_monitor.runs[name].curves) for name in "abc"] == [0, 0, 1]
    _write(tmp_path / "c", step(2, 0.5))
    run_monitor.poll({"c"})
    assert len(run_monitor.runs["c"].curves) == 2


@pytest.mark.parametrize(
    ("events", "state", "is_resumable"),
    [
        ([], ("new", ""), True),
        ([Progress("decode", 1, 3, "video", 1.0, 2.0)], ("stopped", NO_STEP_YET), True),
        ([step(1, 1.0)], ("stopped", ""), True),
        ([step(1, 1.0), Finished("stopped", "")], ("stopped", ""), True),
        ([step(1, 1.0), Finished("done", "")], ("done", ""), False),
        ([Failed("No video is left.", False)], ("failed", "No video is left."), True),
        ([step(1, 1.0), Failed("The GPU is full.", False)], ("failed", "The GPU is full."), True),
        ([step(1, 1.0), Failed("The GPU is full.", False), step(2, 0.5), Finished("done", "")], ("done", ""), False),
    ],
)
def test_how_a_run_stands_even_before_it_was_read(
    tmp_path: Path, events: list[Event], state: tuple[str, str], is_resumable: bool
) -> None:
    _write(tmp_path / "a", *events)
    run = FollowedRun(Run.open(tmp_path / "a"))
    assert (run.row().state, run.row().reason) == state, "told by its end, while the rest is still to be read"
    run.read()
    row = run.row()
    assert (row.state, row.reason) == state
    assert row.is_resumable == is_resumable
    assert not row.is_steerable
    for shown in ("waiting", "running", "paused"):
        of_job = run.row(shown)
        assert (of_job.state, of_job.is_steerable, of_job.is_resumable) == (shown, True, False)


def test_a_job_that_died_before_the_run_could_say_so_has_failed_until_it_goes_on(tmp_path: Path) -> None:
    _write(tmp_path / "a", step(1, 1.0))
    run_monitor = RunMonitor(tmp_path)
    _read_all(run_monitor)
    run_monitor.runs["a"].record_failure(Failed("The system killed the job (Killed).", is_bug=False))
    assert _state(run_monitor, "a") == ("failed", "The system killed the job (Killed).")
    assert run_monitor.runs["a"].row().is_resumable
    _write(tmp_path / "a", step(2, 0.5))
    _read_all(run_monitor)
    assert _state(run_monitor, "a") == ("stopped", "")


def test_a_run_that_another_process_trains_is_running_and_hears_us(tmp_path: Path) -> None:
    _write(tmp_path / "a", step(1, 3.0))
    run_monitor = RunMonitor(tmp_path)
    _read_all(run_monitor)
    with _held(tmp_path / "a") as holder:
        _read_all(run_monitor)
        row = run_monitor.runs["a"].row()
        assert (row.state, row.is_steerable, row.is_resumable) == ("running", True, False)
        _let_say(holder, step(2, 2.0))
        run_monitor.poll(set())
        assert run_monitor.runs["a"].row().step == 2
        _let_say(holder, Paused(True))
        run_monitor.poll(set())
        assert _state(run_monitor, "a") == ("paused", "")
        _let_say(holder, Paused(False))
        run_monitor.poll(set())
        assert _state(run_monitor, "a") == ("running", "")
        _let_say(holder, Paused(True))
        _let_say(holder, Finished("stopped", ""))
    _read_all(run_monitor)
    assert _state(run_monitor, "a") == ("stopped", ""), "its last words were read although nobody has it any more"
    _read_all(run_monitor, {"a"})
    assert not run_monitor.runs["a"].is_held, "a run of this window is told of by its job"


def test_a_killed_trainer_leaves_a_stopped_run(tmp_path: Path) -> None:
    _write(tmp_path / "a", step(1, 3.0))
    run_monitor = RunMonitor(tmp_path)
    with _held(tmp_path / "a") as holder:
        _read_all(run_monitor)
        holder.kill()
        holder.wait()
        holder.returncode = 0
        _read_all(run_monitor)
        assert _state(run_monitor, "a") == ("stopped", "")


def test_a_deleted_run_goes_and_another_of_its_name_begins_anew(tmp_path: Path) -> None:
    first = with_values(Config(), {"train.epochs": 7})
    _write(tmp_path / "a", step(1, 3.0), step(2, 2.0), Finished("done", ""), config=first)
    _write(tmp_path / "b", step(1, 3.0))
    run_monitor = RunMonitor(tmp_path)
    _read_all(run_monitor)
    assert run_monitor.runs["a"].settings()["train.epochs"] == 7
    shutil.rmtree(tmp_path / "a")
    run_monitor.poll(set())  # not listed again yet
    run_monitor.runs["a"].row()
    _read_all(run_monitor)
    assert list(run_monitor.runs) == ["b"]
    other = with_values(Config(), {"train.epochs": 70})
    _write(tmp_path / "a", step(1, 9.0), config=other)
    _read_all(run_monitor)
    row = run_monitor.runs["a"].row()
    assert (row.state, row.loss, row.settings["train.epochs"]) == ("stopped", 9.0, 70)
    shutil.rmtree(tmp_path / "a")
    _write(tmp_path / "a", step(1, 1.0), step(2, 8.0), config=first)  # between two listings
    _read_all(run_monitor)
    row = run_monitor.runs["a"].row()
    assert (row.step, row.loss, row.settings["train.epochs"]) == (2, 8.0, 7)


def test_what_is_no_run_is_passed_over_and_no_folder_is_no_runs(tmp_path: Path) -> None:
    run_monitor = RunMonitor(tmp_path / "runs")
    _read_all(run_monitor)
    assert run_monitor.runs == {}
    (tmp_path / "runs" / "notes").mkdir(parents=True)
    (tmp_path / "runs" / "file").touch()
    _read_all(run_monitor)
    assert run_monitor.runs == {}


def test_damaged_settings_hide_neither_the_run_nor_the_others(tmp_path: Path) -> None:
    for name in "ab":
        _write(tmp_path / name, step(1, 3.0), Finished("done", ""))
    (tmp_path / "a" / "config.toml").write_bytes(b"[train\n\xff\xfe epochs = ")
    (tmp_path / "a" / "inputs.json").unlink()
    run_monitor = RunMonitor(tmp_path)
    _read_all(run_monitor)
    row = run_monitor.runs["a"].row()
    assert (row.state, row.loss, row.settings, row.created) == ("done", 3.0, {}, None)
    assert run_monitor.runs["b"].row().settings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.run.Run.config", lambda self: pytest.fail("it is read once, not at every look"))
        assert run_monitor.runs["a"].row().settings == {}


def test_events_that_cannot_be_read_fail_one_run_and_hide_no_other(tmp_path: Path) -> None:
    for name in "ab":
        _write(tmp_path / name, step(1, 3.0))
    (tmp_path / "a" / "events.jsonl").unlink()
    (tmp_path / "a" / "events.jsonl").mkdir()
    run_monitor = RunMonitor(tmp_path)
    _read_all(run_monitor)
    state, reason = _state(run_monitor, "a")
    assert state == "failed"
    assert "events.jsonl" in reason
    assert _state(run_monitor, "b") == ("stopped", "")
    (tmp_path / "a" / "events.jsonl").rmdir()
    _write(tmp_path / "a", step(4, 1.0))
    _read_all(run_monitor)
    assert _state(run_monitor, "a") == ("stopped", "")
    assert run_monitor.runs["a"].row().step == 4


def test_a_half_written_and_a_foreign_line_are_passed_over(tmp_path: Path) -> None:
    run = _write(tmp_path / "a", step(1, 3.0))
    with run.files.events_file.open("a", encoding="utf-8") as file:
        file.write('{"event": "of the future", "x": 1}\nno JSON\n' + encode(step(2, 2.0)) + "\n")
        file.write(encode(step(3, 1.0))[:20])
    run_monitor = RunMonitor(tmp_path)
    _read_all(run_monitor)
    assert run_monitor.runs["a"].row().step == 2


def test_the_log_comes_in_whole_lines_and_only_the_end_of_a_long_one(tmp_path: Path) -> None:
    run = FollowedRun(_write(tmp_path / "a"))
    assert run.new_log_lines() == []
    log = run.run.files.log_file
    log.write_text("one\ntwo\nthr", encoding="utf-8", newline="\n")
    assert run.new_log_lines() == ["one", "two"]
    with log.open("a", encoding="utf-8", newline="\n") as file:
        file.write("ee\n")
    assert run.new_log_lines() == ["three"]
    run.clear_log()
    assert run.new_log_lines() == ["one", "two", "three"]
    log.write_text("x" * 200_000 + "\nlast\n", encoding="utf-8", newline="\n")
    assert run.new_log_lines()[-1] == "last"
    log.write_text("anew\n", encoding="utf-8", newline="\n")
    assert run.new_log_lines() == ["anew"], "a shorter file is another one"


def test_a_folder_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError):
        RunMonitor(tmp_path / "runs").poll(set())


def test_settings_are_read_again_where_their_file_changed(tmp_path: Path) -> None:
    run = FollowedRun(_write(tmp_path / "a", config=with_values(Config(), {"train.epochs": 3})))
    assert run.row().settings["train.epochs"] == 3
    save(with_values(Config(), {"train.epochs": 30}), run.run.files.config_file)
    assert run.row().settings["train.epochs"] == 30, "a resume may train for longer"


def test_a_look_says_whether_anything_is_new(tmp_path: Path) -> None:
    run = _write(tmp_path / "a", step(1, 4.0))
    run_monitor = RunMonitor(tmp_path)

    def look() -> bool:
        return run_monitor.poll(set(), lists=True)

    assert look()
    assert [look(), look()] == [False, False]
    _write(tmp_path / "a", step(2, 3.0))
    assert [look(), look()] == [True, False]
    save(with_values(Config(), {"train.epochs": 7}), run.files.config_file)
    assert [look(), look()] == [True, False]
    _write(tmp_path / "b")
    assert [look(), look()] == [True, False]
    with _held(tmp_path / "a") as holder:
        assert [look(), look()] == [True, False]
        _let_say(holder, step(3, 2.0))
        assert [look(), look()] == [True, False]
        run_monitor.runs["a"].ask("pause")
        assert [look(), look()] == [True, False]
    assert [look(), look()] == [True, False]
    run_monitor.runs["a"].record_failure(Failed("no room", is_bug=False))
    assert [look(), look()] == [True, False]
    shutil.rmtree(tmp_path / "b")
    assert [look(), look()] == [True, False]
