"""The search session: its query, the worker and the history."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.explore.search.filters import Filters
from carl_gui.explore.search.hits import Answer, SearchIndex, search
from carl_gui.models.scene import VideoRange
from carl_gui.session import Session
from carl_gui.tasks import Tasks, in_thread
from core.embedding.embedded_video import EmbeddedVideo
from core.project.rows import VideoRow
from core.project.searches import MOST_SEARCHES, SearchRow
from core.search.quick import QuickSearch

_REST_MS = 300
"""Delay after the last search before the project is written."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A past search of a video in the project."""

    video_range: VideoRange
    filters: Filters


class SearchHistory(QObject):
    """Each frame or span once, newest first. Searches of removed videos are skipped, but kept."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[SearchRow] = []
        self._current: VideoRange | None = None
        self._ids: tuple[Mapping[int, VideoRow], dict[str, int]] = ({}, {})
        """The videos of the last call, and their ids by digest."""
        self._unwritten: list[tuple[SearchRow, bool]] = []
        """Rows to write, each with whether it is new."""
        self._write_timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._write_timer.timeout.connect(self.write)

    def open(self) -> None:
        """Read the project's past searches."""
        self._rows = self._session.require().searches()
        self._current = None

    def close(self) -> None:
        """Clear the searches, because the project closes."""
        self.write()
        self._rows, self._current = [], None

    @property
    def visits(self) -> Sequence[Visit]:
        """The past searches, newest first."""
        ids = self._by_digest()
        return [
            Visit(VideoRange(ids[row.digest], row.start_frame, row.end_frame_exclusive), _from_json(row.filters))
            for row in self._rows
            if row.digest in ids
        ]

    def set_current(self, video_range: VideoRange | None) -> None:
        """Make this one current; None: none."""
        self._current = video_range

    def neighbour(self, steps: int) -> Visit | None:
        """Return the search this many steps older than the current one, or newer (negative); None: there is none."""
        visits = self.visits
        current = next((index for index, visit in enumerate(visits) if visit.video_range == self._current), -1)
        target = current + steps
        return visits[target] if 0 <= target < len(visits) else None

    def add(self, video_range: VideoRange, filters: Filters) -> None:
        """Add it as the newest; for the current one, only update its filters."""
        video = self._session.videos.get(video_range.video_id)
        if video is None:
            return
        row = SearchRow(video.digest, video_range.start_frame, video_range.end_frame_exclusive, filters.to_json())
        if row in self._rows and video_range == self._current:
            return
        is_new = video_range != self._current or not any(_is_same(row, one) for one in self._rows)
        self._current = video_range
        if is_new:
            self._rows = [row, *(one for one in self._rows if not _is_same(row, one))][:MOST_SEARCHES]
        else:
            self._rows = [row if _is_same(row, one) else one for one in self._rows]
        self._unwritten.append((row, is_new))
        self._write_timer.start()

    def write(self) -> None:
        """Write new searches to the project; hits are shown first, without waiting for the disk."""
        self._write_timer.stop()
        rows, self._unwritten = self._unwritten, []
        project = self._session.project
        if project is not None and not project.read_only:
            for row, is_new in rows:
                self._session.keep_search(row, is_new=is_new)

    def _by_digest(self) -> dict[str, int]:
        videos = self._session.videos
        if videos is not self._ids[0]:
            self._ids = videos, {video.digest: video_id for video_id, video in videos.items()}
        return self._ids[1]

    def clear_all(self) -> None:
        """Clear the past searches."""
        self.write()
        self._rows, self._current = [], None
        if not self._session.require().read_only:
            self._session.clear_searches()


_from_json = functools.lru_cache(maxsize=2 * MOST_SEARCHES)(Filters.from_json)


def _is_same(one: SearchRow, other: SearchRow) -> bool:
    """Return whether they are of the same frames."""
    return (one.digest, one.start_frame, one.end_frame_exclusive) == (
        other.digest,
        other.start_frame,
        other.end_frame_exclusive,
    )


_WORTH_FRAMES = 50_000
"""With fewer frames, searching all of them is as fast."""
_MOST_BYTES = 2_000_000_000
"""Memory limit of the quick search."""


