"""Work of another process is followed and steered from its folder, and goes on when nobody follows it any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.base.control import Control
from core.base.events import Event, Failed, Finished, Notice, Paused
from core.base.followed import FollowedFolder, followed
from tests.children import children
from tests.core.command_child import main as child_main
from training.job import Job
from training.queue import JobOrder, JobQueue, read_remembered

ROOT = Path(__file__).parents[2]
CHILD = "tests.core.command_child"
ORDER = JobOrder("embed", "first", (), "left", is_remembered=True)


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    """A child that was let go by whoever started it."""
    monkeypatch.chdir(ROOT)
    job = Job.start((CHILD, "--do", "chatter", "--followed-in", str(tmp_path / "here")))
    assert next(job.follow()) == Notice("ready")
    job.detach()
    yield job
    job.kill()
    job.wait(60)
    assert children() == []


def _until(queue: JobQueue, holds: Callable[[list[Event]], bool]) -> list[Event]:
    said: list[Event] = []
    deadline = time.monotonic() + 60
    while not holds(said):
        assert time.monotonic() < deadline, said
        said += [event for _, event in queue.poll() if event != Notice("still here")]
    return said


def test_it_is_followed_from_its_first_word_paused_resumed_and_stopped(left: Job, tmp_path: Path) -> None:
    queue = JobQueue(tmp_path / "jobs.json")
    job = queue.follow(ORDER, tmp_path / "here")
    assert (job.is_left, job.state, read_remembered(tmp_path / "jobs.json")) == (True, "running", [])
    _until(queue, lambda said: Notice("ready") in said)
    queue.pause(job)
    _until(queue, lambda said: said == [Paused(True)])
    assert job.state == "paused"
    queue.resume(job)
    _until(queue, lambda said: said == [Paused(False)])
    queue.stop(job)
    _until(queue, lambda said: said == [Finished("stopped", "")])
    assert queue.jobs == ()
    assert left.wait(60) == 0


def test_whoever_follows_it_leaves_it_running(left: Job, tmp_path: Path) -> None:
    for forget in (JobQueue.clear_left, JobQueue.detach, JobQueue.close):
        queue = JobQueue()
        queue.follow(ORDER, tmp_path / "here")
        _until(queue, lambda said: Notice("ready") in said)
        forget(queue)
        assert queue.jobs == ()
    assert left.returncode is None
    assert FollowedFolder(tmp_path / "here").is_running()


def test_one_that_dies_without_a_word_is_said_to_have_broken_off(left: Job, tmp_path: Path) -> None:
    queue = JobQueue()
    queue.follow(ORDER, tmp_path / "here")
    left.kill()
    said = _until(queue, lambda said: bool(said) and isinstance(said[-1], Failed))
    assert "broke off" in said[-1].message  # type: ignore[union-attr]
    assert not FollowedFolder(tmp_path / "here").is_running()


def test_the_same_work_is_not_done_twice_at_once(
    left: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("core.base.followed._LOCK_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("sys.argv", ["child", "--do", "finish", "--followed-in", str(tmp_path / "here")])
    assert child_main() == 2
    assert "Another process does the same work" in capfd.readouterr().err
    assert FollowedFolder(tmp_path / "here").is_running()


def test_how_it_ended_is_the_last_word_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training.tail import newest_first

    folder = FollowedFolder(tmp_path / "here")
    for do, last in (
        ("finish", Finished("done", "out")),
        ("mistake", Failed("train.epochs = 0 is too few: give 1 or more.", is_bug=False)),
        ("bug", Failed("RuntimeError: a bug of ours", is_bug=True)),
    ):
        monkeypatch.setattr("sys.argv", ["child", "--do", do, "--followed-in", str(tmp_path / "here")])
        folder.folder.mkdir(exist_ok=True)
        folder.control_file.write_text("stop", encoding="utf-8")
        child_main()
        assert next(newest_first(folder.events_file)) == last
        assert not folder.is_running()
        assert not folder.control_file.exists(), "what was asked of the work before it is not obeyed"


def test_its_last_word_may_be_read_before_it_is_gone(tmp_path: Path) -> None:
    told: list[Event] = []
    queue = JobQueue()
    with followed(tmp_path / "here", told.append, Control()) as tell:
        queue.follow(ORDER, tmp_path / "here")
        tell(Notice("works"))
        tell(Finished("done", "out"))
        assert [event for _, event in queue.poll()] == [Notice("works")], "its device is not free yet"
    assert _until(queue, bool) == [Finished("done", "out")]
    assert queue.jobs == ()
