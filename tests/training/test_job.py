"""Jobs as child processes: followed, asked, ended; none is left behind, however either side dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.base.events import Event, Failed, Finished, Notice, Paused
from tests.children import children
from training.job import Job

ROOT = Path(__file__).parents[2]
CHILD = "tests.core.command_child"


@pytest.fixture(autouse=True)
def nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(ROOT)
    yield
    assert children() == []
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("job")] == []


def until(events: Iterator[Event], wanted: Event) -> None:
    assert any(event == wanted for event in events)


def test_pause_resume_and_stop(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    with Job.start([CHILD, "--saved", str(saved)]) as job:
        events = job.follow()
        until(events, Notice("ready"))
        assert job.returncode is None
        job.pause()
        until(events, Paused(True))
        job.resume()
        until(events, Paused(False))
        job.stop()
        assert list(events) == [Notice("saving"), Finished("stopped", str(saved))]
        assert job.wait(30) == 0
    assert job.returncode == 0
    assert saved.read_text() == "saved"


def test_nothing_is_lost_or_blocks_when_much_is_said(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("before\n", encoding="utf-8")
    with Job.start([CHILD, "--do", "flood"], log=log) as job:
        assert job.wait(60) == 0  # nobody follows yet
        events = list(job.follow())
    assert events[:-1] == [Notice(f"{number} " + "ü" * 200) for number in range(2000)]
    assert events[-1] == Finished("done", "")
    assert log.read_text(encoding="utf-8") == "before\n" + ("x" * 100 + "\n") * 2000
    assert job.stderr_tail == ("x" * 100 + "\n") * 50


def test_a_mistake_is_told_by_the_child() -> None:
    with Job.start([CHILD, "--do", "mistake"]) as job:
        assert list(job.follow()) == [Failed("train.epochs = 0 is too few: give 1 or more.", is_bug=False)]
        assert job.wait(30) == 2


def test_a_bug_keeps_its_traceback() -> None:
    with Job.start([CHILD, "--do", "bug"]) as job:
        assert list(job.follow()) == [Failed("RuntimeError: a bug of ours", is_bug=True)]
        assert "Traceback" in job.stderr_tail
        assert job.wait(30) == 1


def test_a_module_that_cannot_start_is_told_for_it() -> None:
    with Job.start(["core.no_such_command"]) as job:
        (event,) = job.follow()
    assert isinstance(event, Failed)
    assert event.is_bug
    assert "status 1" in event.message
    assert "No module named core.no_such_command" in event.message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_child_that_the_system_ends_is_told_for_it() -> None:
    with Job.start([CHILD, "--do", "vanish"]) as job:
        (event,) = job.follow()
        assert job.wait(30) == -signal.SIGKILL
    assert isinstance(event, Failed)
    assert not event.is_bug
    assert "memory" in event.message
    assert job.stderr_tail == "last words\n"


def test_kill_ends_a_child_that_does_not_listen() -> None:
    with Job.start([CHILD, "--do", "deaf"]) as job:
        events = job.follow()
        until(events, Notice("ready"))
        job.stop()
        assert job.wait(0.1) is None
        job.kill()
        assert list(events) == [Finished("stopped", "")]
        assert job.wait(30) not in (None, 0)


def test_close_asks_first_and_kills_later(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    polite = Job.start([CHILD, "--saved", str(saved)])
    until(polite.follow(), Notice("ready"))
    polite.close()
    assert polite.returncode == 0
    assert saved.exists()
    deaf = Job.start([CHILD, "--do", "deaf"])
    until(deaf.follow(), Notice("ready"))
    deaf.close(grace_seconds=0.1)
    assert deaf.returncode not in (None, 0)


def test_words_to_a_job_that_has_ended_are_no_error() -> None:
    job = Job.start([CHILD, "--do", "finish"])
    job.wait(30)
    for act in (job.pause, job.resume, job.stop, job.kill, job.close):
        act()
    assert list(job.follow())[-1] == Finished("done", "out")


PARENT = """
import sys
from training.job import Job
from core.base.events import Notice
job = Job.start(["tests.core.command_child", "--saved", sys.argv[1]])
next(job.follow())
if sys.argv[2] == "paused":
    job.pause()
    for event in job.follow():
        break
print(job.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_parent_that_is_killed_leaves_a_saved_checkpoint_and_no_orphan(tmp_path: Path, state: str) -> None:
    saved = tmp_path / "saved"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(saved), state], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdin
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    _, alive = psutil.wait_procs([child], timeout=30)
    assert alive == []
    assert saved.read_text() == "saved"


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_in_the_parents_terminal_is_the_parents(tmp_path: Path) -> None:
    """The terminal interrupts the parent's whole process group; the child is in a group of its own."""
    with Job.start([CHILD]) as job:
        until(job.follow(), Notice("ready"))
        assert os.getpgid(job.pid) != os.getpgid(0)


def test_a_log_that_cannot_be_opened_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        Job.start([CHILD], log=tmp_path / "missing" / "log.txt")
