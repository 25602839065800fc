"""The current runs of a project, read incrementally from their folders. Knows no widgets."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from carl_gui.models.runs import RunCurves, RunRow, RunState
from core.base.declaring import Value
from core.base.errors import CarlError
from core.base.events import Event, Failed, Finished, Paused, Progress, StepDone
from core.settings.config import Config, tables
from training.curves import Curves
from training.run import NO_STEP_YET, Run, list_runs

_MOST_SECONDS = 0.012
"""That one poll may take: the window waits for it."""
_LISTED_SECONDS = 1.0
"""Between two looks at which runs there are, and which are being trained by somebody else."""
_LOG_BYTES = 64_000


class FollowedRun:
    """One run, followed from its first event, live or not."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.curves = Curves()
        self.stage: Progress | None = None
        """What it does before its first step; None otherwise."""
        self.is_stale = True
        """Whether there is more to read."""
        self.is_held = False
        """Whether some process trains it."""
        self._has_changed = True
        """Whether its row or its curves may be other than at the last `pop_change`."""
        self._tail = run.tail()
        self._read = (-1, -1)
        """Time and size of the events when they were read last."""
        self._ending: Finished | Failed | None = None
        self._is_paused = False
        self._asked: Literal["pause", "resume", "stop"] | None = None
        """What this window asked of it last through its folder, until it is done."""
        self._error = ""
        """Why it cannot be read, as a sentence; empty where it can."""
        self._first_state: tuple[RunState, str] | None = None
        """Its state when it was first found; None once all its events were read."""
        self._settings: Mapping[str, Value] = {}
        self._settings_read = self._settings_seen = (-1, -1)
        """Time and size of the file that they are from, and of the one that was there at the last poll."""
        self._log_offset = 0
        self._created: datetime | None = None
        self._row: RunRow | None = None
        self._curves: RunCurves | None = None

    @property
    def name(self) -> str:
        return self.run.name

    def read(self) -> bool:
        """Read new events; return whether there were any."""
        before = self._error, self.is_stale
        found = self._read_events()
        self._has_changed |= found or before != (self._error, self.is_stale)
        return found

    def _read_events(self) -> bool:
        self._read = self._events_status()
        try:
            events = self._tail.read()
        except CarlError as error:  # one run that cannot be read hides no other
            self._error, self.is_stale = str(error), False
            return False
        self._error = ""
        if self._tail.restarted:
            self.curves, self._ending, self.stage, self._is_paused = Curves(), None, None, False
            self._created = None
        for event in events:
            self._on_event(event)
        self.is_stale = self._tail.is_stale
        return bool(events) or self._tail.restarted

    def ask(self, word: Literal["pause", "resume", "stop"]) -> None:
        """Ask whoever trains it, through its folder. StorageError: the folder cannot be written."""
        self.run.send(word)
        self._asked, self._has_changed = word, True

    def record_failure(self, failure: Failed) -> None:
        """Record how its job ended, which the run itself may not have been able to write down."""
        self._on_event(failure)
        self._has_changed = True

    def pop_change(self) -> bool:
        """Return whether anything of it changed since the last call."""
        has_changed, self._has_changed = self._has_changed, False
        return has_changed

    def check_folder(self, *, is_held: bool) -> None:
        """Find out whether there is more to read, and whether its settings changed."""
        settings = self._settings_status()
        self._has_changed |= (is_held, settings) != (self.is_held, self._settings_seen)
        self.is_held, self._settings_seen = is_held, settings
        if not self.is_stale and self.has_new_events():
            self.is_stale = self._has_changed = True

    def has_new_events(self) -> bool:
        """Return whether its events are not those that were read, or could not be read and now may."""
        return bool(self._error) or self._events_status() != self._read

    def row(self, state: RunState | None = None) -> RunRow:
        """Return the row to show; `state` is what its job says, None where it has none."""
        latest = self.curves.latest
        shown, reason = (state, "") if state is not None else self._state()
        figures = _figures(self.curves)
        row = RunRow(
            self.name,
            shown,
            reason,
            step=latest.step if latest else 0,
            total_steps=latest.total_steps if latest else 0,
            loss=latest.loss if latest else None,
            created=self.created(),
            settings=self.settings(),
            evaluation=figures[-1][1] if figures else {},
            is_resumable=shown in ("new", "stopped", "failed"),
            is_steerable=state is not None or self.is_held,
        )
        if row != self._row:
            self._row = row
        return self._row

    def created(self) -> datetime | None:
        """Return when it was begun, read once; local time."""
        if self._created is None:
            self._created = self.run.files.created()
        return self._created

    def drawn(self) -> RunCurves:
        """Return its curves; the same object while nothing is new."""
        curves = self.curves
        last = self._curves
        is_same = last is not None and len(last.steps) == len(curves) and last.evaluations == _figures(curves)
        if last is None or not is_same or (len(curves) and last.loss[-1] != curves.loss[-1]):
            self._curves = RunCurves(curves.steps, curves.loss, curves.learning_rate, _figures(curves))
        assert self._curves is not None
        return self._curves

    def new_log_lines(self) -> list[str]:
        """Return the whole lines of its log since the last call; only the end of a long one."""
        try:
            with self.run.files.log_file.open("rb") as file:
                size = file.seek(0, 2)
                self._log_offset = max(self._log_offset if self._log_offset <= size else 0, size - _LOG_BYTES)
                file.seek(self._log_offset)
                chunk = file.read(_LOG_BYTES)
        except OSError:
            return []
        end = chunk.rfind(b"\n") + 1
        self._log_offset += end
        return chunk[:end].decode("utf-8", "replace").splitlines()

    def clear_log(self) -> None:
        """Let the next call of `new_log_lines` begin with the first line."""
        self._log_offset = 0

    def settings(self) -> Mapping[str, Value]:
        """Return its settings by dotted name; none where its file was damaged."""
        read = self._settings_status()
        if read != self._settings_read:
            self._settings_read, self._settings = read, {}
            with contextlib.suppress(CarlError):
                self._settings = _by_name(self.run.config())
        return self._settings

    def _settings_status(self) -> tuple[int, int]:
        """Return time and size of their file; those that were read last where it was deleted."""
        return _status_of(self.run.files.config_file) or self._settings_read

    def _on_event(self, event: Event) -> None:
        self.curves.add(event)
        match event:
            case Progress():
                self.stage, self._ending = event, None
            case StepDone():
                self.stage, self._ending = None, None
            case Paused(paused):
                self._is_paused = paused
                self._asked = None if self._asked == ("pause" if paused else "resume") else self._asked
            case Finished() | Failed():
                self._ending, self.stage, self._is_paused, self._asked = event, None, False, None

    def _state(self) -> tuple[RunState, str]:
        if self._error:
            return "failed", self._error
        if self.is_held:
            return self._held_state(), ""
        if self.is_stale:
            self._first_state = self._first_state or self._read_last_state()
            return self._first_state
        self._first_state = None
        match self._ending:
            case Finished(reason):
                return ("done" if reason == "done" else "stopped"), ""
            case Failed(message):
                return "failed", message
        if len(self.curves):
            return "stopped", ""
        has_begun = self.stage is not None or self.run.files.log_file.exists()
        return ("stopped", NO_STEP_YET) if has_begun else ("new", "")

    def _held_state(self) -> RunState:
        if self._asked == "stop":
            return "stopping"
        if self._is_paused:
            return "paused"
        return "pausing" if self._asked == "pause" else "running"

    def _events_status(self) -> tuple[int, int]:
        return _status_of(self.run.files.events_file) or (-1, -1)

    def _read_last_state(self) -> tuple[RunState, str]:
        """Read its state before all its events were read."""
        try:
            status = self.run.status()
        except CarlError as error:
            return "failed", str(error)
        is_told = status.state == "failed" or status.reason == NO_STEP_YET
        return status.state, status.reason if is_told else ""


