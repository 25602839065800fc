"""The video of the library in the player: its stored frames, its file, or why it cannot be shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from carl_gui.controllers.playback import PlaybackController
from carl_gui.controllers.video_opener import open_video
from carl_gui.panels.elided import shown
from carl_gui.panels.player.player import PlayerPanel
from core.project.badges import Badges
from core.project.rows import VideoRow


class ShownVideo(QObject):
    """Shows one video, and updates when more is known about it."""

    def __init__(self, playback: PlaybackController, player: PlayerPanel) -> None:
        super().__init__(playback)
        self._playback, self._player = playback, player
        self._id = -1
        self._is_stored: bool | None = None
        """Whether its stored frames are shown; None: it is said why it cannot be played."""
        self._is_missing = False

    @property
    def id(self) -> int:
        """Of the video; -1: none is shown."""
        return self._id

    @property
    def is_stored(self) -> bool:
        """Whether its stored frames are shown."""
        return bool(self._is_stored)

    def show(self, video: VideoRow, known: Badges | None, likely_file: Path) -> None:
        """Show this video from its first frame, or say why it cannot be.

        Args:
            known: what the disk said of it; None while nobody looked.
            likely_file: where it lies as long as that is not known.
        """
        self._id, self._is_stored = video.id, _is_stored(known)
        self._is_missing = known is not None and known.missing
        if known is not None and self._is_stored is None:
            self._playback.clear()
            missing = self.tr("File missing. Find it with “Find moved video…”.")
            self._player.set_no_video(shown(video.name), shown(known.broken) if known.broken else missing)
            return
        file = known.file if known is not None and known.file is not None else likely_file
        name, is_missing = shown(video.name), self._is_missing
        open_video(self._playback, name, video.digest, file, is_stored=self.is_stored, is_missing=is_missing)
        self._player.set_file_missing(is_missing)

    def take_news(self, video: VideoRow, known: Badges, likely_file: Path) -> None:
        """Show it otherwise where its frames are stored now, or its file is found, or gone; not while it plays."""
        is_same = video.id == self._id
        if is_same and known.decoded and self._is_stored is not None:
            self._player.set_file_missing(known.missing)  # at once, while it plays too
        now = self._id, self._is_stored, self._is_missing
        if (video.id, _is_stored(known), known.missing) == now or self._playback.rate:
            return
        place = self._playback.place_to_come if self._id == video.id else 0
        self.show(video, known, likely_file)
        self._playback.go_when_open(place)

    def rename(self, video: VideoRow) -> None:
        """It may go by another name now."""
        self._playback.rename(shown(video.name))

    def clear(self) -> None:
        """Show none."""
        self._id, self._is_stored = -1, None
        self._playback.clear()


def _is_stored(known: Badges | None) -> bool | None:
    """Return whether the player takes the stored frames of this video; None where it cannot be played."""
    if known is None:
        return False
    if known.broken or (known.missing and not known.decoded):
        return None
    return known.decoded
