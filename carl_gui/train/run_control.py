"""Pausing, resuming and stopping runs, and deleting their folders."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QFile, QObject
from PySide6.QtGui import QGuiApplication

from carl_gui.app_context import AppContext, reveal
from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.recovery import EMBED, TRAIN
from carl_gui.tasks import Tasks
from carl_gui.train.run_monitor import FollowedRun
from carl_gui.widgets.labels import shown
from core.base.errors import CarlError
from training.queue import QueuedJob


class RunControl(QObject):
    """Sends requests, and says what came of embedding, whoever asked for it. Impossible requests are reported."""

    def __init__(self, app_context: AppContext, orders: JobFactory) -> None:
        super().__init__(app_context.window)
        self._app_context, self._orders = app_context, orders
        self._tasks = Tasks(self, lambda sentence: app_context.warn(shown(sentence)))
        app_context.jobs.follow_kind(EMBED, self._tasks, self._follow_embedding)
        app_context.session.about_to_close.connect(self._tasks.close)

    def ask(self, run: FollowedRun, word: Literal["pause", "resume", "stop"]) -> None:
        """Send through its job where it is one of this window, else through its folder."""
        jobs = self._app_context.jobs
        job = jobs.find(TRAIN, run.name)
        try:
            if job is not None:
                {"pause": jobs.pause, "resume": jobs.resume, "stop": jobs.stop}[word](job)
            elif run.is_held:
                run.ask(word)
        except CarlError as error:
            self._app_context.warn(shown(str(error)))

    def resume(self, name: str) -> None:
        """Enqueue this run again."""
        try:
            self._orders.resume(name)
        except CarlError as error:
            self._app_context.warn(shown(str(error)))

    def embed(self, name: str) -> None:
        """Embed all videos with this run's encoder."""
        try:
            self._orders.embed(name)
        except CarlError as error:
            self._app_context.warn(shown(str(error)))
        else:
            self._app_context.show_status(self.tr("Embedding all videos with {0}.").format(shown(name)))

    def draw_map(self, name: str) -> None:
        """Make the map of what this run has embedded."""
        try:
            self._orders.draw_map(name)
        except CarlError as error:
            self._app_context.warn(shown(str(error)))

    async def _follow_embedding(self, job: QueuedJob) -> None:
        await self._app_context.jobs.watch(job)
        self._app_context.show_status(self.tr("All videos are embedded with {0}.").format(shown(job.order.name)))


class RunFolders(QObject):
    """The folders of the open project's runs, by their names."""

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context

    def reveal(self, name: str) -> None:
        """Show it in the system's file manager."""
        if not reveal(self._folder(name)):
            self._app_context.show_status(
                self.tr("No program is set up to open {0}.").format(shown(str(self._folder(name))))
            )

    def copy_path(self, name: str) -> None:
        """Put its path into the clipboard."""
        QGuiApplication.clipboard().setText(str(self._folder(name)))
        self._app_context.show_status(self.tr("Copied the path of {0}.").format(shown(name)))

    def move_to_bin(self, name: str) -> None:
        """Move it into the system's bin, from which it can be taken back."""
        if not to_bin(self._folder(name)):
            self._app_context.warn(
                self.tr("{0} could not be moved to the bin. Delete the folder {1} yourself.").format(
                    shown(name), shown(str(self._folder(name)))
                )
            )

    def _folder(self, name: str) -> Path:
        return self._app_context.session.require().runs / name


def to_bin(folder: Path) -> bool:
    """Move a folder into the system's bin; False where that fails."""
    return QFile(str(folder)).moveToTrash()
