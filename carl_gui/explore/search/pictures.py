"""Pictures of results, still and under the pointer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from carl_gui.explore.search.hits import Hit, SearchIndex
from carl_gui.explore.search.panel import SearchPanel
from carl_gui.frames.latest_frame_reader import FrameReady, FrameSource, LatestFrameReader, Opened, ReaderEvent
from carl_gui.frames.pictures import FramePictures, FrameRequest, small
from core.base.errors import VideoError
from core.project.badges import look_at
from core.project.rows import VideoRow

_AROUND_SECONDS = 0.5
"""Seconds that play on either side of a frame."""
_REST_MS = 120
"""Playing starts this long after the pointer stops on a hit."""
_TICK_MS = 15
_LEAVE_SECONDS = 2.0


def stretch_around(hit: Hit, edges_seconds: NDArray[np.float64]) -> range:
    """Return the frames to play: those that start within half a second of the frame's start, or the span itself."""
    video_range = hit.video_range
    if not video_range.is_frame:
        return range(video_range.start_frame, video_range.end_frame_exclusive)
    starts = edges_seconds[:-1]
    frame_seconds = starts[video_range.start_frame]
    first, stop = np.searchsorted(
        starts, (frame_seconds - _AROUND_SECONDS - 1e-6, frame_seconds + _AROUND_SECONDS + 1e-6)
    )
    return range(int(first), int(stop))


