"""Searching in threads: the newest question alone is answered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from carl_gui.errands import Errand
from carl_gui.models.scene import Passage
from carl_gui.models.search_filters import Filters
from carl_gui.models.searching import Answer, Ground, search
from core.control import Control, Stopped
from core.embedded import EmbeddedVideo
from core.project.rows import VideoRow
from core.search.quick import QuickSearch

_WORTH_FRAMES = 50_000
"""With fewer, searching all of them is as quick."""
_MOST_BYTES = 2_000_000_000
"""That the quick search may hold in memory."""


class Answers(QObject):
    """Where it is searched, and what is asked for."""

    answered = Signal(object)
    """`Answer` to what was asked last."""
    refused = Signal(str)
    """What was asked last has no answer: one sentence says why."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._ground: Ground | None = None
        self._asked: tuple[Passage, Filters] | None = None
        self._searching, self._preparing = Errand(self), Errand(self)
        self._searching.done.connect(self._take)
        self._searching.failed.connect(self._refuse)
        self._preparing.done.connect(self._take_quick)

    @property
    def ground(self) -> Ground | None:
        """None while there is nothing to search in."""
        return self._ground

    def set_ground(self, videos: Mapping[int, VideoRow], embedded: Mapping[int, EmbeddedVideo]) -> bool:
        """Search in these from now on; True where they are other embeddings than before: then ask again."""
        before = self._ground
        if before is not None and before.embedded is embedded:
            self._ground = dataclasses.replace(before, videos=videos)
            return False
        self._ground, self._asked = Ground(videos, embedded), None
        num_frames = sum(map(len, embedded.values()))
        width = next(iter(embedded.values())).embeddings.shape[1] if embedded else 0
        if num_frames >= _WORTH_FRAMES and num_frames * width <= _MOST_BYTES:
            self._preparing.start(lambda control: (embedded, _quick(embedded, control)))
        return True

    def ask(self, passage: Passage, filters: Filters) -> None:
        """Search for this; what was asked before and has no answer yet gets none."""
        ground = self._ground
        if ground is None:
            raise RuntimeError("there is nothing to search")
        self._asked = passage, filters
        self._searching.start(lambda control: _answer(ground, passage, filters, control))

    def forget(self) -> None:
        """Nothing is asked any more."""
        self._asked = None
        self._searching.stop()

    def leave(self) -> None:
        """There is nothing to search in for now."""
        self.forget()
        self._preparing.stop()
        self._ground = None

    def close(self) -> None:
        """End the threads, and hold nothing."""
        self._searching.close()
        self._preparing.close()
        self._ground = self._asked = None

    def _take(self, answer: Answer | None) -> None:
        if answer is not None and self._asked == (answer.passage, answer.filters):
            self.answered.emit(answer)

    def _refuse(self, sentence: str) -> None:
        if self._asked is not None:
            self.refused.emit(sentence)

    def _take_quick(self, found: tuple[Mapping[int, EmbeddedVideo], QuickSearch | None]) -> None:
        embedded, quick = found
        if self._ground is not None and self._ground.embedded is embedded:
            self._ground = dataclasses.replace(self._ground, quick=quick)


def _answer(ground: Ground, passage: Passage, filters: Filters, control: Control) -> Answer | None:
    """None where nobody waits for it any more."""
    with suppress(Stopped):
        return search(ground, passage, filters, control)
    return None


def _quick(embedded: Mapping[int, EmbeddedVideo], control: Control) -> QuickSearch | None:
    with suppress(Stopped):
        return QuickSearch(list(embedded.values()), control)
    return None
