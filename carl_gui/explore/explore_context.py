"""State shared by the views of the Explore page, and the requests one view makes to another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.app_context import AppContext
from carl_gui.explore.opened import open_videos
from carl_gui.explore.right_videos import RightVideos
from carl_gui.explore.sureness import Sureness
from carl_gui.models.scene import Scene
from carl_gui.tasks import Tasks, in_thread
from core.embedding.embedded_video import EmbeddedVideo

_Key = tuple[Path, str, Mapping[int, str]]
"""Folder of embeddings, digest of their encoder, digests of the videos by id."""


class ExploreContext(QObject):
    """One per page. Emitters of a request need not know which view handles it."""

    opened = Signal()
    """The requested embeddings are open."""
    refused = Signal(str)
    """The message why the embeddings cannot be opened."""
    search_requested = Signal(object)
    """`VideoRange`: search for similar frames or spans."""
    pair_requested = Signal(object, object)
    """`FrameRef` of A and of B, to show side by side."""
    moments_requested = Signal(object, str)
    """A list of `FrameRef` to show, and their title."""
    playing = Signal(int, int)
    """A player shows this frame of the video with that id."""

    def __init__(self, app_context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self.app_context = app_context
        self.sureness = Sureness(self)
        self.right = RightVideos(app_context.session, self)
        self.scene: Scene | None = None
        """None while nothing is embedded."""
        self.embedded: Mapping[int, EmbeddedVideo] | None = None
        """All videos of the scene by id, memory-mapped; None until requested and open."""
        self._key: _Key | None = None
        """The key of what is open, or being opened."""
        self._tasks = Tasks(self, self.refuse)

    def set_scene(self, scene: Scene | None) -> None:
        """Set the scene that the views show."""
        if scene == self.scene:
            return
        self.scene = scene
        if scene is None or _key(scene) != self._key:
            self._key = self.embedded = None
            self._tasks.cancel("open")

    def open_embedded(self) -> None:
        """Open the scene's embeddings in a thread, unless they are open or being opened; emits `opened` or `refused` at
        the end.
        """
        scene = self.scene
        if scene is None or self._key is not None:
            return
        self._key = _key(scene)
        self._tasks.start("open", self._open(self._key))

    def refuse(self, sentence: str) -> None:
        """Report that the embeddings cannot be opened; the next `open_embedded` tries again."""
        self._key = None
        self.refused.emit(sentence)

    def close(self) -> None:
        """End the thread and clear the scene."""
        self._tasks.close()
        self.right.close()
        self.scene = self.embedded = self._key = None

    async def _open(self, key: _Key) -> None:
        self.embedded = await in_thread(lambda control: open_videos(*key))
        self.opened.emit()


def _key(scene: Scene) -> _Key:
    return scene.embeddings, scene.encoder_digest, {video_id: video.digest for video_id, video in scene.videos.items()}
