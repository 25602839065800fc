"""Jobs in the window: what children say comes as signals in its thread, in order, and nobody is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from carl_gui.jobs import Jobs
from carl_gui.tasks import Tasks, finish_tasks
from core.base.control import Stopped
from core.base.events import Event, Failed, Finished, Notice, Paused, Progress, StepDone
from tests.carl_gui.projects import CHILD_MS
from tests.children import children
from training.queue import JobOrder, QueuedJob, read_remembered

ROOT = Path(__file__).parents[2]
CHILD = "tests.core.command_child"


def _order(name: str, *words: str, device: str = "cpu") -> JobOrder:
    return JobOrder("train", name, (CHILD, *words), device, is_remembered=True)


class Follower:
    """What was announced, in order."""

    def __init__(self, jobs: Jobs, qtbot: QtBot) -> None:
        self.jobs, self.qtbot = jobs, qtbot
        self.said: list[tuple[str, Event]] = []
        self.endings: list[tuple[str, Event]] = []
        self.states: list[list[str]] = []
        jobs.event_received.connect(lambda job, event: self.said.append((job.order.name, event)))
        jobs.finished.connect(lambda job, event: self.endings.append((job.order.name, event)))
        jobs.changed.connect(lambda: self.states.append([job.state for job in jobs.jobs]))

    def until(self, name: str, event: Event) -> None:
        self.qtbot.waitUntil(lambda: (name, event) in self.said + self.endings, timeout=CHILD_MS)


@pytest.fixture
def jobs(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.chdir(ROOT)
    made = Jobs()
    yield made
    made.close()
    assert children() == []


@pytest.fixture
def follower(jobs: Jobs, qtbot: QtBot) -> Follower:
    return Follower(jobs, qtbot)


def _looks(jobs: Jobs) -> bool:
    return jobs.findChild(QTimer).isActive()


def test_a_job_is_told_of_from_its_first_word_to_its_end(jobs: Jobs, follower: Follower) -> None:
    assert not _looks(jobs)
    job = jobs.submit(_order("a", "--do", "finish"))
    assert _looks(jobs)
    assert jobs.find("train") is jobs.find("train", "a") is job
    assert jobs.find("train", "b") is jobs.find("embed") is None
    follower.until("a", Finished("done", "out"))
    kinds = [type(event) for _, event in follower.said]
    assert kinds == [Progress] * 3 + [StepDone] * 3
    assert follower.endings == [("a", Finished("done", "out"))], "an ending is no other news"
    assert follower.states[0] == ["waiting"]
    assert follower.states[-1] == []
    assert (job.state, job.ending) == ("ended", Finished("done", "out"))
    assert not _looks(jobs), "nobody looks while there is nothing to see"


def test_pause_go_on_and_stop_are_seen_as_states(jobs: Jobs, follower: Follower) -> None:
    job = jobs.submit(_order("a"))
    follower.until("a", Notice("ready"))
    jobs.pause(job)
    assert job.state == "pausing"
    follower.until("a", Paused(True))
    assert job.state == "paused"
    jobs.resume(job)
    follower.until("a", Paused(False))
    assert job.state == "running"
    jobs.stop(job)
    assert job.state == "stopping"
    follower.until("a", Finished("stopped", ""))
    told = [states for place, states in enumerate(follower.states) if states not in follower.states[:place]]
    assert told == [["waiting"], ["running"], ["pausing"], ["paused"], ["stopping"], []]


def test_one_of_a_device_waits_and_can_be_called_off(jobs: Jobs, follower: Follower) -> None:
    first, second, third = jobs.submit(_order("a")), jobs.submit(_order("b")), jobs.submit(_order("c"))
    follower.until("a", Notice("ready"))
    assert [job.state for job in jobs.jobs] == ["running", "waiting", "waiting"]
    jobs.stop(second)
    assert follower.endings == [("b", Finished("stopped", ""))], "at once"
    jobs.stop(second)
    assert len(follower.endings) == 1, "it ends once"
    jobs.stop(first)
    follower.until("c", Notice("ready"))
    assert jobs.jobs == (third,)
    assert not [name for name, _ in follower.said if name == "b"]


def test_mistakes_crashes_and_what_cannot_start_are_failures(jobs: Jobs, follower: Follower, tmp_path: Path) -> None:
    jobs.submit(_order("mistake", "--do", "mistake"))
    jobs.submit(_order("vanish", "--do", "vanish"))
    jobs.submit(_order("bug", "--do", "bug"))
    unwritable = JobOrder("train", "log", (CHILD,), "cpu", tmp_path / "no such folder" / "log.txt")
    jobs.submit(unwritable)
    follower.qtbot.waitUntil(lambda: len(follower.endings) == 4, timeout=CHILD_MS)
    endings = dict(follower.endings)
    assert all(isinstance(ending, Failed) for ending in endings.values())
    assert endings["mistake"] == Failed("train.epochs = 0 is too few: give 1 or more.", is_bug=False)
    assert endings["bug"].is_bug
    assert "could not be started" in endings["log"].message
    assert jobs.jobs == ()


def test_whoever_hears_of_an_end_may_order_more(jobs: Jobs, follower: Follower) -> None:
    jobs.finished.connect(lambda job, _: jobs.submit(_order("b", "--do", "finish")) if job.order.name == "a" else None)
    jobs.submit(_order("a", "--do", "finish"))
    follower.until("b", Finished("done", "out"))
    assert [name for name, _ in follower.endings] == ["a", "b"]


def test_what_goes_is_remembered_until_it_ended(jobs: Jobs, follower: Follower, tmp_path: Path) -> None:
    memory = tmp_path / "jobs.json"
    jobs.remember_in(memory)
    job = jobs.submit(_order("a"))
    jobs.submit(_order("b"))
    assert [one.name for one in read_remembered(memory)] == ["a", "b"]
    with pytest.raises(RuntimeError):
        jobs.remember_in(None)
    follower.until("a", Notice("ready"))
    jobs.stop(job)
    follower.until("b", Notice("ready"))
    assert [one.name for one in read_remembered(memory)] == ["b"]
    jobs.close()
    assert not memory.exists(), "they were asked to stop: nothing is offered again"


def test_closing_saves_and_announces_nothing_any_more(jobs: Jobs, follower: Follower, tmp_path: Path) -> None:
    jobs.submit(_order("a", "--saved", str(tmp_path / "saved")))
    jobs.submit(_order("b"))
    follower.until("a", Notice("ready"))
    said = len(follower.said)
    jobs.close()
    assert (tmp_path / "saved").read_text(encoding="utf-8") == "saved"
    jobs.poll()
    assert (len(follower.said), follower.endings) == (said, [])
    assert jobs.jobs == ()


def test_detached_jobs_live_on_and_those_that_waited_do_not_begin(
    jobs: Jobs, follower: Follower, tmp_path: Path
) -> None:
    word = tmp_path / "control"
    job = jobs.submit(_order("a", "--watch", str(word)))
    jobs.submit(_order("b"))
    follower.until("a", Notice("ready"))
    process = _process_of(job)
    jobs.detach()
    assert follower.states[-1] == []
    assert not _looks(jobs)
    jobs.close()
    assert process.is_running()
    assert len(children()) == 1
    word.write_text("stop", encoding="utf-8")
    psutil.wait_procs([process], timeout=CHILD_MS / 1000)
    follower.qtbot.waitUntil(lambda: children() == [])


def _process_of(job: QueuedJob) -> psutil.Process:
    assert job.process is not None
    return psutil.Process(job.process.pid)


class Waiting(QObject):
    """Waits for a job in a task."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.heard: list[Event] = []
        self.endings: list[str] = []
        self.tasks = Tasks(self, self.endings.append)
        self._jobs = jobs

    def begin(self, order: JobOrder) -> None:
        self.tasks.start(order.name, self._wait(order))

    async def _wait(self, order: JobOrder) -> None:
        try:
            await self._jobs.run(order, self.heard.append)
            self.endings.append("done")
        except Stopped:
            self.endings.append("stopped by somebody")


