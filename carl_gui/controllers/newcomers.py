"""Embed videos added to an open project automatically, if others are embedded."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.job_recovery import EMBED
from carl_gui.controllers.status import IMPORT, SAMPLE
from carl_gui.panels.elided import shown
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.errors import CarlError

if TYPE_CHECKING:
    from carl_gui.controllers.job_factory import JobFactory
    from carl_gui.models.embedding_index import EmbeddingIndex, EmbeddingSource, KnownDigests

_REST_MS = 1500
"""After the last change of the project: an import changes it all the time."""


class Newcomers(QObject):
    """Waits for the end of an import, then queues the newest encoder with which other videos are embedded."""

    def __init__(self, workshop: AppContext) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop
        self._known: set[int] = set()
        """Ids of videos that were there when the project was opened, or that were looked after."""
        self._digests: KnownDigests = {}
        self._tasks = Tasks(self, lambda sentence: workshop.warn(shown(sentence)))
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self._begin)
        session = workshop.session
        session.opened.connect(self._open)
        session.about_to_close.connect(self._close)
        session.changes_of("videos").connect(lambda changes: self._on_new())
        workshop.jobs.ended.connect(lambda *_: self._on_new())

    @functools.cached_property
    def _orders(self) -> JobFactory:
        from carl_gui.controllers.job_factory import JobFactory  # decoders: not before a project is open

        return JobFactory(self._workshop)

    def _open(self) -> None:
        self._known = set(self._workshop.session.videos)

    def _close(self) -> None:
        self._resting.stop()
        self._tasks.close()
        self._known = set()

    def _on_new(self) -> None:
        project = self._workshop.session.project
        if project is not None and not project.read_only and self._workshop.session.videos.keys() - self._known:
            self._resting.start()

    def _begin(self) -> None:
        session = self._workshop.session
        if session.project is None or any(job.order.kind in (IMPORT, SAMPLE) for job in self._workshop.jobs.jobs):
            return  # the end of the import begins it anew
        from carl_gui.models.embedding_index import scan_embeddings

        rows, folder, known = list(session.videos.values()), session.project.folder, self._digests
        self._tasks.start("look", self._look(lambda control: scan_embeddings(folder, rows, known)))

    async def _look(self, work: Callable[[Control], EmbeddingIndex]) -> None:
        found = await in_thread(work)
        videos = self._workshop.session.videos
        new = videos.keys() - self._known
        source = newest_in_use(found)
        self._known |= new
        if source is None or self._workshop.jobs.find(EMBED, source.name) is not None:
            return
        if not any(number in found.usable and videos[number].digest not in source.digests for number in new):
            return
        try:
            self._orders.embed(source.name)
        except CarlError as error:
            self._workshop.warn(shown(str(error)))
        else:
            self._workshop.tell(self.tr("Embedding new videos with {0}.").format(shown(source.name)))


def newest_in_use(found: EmbeddingIndex) -> EmbeddingSource | None:
    """The encoder that was written last, of those that videos are embedded with and that have not changed since."""
    usable = [one for one in found.sources if one.trained_ns and one.digests and not (one.is_outdated or one.problem)]
    return max(usable, key=lambda one: one.trained_ns, default=None)
