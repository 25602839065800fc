"""Align many videos with one reference in threads; results are emitted as they arrive."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.embedding.embedded_video import EmbeddedVideo

if TYPE_CHECKING:
    from core.align.many import AlignedVideo

_GATHER_MS = 100


class Alignments(QObject):
    """The alignment of each video with the latest requested reference."""

    changed = Signal()
    """More is known, or all is; at most ten times a second."""
    refused = Signal(str)
    """The rest cannot be aligned: a sentence says why."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.matches: dict[int, AlignedVideo] = {}
        """By id of the video."""
        self._wanted: list[int] = []
        self._key: Hashable = None
        self._reference: EmbeddedVideo | None = None
        self._least_confidence = 0.0
        self._number = 0
        """Of the reference, and of how sure a match must be."""
        self._asked: tuple[int, list[int]] = (0, [])
        self._is_refused = False
        """Whether that reference cannot be aligned with, so that nobody tries again and again."""
        self._tasks = Tasks(self, self._refuse)
        self._found: deque[tuple[int, int, AlignedVideo]] = deque()
        """From the threads to the window's: number of the reference, id of a video, its match. A signal for each of
        thousands would let the window wait as often."""
        self._gathering = QTimer(self, interval=_GATHER_MS)
        self._gathering.timeout.connect(self._on_matches)

    @property
    def missing(self) -> int:
        """The number of requested videos that are not aligned yet."""
        return sum(number not in self.matches for number in self._wanted)

    def follow(self, key: Hashable, reference: EmbeddedVideo, least_confidence: float) -> None:
        """Align with this reference from now on.

        Args:
            key: what the matches depend on besides the others' ids and `least_confidence`: where one of them changes,
                nothing is known.
            least_confidence: how sure a match must be, 0 to below 1.
        """
        key = key, least_confidence
        if key != self._key:
            self._key, self._reference, self._least_confidence = key, reference, least_confidence
            self.matches, self._wanted = {}, []
            self._number += 1
            self._is_refused = False

    def ask(self, others: Mapping[int, EmbeddedVideo]) -> None:
        """Align these with the reference, the first ones first; results that are already known are kept."""
        if self._reference is None:
            return
        self._wanted = [number for number in others if not self._is_refused or number in self.matches]
        if (self._number, self._wanted) == self._asked and self._tasks.is_running("align"):
            return
        rest = {number: others[number] for number in self._wanted if number not in self.matches}
        self._asked = self._number, self._wanted
        if rest:
            number, reference, sure = self._number, self._reference, self._least_confidence
            self._tasks.start("align", self._align(number, reference, rest, sure))
            self._gathering.start()
        else:
            self._tasks.cancel("align")

    def forget(self) -> None:
        """Clear the request and end the threads."""
        self._tasks.close()
        self._gathering.stop()
        self._found.clear()
        self._number += 1
        self._key, self._reference = None, None
        self.matches, self._wanted, self._asked = {}, [], (0, [])

    async def _align(
        self, number: int, reference: EmbeddedVideo, others: Mapping[int, EmbeddedVideo], least_confidence: float
    ) -> None:
        def work(control: Control) -> None:
            from core.align.many import match_many  # numba

            coming = match_many(
                reference.embeddings,
                [one.embeddings for one in others.values()],
                least_confidence=least_confidence,
                strange_reference=reference.is_strange,
                strange=[one.is_strange for one in others.values()],
                control=control,
            )
            for video, match in zip(others, coming, strict=True):
                self._found.append((number, video, match))

        try:
            await in_thread(work)
        finally:
            self._on_matches()

    def _refuse(self, sentence: str) -> None:
        """Report the error; the results so far stay."""
        self._is_refused = True
        self._wanted = [number for number in self._wanted if number in self.matches]
        self.changed.emit()
        self.refused.emit(sentence)

    def _on_matches(self) -> None:
        if not self._tasks.is_running("align"):
            self._gathering.stop()
        is_more = False
        while self._found:
            number, video, match = self._found.popleft()
            if number == self._number:
                self.matches[video] = match
                is_more = True
        if is_more:
            self.changed.emit()