class RunMonitor:
    """All runs below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs: dict[str, FollowedRun] = {}
        self._listed = 0.0
        self._under_way: set[str] = set()
        self._names: tuple[str, ...] = ()
        """Of the runs at the last poll."""

    @property
    def runs(self) -> dict[str, FollowedRun]:
        """By name."""
        return self._runs

    @property
    def is_stale(self) -> bool:
        """Whether there is more to read at once."""
        return any(run.is_stale for run in self._runs.values())

    def poll(self, under_way: set[str], *, lists: bool = False) -> bool:
        """Read new events: of the runs that are active, and of those that were not read to their end yet.

        Args:
            under_way: names of runs with a job of this window.
            lists: list at once which runs there are.

        Returns:
            Whether a run came or went, or anything of one changed since the last poll.

        Raises:
            StorageError: the folder cannot be read.
        """
        started = time.monotonic()
        if lists or started - self._listed >= _LISTED_SECONDS or under_way != self._under_way:
            self._list(under_way)
            self._listed, self._under_way = started, under_way
        names = tuple(self._runs)
        has_changed, self._names = names != self._names, names
        active = [run for run in self._runs.values() if run.is_held or run.name in under_way]
        behind = [run for run in self._runs.values() if run.is_stale and run not in active]
        for run in active + behind:
            if run.is_stale or run.has_new_events():
                run.read()
            if time.monotonic() - started > _MOST_SECONDS:
                break
        for run in self._runs.values():
            has_changed |= run.pop_change()
        return has_changed

    def _list(self, under_way: set[str]) -> None:
        found = {run.name: run for run in list_runs(self.folder)}
        self._runs = {name: self._runs.get(name) or FollowedRun(run) for name, run in found.items()}
        for run in self._runs.values():
            run.check_folder(is_held=run.name not in under_way and run.run.files.is_running())


def _status_of(file: Path) -> tuple[int, int] | None:
    """Return time and size; None where it is not there."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _by_name(config: Config) -> dict[str, Value]:
    sections = tables(config)
    return {f"{section}.{name}": value for section, leaves in sections.items() for name, value in leaves.items()}


def _figures(curves: Curves) -> list[tuple[int, Mapping[str, float]]]:
    return [
        (one.step, _rename_validation_loss(one.values)) for one in curves.evaluations if one.representation == "trained"
    ]


def _rename_validation_loss(figures: Mapping[str, float]) -> dict[str, float]:
    """Rename the loss of other videos, which is shown beside that of training."""
    return {f"validation {name}" if name == "loss" else name: value for name, value in figures.items()}
