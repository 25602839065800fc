"""Search in threads; only the newest request is answered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from carl_gui.models.scene import VideoRange
from carl_gui.models.search_filters import Filters
from carl_gui.models.search_index import SearchIndex, search
from carl_gui.tasks import Tasks, in_thread
from core.embedding.embedded_video import EmbeddedVideo
from core.project.rows import VideoRow
from core.search.quick import QuickSearch

_WORTH_FRAMES = 50_000
"""With fewer, searching all of them is as quick."""
_MOST_BYTES = 2_000_000_000
"""That the quick search may hold in memory."""


class SearchWorker(QObject):
    """The embeddings to search, and the request."""

    answered = Signal(object)
    """`Answer` to what was asked last."""
    refused = Signal(str)
    """What was asked last has no answer: one sentence says why."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._ground: SearchIndex | None = None
        self._tasks = Tasks(self, self.refused.emit)

    @property
    def ground(self) -> SearchIndex | None:
        """None while there is nothing to search in."""
        return self._ground

    def set_index(self, videos: Mapping[int, VideoRow], embedded: Mapping[int, EmbeddedVideo]) -> bool:
        """Search in these from now on; True where they are other embeddings than before: then ask again."""
        before = self._ground
        if before is not None and before.embedded is embedded:
            self._ground = dataclasses.replace(before, videos=videos)
            return False
        self._ground = SearchIndex(videos, embedded)
        self._tasks.cancel("search", "prepare")
        num_frames = sum(map(len, embedded.values()))
        width = next(iter(embedded.values())).embeddings.shape[1] if embedded else 0
        if num_frames >= _WORTH_FRAMES and num_frames * width <= _MOST_BYTES:
            self._tasks.start("prepare", self._prepare(embedded), on_error=lambda sentence: None)
        return True

    def ask(self, passage: VideoRange, filters: Filters) -> None:
        """Search for this; what was asked before and has no answer yet gets none."""
        ground = self._ground
        if ground is None:
            raise RuntimeError("there is nothing to search")
        self._tasks.start("search", self._search(ground, passage, filters))

    def forget(self) -> None:
        """Nothing is asked any more."""
        self._tasks.cancel("search")

    def leave(self) -> None:
        """There is nothing to search in for now."""
        self._tasks.cancel("search", "prepare")
        self._ground = None

    def close(self) -> None:
        """End the threads, and hold nothing."""
        self._tasks.close()
        self._ground = None

    async def _search(self, ground: SearchIndex, passage: VideoRange, filters: Filters) -> None:
        self.answered.emit(await in_thread(lambda control: search(ground, passage, filters, control)))

    async def _prepare(self, embedded: Mapping[int, EmbeddedVideo]) -> None:
        """Make the quick search; until it is there, all frames are searched."""
        quick = await in_thread(lambda control: QuickSearch(list(embedded.values()), control))
        if self._ground is not None:
            self._ground = dataclasses.replace(self._ground, quick=quick)
