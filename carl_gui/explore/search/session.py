"""A search as it is asked: queries, the worker, the history."""

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
            Visit(VideoRange(ids[row.digest], row.start_frame, row.end_frame_exclusive), _decoded(row.filters))
            for row in self._rows
            if row.digest in ids
        ]

    def go_to(self, passage: VideoRange | None) -> None:
        """Make this one current; None: none."""
        self._current = passage

    def beside(self, steps: int) -> Visit | None:
        """Return the search this many steps older than the current one, or newer (negative); None: there is none."""
        visits = self.visits
        place = next((at for at, visit in enumerate(visits) if visit.passage == self._current), -1)
        wanted = place + steps
        return visits[wanted] if 0 <= wanted < len(visits) else None

    def keep(self, passage: VideoRange, filters: Filters) -> None:
        """Add it as the newest; for the current one, only update its filters."""
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
        """Write new searches to the project; hits are shown first, without waiting for the disk."""
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

    def clear_all(self) -> None:
        """Clear the past searches."""
        self.write()
        self._rows, self._current = [], None
        if not self._session.require().read_only:
            self._session.clear_searches()


_decoded = functools.lru_cache(maxsize=2 * MOST_SEARCHES)(Filters.decoded)


def _is_same(one: SearchRow, other: SearchRow) -> bool:
    """Return whether they are of the same frames."""
    return (one.digest, one.start_frame, one.end_frame_exclusive) == (
        other.digest,
        other.start_frame,
        other.end_frame_exclusive,
    )


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
        """The search index; None while there is nothing to search."""
        return self._ground

    def set_index(self, videos: Mapping[int, VideoRow], embedded: Mapping[int, EmbeddedVideo]) -> bool:
        """Search in these from now on; return True for other embeddings than before, so that the caller asks again."""
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
        """Search for this; replaces a request that has no answer yet."""
        ground = self._ground
        if ground is None:
            raise RuntimeError("there is nothing to search")
        self._tasks.start("search", self._search(ground, passage, filters))

    def forget(self) -> None:
        """Clear the request."""
        self._tasks.cancel("search")

    def leave(self) -> None:
        """Clear the index."""
        self._tasks.cancel("search", "prepare")
        self._ground = None

    def close(self) -> None:
        """End the threads, and clear the index."""
        self._tasks.close()
        self._ground = None

    async def _search(self, ground: SearchIndex, passage: VideoRange, filters: Filters) -> None:
        self.answered.emit(await in_thread(lambda control: search(ground, passage, filters, control)))

    async def _prepare(self, embedded: Mapping[int, EmbeddedVideo]) -> None:
        """Make the quick search; until it is there, all frames are searched."""
        quick = await in_thread(lambda control: QuickSearch(list(embedded.values()), control))
        if self._ground is not None:
            self._ground = dataclasses.replace(self._ground, quick=quick)


_PATIENCE_MS = 150
"""So long the hits of before stay; then it is said that it searches."""


class SearchSession(QObject):
    """Searches again whenever the query, filters or embeddings change."""

    begun = Signal()
    """Something else is asked for, or nothing any more."""
    answered = Signal(object)
    """`Answer`."""
    refused = Signal(str)
    """There is no answer: a sentence, displayable or not."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.passage: VideoRange | None = None
        """What is searched for; None: nothing."""
        self.filters = Filters()
        self.answer: Answer | None = None
        """To that; None while there is none."""
        self.answers = SearchWorker(self)
        self.history = SearchHistory(session, self)
        self._slow = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self.late = self._slow.timeout
        """The answer takes a while."""
        self.answers.answered.connect(self._on_result)
        self.answers.refused.connect(self._refuse)
        session.opened.connect(self.history.open)
        session.about_to_close.connect(self.history.close)
        if session.project is not None:
            self.history.open()

    def begin(self, passage: VideoRange, filters: Filters | None = None) -> None:
        """Search for this; without filters, with those of the last search."""
        self.passage, self.answer = passage, None
        self.filters = self.filters if filters is None else filters
        self.begun.emit()
        self._ask()

    def filter_by(self, filters: Filters) -> None:
        """Search for the same query with these filters."""
        self.filters = filters
        if self.passage is not None:
            self.begin(self.passage, filters)

    def move(self, frames: int) -> None:
        """Search for what lies this many frames later, or earlier."""
        if (passage := self.passage) is not None:
            start, stop = passage.start_frame + frames, passage.end_frame_exclusive + frames
            self.begin(VideoRange(passage.video_id, start, stop))

    def revisit(self, passage: VideoRange, filters: Filters) -> None:
        """Show an earlier search again."""
        self.history.go_to(passage)
        self.begin(passage, filters)

    def go_back(self, steps: int) -> None:
        """Go to the search this many steps before this one, or after it (negative)."""
        if (visit := self.history.beside(steps)) is not None:
            self.revisit(visit.passage, visit.filters)

    def leave(self) -> None:
        """Clear the query."""
        self.passage = self.answer = None
        self._slow.stop()
        self.answers.forget()
        self.history.go_to(None)
        self.begun.emit()

    def set_index(self, videos: Mapping[int, VideoRow], embedded: Mapping[int, EmbeddedVideo]) -> None:
        """Search in these from now on."""
        if self.answers.set_index(videos, embedded) and self.passage is not None:
            self.answer = None
            self._ask()

    def clear_index(self) -> None:
        """Clear the index; the query is repeated when there is one again."""
        self._slow.stop()
        self.answers.leave()
        self.answer = None

    def close(self) -> None:
        """End the threads."""
        self._slow.stop()
        self.answers.close()
        self.passage, self.answer, self.filters = None, None, Filters()

    def _ask(self) -> None:
        ground, passage = self.answers.ground, self.passage
        if ground is None or passage is None:
            return
        if passage.video_id not in ground.embedded:
            self.answers.forget()
            self._refuse(self.tr("Its video is not embedded with this encoder, or was removed from the project."))
            return
        self._slow.start()
        self.answers.ask(passage, self.filters)

    def _on_result(self, answer: Answer) -> None:
        self._slow.stop()
        self.answer = answer
        self.history.keep(answer.passage, answer.filters)
        self.answered.emit(answer)

    def _refuse(self, sentence: str) -> None:
        self._slow.stop()
        self.answer = None
        self.refused.emit(sentence)
