"""Pictures of a search: query, results and history, and the result playing under the mouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage, QPixmap

from carl_gui.controllers.explore.search_hover import HoverPlayer
from carl_gui.frame_pictures import FramePictures, FrameRequest
from carl_gui.models.search_index import SearchIndex
from carl_gui.panels.search.search import SearchPanel
from core.project.rows import VideoRow


@dataclass(frozen=True)
class Source:
    """The source of pictures."""

    videos: Mapping[int, VideoRow]
    """Of the project, by id."""
    folder: Path
    """Of the project."""


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
        self.hover.shown.connect(lambda row, image: panel.model.set_playing(row, QPixmap.fromImage(image)))
        panel.hits.pictures_requested.connect(lambda _: self.ask())
        panel.side.history.scrolled.connect(self.ask)

    def set_source(self, source: Source, query_video: int) -> None:
        """Read from there from now on; `query_video` is the id of the query's video, -1 for none."""
        self._source, self._query_video = source, query_video

    def ask(self) -> None:
        """Read what is in sight and has no picture: of the query, then of hits, then of earlier searches."""
        panel, source = self._panel, self._source
        if source is None or not panel.isVisible():
            return
        strip, hits, entries = panel.query.strip, panel.model.rows, panel.entries
        wanted = [(self._query_video, frame) for frame in strip.frames if strip.picture(frame) is None]
        in_sight = [row for row in panel.hits.in_sight if panel.model.picture(row) is None]
        wanted += [(hits[row].passage.video_id, hits[row].pictured) for row in in_sight]
        earlier = [row for row in panel.side.history.in_sight if entries.picture(row) is None]
        wanted += [(entries.rows[row].passage.video_id, entries.rows[row].pictured) for row in earlier]
        videos, folder = source.videos, source.folder
        self._pictures.request(
            [FrameRequest(videos[number], frame, folder) for number, frame in wanted if number in videos]
        )

    def play(self, row: int, ground: SearchIndex | None) -> None:
        """Play this hit in its place; -1: none."""
        self.stop()
        if row < 0 or ground is None or self._source is None:
            return
        hit = self._panel.model.rows[row]
        number = hit.passage.video_id
        if number in ground.embedded and number in ground.videos:
            edges = ground.embedded[number].edges_seconds
            self.hover.play(row, hit, edges, ground.videos[number], self._source.folder)

    def stop(self) -> None:
        """Play nothing."""
        before = self.hover.row
        self.hover.stop()
        if before >= 0:
            self._panel.model.set_playing(before, None)

    def close(self) -> None:
        """End the threads, and forget all pictures."""
        self.hover.close()
        self._pictures.close()
        self._source = None
        self._panel.model.forget_pictures()

    def _on_result(self, video_id: int, frame: int, image: QImage) -> None:
        picture = QPixmap.fromImage(image)
        self._panel.model.set_picture(video_id, frame, picture)
        self._panel.entries.set_picture(video_id, frame, picture)
        if self._query_video == video_id:
            self._panel.query.strip.set_picture(frame, picture)
