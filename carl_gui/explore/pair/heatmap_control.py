"""The heatmap's connection to players and settings, and its pictures under the pointer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from carl_gui.explore.pair.heatmap import HeatmapView
from carl_gui.explore.pair.heatmap_look import HeatmapLookBox, Look, look_of, words_of
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
    """Of the videos that `show` names."""

    def __init__(self, heatmap: HeatmapView) -> None:
        super().__init__(heatmap)
        self._heatmap = heatmap
        self._videos: tuple[VideoRow, VideoRow] | None = None
        self._folder = Path()
        self._frames = (-1, -1)
        self._found: list[QImage | None] = [None, None]
        self._pictures = FramePictures(self, kept=_KEPT)
        self._pictures.arrived.connect(self._on_result)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._show)
        heatmap.thumbnails_requested.connect(self._ask)

    def show(self, a: VideoRow | None, b: VideoRow | None, folder: Path) -> None:
        """Whose frames are hovered, of the project in that folder."""
        videos = None if a is None or b is None else (a, b)
        if videos != self._videos or folder != self._folder:
            self._videos, self._folder = videos, folder
            self._ask(*self._frames)

    def close(self) -> None:
        """End the thread."""
        self._videos = None
        self._patience.stop()
        self._pictures.close()

    def _ask(self, a_frame: int, b_frame: int) -> None:
        self._frames, self._found = (a_frame, b_frame), [None, None]
        if self._videos is None or a_frame < 0:
            self._patience.stop()
            self._pictures.request([])
            self._heatmap.set_thumbnails(None, None)
            return
        if not self._patience.isActive():
            self._patience.start()
        wanted = [
            FrameRequest(video, frame, self._folder) for video, frame in zip(self._videos, self._frames, strict=True)
        ]
        self._pictures.request(wanted if wanted[0].key != wanted[1].key else wanted[:1])

    def _on_result(self, video_id: int, frame: int, picture: QImage) -> None:
        if self._videos is None:
            return
        for side, video in enumerate(self._videos):
            if (video.id, frame) == (video_id, self._frames[side]):
                self._found[side] = picture
        if None not in self._found or not self._patience.isActive():
            self._show()

    def _show(self) -> None:
        """All there is by now."""
        self._patience.stop()
        self._heatmap.set_thumbnails(*self._found)


_KEY = "explore/heatmap_look"


class HeatmapControl(QObject):
    """Remembers the user's choices."""

    def __init__(self, heatmap: HeatmapView, lags: LagView, seek: Callable[[int, int], None]) -> None:
        """`seek` shows a frame of A and one of B."""
        super().__init__(heatmap)
        self._heatmap, self._go = heatmap, seek
        self._pair: Pair | None = None
        self.box = HeatmapLookBox()
        self.hover = PairHover(heatmap)
        look = look_of(saved_words(open_settings(), _KEY))
        self.box.set_look(look)
        heatmap.set_look(look)
        self.box.look_selected.connect(self.choose_look)
        lags.lag_selected.connect(self.choose_lag)

    @property
    def look(self) -> Look:
        """How the heatmap is coloured."""
        return self.box.look

    def show(self, pair: Pair | None, a: VideoRow | None, b: VideoRow | None, folder: Path) -> None:
        """The pair that is seen, whose videos are of the project in that folder."""
        self._pair = pair
        self.hover.show(a, b, folder)

    def choose_look(self, look: Look) -> None:
        """Colour it like this, now and next time."""
        self._heatmap.set_look(look)
        open_settings().setValue(_KEY, words_of(look))

    def choose_lag(self, seconds: float) -> None:
        """Show B so much later than A; where the video ends before, A goes back as far as needed."""
        pair = self._pair
        if pair is None:
            return
        a_frame = self._heatmap.frames[0]
        latest = max(pair.b.middle(len(pair.b) - 1) - seconds, 0.0)
        start = min(pair.a.middle(min(a_frame, len(pair.a) - 1)), latest)
        self._go(pair.a.frame_at(start), pair.b.frame_at(start + seconds))

    def close(self) -> None:
        """End the threads."""
        self._pair = None
        self.hover.close()
