"""A queue of jobs: one at a time on each device. Waiting and running jobs are remembered on disk.

A window that dies takes its jobs with it (they save and stop). The file says which they were, so that the next window
can offer them again; it holds names, never commands, since it may come from somebody else.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.base.errors import StorageError
from core.base.events import Event, Failed, Finished, Paused
from core.base.files import write_text
from training.job import Job
from training.left_job import LeftJob

_KILLED = Finished("stopped", "")
"""The last words of a process that was ended."""

State = Literal["waiting", "running", "pausing", "paused", "stopping", "ended"]


@dataclass(frozen=True)
class JobOrder:
    """A job to run."""

    kind: str
    """Such as `train` or `embed`."""
    name: str
    """What it is about, as a person knows it: a run's name."""
    command: tuple[str, ...]
    """The module of `core` and its arguments."""
    device: str
    """Jobs of one device run one after the other."""
    log: Path | None = None
    """A file to which the child's stderr is added."""
    is_remembered: bool = False
    """Whether it is offered again where the window dies."""


@dataclass(eq=False)
class QueuedJob:
    """One job of a queue: waiting, running or ended."""

    number: int
    order: JobOrder
    state: State = "waiting"
    ending: Finished | Failed | None = None
    """How it ended; None before."""
    last_words: Finished | Failed | None = field(default=None, repr=False)
    """What its process said last: it is about to be gone."""
    process: Job | LeftJob | None = field(default=None, repr=False)
    """None where it has none: before it starts, and in a pause that came before its process had said anything."""
    begins_anew: bool = field(default=False, repr=False)
    """Whether its process was ended for a pause, before it had said anything, and another is to follow."""

    @property
    def is_left(self) -> bool:
        """Whether it goes on without this process, which only follows it."""
        return isinstance(self.process, LeftJob)

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state != "ended"


