"""The heatmap's connection to players and settings, and its pictures under the pointer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from carl_gui.explore.pair.heatmap import HeatmapView
from carl_gui.explore.pair.heatmap_look import HeatmapLookBox, Look, decode_look, encode_look
from carl_gui.explore.pair.lag_view import LagView
from carl_gui.explore.pair.model import Pair
from carl_gui.frames.pictures import FramePictures, FrameRequest
from carl_gui.settings import open_settings, saved_words
from core.project.rows import VideoRow

_KEPT = 400
"""Pictures of each pair that stay in memory: 90 MB at most."""
_PATIENCE_MS = 150
"""So long the pictures before may stay while new ones are read."""


class PairHover(QObject):
    """Shows thumbnails of the hovered frames of the videos given by `show`."""

    def __init__(self, heatmap: HeatmapView) -> None:
        super().__init__(heatmap)
        self._heatmap = heatmap
        self._videos: tuple[VideoRow, VideoRow] | None = None
        self._folder = Path()
        self._frames = (-1, -1)
        self._thumbnails: list[QImage | None] = [None, None]
        self._pictures = FramePictures(self, kept=_KEPT)
        self._pictures.arrived.connect(self._on_result)
        self._delay = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._delay.timeout.connect(self._show)
        heatmap.thumbnails_requested.connect(self._request)

    def show(self, a: VideoRow | None, b: VideoRow | None, folder: Path) -> None:
        """Set the videos whose frames are hovered, of the project in that folder."""
        videos = None if a is None or b is None else (a, b)
        if videos != self._videos or folder != self._folder:
            self._videos, self._folder = videos, folder
            self._request(*self._frames)

    def close(self) -> None:
        """End the thread."""
        self._videos = None
        self._delay.stop()
        self._pictures.close()

    def _request(self, a_frame: int, b_frame: int) -> None:
        self._frames, self._thumbnails = (a_frame, b_frame), [None, None]
        if self._videos is None or a_frame < 0:
            self._delay.stop()
            self._pictures.request([])
            self._heatmap.set_thumbnails(None, None)
            return
        if not self._delay.isActive():
            self._delay.start()
        requests = [
            FrameRequest(video, frame, self._folder) for video, frame in zip(self._videos, self._frames, strict=True)
        ]
        self._pictures.request(requests if requests[0].key != requests[1].key else requests[:1])

    def _on_result(self, video_id: int, frame: int, picture: QImage) -> None:
        if self._videos is None:
            return
        for side, video in enumerate(self._videos):
            if (video.id, frame) == (video_id, self._frames[side]):
                self._thumbnails[side] = picture
        if None not in self._thumbnails or not self._delay.isActive():
            self._show()

    def _show(self) -> None:
        """Show all pictures that are ready."""
        self._delay.stop()
        self._heatmap.set_thumbnails(*self._thumbnails)


_KEY = "explore/heatmap_look"


class HeatmapControl(QObject):
    """Remembers the user's choices."""

    def __init__(self, heatmap: HeatmapView, lags: LagView, seek: Callable[[int, int], None]) -> None:
        """Connect the heatmap and the lags; `seek` shows a frame of A and one of B."""
        super().__init__(heatmap)
        self._heatmap, self._seek = heatmap, seek
        self._pair: Pair | None = None
        self.box = HeatmapLookBox()
        self.hover = PairHover(heatmap)
        look = decode_look(saved_words(open_settings(), _KEY))
        self.box.set_look(look)
        heatmap.set_look(look)
        self.box.look_selected.connect(self.choose_look)
        lags.lag_selected.connect(self.choose_lag)

    @property
    def look(self) -> Look:
        """The colours of the heatmap."""
        return self.box.look

    def show(self, pair: Pair | None, a: VideoRow | None, b: VideoRow | None, folder: Path) -> None:
        """Show this pair, whose videos are of the project in that folder."""
        self._pair = pair
        self.hover.show(a, b, folder)

    def choose_look(self, look: Look) -> None:
        """Set these colours, and remember them."""
        self._heatmap.set_look(look)
        open_settings().setValue(_KEY, encode_look(look))

    def choose_lag(self, seconds: float) -> None:
        """Show B this much later than A; where the video ends before, A goes back as far as needed."""
        pair = self._pair
        if pair is None:
            return
        a_frame = self._heatmap.frames[0]
        latest = max(pair.b.middle(len(pair.b) - 1) - seconds, 0.0)
        start = min(pair.a.middle(min(a_frame, len(pair.a) - 1)), latest)
        self._seek(pair.a.frame_at(start), pair.b.frame_at(start + seconds))

    def close(self) -> None:
        """End the threads."""
        self._pair = None
        self.hover.close()
