"""Embed videos added to an open project automatically, if others are embedded."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.app_context import AppContext
from carl_gui.job_control.recovery import EMBED
from carl_gui.job_control.status import IMPORT, SAMPLE
from carl_gui.jobs import JobFailedError
from carl_gui.tasks import Tasks
from carl_gui.widgets.labels import shown
from core.base.control import Stopped
from core.project.changes import Changes

if TYPE_CHECKING:
    from carl_gui.embedding_index import EmbeddingIndex, EmbeddingSource
    from carl_gui.job_control.factory import JobFactory

_REST_SECONDS = 1.5
"""After the last change of the project: an import changes it all the time."""


class NewVideoEmbedder(QObject):
    """Waits for the end of an import, then embeds with the newest encoder with which other videos are embedded."""

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self._known: set[int] = set()
        """Ids of videos that were there when the project was opened, or that were looked after."""
        self._tasks = Tasks(self, lambda sentence: app_context.warn(shown(sentence)))
        session = app_context.session
        session.opened.connect(self._open)
        session.about_to_close.connect(self._close)
        session.changes_of("videos").connect(self._on_changes)

    @functools.cached_property
    def _orders(self) -> JobFactory:
        from carl_gui.job_control.factory import JobFactory  # decoders: not before a project is open

        return JobFactory(self._app_context)

    def _open(self) -> None:
        self._known = set(self._app_context.session.videos)

    def _close(self) -> None:
        self._tasks.close()
        self._known = set()

    def _on_changes(self, changes: Changes) -> None:
        session = self._app_context.session
        if not session.require().read_only and session.videos.keys() - self._known:
            self._tasks.start("embed", self._embed_new())

    async def _embed_new(self) -> None:
        """Embed new videos once the project rests: every change starts this again."""
        await asyncio.sleep(_REST_SECONDS)
        await self._imports_have_ended()
        session = self._app_context.session
        found = await session.embeddings.latest()
        videos = session.videos
        new = videos.keys() - self._known
        source = newest_in_use(found)
        self._known |= new
        if source is None or self._app_context.jobs.find(EMBED, source.name) is not None:
            return
        if any(video_id in found.usable and videos[video_id].digest not in source.digests for video_id in new):
            self._orders.embed(source.name)
            self._app_context.show_status(self.tr("Embedding new videos with {0}.").format(shown(source.name)))

    async def _imports_have_ended(self) -> None:
        jobs = self._app_context.jobs
        while (job := jobs.find(IMPORT) or jobs.find(SAMPLE)) is not None:
            with contextlib.suppress(JobFailedError, Stopped):
                await jobs.watch(job)


def newest_in_use(found: EmbeddingIndex) -> EmbeddingSource | None:
    """Return the newest of the encoders that videos are embedded with and that have not changed since."""
    usable = [one for one in found.sources if one.trained_ns and one.digests and not (one.is_outdated or one.problem)]
    return max(usable, key=lambda one: one.trained_ns, default=None)
