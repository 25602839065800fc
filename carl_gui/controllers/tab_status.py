"""The progress of each page, in a few words below its name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.controllers.job_recovery import TRAIN
from carl_gui.jobs import Jobs
from carl_gui.panels.steps import StepBar
from carl_gui.session import Session
from core.learning.run_folder import RunFolder

if TYPE_CHECKING:
    from carl_gui.controllers.library import LibraryController


class TabStatus(QObject):
    """Reads the library and the project's folder."""

    def __init__(self, parent: QObject, steps: StepBar, session: Session, jobs: Jobs) -> None:
        super().__init__(parent)
        self._steps, self._session, self._jobs = steps, session, jobs
        self._library: LibraryController | None = None
        jobs.changed.connect(self.show)
        session.closed.connect(self.show)
        session.changes_of("spans").connect(lambda changes: self._show_labels())

    def follow(self, library: LibraryController) -> None:
        """The library is there from now on."""
        self._library = library
        library.changed.connect(self.show)
        library.badges_changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Say what is known now."""
        project, library = self._session.project, self._library
        notes = dict.fromkeys(self._steps.ids, "")
        if project is not None and library is not None:
            number = len(self._session.videos)
            embedded = sum(badge.embedded for badge in library.badges.values())
            notes |= {
                "videos": self._some(self.tr("%n video(s)", "", number), number),
                "train": self._of_runs(project.runs),
                "explore": self._some(self.tr("%n embedded", "", embedded), embedded),
                "label": self._of_labels(),
            }
        for step_id in self._steps.ids:
            self._steps.set_note(step_id, notes[step_id])

    def _show_labels(self) -> None:
        self._steps.set_note("label", self._of_labels())

    def _of_labels(self) -> str:
        videos = self._session.videos.values()
        labelled = sum(video.num_frames_by_hand > 0 for video in videos)
        predicted = sum(video.num_spans > 0 for video in videos) - labelled
        return self._some(self.tr("%n labelled", "", labelled), labelled) or self._some(
            self.tr("%n predicted", "", predicted), predicted
        )

    def _of_runs(self, runs: Path) -> str:
        if any(job.order.kind == TRAIN and job.state != "waiting" for job in self._jobs.jobs):
            return self.tr("training")
        number = sum(map(RunFolder.is_run, _entries(runs)))
        return self._some(self.tr("%n run(s)", "", number), number)

    def _some(self, note: str, number: int) -> str:
        return note if number else ""


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
