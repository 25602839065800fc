"""What a person wants of one of two linked players: done to both where it leads, else to it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.controllers.playback import PlaybackController
from carl_gui.panels.player.player import PlayerPanel

if TYPE_CHECKING:
    from carl_gui.controllers.explore.linked_players import LinkedPlayers


class Rein(QObject):
    """Listens to one player's panel."""

    def __init__(self, players: LinkedPlayers, side: int, panel: PlayerPanel) -> None:
        """`side`: 0 is A's."""
        super().__init__(panel)
        self._players, self._side = players, side
        panel.play_toggled.connect(self.toggle)
        panel.shuttled.connect(self.shuttle)
        panel.frames_stepped.connect(self.step_frames)
        panel.seconds_stepped.connect(self.step_seconds)
        panel.frame_chosen.connect(self.go)
        panel.scrub_began.connect(self.hold)
        panel.scrub_ended.connect(self.release)
        panel.speed_chosen.connect(players.choose_speed)
        panel.loop_changed.connect(lambda span: players.set_loop(side, span))

    @property
    def rate(self) -> float:
        """How fast it plays, with the other one or alone."""
        return self._players.rate or self._alone.rate

    @property
    def _alone(self) -> PlaybackController:
        return self._players.alone[self._side]

    @property
    def _leads(self) -> bool:
        return self._players.leads(self._side)

    def go(self, frame: int) -> None:
        """Show that frame."""
        if self._leads:
            self._players.lead(self._side, frame)
        else:
            self._alone.go(frame)

    def step_frames(self, frames: int) -> None:
        """Pause, and go by so many frames; along the path by so many of its steps."""
        if not self._leads:
            self._alone.step_frames(frames)
        elif self._players.mode == "path":
            self._players.step_by(frames)
        else:
            self._players.pause()
            self.go(self._players.frames[self._side] + frames)

    def step_seconds(self, seconds: float) -> None:
        """Go to what this video shows so much later, or earlier."""
        if self._leads:
            self.go(self._players.seconds_on(self._side, seconds))
        else:
            self._alone.step_seconds(seconds)

    def toggle(self) -> None:
        """Play, or pause; both pause where both play."""
        (self._players if self._leads or self._players.rate else self._alone).toggle()

    def shuttle(self, direction: int) -> None:
        """Play in that direction, then faster; 0 pauses."""
        (self._players if self._leads or self._players.rate else self._alone).shuttle(direction)

    def hold(self) -> None:
        """Pause until `release`, while somebody drags."""
        (self._players if self._leads else self._alone).hold()

    def release(self) -> None:
        """Play on as before `hold`."""
        (self._players if self._leads else self._alone).release()
