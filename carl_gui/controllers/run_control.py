"""Control of runs: pause, resume, stop, embed all videos, whichever process trains them."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject

from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.job_factory import JobFactory
from carl_gui.controllers.job_recovery import EMBED, TRAIN
from carl_gui.panels.elided import shown
from carl_gui.run_monitor import FollowedRun
from carl_gui.tasks import Tasks
from core.base.errors import CarlError
from training.queue import QueuedJob


class RunControl(QObject):
    """Sends requests, and says what came of embedding, whoever asked for it. Impossible requests are reported."""

    def __init__(self, workshop: AppContext, orders: JobFactory) -> None:
        super().__init__(workshop.window)
        self._workshop, self._orders = workshop, orders
        self._tasks = Tasks(self, lambda sentence: workshop.warn(shown(sentence)))
        workshop.jobs.attend(EMBED, self._tasks, self._follow_embedding)
        workshop.session.about_to_close.connect(self._tasks.close)

    def ask(self, run: FollowedRun, word: Literal["pause", "resume", "stop"]) -> None:
        """Through its job where it is one of this window, else through its folder."""
        jobs = self._workshop.jobs
        job = jobs.find(TRAIN, run.name)
        try:
            if job is not None:
                {"pause": jobs.pause, "resume": jobs.go_on, "stop": jobs.stop}[word](job)
            elif run.is_held:
                run.ask(word)
        except CarlError as error:
            self._workshop.warn(shown(str(error)))

    def resume(self, name: str) -> None:
        """Line this run up again."""
        try:
            self._orders.resume(name)
        except CarlError as error:
            self._workshop.warn(shown(str(error)))

    def embed(self, name: str) -> None:
        """Embed all videos with this run's encoder."""
        try:
            self._orders.embed(name)
        except CarlError as error:
            self._workshop.warn(shown(str(error)))
        else:
            self._workshop.tell(self.tr("Embedding all videos with {0}.").format(shown(name)))

    def draw_map(self, name: str) -> None:
        """Make the map of what this run has embedded."""
        try:
            self._orders.draw_map(name)
        except CarlError as error:
            self._workshop.warn(shown(str(error)))

    async def _follow_embedding(self, job: QueuedJob) -> None:
        await self._workshop.jobs.watch(job)
        self._workshop.tell(self.tr("All videos are embedded with {0}.").format(shown(job.order.name)))
