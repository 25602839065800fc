"""One job a device, in order; what was going when its window died is remembered, as names and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.base.events import Event, Failed, Finished, Notice, Paused
from tests.children import children
from training.queue import JobOrder, JobQueue, QueuedJob, Remembered, read_remembered

ROOT = Path(__file__).parents[2]
CHILD = "tests.core.command_child"


@pytest.fixture(autouse=True)
def nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(ROOT)
    yield
    assert children() == []


def order(name: str, *words: str, device: str = "cpu", kept: bool = True) -> JobOrder:
    return JobOrder("train", name, (CHILD, *words), device, is_remembered=kept)


class Follower:
    """Polls a queue until something was said."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self.said: list[tuple[QueuedJob, Event]] = []

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, self.said
            self.said += self.queue.poll()

    def heard(self, job: QueuedJob, event: Event) -> bool:
        return (job, event) in self.said

    def of(self, job: QueuedJob) -> list[Event]:
        return [event for one, event in self.said if one is job]


def test_jobs_of_one_device_come_one_after_the_other_and_others_at_once() -> None:
    queue = JobQueue()
    follow = Follower(queue)
    first, second, other = (
        queue.submit(order("first")),
        queue.submit(order("second")),
        queue.submit(order("other", device="cuda")),
    )
    assert [job.state for job in queue.jobs] == ["waiting"] * 3
    follow.until(lambda: follow.heard(first, Notice("ready")) and follow.heard(other, Notice("ready")))
    assert [job.state for job in queue.jobs] == ["running", "waiting", "running"]
    queue.stop(first)
    follow.until(lambda: follow.heard(second, Notice("ready")))
    assert follow.of(first)[-1] == first.ending == Finished("stopped", "")
    assert first.process is not None
    assert first.process.returncode == 0, "its device was given away before its process was gone"
    assert queue.jobs == (second, other)
    queue.close()
    assert queue.jobs == ()


def test_pause_go_on_and_a_waiting_job_that_is_stopped() -> None:
    queue = JobQueue()
    follow = Follower(queue)
    running, waiting = queue.submit(order("running")), queue.submit(order("waiting"))
    follow.until(lambda: follow.heard(running, Notice("ready")))
    queue.pause(running)
    follow.until(lambda: follow.heard(running, Paused(True)))
    assert running.state == "paused"
    queue.resume(running)
    follow.until(lambda: follow.heard(running, Paused(False)))
    assert running.state == "running"
    queue.stop(waiting)
    assert waiting.ending == Finished("stopped", "")
    queue.close()


def test_a_job_that_cannot_start_fails_and_the_next_one_comes() -> None:
    def start(wanted: JobOrder) -> object:
        raise OSError("no more processes")

    queue = JobQueue(start=start)  # type: ignore[arg-type]
    one, two = queue.submit(order("one")), queue.submit(order("two"))
    ends = [queue.poll(), queue.poll()]
    assert [found[0][0] for found in ends] == [one, two]
    assert all(isinstance(found[0][1], Failed) and "no more processes" in found[0][1].message for found in ends)
    assert queue.jobs == ()


def test_a_failure_frees_the_device() -> None:
    queue = JobQueue()
    follow = Follower(queue)
    bad, good = queue.submit(order("bad", "--do", "mistake")), queue.submit(order("good", "--do", "finish"))
    follow.until(lambda: not queue.jobs)
    assert isinstance(bad.ending, Failed)
    assert good.ending == Finished("done", "out")


def test_the_file_remembers_what_goes_and_forgets_what_was_asked_to_end(tmp_path: Path) -> None:
    memory = tmp_path / "jobs.json"
    queue = JobQueue(memory)
    one, two = queue.submit(order("one", "--do", "finish")), queue.submit(order("two"))
    queue.submit(order("not kept", device="disk", kept=False))
    assert read_remembered(memory) == [Remembered("train", "one"), Remembered("train", "two")]
    follow = Follower(queue)
    follow.until(lambda: one.ending is not None)
    assert read_remembered(memory) == [Remembered("train", "two")]
    assert CHILD not in memory.read_text(encoding="utf-8"), "a file that others may have written names no command"
    follow.until(lambda: follow.heard(two, Notice("ready")))
    queue.close()
    assert not memory.exists()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", '{"jobs": 7}', '{"jobs": [{"kind": 1, "name": "x"}]}', "\udcff"]
)
def test_a_damaged_memory_is_no_memory(tmp_path: Path, text: str) -> None:
    memory = tmp_path / "jobs.json"
    memory.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert read_remembered(memory) == []
    assert read_remembered(tmp_path / "none") == []


