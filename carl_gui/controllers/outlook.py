"""Estimate the cost of training in a child process once the project has videos and nothing else is running."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.jobs import Jobs
from carl_gui.models.outlook import Outlook
from carl_gui.outlook import OutlookQuestion
from carl_gui.session import Session
from core.base.events import Event, RecipeMeasured, RecipeSuggested
from core.base.files import cache_folder
from core.base.sample_files import is_sample
from core.project.places import candidates
from core.project.rows import VideoRow

_REST_MS = 300
"""After the last change: an import changes the project all the time."""
_MOST_ASKED = 24
"""Videos that are looked at."""
_MOST_OF_SAMPLE = 100
"""Videos; nobody draws more."""
_WEIGHTS = "resnet50-0676ba61.pth"
"""torchvision's file of the image network of the recipe `frozen`, known without torch; a test compares."""


class OutlookController(QObject):
    """Nothing is started before `begin`; waits while jobs are running, which the child would slow down."""

    changed = Signal()

    def __init__(self, session: Session, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._may_ask = self._is_ready = False
        self._asked: frozenset[str] = frozenset()
        """Digests of the videos that the answer is about, or will be."""
        self._is_cut_off = False
        """Whether a job ended the question before it was answered."""
        self.outlook = Outlook()
        self._question = OutlookQuestion(self)
        self._question.told.connect(self._on_job_event)
        self._question.ended.connect(self._end)
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self._look)
        session.opened.connect(self._forget)
        session.about_to_close.connect(self.stop)
        session.changes_of("videos").connect(lambda changes: self._resting.start())
        jobs.changed.connect(self._resting.start)

    def begin(self) -> None:
        """Ask from now on, once `go_on` says that nothing else is being found out."""
        self._may_ask = True
        self._set(dataclasses.replace(self.outlook, is_asking=self._session.project is not None))

    def go_on(self) -> None:
        """The device is known: the next question is this one."""
        self._is_ready = True
        self._resting.start()

    def stop(self) -> None:
        """Want no answer; the child is gone when this returns."""
        self._resting.stop()
        self._question.stop()
        self._asked, self._is_cut_off = frozenset(), False

    def _forget(self) -> None:
        self._question.stop()
        self._asked, self._is_cut_off = frozenset(), False
        self._set(self._known_at_once())
        self._resting.start()

    def _known_at_once(self) -> Outlook:
        has_weights = (cache_folder("weights") / _WEIGHTS).is_file()
        return Outlook(self._may_ask, self._is_sample(), {}, "", "", has_weights)

    def _is_sample(self) -> bool:
        project = self._session.project
        rows = list(self._session.videos.values()) if project is not None else []
        if project is None or not 0 < len(rows) <= _MOST_OF_SAMPLE:  # paths of thousands take long to make
            return False
        return is_sample([candidates(row, project.folder)[0] for row in rows])

    def _look(self) -> None:
        project = self._session.project
        if project is None:
            return
        usable = [row for row in self._session.videos.values() if row.num_frames and not row.problem]
        digests = frozenset(row.digest for row in usable)
        if self.outlook.is_sample != (is_drawn := self._is_sample()):
            self._set(dataclasses.replace(self.outlook, is_sample=is_drawn))
        if not (self._may_ask and self._is_ready and usable):
            return
        if self._jobs.jobs:
            if self._question.is_running:  # it would slow the job down, and is asked again after it
                self._question.stop()
                self._is_cut_off = True
                if self.outlook.suggested:
                    self._set(dataclasses.replace(self.outlook, is_asking=False))
            return
        if not self._is_cut_off and self._is_answered(digests):
            return
        is_half_known = self._is_cut_off and bool(self.outlook.suggested) and self._is_answered(digests)
        known = self.outlook if is_half_known else self._known_at_once()
        self._asked, self._is_cut_off = digests, False
        self._set(dataclasses.replace(known, is_asking=True, measured=self.outlook.measured))
        self._question.ask(self._files(usable, project.folder))

    def _is_answered(self, digests: frozenset[str]) -> bool:
        """Some videos more change nothing: speed is that of the device, and what is seen changes little."""
        return bool(self._asked) and len(self._asked & digests) >= 0.75 * len(self._asked | digests)

    @staticmethod
    def _files(rows: Sequence[VideoRow], folder: Path) -> list[Path]:
        step = max(1, -(-len(rows) // _MOST_ASKED))
        files = [candidates(row, folder)[0] for row in rows[::step]]
        return [file for file in files if file.exists()] or files[:1]

    def _on_job_event(self, event: Event) -> None:
        match event:
            case RecipeMeasured(recipe):
                known = {**self.outlook.measured, recipe: event}
                self._set(dataclasses.replace(self.outlook, measured=known))
            case RecipeSuggested(recipe, reason):
                self._set(dataclasses.replace(self.outlook, suggested=recipe, reason=reason))

    def _end(self) -> None:
        self._set(dataclasses.replace(self.outlook, is_asking=False))

    def _set(self, outlook: Outlook) -> None:
        if outlook != self.outlook:
            self.outlook = outlook
            self.changed.emit()
