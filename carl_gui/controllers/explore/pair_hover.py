"""Pictures of the two frames under the mouse in the heatmap, read in a thread, only for the newest position."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from carl_gui.frame_pictures import FramePictures, FrameRequest
from carl_gui.panels.pair.heatmap import HeatmapView
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