def test_a_name_of_any_characters_is_remembered(tmp_path: Path) -> None:
    memory = tmp_path / "jobs.json"
    queue = JobQueue(memory)
    job = queue.submit(order('a "b" \U0001f600'))
    assert read_remembered(memory) == [Remembered("train", job.order.name)]
    assert json.loads(memory.read_text(encoding="utf-8"))
    queue.close()


def test_a_pause_that_is_taken_back_before_it_came_about_leaves_the_job_running() -> None:
    queue = JobQueue()
    follow = Follower(queue)
    deaf = queue.submit(order("deaf", "--do", "deaf"))
    follow.until(lambda: follow.heard(deaf, Notice("ready")))
    queue.pause(deaf)
    assert deaf.state == "pausing"
    queue.resume(deaf)
    assert deaf.state == "running"
    queue.close(0.0)


def test_a_job_that_has_not_said_anything_yet_is_stopped_at_once() -> None:
    queue = JobQueue()
    follow = Follower(queue)
    mute = queue.submit(order("mute", "--do", "mute"))
    follow.until(lambda: mute.process is not None)
    queue.stop(mute)
    assert mute.state == "stopping"
    follow.until(lambda: not queue.jobs)
    assert follow.of(mute) == [Finished("stopped", "")]


def test_a_job_that_is_paused_before_it_said_anything_keeps_its_place_and_begins_anew(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path / "jobs.json")
    follow = Follower(queue)
    job, next_one = queue.submit(order("job")), queue.submit(order("next"))
    follow.until(lambda: job.process is not None)
    first = job.process
    assert first is not None
    queue.pause(job)
    assert job.state == "pausing"
    follow.until(lambda: follow.heard(job, Paused(True)))
    assert (job.state, first.returncode is not None, follow.of(job)) == ("paused", True, [Paused(True)])
    follow.said += queue.poll()
    assert next_one.state == "waiting", "its device is not given away"
    assert read_remembered(tmp_path / "jobs.json")[0].name == "job", "a window that dies now offers it again"
    queue.resume(job)
    follow.until(lambda: follow.heard(job, Notice("ready")))
    assert job.process not in (None, first)
    assert (job.state, follow.of(job)) == ("running", [Paused(True), Paused(False), Notice("ready")])
    queue.pause(job)
    follow.until(lambda: follow.of(job)[-1] == Paused(True))
    queue.close()


def test_it_is_stopped_while_it_is_paused_and_the_next_one_comes() -> None:
    queue = JobQueue()
    follow = Follower(queue)
    job, next_one = queue.submit(order("job", "--do", "mute")), queue.submit(order("next"))
    follow.until(lambda: job.process is not None)
    queue.pause(job)
    follow.until(lambda: job.state == "paused")
    queue.stop(job)
    assert job.ending == Finished("stopped", "")
    follow.until(lambda: follow.heard(next_one, Notice("ready")))
    queue.close()


def test_one_that_goes_on_while_it_is_being_ended_begins_anew_and_one_that_is_stopped_does_not() -> None:
    queue = JobQueue()
    follow = Follower(queue)
    goes_on, stops = queue.submit(order("goes on")), queue.submit(order("stops", device="cuda"))
    follow.until(lambda: None not in (goes_on.process, stops.process))
    queue.pause(goes_on)
    queue.pause(stops)
    queue.resume(goes_on)
    queue.stop(stops)
    follow.until(lambda: follow.heard(goes_on, Notice("ready")) and stops.ending is not None)
    assert follow.of(stops) == [Finished("stopped", "")]
    assert follow.of(goes_on) == [Notice("ready")]
    queue.close()