class SearchWorker(QObject):
    """The embeddings to search, and the request."""

    answered = Signal(object)
    """The `Answer` to the last request."""
    refused = Signal(str)
    """The message why the last request has no answer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._index: SearchIndex | None = None
        self._tasks = Tasks(self, self.refused.emit)

    @property
    def index(self) -> SearchIndex | None:
        """The search index; None while there is nothing to search."""
        return self._index

    def set_index(self, videos: Mapping[int, VideoRow], embedded: Mapping[int, EmbeddedVideo]) -> bool:
        """Search in these from now on; return True for other embeddings than before, so that the caller asks again."""
        before = self._index
        if before is not None and before.embedded is embedded:
            self._index = dataclasses.replace(before, videos=videos)
            return False
        self._index = SearchIndex(videos, embedded)
        self._tasks.cancel("search", "prepare")
        num_frames = sum(map(len, embedded.values()))
        width = next(iter(embedded.values())).embeddings.shape[1] if embedded else 0
        if num_frames >= _WORTH_FRAMES and num_frames * width <= _MOST_BYTES:
            self._tasks.start("prepare", self._prepare(embedded), on_error=lambda sentence: None)
        return True

    def ask(self, video_range: VideoRange, filters: Filters) -> None:
        """Search for this; replaces a request that has no answer yet."""
        index = self._index
        if index is None:
            raise RuntimeError("there is nothing to search")
        self._tasks.start("search", self._search(index, video_range, filters))

    def cancel(self) -> None:
        """Clear the request."""
        self._tasks.cancel("search")

    def clear_index(self) -> None:
        """Clear the index."""
        self._tasks.cancel("search", "prepare")
        self._index = None

    def close(self) -> None:
        """End the threads, and clear the index."""
        self._tasks.close()
        self._index = None

    async def _search(self, index: SearchIndex, video_range: VideoRange, filters: Filters) -> None:
        self.answered.emit(await in_thread(lambda control: search(index, video_range, filters, control)))

    async def _prepare(self, embedded: Mapping[int, EmbeddedVideo]) -> None:
        """Make the quick search; until it is there, all frames are searched."""
        quick = await in_thread(lambda control: QuickSearch(list(embedded.values()), control))
        if self._index is not None:
            self._index = dataclasses.replace(self._index, quick=quick)


_SLOW_MS = 150
"""The previous hits stay this long; then the view shows that it searches."""


class SearchSession(QObject):
    """Searches again whenever the query, filters or embeddings change."""

    query_changed = Signal()
    """The query was changed or cleared."""
    answered = Signal(object)
    """`Answer`."""
    refused = Signal(str)
    """The message why there is no answer, displayable or not."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.video_range: VideoRange | None = None
        """The query; None: none."""
        self.filters = Filters()
        self.answer: Answer | None = None
        """The answer to the query; None while there is none."""
        self.worker = SearchWorker(self)
        self.history = SearchHistory(session, self)
        self._slow = QTimer(self, singleShot=True, interval=_SLOW_MS)
        self.late = self._slow.timeout
        """Emitted if the answer takes long."""
        self.worker.answered.connect(self._on_result)
        self.worker.refused.connect(self._refuse)
        session.opened.connect(self.history.open)
        session.about_to_close.connect(self.history.close)
        if session.project is not None:
            self.history.open()

    def start(self, video_range: VideoRange, filters: Filters | None = None) -> None:
        """Search for this; without filters, with those of the last search."""
        self.video_range, self.answer = video_range, None
        self.filters = self.filters if filters is None else filters
        self.query_changed.emit()
        self._ask()

    def filter_by(self, filters: Filters) -> None:
        """Search for the same query with these filters."""
        self.filters = filters
        if self.video_range is not None:
            self.start(self.video_range, filters)

    def move(self, frames: int) -> None:
        """Search for what lies this many frames later, or earlier."""
        if (video_range := self.video_range) is not None:
            start, stop = video_range.start_frame + frames, video_range.end_frame_exclusive + frames
            self.start(VideoRange(video_range.video_id, start, stop))

    def revisit(self, video_range: VideoRange, filters: Filters) -> None:
        """Show an earlier search again."""
        self.history.set_current(video_range)
        self.start(video_range, filters)

    def go_back(self, steps: int) -> None:
        """Go to the search this many steps before this one, or after it (negative)."""
        if (visit := self.history.neighbour(steps)) is not None:
            self.revisit(visit.video_range, visit.filters)

    def clear(self) -> None:
        """Clear the query."""
        self.video_range = self.answer = None
        self._slow.stop()
        self.worker.cancel()
        self.history.set_current(None)
        self.query_changed.emit()

    def set_index(self, videos: Mapping[int, VideoRow], embedded: Mapping[int, EmbeddedVideo]) -> None:
        """Search in these from now on."""
        if self.worker.set_index(videos, embedded) and self.video_range is not None:
            self.answer = None
            self._ask()

    def clear_index(self) -> None:
        """Clear the index; the query is repeated when there is one again."""
        self._slow.stop()
        self.worker.clear_index()
        self.answer = None

    def close(self) -> None:
        """End the threads."""
        self._slow.stop()
        self.worker.close()
        self.video_range, self.answer, self.filters = None, None, Filters()

    def _ask(self) -> None:
        index, video_range = self.worker.index, self.video_range
        if index is None or video_range is None:
            return
        if video_range.video_id not in index.embedded:
            self.worker.cancel()
            self._refuse(self.tr("Its video is not embedded with this encoder, or was removed from the project."))
            return
        self._slow.start()
        self.worker.ask(video_range, self.filters)

    def _on_result(self, answer: Answer) -> None:
        self._slow.stop()
        self.answer = answer
        self.history.add(answer.video_range, answer.filters)
        self.answered.emit(answer)

    def _refuse(self, sentence: str) -> None:
        self._slow.stop()
        self.answer = None
        self.refused.emit(sentence)