def test_a_coroutine_waits_for_a_job_and_hears_what_it_says(jobs: Jobs, qtbot: QtBot) -> None:
    waiting = Waiting(jobs)
    waiting.begin(_order("a", "--do", "finish"))
    qtbot.waitUntil(lambda: waiting.endings == ["done"], timeout=CHILD_MS)
    assert [type(event) for event in waiting.heard] == [Progress] * 3 + [StepDone] * 3
    waiting.begin(_order("b", "--do", "mistake"))
    qtbot.waitUntil(lambda: len(waiting.endings) == 2, timeout=CHILD_MS)
    assert waiting.endings[1] == "train.epochs = 0 is too few: give 1 or more."


def test_who_waits_is_told_of_a_stop_and_a_cancelled_task_stops_its_job(jobs: Jobs, qtbot: QtBot) -> None:
    waiting = Waiting(jobs)
    for name in ("a", "b", "c"):
        waiting.begin(_order(name))
    qtbot.waitUntil(lambda: Notice("ready") in waiting.heard, timeout=CHILD_MS)
    first, second, third = jobs.jobs
    jobs.stop(third)
    qtbot.waitUntil(lambda: waiting.endings == ["stopped by somebody"])
    waiting.tasks.cancel("a", "b")
    qtbot.waitUntil(lambda: jobs.jobs == (), timeout=CHILD_MS)
    assert first.ending == second.ending == Finished("stopped", "")
    finish_tasks()
    assert waiting.endings == ["stopped by somebody"], "nobody asks any more"