class JobQueue:
    """All jobs of a window. Used by one thread, which calls `poll` periodically; only `close` blocks."""

    def __init__(self, memory: Path | None = None, start: Callable[[JobOrder], Job] | None = None) -> None:
        """
        Args:
            memory: the file that remembers what was going; None: nothing is remembered.
            start: how a job is started; None: as `python -m COMMAND`.
        """
        self._memory = memory
        self._start = start or (lambda order: Job.start(order.command, log=order.log))
        self._numbers = itertools.count(1)
        self._jobs: list[QueuedJob] = []

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """Those that wait or run, in the order in which they came."""
        return tuple(self._jobs)

    def submit(self, order: JobOrder) -> QueuedJob:
        """Enqueue the job; the next `poll` starts what can start."""
        job = QueuedJob(next(self._numbers), order)
        self._jobs.append(job)
        self._remember()
        return job

    def follow(self, order: JobOrder, folder: Path) -> QueuedJob:
        """Take in work that goes on without this process, in the folder of its `--followed-in`."""
        job = QueuedJob(next(self._numbers), order, "running", process=LeftJob(folder))
        self._jobs.append(job)
        return job

    def clear_left(self) -> None:
        """Forget what goes on without this process."""
        self._jobs = [job for job in self._jobs if not job.is_left]

    def poll(self) -> list[tuple[QueuedJob, Event]]:
        """Start what can start; returns what running jobs said since the last call, in order.

        The last of a job is its ending; by then its process is gone, and its device free.
        """
        found = list(self._start_waiting())
        for job in list(self._jobs):
            if job.process is None:
                continue
            has_ended = job.process.returncode is not None  # asked first: then nothing is said after `poll`
            for event in job.process.poll():
                if isinstance(event, Finished | Failed):
                    job.last_words = event
                    continue
                found.append((job, event))
                if isinstance(event, Paused) and job.state != "stopping":
                    job.state = "paused" if event.paused else "running"
            if has_ended and job.begins_anew and job.state != "stopping" and job.last_words == _KILLED:
                found += self._put_back(job)
            elif has_ended and job.last_words:
                self._finish(job, job.last_words)
                found.append((job, job.last_words))
        return found

    def pause(self, job: QueuedJob) -> None:
        """Request a running job to pause: it is `pausing` until `Paused` follows.

        One that has not said anything yet has done nothing yet: its process ends, and another begins when it resumes.

        Raises:
            StorageError: it goes on without this process, in a folder that cannot be written. So do `go_on` and `stop`.
        """
        if job.process is not None and job.state == "running":
            job.begins_anew = not job.process.has_spoken
            if job.begins_anew:
                job.process.kill()
            else:
                job.process.pause()
            job.state = "pausing"

    def resume(self, job: QueuedJob) -> None:
        """Resume a job that is paused or pausing."""
        if job.process is None and job.state == "paused":
            job.state = "waiting"
        elif job.process is not None:
            job.process.resume()
            if job.state == "pausing":  # it may never have come to wait, and then says nothing
                job.state = "running"

    def stop(self, job: QueuedJob) -> None:
        """Request a running job to save and stop; a waiting one leaves the queue at once.

        One that has not said anything yet has nothing to save, and hears nothing while it loads: it is ended.
        """
        if job.process is None:
            self._finish(job, Finished("stopped", ""))
        elif job.is_active:
            job.process.stop()
            job.state = "stopping"
            if not job.process.has_spoken:
                job.process.kill()

    def detach(self) -> None:
        """Keep running jobs alive without this process, and forget waiting ones."""
        for job in self._jobs:
            if job.process is not None:
                job.process.detach()
        self._jobs.clear()
        self._remember()

    def close(self, grace_seconds: float = 10.0) -> None:
        """Request all jobs to save and stop, and wait for them. They will not be offered again.

        What goes on without this process is left alone.
        """
        self.clear_left()
        for job in list(self._jobs):
            self.stop(job)
        for job in [job for job in self._jobs if job.process is not None]:
            assert job.process is not None
            job.process.close(grace_seconds)
        self._jobs.clear()
        self._remember()

    def _start_waiting(self) -> Iterator[tuple[QueuedJob, Event]]:
        taken = {job.order.device for job in self._jobs if job.process is not None or job.state == "paused"}
        for job in list(self._jobs):
            if job.state == "waiting" and job.order.device not in taken:
                taken.add(job.order.device)
                try:
                    job.process = self._start(job.order)
                    job.state = "running"
                    if job.begins_anew:
                        job.begins_anew = False
                        yield job, Paused(False)
                except OSError as error:
                    failed = Failed(f"{job.order.name} could not be started ({error}). Try again.", is_bug=False)
                    self._finish(job, failed)
                    yield job, failed

    def _put_back(self, job: QueuedJob) -> Iterator[tuple[QueuedJob, Event]]:
        """Put a job back whose process is gone: it is paused, or lines up again where it was asked to go on
        meanwhile."""
        is_paused = job.state == "pausing"
        job.process, job.last_words, job.state = None, None, "paused" if is_paused else "waiting"
        if is_paused:
            yield job, Paused(True)
        else:
            job.begins_anew = False

    def _finish(self, job: QueuedJob, ending: Finished | Failed) -> None:
        job.state, job.ending = "ended", ending
        if job in self._jobs:
            self._jobs.remove(job)
        self._remember()

    def _remember(self) -> None:
        if self._memory is None:
            return
        kept = [{"kind": job.order.kind, "name": job.order.name} for job in self._jobs if _is_kept(job)]
        if kept:
            write_text(self._memory, json.dumps({"jobs": kept}, indent=1))
        else:
            self._memory.unlink(missing_ok=True)


def _is_kept(job: QueuedJob) -> bool:
    """Return whether it goes with this process, and is to be offered again."""
    return job.order.is_remembered and not job.is_left


@dataclass(frozen=True)
class Remembered:
    """A job that was waiting or running when its window crashed."""

    kind: str
    name: str


def read_remembered(memory: Path) -> Sequence[Remembered]:
    """Return the jobs remembered by the file of a crashed window; empty if it is missing or damaged."""
    try:
        listed = json.loads(memory.read_text(encoding="utf-8"))["jobs"]
        return [Remembered(*_words(entry)) for entry in listed]
    except (OSError, ValueError, KeyError, TypeError, StorageError):
        return []


def _words(entry: Mapping[str, object]) -> tuple[str, str]:
    kind, name = entry["kind"], entry["name"]
    if not isinstance(kind, str) or not isinstance(name, str):
        raise TypeError(f"not a job: {entry}")
    return kind, name
