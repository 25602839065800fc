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

_POLL_MS = 100


class Alignments(QObject):
    """The alignment of each video with the latest requested reference."""

    changed = Signal()
    """There are new matches; at most ten times a second."""
    refused = Signal(str)
    """The message why the others cannot be aligned."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.matches: dict[int, AlignedVideo] = {}
        """By id of the video."""
        self._requested: list[int] = []
        self._key: Hashable = None
        self._reference: EmbeddedVideo | None = None
        self._least_confidence = 0.0
        self._generation = 0
        """Counts the changes of the reference and of the least confidence."""
        self._running_request: tuple[int, list[int]] = (0, [])
        self._is_refused = False
        """Whether aligning with this reference failed, so that it is not tried again."""
        self._tasks = Tasks(self, self._refuse)
        self._arrived: deque[tuple[int, int, AlignedVideo]] = deque()
        """From the threads to the window's: generation, id of a video, its match. A signal for each of thousands would
        slow down the window."""
        self._poll_timer = QTimer(self, interval=_POLL_MS)
        self._poll_timer.timeout.connect(self._on_matches)

    @property
    def missing(self) -> int:
        """The number of requested videos that are not aligned yet."""
        return sum(video_id not in self.matches for video_id in self._requested)

    def follow(self, key: Hashable, reference: EmbeddedVideo, least_confidence: float) -> None:
        """Align with this reference from now on.

        Args:
            key: what the matches depend on besides the others' ids and `least_confidence`; a change clears all
                matches.
            least_confidence: how sure a match must be, 0 to below 1.
        """
        key = key, least_confidence
        if key != self._key:
            self._key, self._reference, self._least_confidence = key, reference, least_confidence
            self.matches, self._requested = {}, []
            self._generation += 1
            self._is_refused = False

    def ask(self, others: Mapping[int, EmbeddedVideo]) -> None:
        """Align these with the reference, the first ones first; results that are already known are kept."""
        if self._reference is None:
            return
        self._requested = [video_id for video_id in others if not self._is_refused or video_id in self.matches]
        if (self._generation, self._requested) == self._running_request and self._tasks.is_running("align"):
            return
        remaining = {video_id: others[video_id] for video_id in self._requested if video_id not in self.matches}
        self._running_request = self._generation, self._requested
        if remaining:
            generation, reference, least_confidence = self._generation, self._reference, self._least_confidence
            self._tasks.start("align", self._align(generation, reference, remaining, least_confidence))
            self._poll_timer.start()
        else:
            self._tasks.cancel("align")

    def clear(self) -> None:
        """Clear the request and end the threads."""
        self._tasks.close()
        self._poll_timer.stop()
        self._arrived.clear()
        self._generation += 1
        self._key, self._reference = None, None
        self.matches, self._requested, self._running_request = {}, [], (0, [])

    async def _align(
        self, generation: int, reference: EmbeddedVideo, others: Mapping[int, EmbeddedVideo], least_confidence: float
    ) -> None:
        def work(control: Control) -> None:
            from core.align.many import match_many  # numba

            matches = match_many(
                reference.embeddings,
                [one.embeddings for one in others.values()],
                least_confidence=least_confidence,
                strange_reference=reference.is_strange,
                strange=[one.is_strange for one in others.values()],
                control=control,
            )
            for video, match in zip(others, matches, strict=True):
                self._arrived.append((generation, video, match))

        try:
            await in_thread(work)
        finally:
            self._on_matches()

    def _refuse(self, sentence: str) -> None:
        """Report the error; the results so far stay."""
        self._is_refused = True
        self._requested = [video_id for video_id in self._requested if video_id in self.matches]
        self.changed.emit()
        self.refused.emit(sentence)

    def _on_matches(self) -> None:
        if not self._tasks.is_running("align"):
            self._poll_timer.stop()
        has_new = False
        while self._arrived:
            generation, video, match = self._arrived.popleft()
            if generation == self._generation:
                self.matches[video] = match
                has_new = True
        if has_new:
            self.changed.emit()
