"""Add videos: a child process checks and decodes the files; each is added to the project as soon as it is known."""

from __future__ import annotations

import itertools
import json
import secrets
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.status import IMPORT
from carl_gui.numbers import count, videos
from carl_gui.panels.library.import_progress import ImportProgressPanel
from carl_gui.tasks import Tasks, in_thread
from core.base.events import (
    Event,
    Failed,
    Finished,
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

_WRITE_MS = 300
"""Between two writes to the project: each is a transaction on the disk."""
_BACKLOG_MS = 60
"""The same, while more is known than one write takes."""
_MOST_NOTICES = 4
_MOST_AT_ONCE = 50
"""Videos of one write: the window must not be held up."""


@dataclass
class _Import:
    """One import: files and folders that were added together."""

    given: Sequence[Path]
    intake: Intake
    paths: list[Path] = field(default_factory=list)
    list_file: Path | None = None
    job: QueuedJob | None = None
    step: StepRow | None = None
    """Of the history: all that comes in is one step."""
    num_taken: int = 0
    notices: list[str] = field(default_factory=list)
    """Sentences that are said at the end."""
    ending: Finished | Failed | None = None
    """Of the job; what it said last may still have to be written."""


class ImportController(QObject):
    """One import at a time; others wait. A read-only project accepts none."""

    def __init__(self, workshop: AppContext, panel: ImportProgressPanel) -> None:
        super().__init__(panel)
        self._workshop, self._panel = workshop, panel
        self._waiting: deque[_Import] = deque()
        self._going: _Import | None = None
        self._ids: dict[str, int] = {}
        """Video ids by digest."""
        self._tasks = Tasks(self, self._refuse)
        self._writing = QTimer(self, interval=_WRITE_MS)
        self._writing.timeout.connect(self.write)
        workshop.jobs.told.connect(self._on_job_event)
        workshop.jobs.ended.connect(self._on_job_finished)
        panel.cancel_requested.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        return self._going is not None

    def begin(self, given: Sequence[Path], action: str = "", splits: Mapping[str, str] | None = None) -> None:
        """Take in these files and all videos in these folders; a read-only project takes nothing, and says why.

        Args:
            action: what they show; empty: unknown.
            splits: by file name, what each is for.
        """
        project = self._workshop.session.require()
        if project.read_only:
            self._workshop.warn(project.read_only)
            return
        self._waiting.append(_Import(list(given), Intake(project.folder, action, splits or {})))
        self._next()

    def set_ids(self, ids: Mapping[str, int]) -> None:
        """Set which video of the project has which digest."""
        self._ids = dict(ids)

    def add_ids(self, ids: Mapping[str, int]) -> None:
        """Of videos that came into the project."""
        self._ids.update(ids)

    def cancel(self) -> None:
        """Stop; what was taken in stays, and what was decoded too."""
        self._waiting.clear()
        if self._going is None:
            return
        if self._going.job is not None:
            self._workshop.jobs.stop(self._going.job)
        else:  # what lies in the folders is still being found out: that ends unheard
            self._tasks.cancel("find")
            self._end("")

    def close(self) -> None:
        """Write what is known, and forget the rest."""
        self._waiting.clear()
        self._tasks.close()
        if self._going is not None:
            self._write_all(self._going)
            self._end("")
        self._panel.hide()

    def _next(self) -> None:
        if self._going is None and self._waiting:
            self._going = self._waiting.popleft()
            self._tasks.start("find", self._start(self._going))

    async def _start(self, going: _Import) -> None:
        paths, going.notices = await in_thread(lambda control: _found(going.given))
        going.paths = paths = [path.absolute() for path in paths]  # as the child tells of them
        going.list_file = _list_of(paths)
        self._panel.begin(paths)
        name = paths[0].name if len(paths) == 1 else videos(len(paths))
        going.job = self._workshop.jobs.submit(JobOrder(IMPORT, name, ("core.decode", str(going.list_file)), "import"))
        self._writing.start(_WRITE_MS)

    def _refuse(self, sentence: str) -> None:
        if self._going is not None:
            self._going = None
            self._workshop.warn(sentence)
            self._next()

    def _on_job_event(self, job: QueuedJob, event: Event) -> None:
        going = self._going
        if going is None or job is not going.job:
            return
        going.intake.hear(event)
        match event:
            case Progress(_, done, total, unit, rate, eta_seconds):
                self._panel.set_overall(done, total, unit, rate, eta_seconds)
            case Notice(message):
                going.notices.append(message)
            case VideoChecked(path):
                self._panel.set_file(Path(path), "checking")
            case VideoProgress(path, done, total):
                self._panel.set_file(Path(path), "decoding", done, total)
            case VideoDecoded():
                self._panel.set_file(Path(event.path), "done")
            case VideoRefused(path, message):
                self._panel.set_file(Path(path), "failed", sentence=message)

    def _on_job_finished(self, job: QueuedJob, ending: Finished | Failed) -> None:
        if self._going is not None and job is self._going.job:
            self._going.ending = ending
            self.write()

    def _conclude(self, going: _Import, ending: Finished | Failed) -> None:
        """All that it said is written."""
        taken, refused = going.num_taken, len(going.intake.refused)
        parts = [self.tr("Added {0} of %n video(s).", "", len(going.paths)).format(count(taken))]
        known = len(going.intake.digests) - taken
        if known > 0:
            parts.append(self.tr("%n (was|were) already in the project.", "", known))
        if refused:
            parts.append(self.tr("%n failed.", "", refused))
        if isinstance(ending, Failed) and not refused:
            parts.append(ending.message)
        elif isinstance(ending, Finished) and ending.reason == "stopped":
            parts.append(self.tr("Stopped early; you can add the rest at any time."))
        self._end(" ".join(parts + going.notices[:_MOST_NOTICES]))
        self._next()

    def write(self) -> None:
        """Bring into the project what is known by now, or as much of it as does not hold up the window."""
        going = self._going
        if going is None or self._workshop.session.project is None:
            return
        self._write_some(going)
        if self._is_behind(going):
            self._writing.start(_BACKLOG_MS)
        elif going.ending is not None:
            self._conclude(going, going.ending)
        else:
            self._writing.start(_WRITE_MS)

    def _is_behind(self, going: _Import) -> bool:
        return bool(going.intake.new) or any(digest in self._ids for digest in going.intake.facts)

    def _write_some(self, going: _Import) -> None:
        new, told = going.intake.new, going.intake.facts
        if new:
            self._on_in(going, [new.popleft() for _ in range(min(len(new), _MOST_AT_ONCE))])
            return
        known = itertools.islice((digest for digest in told if digest in self._ids), _MOST_AT_ONCE)
        if facts := {self._ids[digest]: told.pop(digest) for digest in list(known)}:
            self._workshop.session.keep_facts(facts)

    def _write_all(self, going: _Import) -> None:
        while self._workshop.session.project is not None and self._is_behind(going):
            self._write_some(going)

    def _on_in(self, going: _Import, checked: Sequence[VideoChecked]) -> None:
        session = self._workshop.session
        new = {one.digest for one in checked if one.digest not in self._ids}
        num_taken = going.num_taken + len(new)
        if session.do(going.intake.edit(checked, num_taken), joins=going.step):
            going.num_taken = num_taken
            if new:
                going.step = session.require().next_undo()

    def _end(self, sentence: str) -> None:
        going, self._going = self._going, None
        self._writing.stop()
        if going is not None and going.list_file is not None:
            going.list_file.unlink(missing_ok=True)
        if sentence:
            self._panel.set_ended(sentence)


def _found(given: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The videos that are meant, and what is to be said of the rest. ConfigError: as `find_videos`."""
    said: list[str] = []
    return find_videos(given, lambda event: said.append(event.message) if isinstance(event, Notice) else None), said


def _list_of(paths: Sequence[Path]) -> Path:
    """A file that names these videos. Raises StorageError: the disk is full."""
    file = Path(tempfile.gettempdir(), f"carl-import-{secrets.token_hex(8)}.json")
    write_text(file, json.dumps({"videos": [str(path) for path in paths]}))
    return file
