"""A search session: a query and its filters, the history, and the results."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.controllers.explore.search_history import SearchHistory
from carl_gui.controllers.explore.search_worker import SearchWorker
from carl_gui.models.scene import VideoRange
from carl_gui.models.search_filters import Filters
from carl_gui.models.search_index import Answer
from carl_gui.session import Session
from core.embedding.embedded_video import EmbeddedVideo
from core.project.rows import VideoRow

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
        """Search for this; None: as the last search was filtered."""
        self.passage, self.answer = passage, None
        self.filters = self.filters if filters is None else filters
        self.begun.emit()
        self._ask()

    def filter_by(self, filters: Filters) -> None:
        """Ask for these hits of the same query."""
        self.filters = filters
        if self.passage is not None:
            self.begin(self.passage, filters)

    def move(self, frames: int) -> None:
        """Search for what lies so many frames later, or earlier."""
        if (passage := self.passage) is not None:
            start, stop = passage.start_frame + frames, passage.end_frame_exclusive + frames
            self.begin(VideoRange(passage.video_id, start, stop))

    def revisit(self, passage: VideoRange, filters: Filters) -> None:
        """Show an earlier search again."""
        self.history.go_to(passage)
        self.begin(passage, filters)

    def go_back(self, steps: int) -> None:
        """To the search so many steps before this one, or after it (negative)."""
        if (visit := self.history.beside(steps)) is not None:
            self.revisit(visit.passage, visit.filters)

    def leave(self) -> None:
        """Nothing is searched for."""
        self.passage = self.answer = None
        self._slow.stop()
        self.answers.forget()
        self.history.go_to(None)
        self.begun.emit()

    def set_index(self, videos: Mapping[int, VideoRow], embedded: Mapping[int, EmbeddedVideo]) -> None:
        """Search there from now on."""
        if self.answers.set_index(videos, embedded) and self.passage is not None:
            self.answer = None
            self._ask()

    def clear_index(self) -> None:
        """There is nothing to search in for now; what is asked for is asked again when there is."""
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
