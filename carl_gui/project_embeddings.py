"""The index of the open project's embeddings: scanned after changes, read by the views."""

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
"""Delay after the last change before a scan, because an import changes the project all the time."""

ScanTarget = tuple[Path, Sequence[VideoRow]]
"""The project's folder and its videos."""


class ProjectEmbeddings(QObject):
    """Scans in a thread on the first request, and from then on after every change."""

    changed = Signal()
    """A scan is done: `index` is up to date, and the same object if nothing changed."""

    def __init__(
        self, target: Callable[[], ScanTarget | None], on_error: Callable[[str], object], parent: QObject
    ) -> None:
        """
        Args:
            target: returns what to scan; None while no project is open.
            on_error: receives the message when a scan fails.
        """
        super().__init__(parent)
        self.index: EmbeddingIndex | None = None
        """None while it is not known."""
        self.num_scans = 0
        """The number of scans started so far."""
        self._target, self._on_error = target, on_error
        self._known_digests: KnownDigests = {}
        self._is_needed = self._is_stale = False
        self._tasks = Tasks(self, self._fail)
        self._delay = QTimer(self, singleShot=True, interval=_REST_MS)
        self._delay.timeout.connect(self.scan)

    def refresh(self) -> None:
        """Scan, because a view is shown; if something is known already, only after immediate requests."""
        if self._tasks.is_running("scan"):
            return
        if self.index is None:
            self.scan()
        else:
            self._delay.start()

    def schedule_scan(self) -> None:
        """Scan soon, if anything was ever requested: files or videos of the project changed."""
        self._is_stale = True
        if self._is_needed:
            self._delay.start()

    def scan(self) -> None:
        """Scan again: a running scan may have missed the latest changes."""
        self._delay.stop()
        target = self._target()
        if target is not None:
            self._is_needed, self._is_stale = True, False
            self.num_scans += 1
            self._tasks.start("scan", self._scan(*target))

    async def latest(self) -> EmbeddingIndex:
        """Return the index as of the last change."""
        from carl_gui.embedding_index import EmbeddingIndex

        if self._is_stale or (self.index is None and not self._tasks.is_running("scan")):
            self.scan()
        if self._tasks.is_running("scan"):
            await next_emission(self.changed)
        return EmbeddingIndex((), frozenset()) if self.index is None else self.index

    def close(self) -> None:
        """End the thread and clear the index, because the project closes."""
        self._delay.stop()
        self._tasks.close()
        self.index, self._is_needed, self._is_stale = None, False, False

    async def _scan(self, folder: Path, videos: Sequence[VideoRow]) -> None:
        def work(control: Control) -> EmbeddingIndex:
            from carl_gui.embedding_index import scan_embeddings

            return scan_embeddings(folder, videos, self._known_digests)

        index = await in_thread(work)
        if index != self.index:
            self.index = index
        self.changed.emit()

    def _fail(self, sentence: str) -> None:
        self._on_error(sentence)
        self.changed.emit()
