"""Two players and the heatmap between them: A leads along the path, B follows; either may look elsewhere."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from carl_gui.controllers.opening import Opener
from carl_gui.controllers.playback import PlaybackController
from carl_gui.models.pair import Pair
from carl_gui.panels.pair.pair import PairPanel
from core.project.rows import VideoRow


class LinkedPlayers(QObject):
    """Moving in A, by whatever means, moves B along the path; moving in B moves B alone."""

    def __init__(self, panel: PairPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._pair: Pair | None = None
        self._frames = (0, 0)
        self._stays = False
        """Whether both stay where they are when it is known how they correspond."""
        self.a, self.b = PlaybackController(panel.a_player), PlaybackController(panel.b_player)
        self._openers = Opener(self.a, panel.a_player), Opener(self.b, panel.b_player)
        self.a.place_changed.connect(self._follow)
        self.b.place_changed.connect(self._wander)
        self.b.opened.connect(lambda _: self.b.go(self._frames[1]))
        panel.heatmap.frames_chosen.connect(self.go)

    @property
    def frames(self) -> tuple[int, int]:
        """What both show, or would if their files were there."""
        return self._frames

    def show_a(self, video: VideoRow | None, folder: Path, place: int) -> None:
        """Show this video as A, from that frame on; None: none."""
        self._stays = False
        self._openers[0].show(video, folder, place)
        self._set_frames(place, self._frames[1])

    def show_b(self, video: VideoRow | None, folder: Path, place: int) -> None:
        """Show this video as B."""
        self._stays = False
        self._openers[1].show(video, folder, place)
        self._set_frames(self._frames[0], place)

    def set_pair(self, pair: Pair | None) -> None:
        """How the two correspond; None: that is not known, and each moves alone."""
        self._pair = pair
        if pair is not None and not self._stays:
            self._lead(self._frames[0])

    def stay(self) -> None:
        """Keep both at their frames, wherever the path runs, until A is moved."""
        self._stays = True

    def go(self, a_frame: int, b_frame: int) -> None:
        """Show these two frames, wherever the path runs."""
        self.pause()
        self.a.go(a_frame)
        self.b.go(b_frame)
        self._set_frames(a_frame, b_frame)
        self.stay()

    def pause(self) -> None:
        """Play no more."""
        self.a.shuttle(0)
        self.b.shuttle(0)

    def close(self) -> None:
        """End the threads."""
        for opener in self._openers:
            opener.close()
        self.a.close()
        self.b.close()

    def _follow(self, a_frame: int) -> None:
        if a_frame != self._frames[0]:  # else it was opened at the frame where it is known to be
            self._lead(a_frame)

    def _lead(self, a_frame: int) -> None:
        pair = self._pair
        b_frame = self._frames[1]
        if pair is not None:
            b_frame = int(pair.followers[min(a_frame, len(pair.followers) - 1)])
            self.b.go(b_frame)
        self._set_frames(a_frame, b_frame)

    def _wander(self, b_frame: int) -> None:
        self._set_frames(self._frames[0], b_frame)

    def _set_frames(self, a_frame: int, b_frame: int) -> None:
        self._frames = a_frame, b_frame
        self._panel.set_frames(a_frame, b_frame)