def test_a_job_that_was_stopped_before_anybody_waited_has_ended(jobs: Jobs, qtbot: QtBot) -> None:
    waiting = Waiting(jobs)
    job = jobs.submit(_order("a"))
    jobs.stop(job)

    async def wait() -> None:
        with pytest.raises(Stopped):
            await jobs.finish(job)
        waiting.endings.append("stopped")

    waiting.tasks.start("a", wait())
    qtbot.waitUntil(lambda: waiting.endings == ["stopped"])


def test_whoever_waits_waits_no_more_once_the_window_closes(jobs: Jobs, qtbot: QtBot) -> None:
    waiting = Waiting(jobs)
    waiting.begin(_order("a"))
    qtbot.waitUntil(lambda: Notice("ready") in waiting.heard, timeout=CHILD_MS)
    jobs.close()
    finish_tasks()
    assert not waiting.tasks.is_running("a")
    assert not waiting.endings


class Watching(QObject):
    """Follows every job of a kind in a task of its own."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.heard: list[tuple[str, type[Event]]] = []
        self.endings: dict[str, str] = {}
        self.failed: list[str] = []
        self.tasks = Tasks(self, self.failed.append)
        self._jobs = jobs
        jobs.follow_kind("train", self.tasks, self._follow)

    async def _follow(self, job: QueuedJob) -> None:
        name = job.order.name
        try:
            await self._jobs.watch(job, lambda event: self._hear(name, event))
            self.endings[name] = "done"
        except Stopped:
            self.endings[name] = "stopped"

    def _hear(self, name: str, event: Event) -> None:
        self.heard.append((name, type(event)))
        if name == "bug" and isinstance(event, StepDone):
            raise ZeroDivisionError("ours")


def test_every_job_of_a_kind_is_attended_whoever_lined_it_up_and_however_it_ends(jobs: Jobs, qtbot: QtBot) -> None:
    jobs.submit(_order("before", "--do", "finish"))
    watching = Watching(jobs)
    jobs.submit(JobOrder("embed", "another kind", (CHILD, "--do", "finish"), "other"))
    jobs.submit(_order("mistake", "--do", "mistake"))
    jobs.stop(jobs.submit(_order("called off")))
    qtbot.waitUntil(lambda: not jobs.jobs and len(watching.endings) == 2 and bool(watching.failed), timeout=CHILD_MS)
    assert watching.endings == {"before": "done", "called off": "stopped"}
    assert watching.failed == ["train.epochs = 0 is too few: give 1 or more."]
    assert [kind for name, kind in watching.heard if name == "before"] == [Progress] * 3 + [StepDone] * 3
    assert {name for name, _ in watching.heard} <= {"before", "mistake"}


def test_several_may_follow_one_job_and_it_goes_on_without_them(jobs: Jobs, follower: Follower, qtbot: QtBot) -> None:
    first, second = Watching(jobs), Watching(jobs)
    job = jobs.submit(_order("a"))
    follower.until("a", Notice("ready"))
    first.tasks.close()
    qtbot.wait(0)
    assert job.state == "running"
    jobs.stop(job)
    qtbot.waitUntil(lambda: second.endings == {"a": "stopped"}, timeout=CHILD_MS)
    assert first.endings == {}


def test_a_bug_in_whoever_hears_is_told_and_the_others_hear_on(
    jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, traceback: told.append(error))
    watching, waiting = Watching(jobs), Waiting(jobs)
    waiting.begin(_order("bug", "--do", "finish"))
    qtbot.waitUntil(lambda: bool(waiting.endings), timeout=CHILD_MS)
    assert [repr(error) for error in told] == ["ZeroDivisionError('ours')"]
    assert watching.failed == ["A bug in CARL Studio stopped this."]
    assert [name for name, kind in watching.heard if kind is StepDone] == ["bug"], "it hears no more"
    assert waiting.endings == ["done"]
    assert [type(event) for event in waiting.heard] == [Progress] * 3 + [StepDone] * 3


def test_a_bug_in_whoever_waits_for_its_own_job_stops_it(
    jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, traceback: told.append(error))
    waiting = Waiting(jobs)

    def hear(event: Event) -> None:
        raise ZeroDivisionError("ours")

    waiting.tasks.start("a", jobs.run(_order("a"), hear))
    qtbot.waitUntil(lambda: bool(told) and jobs.jobs == (), timeout=CHILD_MS)
    assert waiting.endings == ["A bug in CARL Studio stopped this."]
    assert not waiting.tasks.is_running("a")
