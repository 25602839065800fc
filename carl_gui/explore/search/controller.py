"""The view of a search: the query, its results, their messages."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage

from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.search.export import COMMANDS, EXPORTS, Exported
from carl_gui.explore.search.filters import Filters
from carl_gui.explore.search.history import PastSearch
from carl_gui.explore.search.hits import Answer, Hit, cosine_text, frames_of, time_of
from carl_gui.explore.search.panel import MOST_PICTURES, SearchPanel
from carl_gui.explore.search.pictures import SearchPictures, Source
from carl_gui.explore.search.session import SearchSession
from carl_gui.explore.view import ExploreView
from carl_gui.frames.pictures import FramePictures, FrameRequest
from carl_gui.models.messages import displayable
from carl_gui.models.scene import FrameRef, Scene, VideoRange
from carl_gui.models.video_choices import video_choice
from carl_gui.numbers import count, frames, videos
from carl_gui.timecode import clock
from carl_gui.whereabouts import Kept, text
from carl_gui.widgets.when_shown import WhenShown
from core.embedding.embedded_video import EmbeddedVideo

Message = tuple[str, str, str]
"""Title, sentence and button text."""


def sample_frames(video_range: VideoRange) -> list[int]:
    """Return the frames that represent a query: itself, or some of the span from its first to its last."""
    frames = np.linspace(video_range.start_frame, video_range.end_frame_exclusive - 1, MOST_PICTURES)
    return [int(frame) for frame in np.unique(frames.round())]


def round_down(cosine: float) -> float:
    """Return the cosine rounded down to hundredths."""
    return max(math.floor(cosine * 100) / 100, -1.0)


class SearchMessages(QObject):
    """Translated messages."""

    def of_hits(self, answer: Answer) -> str:
        """Return the number of hits and of their videos."""
        num_videos = len({hit.video_range.video_id for hit in answer.hits})
        spans = self.tr("%n span(s)", "", len(answer.hits))
        what = frames(len(answer.hits)) if answer.video_range.is_frame else spans
        found = self.tr("{0} in {1}").format(what, videos(num_videos))
        return f"{found} · {displayable(answer.note)}" if answer.note else found

    def of_moments(self, shown: int, chosen: int) -> str:
        """Return how many of the frames selected by hand are shown."""
        if shown == chosen:
            return frames(shown)
        return self.tr("{0} of {1} shown").format(count(shown), frames(chosen))

    def of_none_above(self, answer: Answer) -> Message:
        """Return that the least cosine is above all there is."""
        best, minimum = answer.best_cosine or 0.0, answer.filters.least_cosine
        what = (
            self.tr("No frames above this similarity")
            if answer.video_range.is_frame
            else self.tr("No spans above this similarity")
        )
        sentence = self.tr("The best result has a similarity of {0}; the minimum is {1}.").format(
            cosine_text(best), cosine_text(minimum, 2)
        )
        return what, sentence, self.tr("Lower the minimum to {0}").format(cosine_text(round_down(best), 2))

    def of_no_hits(self, answer: Answer) -> Message:
        """Return why there was nothing to search, or no possible hit."""
        filters = answer.filters
        is_narrowed = filters.other_videos or not filters.videos.is_empty
        if is_narrowed:
            sentence = self.tr("The current filters exclude every video.")
            return self.tr("No video to search"), sentence, self.tr("Search all videos")
        sentence = (
            self.tr("All frames are closer to the query than the minimum gap. Choose a smaller gap.")
            if answer.video_range.is_frame
            else self.tr("No span is within the allowed tempo range. Widen the range or mark a shorter span.")
        )
        return self.tr("No video to search"), sentence, ""


class SearchStart(QObject):
    """Connects the box to the scene; `search` requests the search."""

    def __init__(self, context: ExploreContext, panel: SearchPanel, search: Callable[[VideoRange], object]) -> None:
        super().__init__(panel)
        self._context, self._panel, self._box, self._search = context, panel, panel.side.start, search
        self._video: int | None = None
        self._frame = 0
        self._when_shown = WhenShown(self._box, self._show_box)
        self._pictures = FramePictures(self)
        self._pictures.arrived.connect(self._on_result)
        context.playing.connect(self._follow)
        self._box.video_selected.connect(self.choose)
        self._box.frame_selected.connect(lambda frame: self.choose(self._video, frame))
        panel.commands["new_search"].triggered.connect(self.search_selected)
        panel.commands["new_search"].setEnabled(False)

    def choose(self, video: int | None, frame: int = 0) -> None:
        """Search from this frame of the video with that id."""
        is_same, self._video, self._frame = video == self._video, video, frame
        if is_same:
            self._show_frame()
        else:
            self.show()

    def search_selected(self) -> None:
        """Search for the selected frame."""
        if self._length():
            assert self._video is not None
            self._search(VideoRange(self._video, self._frame, self._frame + 1))

    def show(self) -> None:
        """Show all that follows from the scene and the selection."""
        scene = self._context.scene
        if scene is None:
            return
        if self._video not in scene.videos:
            self._video, self._frame = next(iter(scene.videos)), 0
        self._panel.commands["new_search"].setEnabled(self._length() > 0)
        self._when_shown.refresh()

    def _show_box(self) -> None:
        if (scene := self._context.scene) is not None:
            self._box.set_videos([video_choice(one) for one in scene.videos.values()], self._video)
            self._show_frame()

    def _show_frame(self) -> None:
        scene = self._context.scene
        if scene is None or self._video is None or self._video not in scene.videos:
            return
        length = self._length()
        self._frame = min(self._frame, max(length - 1, 0))
        self._box.set_frame(self._frame, length, self._frame_text())
        self._panel.commands["new_search"].setEnabled(length > 0)
        self._box.set_picture(None)
        if self._box.isVisible():
            self._pictures.request([FrameRequest(scene.videos[self._video], self._frame, scene.project)])

    def close(self) -> None:
        """End the thread, and clear the selection."""
        self._when_shown.clear()
        self._pictures.close()
        self._video, self._frame = None, 0
        self._panel.commands["new_search"].setEnabled(False)

    def _follow(self, video: int, frame: int) -> None:
        """Select the frame that a player elsewhere shows."""
        if not self._box.isVisible():
            self._video, self._frame = video, frame
            self._when_shown.refresh()

    def _embedded(self) -> EmbeddedVideo | None:
        return (self._context.embedded or {}).get(self._video) if self._video is not None else None

    def _length(self) -> int:
        embedded = self._embedded()
        return 0 if embedded is None else len(embedded)

    def _frame_text(self) -> str:
        embedded = self._embedded()
        if embedded is None or not len(embedded):
            return ""
        return self.tr("Frame {0} · {1}").format(self._frame, clock(float(embedded.edges_seconds[self._frame])))

    def _on_result(self, video: int, frame: int, picture: QImage) -> None:
        if (video, frame) == (self._video, self._frame):
            self._box.set_picture(picture)


MOST_MOMENTS = 5000
"""Limit of the frames selected by hand that are shown."""

_SETTLING_MS = 50
"""Past searches are shown this long after the hits, which come first."""


class SearchView(ExploreView[SearchPanel, Exported]):
    """Everything slow runs in threads. Results belong to a query, or were selected by hand."""

    def __init__(self, context: ExploreContext) -> None:
        super().__init__(context, SearchPanel(), COMMANDS, EXPORTS)
        self._session = context.app_context.session
        self.side, self.first = self.panel.side, self.panel.hits
        self._moments: tuple[Sequence[FrameRef], str] | None = None
        """The frames selected by hand, and their title."""
        self._shown_for: tuple[object, object, object] = None, None, None
        """The scene, its embeddings and the project's videos that are shown."""
        self._named: tuple[Scene | None, Mapping[int, str]] = (None, {})
        self._action: Callable[[], None] = lambda: None
        self._messages = SearchMessages(self)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLING_MS)
        self._settling.timeout.connect(self._show_history)
        self.search_session = SearchSession(self._session, self)
        self.pictures = SearchPictures(self.panel)
        self.start = SearchStart(context, self.panel, self.search)
        self._action = self.start.search_selected
        self.panel.side.add_below(self.export.box)
        self._add_actions(self.panel.commands, self.panel.hits.commands)
        self._connect()
        self._connect_commands()
        self._show_state()

    def _connect(self) -> None:
        context, panel, search_session = self.context, self.panel, self.search_session
        context.search_requested.connect(self.search)
        context.moments_requested.connect(self.show_moments)
        search_session.query_changed.connect(self._show_query)
        search_session.answered.connect(self._on_result)
        search_session.refused.connect(self._refuse)
        search_session.late.connect(lambda: self._show_message(self.tr("Searching…"), "", ""))
        panel.hits.activated_row.connect(self.open_hit)
        panel.hits.hovered.connect(lambda row: self.pictures.play(row, search_session.worker.index))
        panel.empty.action_triggered.connect(lambda: self._action())
        panel.side.filters.filters_selected.connect(search_session.filter_by)
        panel.side.history.entry_selected.connect(self._revisit)
        panel.side.clear_requested.connect(self._clear_history)

    def _connect_commands(self) -> None:
        handlers: dict[str, Callable[[], object]] = {
            "previous_search": lambda: self._start_search(lambda: self.search_session.go_back(1)),
            "next_search": lambda: self._start_search(lambda: self.search_session.go_back(-1)),
            "query_earlier": lambda: self.search_session.move(-1),
            "query_later": lambda: self.search_session.move(1),
        }
        for name, handler in handlers.items():
            self.panel.commands[name].triggered.connect(lambda _=False, handler=handler: handler())
        hit_handlers: dict[str, Callable[[Hit], object]] = {
            "find_similar": lambda hit: self.search(hit.video_range),
            "copy_hit": self._copy,
            "reveal_hit": lambda hit: self.context.app_context.show_moment(hit.moment),
        }
        for name, on_hit in hit_handlers.items():
            self.panel.hits.commands[name].triggered.connect(
                lambda _=False, on_hit=on_hit: self._with_current_hit(on_hit)
            )

    def search(self, video_range: VideoRange) -> None:
        """Search for frames similar to these."""
        self._start_search(lambda: self.search_session.start(video_range))

    def show_moments(self, moments: Sequence[FrameRef], title: str) -> None:
        """Show these frames, in their order, without a query."""
        self._moments = moments, title
        self.search_session.clear()
        self._show_moments()

    def open_hit(self, row: int) -> None:
        """Show the hit beside the query; without a query, search from it."""
        hit, answer = self.panel.model.rows[row], self.search_session.answer
        if self._moments is not None:
            self.search(hit.video_range)
        elif answer is not None:
            query = FrameRef(answer.video_range.video_id, answer.video_range.start_frame)
            self.context.pair_requested.emit(query, hit.moment)

    def _show(self, scene: Scene) -> None:
        embedded = self.context.embedded
        before, self._shown_for = self._shown_for, (scene, embedded, self._session.videos)
        if embedded is not None and all(one is other for one, other in zip(before, self._shown_for, strict=True)):
            self.pictures.ask()
            return
        self.panel.side.filters.set_actions(sorted({video.action for video in scene.videos.values()} - {""}))
        self.panel.model.set_names(self._names())
        if embedded is None:
            self.search_session.clear_index()
            self.context.open_embedded()
        else:
            self.search_session.set_index(scene.videos, embedded)
        self.start.show()
        self._show_moments()
        self._show_query()
        self._show_history()

    def pause(self) -> None:
        self.pictures.stop()

    def save_state(self) -> Kept:
        video_range = self.search_session.video_range
        query = (
            None
            if video_range is None
            else [video_range.video_id, video_range.start_frame, video_range.end_frame_exclusive]
        )
        return {"asked": query, "filters": self.search_session.filters.to_json()}

    def restore_state(self, state: Kept) -> None:
        filters, query = Filters.from_json(text(state, "filters", "{}")), state.get("asked")
        match query:
            case [int(video), int(start), int(end)] if video in self._session.videos and 0 <= start < end:
                self.search_session.start(VideoRange(video, start, end), filters)
            case _:
                self.search_session.filters = filters

    def close(self) -> None:
        self._shown_for = None, None, None
        self._settling.stop()
        self.search_session.close()
        self.pictures.close()
        self.start.close()
        self._action = self.start.search_selected
        self._moments = None
        self.panel.entries.set_rows(())
        self.panel.side.filters.set_filters(self.search_session.filters, is_span=False)
        self.panel.show_start()
        self._show_state()
        super().close()

    def _start_search(self, start: Callable[[], None]) -> None:
        """Start a search in place of the frames selected by hand."""
        self._moments = None
        start()

    def _on_result(self, answer: Answer) -> None:
        if answer.hits:
            self.panel.set_hits(answer.hits, self._names(), self._messages.of_hits(answer))
            self._show_state()
            self._settling.start()
            return
        if answer.best_cosine is None:
            wider = dataclasses.replace(answer.filters, other_videos=False, text="", action=None, split=None)
            message = self._messages.of_no_hits(answer)
        else:
            wider = dataclasses.replace(answer.filters, least_cosine=round_down(answer.best_cosine))
            message = self._messages.of_none_above(answer)
        self._action = lambda: self.search_session.filter_by(wider)
        self._show_message(*message)
        self._settling.start()

    def _refuse(self, sentence: str) -> None:
        self._show_message(self.tr("Cannot search for this"), displayable(sentence), "")

    def _show_message(self, title: str, sentence: str, handler: str) -> None:
        self.pictures.stop()
        self.panel.show_message(title, sentence, handler)
        self._show_state()

    def _show_moments(self) -> None:
        if self._moments is None or (embedded := self.context.embedded) is None:
            return
        moments, title = self._moments
        hits = []
        for one in moments[:MOST_MOMENTS]:
            if one.video_id in embedded and one.frame < len(embedded[one.video_id]):
                start, stop = embedded[one.video_id].edges_seconds[one.frame : one.frame + 2]
                hits.append(Hit(VideoRange(one.video_id, one.frame, one.frame + 1), float(start), float(stop), None))
        self.panel.set_query(displayable(title), self._messages.of_moments(len(hits), len(moments)), ())
        if hits != self.panel.model.rows:
            self.panel.set_hits(hits, self._names(), "")
        self._show_state()

    def _show_query(self) -> None:
        """Show the query; its hits follow."""
        video_range = self.search_session.video_range
        if self._session.project is not None:
            query_video = -1 if video_range is None else video_range.video_id
            self.pictures.set_source(Source(self._session.videos, self._session.project.folder), query_video)
        is_span = video_range is not None and not video_range.is_frame
        self.panel.side.filters.set_filters(self.search_session.filters, is_span=is_span)
        if video_range is not None:
            video = self._session.videos.get(video_range.video_id)
            name = displayable(video.name) if video is not None else self.tr("Removed video")
            times = dict.fromkeys((self._time_text(video_range), frames_of(video_range)))
            self.panel.set_query(name, " · ".join(times), sample_frames(video_range))
        self._show_state()
        self.pictures.ask()

    def _time_text(self, video_range: VideoRange) -> str:
        """Return the time of the frames, or their indices where times are not known."""
        embedded = (self.context.embedded or {}).get(video_range.video_id)
        if embedded is None or video_range.end_frame_exclusive > len(embedded):
            return frames_of(video_range)
        edges = embedded.edges_seconds
        return time_of(
            Hit(video_range, float(edges[video_range.start_frame]), float(edges[video_range.end_frame_exclusive]), None)
        )

    def _show_history(self) -> None:
        videos = self._session.videos
        entries = [
            PastSearch(
                one.video_range,
                one.filters,
                displayable(videos[one.video_range.video_id].name),
                self._time_text(one.video_range),
            )
            for one in self.search_session.history.visits
        ]
        self.panel.entries.set_rows(entries)
        self.panel.side.history.set_current(self.panel.entries.row_of(self.search_session.video_range))
        self._show_state()
        self.pictures.ask()

    def _show_state(self) -> None:
        """Enable what can be done now."""
        commands, video_range, history = (
            self.panel.commands,
            self.search_session.video_range,
            self.search_session.history,
        )
        embedded = (self.context.embedded or {}).get(video_range.video_id) if video_range is not None else None
        has_more = embedded is not None and video_range is not None and video_range.end_frame_exclusive < len(embedded)
        commands["previous_search"].setEnabled(history.neighbour(1) is not None)
        commands["next_search"].setEnabled(history.neighbour(-1) is not None)
        commands["query_earlier"].setEnabled(video_range is not None and video_range.start_frame > 0)
        commands["query_later"].setEnabled(has_more)
        self.export.show()

    def _revisit(self, row: int) -> None:
        entry = self.panel.entries.rows[row]
        self._start_search(lambda: self.search_session.revisit(entry.video_range, entry.filters))

    def _clear_history(self) -> None:
        self.search_session.history.clear_all()
        self._show_history()

    def _with_current_hit(self, handler: Callable[[Hit], object]) -> None:
        if (row := self.panel.hits.row) >= 0:
            handler(self.panel.model.rows[row])

    def _copy(self, hit: Hit) -> None:
        cosine = "" if hit.cosine is None else cosine_text(hit.cosine, 4)
        parts = (self.panel.model.name(self.panel.hits.row), time_of(hit), frames_of(hit.video_range), cosine)
        QGuiApplication.clipboard().setText("\t".join(filter(None, parts)))
        self.context.app_context.show_status(self.tr("Copied: {0}").format(" · ".join(filter(None, parts))))

    def _snapshot(self, scene: Scene) -> Exported | None:
        index, answer, hits = self.search_session.worker.index, self.search_session.answer, self.panel.model.rows
        if index is None or not hits or (answer is None and self._moments is None):
            return None
        return Exported(index, None if answer is None else answer.video_range, hits, scene.project)

    def _names(self) -> Mapping[int, str]:
        scene = self.context.scene
        if scene is None:
            return {}
        if self._named[0] is not scene:
            self._named = scene, {video_id: displayable(video.name) for video_id, video in scene.videos.items()}
        return self._named[1]
