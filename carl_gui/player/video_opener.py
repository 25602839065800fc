"""Open a video of the project in a player, or show why it has no frames."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject

from carl_gui.frames.latest_frame_reader import FrameSource
from carl_gui.player.playback import PlaybackController
from carl_gui.player.player import PlayerPanel
from carl_gui.tasks import Tasks, in_thread
from carl_gui.widgets.labels import shown
from core.base.errors import StorageError, VideoError
from core.pose.kept import find_landmarks
from core.project.badges import look_at
from core.project.places import likely_file
from core.project.rows import VideoRow
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.frame_store import find_stored
from core.video.reader import VideoReader


def open_video(
    playback: PlaybackController,
    name: str,
    digest: str,
    file: Path,
    *,
    is_stored: bool,
    is_missing: bool = False,
    image_rate: float = DEFAULT_IMAGE_RATE,
) -> None:
    """Show a file's frames from the first on: stored ones at once where it is in the frame store, and full-size ones.

    Args:
        name: as people know it, displayable.
        digest: `core.video.content.video_digest` of it.
        is_missing: whether the file is gone; then there are the stored frames alone.
        image_rate: of a folder of images, in images a second.
    """
    if is_missing:
        playback.open_sources(name, lambda: _stored(digest, file), None)
    elif is_stored:
        playback.open_sources(name, lambda: _stored(digest, file), lambda: _stored_full_size(digest, file))
    else:
        playback.open_sources(name, None, lambda: VideoReader(file, image_rate=image_rate))
    playback.set_pose_source(functools.partial(find_landmarks, digest, file), digest)
    playback.set_sound_source(None if is_missing else file)


class Opener(QObject):
    """Shows one video at a time; its path and stored frames are looked up in a thread."""

    def __init__(self, playback: PlaybackController, player: PlayerPanel) -> None:
        super().__init__(playback)
        self._playback, self._player = playback, player
        self._video: VideoRow | None = None
        self._frame_index = 0
        self._tasks = Tasks(self, self._on_error)

    @property
    def video(self) -> VideoRow | None:
        """The video that is shown, or will be."""
        return self._video

    def show(self, video: VideoRow | None, folder: Path, frame_index: int = 0) -> None:
        """Show this video of the project in that folder, from that frame on; None: none."""
        self._video, self._frame_index = video, frame_index
        self._playback.clear()
        if video is not None:
            self._player.set_no_video(shown(video.name), self.tr("Reading the video…"))
            self._tasks.start("open", self._open(video, folder))
        else:
            self._tasks.cancel("open")

    def start_at(self, frame_index: int) -> None:
        """Show that frame first, if it is not shown yet."""
        self._frame_index = frame_index
        self._playback.seek_when_open(frame_index)

    def close(self) -> None:
        """End the thread."""
        self._video = None
        self._tasks.close()

    def _on_error(self, sentence: str) -> None:
        if self._video is not None:
            self._player.set_no_video(shown(self._video.name), shown(sentence))

    async def _open(self, video: VideoRow, folder: Path) -> None:
        location = await in_thread(lambda control: _locate(video, folder))
        name = shown(video.name)
        if location.problem:
            self._player.set_no_video(name, shown(location.problem))
        elif location.file is None and location.is_stored:
            file = likely_file(video, folder)
            open_video(self._playback, name, video.digest, file, is_stored=True, is_missing=True)
            self._player.set_file_missing(True)
            self._playback.seek_when_open(self._frame_index)
        elif location.file is None:
            self._player.set_no_video(name, self.tr("File missing. Find it on the Videos page."))
        else:
            rate = video.fps or DEFAULT_IMAGE_RATE
            open_video(self._playback, name, video.digest, location.file, is_stored=location.is_stored, image_rate=rate)
            self._playback.seek_when_open(self._frame_index)


@dataclass(frozen=True)
class _Location:
    file: Path | None
    problem: str
    is_stored: bool


def _locate(video: VideoRow, folder: Path) -> _Location:
    file, problem = look_at(video, folder)
    return _Location(file, problem, find_stored(video.digest, file or Path(video.name)) is not None)


@contextlib.contextmanager
def _stored(digest: str, file: Path) -> Iterator[FrameSource]:
    stored = find_stored(digest, file)
    if stored is None:
        raise StorageError(f"The stored frames of {file} are missing. Add the video again.")
    yield stored


def _stored_full_size(digest: str, file: Path) -> AbstractContextManager[FrameSource]:
    stored = find_stored(digest, file)
    if stored is not None and not file.exists():
        raise VideoError(
            QCoreApplication.translate("Opener", "File missing; showing stored frames. Find it on the Videos page.")
        )
    return VideoReader(file) if stored is None else stored.reader()
