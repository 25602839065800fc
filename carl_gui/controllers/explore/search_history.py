"""Search history, stored in the project, and navigation in it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from carl_gui.models.scene import VideoRange
from carl_gui.models.search_filters import Filters
from carl_gui.session import Session
from core.project.rows import VideoRow
from core.project.searches import MOST_SEARCHES, SearchRow

_REST_MS = 300
"""After the last search, before the disk is written."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A past search of a video in the project."""

    passage: VideoRange
    filters: Filters


class SearchHistory(QObject):
    """Each frame or span once, newest first. Searches of removed videos are skipped, but kept."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[SearchRow] = []
        self._current: VideoRange | None = None
        self._ids: tuple[Mapping[int, VideoRow], dict[str, int]] = ({}, {})
        """The videos that were looked at last, and their ids by digest."""
        self._unwritten: list[tuple[SearchRow, bool]] = []
        """And whether each is new."""
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self.write)

    def open(self) -> None:
        """Read what the project remembers."""
        self._rows = self._session.require().searches()
        self._current = None

    def close(self) -> None:
        """The project closes."""
        self.write()
        self._rows, self._current = [], None

    @property
    def visits(self) -> Sequence[Visit]:
        """The newest first."""
        ids = self._by_digest()
        return [
            Visit(VideoRange(ids[row.digest], row.start_frame, row.end_frame_exclusive), _decoded(row.filters))
            for row in self._rows
            if row.digest in ids
        ]

    def go_to(self, passage: VideoRange | None) -> None:
        """This one is shown again; None: none of them is."""
        self._current = passage

    def beside(self, steps: int) -> Visit | None:
        """The one so many steps older than the one that is shown, or newer (negative); None: there is none."""
        visits = self.visits
        place = next((at for at, visit in enumerate(visits) if visit.passage == self._current), -1)
        wanted = place + steps
        return visits[wanted] if 0 <= wanted < len(visits) else None

    def keep(self, passage: VideoRange, filters: Filters) -> None:
        """Remember it as the newest; where it is the one that is shown, remember only what it is filtered by now."""
        video = self._session.videos.get(passage.video_id)
        if video is None:
            return
        row = SearchRow(video.digest, passage.start_frame, passage.end_frame_exclusive, filters.encoded())
        if row in self._rows and passage == self._current:
            return
        is_new = passage != self._current or not any(_is_same(row, one) for one in self._rows)
        self._current = passage
        if is_new:
            self._rows = [row, *(one for one in self._rows if not _is_same(row, one))][:MOST_SEARCHES]
        else:
            self._rows = [row if _is_same(row, one) else one for one in self._rows]
        self._unwritten.append((row, is_new))
        self._resting.start()

    def write(self) -> None:
        """Write to the project what was searched for since; hits are seen sooner while a disk is not waited for."""
        self._resting.stop()
        rows, self._unwritten = self._unwritten, []
        project = self._session.project
        if project is not None and not project.read_only:
            for row, is_new in rows:
                self._session.keep_search(row, is_new=is_new)

    def _by_digest(self) -> dict[str, int]:
        videos = self._session.videos
        if videos is not self._ids[0]:
            self._ids = videos, {video.digest: number for number, video in videos.items()}
        return self._ids[1]

    def forget_all(self) -> None:
        """Remember none any more."""
        self.write()
        self._rows, self._current = [], None
        if not self._session.require().read_only:
            self._session.forget_searches()


_decoded = functools.lru_cache(maxsize=2 * MOST_SEARCHES)(Filters.decoded)


def _is_same(one: SearchRow, other: SearchRow) -> bool:
    """Return whether they are of the same frames."""
    return (one.digest, one.start_frame, one.end_frame_exclusive) == (
        other.digest,
        other.start_frame,
        other.end_frame_exclusive,
    )
