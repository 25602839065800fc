"""Add videos: a child process checks and decodes the files; each is added to the project as soon as it is known."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from carl_gui.app_context import AppContext
from carl_gui.job_control.status import IMPORT
from carl_gui.jobs import JobFailedError
from carl_gui.numbers import count, videos
from carl_gui.tasks import Tasks, in_thread
from carl_gui.videos.imports import ImportProgressPanel
from core.base.control import Stopped
from core.base.events import (
    Event,
    Notice,
    Progress,
    VideoChecked,
    VideoDecoded,
    VideoProgress,
    VideoRefused,
)
from core.base.files import write_text
from core.project.intake import Intake
from core.project.rows import StepRow
from core.video.inputs import find_videos
from training.queue import JobOrder, QueuedJob

_WRITE_SECONDS = 0.3
"""Between two writes to the project: each is a transaction on the disk."""
_BACKLOG_SECONDS = 0.06
"""The same, while more is known than one write takes."""
_MOST_NOTICES = 4
_MOST_AT_ONCE = 50
"""Videos of one write: the window must not be held up."""


@dataclass
class _Import:
    """One import: files and folders that were added together."""

    inputs: Sequence[Path]
    intake: Intake
    job: QueuedJob | None = None
    """None while it is still found out what lies in the folders."""
    step: StepRow | None = None
    """Step of the history: the whole import is one step."""
    num_added: int = 0
    notices: list[str] = field(default_factory=list)
    """Sentences that are said at the end."""


class ImportController(QObject):
    """One import at a time; others wait. A read-only project accepts none."""

    def __init__(self, app_context: AppContext, panel: ImportProgressPanel) -> None:
        super().__init__(panel)
        self._app_context, self._panel = app_context, panel
        self._waiting: deque[_Import] = deque()
        self._current: _Import | None = None
        self._ids: dict[str, int] = {}
        """Video ids by digest."""
        self._tasks = Tasks(self, self._on_error)
        panel.cancel_requested.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        return self._tasks.is_running("import")

    def start(self, inputs: Sequence[Path], action: str = "", splits: Mapping[str, str] | None = None) -> None:
        """Take in these files and all videos in these folders; a read-only project takes nothing, and says why.

        Args:
            action: what they show; empty: unknown.
            splits: by file name, what each is for.
        """
        project = self._app_context.session.require()
        if project.read_only:
            self._app_context.warn(project.read_only)
            return
        self._waiting.append(_Import(list(inputs), Intake(project.folder, action, splits or {})))
        self._start_next()

    def set_ids(self, ids: Mapping[str, int]) -> None:
        """Set which video of the project has which digest."""
        self._ids = dict(ids)

    def add_ids(self, ids: Mapping[str, int]) -> None:
        """Add the ids of new videos of the project, by digest."""
        self._ids.update(ids)

    def cancel(self) -> None:
        """Stop; what was taken in stays, and what was decoded too."""
        self._waiting.clear()
        if self._current is not None and self._current.job is not None:
            self._app_context.jobs.stop(self._current.job)
        else:
            self._clear_current()

    def close(self) -> None:
        """Write what is known, and forget the rest."""
        self._waiting.clear()
        if self._current is not None:
            self._write_all(self._current)
        self._clear_current()
        self._panel.hide()

    def _start_next(self) -> None:
        if not self.is_running and self._waiting:
            self._tasks.start("import", self._import_waiting())

    async def _import_waiting(self) -> None:
        while self._waiting:
            self._current = current = self._waiting.popleft()
            await self._import(current)
            self._current = None

    async def _import(self, current: _Import) -> None:
        paths, current.notices = await in_thread(lambda control: _find_inputs(current.inputs))
        paths = [path.absolute() for path in paths]  # as the child tells of them
        with _list_file(paths) as list_file:
            self._panel.start(paths)
            name = paths[0].name if len(paths) == 1 else videos(len(paths))
            order = JobOrder(IMPORT, name, ("core.decode", str(list_file)), "import")
            current.job = self._app_context.jobs.submit(order)
            self._tasks.start("write", self._write_meanwhile(current))
            error = await self._decode(current, current.job)
        self._tasks.cancel("write")
        while self._has_backlog(current):
            self._write_some(current)
            await asyncio.sleep(_BACKLOG_SECONDS)
        self._panel.set_ended(self._result_text(current, len(paths), error))

    async def _decode(self, current: _Import, job: QueuedJob) -> str:
        """Return why not all was decoded; empty: it was, or the refused files say why."""
        try:
            await self._app_context.jobs.finish(job, partial(self._on_job_event, current))
        except JobFailedError as error:
            return "" if current.intake.refused else str(error)
        except Stopped:
            return self.tr("Stopped early; you can add the rest at any time.")
        return ""

    async def _write_meanwhile(self, current: _Import) -> None:
        """Bring into the project what is known, now and then: as much of it as does not hold up the window."""
        while True:
            self._write_some(current)
            await asyncio.sleep(_BACKLOG_SECONDS if self._has_backlog(current) else _WRITE_SECONDS)

    def _on_error(self, sentence: str) -> None:
        if self._current is not None and self._current.job is not None:
            self._panel.set_ended(sentence)
        self._clear_current()
        self._app_context.warn(sentence)
        self._start_next()

    def _clear_current(self) -> None:
        self._current = None
        self._tasks.cancel("import", "write")

    def _on_job_event(self, current: _Import, event: Event) -> None:
        current.intake.hear(event)
        match event:
            case Progress(_, done, total, unit, rate, eta_seconds):
                self._panel.set_overall(done, total, unit, rate, eta_seconds)
            case Notice(message):
                current.notices.append(message)
            case VideoChecked(path):
                self._panel.set_file(Path(path), "checking")
            case VideoProgress(path, done, total):
                self._panel.set_file(Path(path), "decoding", done, total)
            case VideoDecoded():
                self._panel.set_file(Path(event.path), "done")
            case VideoRefused(path, message):
                self._panel.set_file(Path(path), "failed", sentence=message)

    def _result_text(self, current: _Import, num_inputs: int, error: str) -> str:
        added, refused = current.num_added, len(current.intake.refused)
        parts = [self.tr("Added {0} of %n video(s).", "", num_inputs).format(count(added))]
        known = len(current.intake.digests) - added
        if known > 0:
            parts.append(self.tr("%n (was|were) already in the project.", "", known))
        if refused:
            parts.append(self.tr("%n failed.", "", refused))
        if error:
            parts.append(error)
        return " ".join(parts + current.notices[:_MOST_NOTICES])

    def _has_backlog(self, current: _Import) -> bool:
        return bool(current.intake.new) or any(digest in self._ids for digest in current.intake.facts)

    def _write_some(self, current: _Import) -> None:
        new, facts_by_digest = current.intake.new, current.intake.facts
        if new:
            self._add_to_project(current, [new.popleft() for _ in range(min(len(new), _MOST_AT_ONCE))])
            return
        known = itertools.islice((digest for digest in facts_by_digest if digest in self._ids), _MOST_AT_ONCE)
        if facts := {self._ids[digest]: facts_by_digest.pop(digest) for digest in list(known)}:
            self._app_context.session.keep_facts(facts)

    def _write_all(self, current: _Import) -> None:
        while self._has_backlog(current):
            self._write_some(current)

    def _add_to_project(self, current: _Import, checked: Sequence[VideoChecked]) -> None:
        session = self._app_context.session
        new = {one.digest for one in checked if one.digest not in self._ids}
        num_added = current.num_added + len(new)
        if session.do(current.intake.edit(checked, num_added), joins=current.step):
            current.num_added = num_added
            if new:
                current.step = session.require().next_undo()


def _find_inputs(inputs: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the videos in these files and folders, and notices on the rest. ConfigError: as `find_videos`."""
    notices: list[str] = []
    return find_videos(
        inputs, lambda event: notices.append(event.message) if isinstance(event, Notice) else None
    ), notices


@contextlib.contextmanager
def _list_file(paths: Sequence[Path]) -> Iterator[Path]:
    """Write a temporary file with the paths of these videos. Raises StorageError: the disk is full."""
    file = Path(tempfile.gettempdir(), f"carl-import-{secrets.token_hex(8)}.json")
    write_text(file, json.dumps({"videos": [str(path) for path in paths]}))
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)
