"""Start a search from its own view: from a frame of any embedded video, initially the last one shown in a player."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.when_shown import WhenShown
from carl_gui.frame_pictures import FramePictures, FrameRequest
from carl_gui.models.scene import VideoRange
from carl_gui.models.video_choices import video_choice
from carl_gui.panels.search.search import SearchPanel
from carl_gui.timecode import clock
from core.embedding.embedded_video import EmbeddedVideo


class SearchStart(QObject):
    """Connects the box to the scene; `search` requests the search."""

    def __init__(self, desk: ExploreContext, panel: SearchPanel, search: Callable[[VideoRange], object]) -> None:
        super().__init__(panel)
        self._desk, self._panel, self._box, self._search = desk, panel, panel.side.start, search
        self._video: int | None = None
        self._frame = 0
        self._when_shown = WhenShown(self._box, self._show_box)
        self._pictures = FramePictures(self)
        self._pictures.arrived.connect(self._on_result)
        desk.playing.connect(self._follow)
        self._box.video_selected.connect(self.choose)
        self._box.frame_selected.connect(lambda frame: self.choose(self._video, frame))
        panel.commands["new_search"].triggered.connect(self.begin)
        panel.commands["new_search"].setEnabled(False)

    def choose(self, video: int | None, frame: int = 0) -> None:
        """Search from this frame of the video with that id."""
        is_same, self._video, self._frame = video == self._video, video, frame
        if is_same:
            self._show_frame()
        else:
            self.show()

    def begin(self) -> None:
        """Search for the frame that is chosen."""
        if self._length():
            assert self._video is not None
            self._search(VideoRange(self._video, self._frame, self._frame + 1))

    def show(self) -> None:
        """All that follows from the scene and what is chosen."""
        scene = self._desk.scene
        if scene is None:
            return
        if self._video not in scene.videos:
            self._video, self._frame = next(iter(scene.videos)), 0
        self._panel.commands["new_search"].setEnabled(self._length() > 0)
        self._when_shown.refresh()

    def _show_box(self) -> None:
        if (scene := self._desk.scene) is not None:
            self._box.set_videos([video_choice(one) for one in scene.videos.values()], self._video)
            self._show_frame()

    def _show_frame(self) -> None:
        scene = self._desk.scene
        if scene is None or self._video is None or self._video not in scene.videos:
            return
        length = self._length()
        self._frame = min(self._frame, max(length - 1, 0))
        self._box.set_frame(self._frame, length, self._words())
        self._panel.commands["new_search"].setEnabled(length > 0)
        self._box.set_picture(None)
        if self._box.isVisible():
            self._pictures.request([FrameRequest(scene.videos[self._video], self._frame, scene.project)])

    def close(self) -> None:
        """End the thread, and choose nothing."""
        self._when_shown.forget()
        self._pictures.close()
        self._video, self._frame = None, 0
        self._panel.commands["new_search"].setEnabled(False)

    def _follow(self, video: int, frame: int) -> None:
        """A player elsewhere shows that."""
        if not self._box.isVisible():
            self._video, self._frame = video, frame
            self._when_shown.refresh()

    def _embedded(self) -> EmbeddedVideo | None:
        return (self._desk.embedded or {}).get(self._video) if self._video is not None else None

    def _length(self) -> int:
        embedded = self._embedded()
        return 0 if embedded is None else len(embedded)

    def _words(self) -> str:
        embedded = self._embedded()
        if embedded is None or not len(embedded):
            return ""
        return self.tr("Frame {0} · {1}").format(self._frame, clock(float(embedded.edges_seconds[self._frame])))

    def _on_result(self, video: int, frame: int, picture: QImage) -> None:
        if (video, frame) == (self._video, self._frame):
            self._box.set_picture(picture)