class HoverPlayer(QObject):
    """One result at a time, looped, at its original tempo."""

    frame_ready = Signal(int, QImage)
    """The row and its picture."""

    _event_received = Signal(int, object)
    """The ticket, and the picture of a frame or None once opened; from the reader's thread."""

    def __init__(self, parent: QObject, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._ticket = 0
        self._row = -1
        self._started_at = 0.0
        self._frame = -1
        self._frames = range(0)
        self._edges: NDArray[np.float64] = np.zeros(1)
        self._start: Callable[[], None] = lambda: None
        self._reader: LatestFrameReader | None = None
        self._start_timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._start_timer.timeout.connect(lambda: self._start())
        self._frame_timer = QTimer(self, interval=_TICK_MS)
        self._frame_timer.timeout.connect(self.advance)
        self._event_received.connect(self._on_event)

    @property
    def row(self) -> int:
        """The row that plays, or is about to; -1: none."""
        return self._row

    def play(self, row: int, hit: Hit, edges_seconds: NDArray[np.float64], video: VideoRow, folder: Path) -> None:
        """Start soon, and loop until `stop`.

        Args:
            edges_seconds: (S + 1,) of the video's frames.
            folder: of the project.
        """
        self.stop()
        self._row, self._edges, self._frames = row, edges_seconds, stretch_around(hit, edges_seconds)
        ticket = self._ticket
        self._start = lambda: self._open_reader(ticket, video, folder)
        self._start_timer.start()

    def stop(self) -> None:
        """Stop playing; frames still being read are not shown."""
        self._ticket += 1
        self._row = self._frame = -1
        self._start_timer.stop()
        self._frame_timer.stop()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def close(self) -> None:
        """Stop, and wait a moment for the thread."""
        reader = self._reader
        self.stop()
        if reader is not None:
            reader.wait(_LEAVE_SECONDS)

    def advance(self) -> None:
        """Request the frame that is due, from the first one again after the last."""
        first, stop = self._frames.start, self._frames.stop
        length = float(self._edges[stop] - self._edges[first])
        seconds = float(self._edges[first]) + (self._clock() - self._started_at) % length if length > 0 else 0.0
        frame = int(np.searchsorted(self._edges, seconds + 1e-6, side="right")) - 1
        frame = min(max(frame, first), stop - 1)
        if frame != self._frame and self._reader is not None:
            self._frame = frame
            self._reader.request(frame, self._ticket)

    def _open_reader(self, ticket: int, video: VideoRow, folder: Path) -> None:
        def on_event(event: ReaderEvent) -> None:
            if isinstance(event, FrameReady):
                self._event_received.emit(ticket, small(event.frame.image))
            elif isinstance(event, Opened):
                self._event_received.emit(ticket, None)

        self._reader = LatestFrameReader(lambda: _source(video, folder), on_event)

    def _on_event(self, ticket: int, picture: QImage | None) -> None:
        if ticket != self._ticket:
            return
        if picture is not None:
            self.frame_ready.emit(self._row, picture)
            return
        self._started_at = self._clock()
        self._frame_timer.start()
        self.advance()


@contextlib.contextmanager
def _source(video: VideoRow, folder: Path) -> Iterator[FrameSource]:
    """Return the stored frames of a video, or else its file."""
    from core.video.frame_store import find_stored
    from core.video.reader import VideoReader

    file, _ = look_at(video, folder)
    stored = find_stored(video.digest, file or Path(video.absolute or video.name))
    if stored is not None:
        yield stored
    elif file is None:
        raise VideoError(f"The file of {video.name} is missing.")
    else:
        with VideoReader(file) as reader:
            yield reader


@dataclass(frozen=True)
class Source:
    """The source of pictures."""

    videos: Mapping[int, VideoRow]
    """The videos of the project, by id."""
    folder: Path
    """The project's folder."""


class SearchPictures(QObject):
    """Reads visible pictures in threads."""

    def __init__(self, panel: SearchPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._source: Source | None = None
        self._query_video = -1
        self._pictures = FramePictures(self)
        self._pictures.arrived.connect(self._on_result)
        self.hover = HoverPlayer(self)
        self.hover.frame_ready.connect(lambda row, image: panel.model.set_playing(row, QPixmap.fromImage(image)))
        panel.hits.pictures_requested.connect(lambda _: self.ask())
        panel.side.history.scrolled.connect(self.ask)

    def set_source(self, source: Source, query_video: int) -> None:
        """Read from this source from now on; `query_video` is the id of the query's video, -1 for none."""
        self._source, self._query_video = source, query_video

    def ask(self) -> None:
        """Read the missing visible pictures: of the query, then of hits, then of past searches."""
        panel, source = self._panel, self._source
        if source is None or not panel.isVisible():
            return
        strip, hits, entries = panel.query.strip, panel.model.rows, panel.entries
        missing = [(self._query_video, frame) for frame in strip.frames if strip.picture(frame) is None]
        hit_rows = [row for row in panel.hits.visible_rows if panel.model.picture(row) is None]
        missing += [(hits[row].video_range.video_id, hits[row].pictured) for row in hit_rows]
        past_rows = [row for row in panel.side.history.visible_rows if entries.picture(row) is None]
        missing += [(entries.rows[row].video_range.video_id, entries.rows[row].pictured) for row in past_rows]
        videos, folder = source.videos, source.folder
        self._pictures.request(
            [FrameRequest(videos[video_id], frame, folder) for video_id, frame in missing if video_id in videos]
        )

    def play(self, row: int, search_index: SearchIndex | None) -> None:
        """Play this hit in its cell; -1: none."""
        self.stop()
        if row < 0 or search_index is None or self._source is None:
            return
        hit = self._panel.model.rows[row]
        video_id = hit.video_range.video_id
        if video_id in search_index.embedded and video_id in search_index.videos:
            edges = search_index.embedded[video_id].edges_seconds
            self.hover.play(row, hit, edges, search_index.videos[video_id], self._source.folder)

    def stop(self) -> None:
        """Stop playing."""
        before = self.hover.row
        self.hover.stop()
        if before >= 0:
            self._panel.model.set_playing(before, None)

    def close(self) -> None:
        """End the threads, and clear all pictures."""
        self.hover.close()
        self._pictures.close()
        self._source = None
        self._panel.model.clear_pictures()

    def _on_result(self, video_id: int, frame: int, image: QImage) -> None:
        picture = QPixmap.fromImage(image)
        self._panel.model.set_picture(video_id, frame, picture)
        self._panel.entries.set_picture(video_id, frame, picture)
        if self._query_video == video_id:
            self._panel.query.strip.set_picture(frame, picture)
