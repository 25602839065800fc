"""The frames of many videos at once, read in threads from the frame store."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from carl_gui.grid_reader import CellOpened, CellRefused, GridCell, GridNews, GridReader
from carl_gui.models.messages import displayable
from core.base.errors import VideoError
from core.project.badges import look_at
from core.project.rows import VideoRow
from core.video.frame_store import find_stored
from core.video.stored_video import StoredVideo

_LEAVE_SECONDS = 2.0
_GONE, _NOT_STORED = "gone", "not stored"
"""Said by the thread, in the place of sentences that are translated in the window's."""


class GridFrames(QObject):
    """An unreadable video shows why, and the others continue."""

    opened = Signal(int, int, int)
    """A cell's place; width and height of the video."""
    refused = Signal(int, str)
    """A cell's place; one sentence."""
    arrived = Signal(object)
    """`GridShown`."""

    _said = Signal(int, object)
    """From a thread to the window's."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader: GridReader | None = None
        self._cells: list[GridCell] = []
        self._number = 0
        self._said.connect(self._on_job_event)

    def show(self, videos: Sequence[VideoRow], folder: Path) -> bool:
        """Read these videos of the project in that folder; False where they are read already."""
        cells = [GridCell(_key(video), functools.partial(_open, video, folder)) for video in videos]
        if [cell.key for cell in cells] == [cell.key for cell in self._cells]:
            return False
        if self._reader is None:
            self._reader = GridReader(self._tell)
        self._cells = cells
        self._number = self._reader.set_cells(cells)
        return True

    def request(self, place: int, frames: Sequence[int], *, is_quick: bool) -> None:
        """Ask for a frame of each video, -1: none; what was asked for before and has not begun is dropped.

        `is_quick`: at half its width and height.
        """
        if self._reader is not None:
            self._reader.request(place, frames, is_quick=is_quick)

    def close(self) -> None:
        """End the threads; waits a moment for the reads that are going on. New videos may be shown."""
        if self._reader is not None:
            self._reader.close()
            self._reader.wait(_LEAVE_SECONDS)
        self._reader, self._cells, self._number = None, [], 0

    def _tell(self, number: int, news: GridNews) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._said.emit(number, news)

    @Slot(int, object)
    def _on_job_event(self, number: int, news: GridNews) -> None:
        if self._reader is None or number != self._number:
            return
        if isinstance(news, CellOpened):
            self.opened.emit(news.cell, news.meta.width, news.meta.height)
        elif isinstance(news, CellRefused):
            self.refused.emit(news.cell, self._sentence(news.sentence))
        else:
            self.arrived.emit(news)

    def _sentence(self, said: str) -> str:
        if said == _GONE:
            return self.tr("File missing. Find it on the Videos page.")
        if said == _NOT_STORED:
            return self.tr("Its stored frames were cleared. Add the video again, or watch it in Pair.")
        return displayable(said)


def _key(video: VideoRow) -> tuple[str, str, str]:
    return video.digest, video.relative, video.absolute


def _open(video: VideoRow, folder: Path) -> StoredVideo:
    """Its stored frames, whether or not its file is there. VideoError where there are none."""
    stored = find_stored(video.digest, Path(video.absolute))
    if stored is not None:
        return stored
    file, problem = look_at(video, folder)
    raise VideoError(problem or (_GONE if file is None else _NOT_STORED))
