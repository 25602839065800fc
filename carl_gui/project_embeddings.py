"""The one index of the embeddings of the open project: scanned when something changed, read by whoever shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.tasks import Tasks, in_thread, next_emission
from core.base.control import Control
from core.project.rows import VideoRow

if TYPE_CHECKING:  # decoders: not before a project is open
    from carl_gui.embedding_index import EmbeddingIndex, KnownDigests

_REST_MS = 250
"""After the last change, before the disk is scanned: an import changes the project all the time."""

Place = tuple[Path, Sequence[VideoRow]]
"""A project's folder, and its videos."""


class ProjectEmbeddings(QObject):
    """Scans in a thread, and not before somebody asked: from then on, after every change."""

    changed = Signal()
    """It was scanned: `index` is as the disk is now, the same object where that is as before."""

    def __init__(self, place: Callable[[], Place | None], refuse: Callable[[str], object], parent: QObject) -> None:
        """
        Args:
            place: returns what is to be scanned; None while no project is open.
            refuse: is told why that failed, in a sentence.
        """
        super().__init__(parent)
        self.index: EmbeddingIndex | None = None
        """None while it is not known."""
        self.num_scans = 0
        """How many were begun so far."""
        self._place, self._refuse = place, refuse
        self._known: KnownDigests = {}
        self._is_wanted = self._is_stale = False
        self._tasks = Tasks(self, self._fail)
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self.scan)

    def look(self) -> None:
        """Scan, since somebody begins to look: where something is known, after what is asked at once is answered."""
        if self._tasks.is_running("scan"):
            return
        if self.index is None:
            self.scan()
        else:
            self._resting.start()

    def note_change(self) -> None:
        """Scan soon, if anybody ever asked: files or videos of the project changed."""
        self._is_stale = True
        if self._is_wanted:
            self._resting.start()

    def scan(self) -> None:
        """Scan anew: what goes on may have read what has changed since."""
        self._resting.stop()
        place = self._place()
        if place is not None:
            self._is_wanted, self._is_stale = True, False
            self.num_scans += 1
            self._tasks.start("scan", self._scan(*place))

    async def latest(self) -> EmbeddingIndex:
        """Return the index as of the last change."""
        from carl_gui.embedding_index import EmbeddingIndex

        if self._is_stale or (self.index is None and not self._tasks.is_running("scan")):
            self.scan()
        if self._tasks.is_running("scan"):
            await next_emission(self.changed)
        return EmbeddingIndex((), frozenset()) if self.index is None else self.index

    def close(self) -> None:
        """End the thread, and forget all: the project closes."""
        self._resting.stop()
        self._tasks.close()
        self.index, self._is_wanted, self._is_stale = None, False, False

    async def _scan(self, folder: Path, videos: Sequence[VideoRow]) -> None:
        def work(control: Control) -> EmbeddingIndex:
            from carl_gui.embedding_index import scan_embeddings

            return scan_embeddings(folder, videos, self._known)

        found = await in_thread(work)
        if found != self.index:
            self.index = found
        self.changed.emit()

    def _fail(self, sentence: str) -> None:
        self._refuse(sentence)
        self.changed.emit()
