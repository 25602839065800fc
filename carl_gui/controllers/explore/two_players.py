"""The players of A and B with their video openers: they can be positioned, and emit their own moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.playback import PlaybackController
from carl_gui.controllers.video_opener import Opener
from carl_gui.panels.player.player import PlayerPanel
from core.project.rows import VideoRow


class TwoPlayers(QObject):
    """Side 0 is A, side 1 is B. Others handle the signals of the panels."""

    wandered = Signal(int, int)
    """A side, and the frame that it shows without having been told to: it plays alone, or its file is shorter."""
    image_changed = Signal(int, object)
    """A side, and its image from now on, (H, W, 3)."""

    def __init__(self, panels: Sequence[PlayerPanel], clock: Callable[[], float], parent: QObject) -> None:
        super().__init__(parent)
        self._playbacks = tuple(PlaybackController(panel, clock, listens=False) for panel in panels)
        self._openers = tuple(Opener(*both) for both in zip(self._playbacks, panels, strict=True))
        self._is_told = False
        """Whether they are being told where to be, so that they have nothing to say."""
        for side, playback in enumerate(self._playbacks):
            playback.place_changed.connect(lambda frame, side=side: self._on_job_event(side, frame))
            playback.image_changed.connect(lambda image, side=side: self.image_changed.emit(side, image))

    def __getitem__(self, side: int) -> PlaybackController:
        return self._playbacks[side]

    @property
    def is_playing(self) -> bool:
        """Whether one plays alone."""
        return any(playback.rate for playback in self._playbacks)

    def open(self, side: int, video: VideoRow | None, folder: Path, place: int) -> None:
        """Show this video of the project in that folder, from that frame on; None: none."""
        self._openers[side].show(video, folder, place)

    def show(self, frames: tuple[int, int]) -> None:
        """Be there, or begin there when the file is open; what plays alone goes on from there."""
        self._is_told = True
        for opener, playback, frame in zip(self._openers, self._playbacks, frames, strict=True):
            opener.begin_at(frame)
            playback.go(frame)
        self._is_told = False

    def show_rate(self, rate: float, speed: float) -> None:
        """How fast both are played together; nobody plays alone against that."""
        for playback in self._playbacks:
            if rate and playback.rate:
                playback.shuttle(0)
            playback.show_rate(rate or playback.rate, speed)

    def shuttle(self, direction: int) -> None:
        """Each alone: play in that direction, then faster; 0 pauses."""
        for playback in self._playbacks:
            playback.shuttle(direction)

    def choose_speed(self, speed: float) -> None:
        """Of each alone."""
        for playback in self._playbacks:
            playback.choose_speed(speed)

    def close(self) -> None:
        """End the threads."""
        for opener, playback in zip(self._openers, self._playbacks, strict=True):
            opener.close()
            playback.close()

    def _on_job_event(self, side: int, frame: int) -> None:
        if not self._is_told:
            self._openers[side].begin_at(frame)
            self.wandered.emit(side, frame)
