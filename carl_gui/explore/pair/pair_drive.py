"""Connects the controls for linked playback and display to the players."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from carl_gui.explore.pair.drive import MODES, PACES, Mode, Pace
from carl_gui.explore.pair.panel import PairPanel
from carl_gui.explore.pair.players import LinkedPlayers
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.models.overlay import LOOKS, Look

_Kind = TypeVar("_Kind")


class PairDrive(QObject):
    """The boxes of the row, the strip, the heatmap and the keys have the same effects."""

    def __init__(self, panel: PairPanel, players: LinkedPlayers) -> None:
        super().__init__(players)
        self._panel, self._players = panel, players
        self._look: Look = "side"
        self._b_share, self._is_mirrored = 0.5, False
        panel.play_toggled.connect(players.toggle)
        panel.shuttled.connect(players.shuttle)
        panel.heatmap.frames_selected.connect(players.seek)
        panel.strip.step_selected.connect(players.go_step)
        panel.strip.stepped.connect(players.step_by)
        panel.strip.scrub_began.connect(players.hold)
        panel.strip.scrub_ended.connect(players.release)
        drive, commands = panel.drive, panel.commands
        drive.mode_selected.connect(lambda mode: self.choose_mode(mode, players.pace))
        drive.pace_selected.connect(lambda pace: self.choose_mode("path", pace))
        drive.look_selected.connect(lambda look: self.choose_look(look))
        drive.share_selected.connect(lambda share: self.choose_look(self._look, share))
        drive.speed_selected.connect(players.choose_speed)
        drive.mirror_toggled.connect(self.mirror)
        for mode in MODES:
            commands[f"move_{mode}"].triggered.connect(lambda _=False, mode=mode: self.choose_mode(mode, players.pace))
        for look in LOOKS:
            commands[f"look_{look}"].triggered.connect(lambda _=False, look=look: self.choose_look(look))
        commands["next_mode"].triggered.connect(lambda: self.choose_mode(_after(players.mode, MODES), players.pace))
        commands["next_pace"].triggered.connect(lambda: self.choose_mode("path", _after(players.pace, PACES)))
        commands["next_look"].triggered.connect(lambda: self.choose_look(_after(self._look, LOOKS)))
        commands["mirror"].triggered.connect(lambda: self.mirror(not self._is_mirrored))
        commands["previous_peak"].triggered.connect(lambda: self.go_peak(-1))
        commands["next_peak"].triggered.connect(lambda: self.go_peak(1))
        commands["previous_repetition"].triggered.connect(lambda: self.go_repetition(-1))
        commands["next_repetition"].triggered.connect(lambda: self.go_repetition(1))

    @property
    def look(self) -> Look:
        return self._look

    def show(self) -> None:
        """What can be done with the pair that is seen."""
        pair = self._players.pair
        for name in ("previous_peak", "next_peak"):
            self._panel.commands[name].setEnabled(pair is not None and len(pair.curves.peaks) > 0)
        for name in ("previous_repetition", "next_repetition"):
            self._panel.commands[name].setEnabled(isinstance(pair, RepeatedPair))

    def choose_mode(self, mode: Mode, pace: Pace) -> None:
        """Move both like this."""
        self._panel.drive.set_mode(mode, pace)
        self._players.set_mode(mode, pace)

    def choose_look(self, look: Look, b_share: float | None = None) -> None:
        """Look at both like this."""
        self._look = look
        if b_share is not None:
            self._b_share = b_share
        self._panel.set_look(look, self._b_share, is_mirrored=self._is_mirrored)

    def mirror(self, is_mirrored: bool) -> None:
        """See B as in a mirror, or as it is."""
        self._is_mirrored = is_mirrored
        self._players.set_mirrored(is_mirrored)
        self._panel.drive.set_look(self._look, self._b_share, is_mirrored=is_mirrored)

    def go_peak(self, direction: int) -> None:
        """Go to the next place, or the one before (-1), where the two differ most."""
        pair = self._players.pair
        if pair is None:
            return
        self._go_to(pair.curves.peaks, direction)

    def go_repetition(self, direction: int) -> None:
        """Go to where the next repetition begins, or to where the one that is shown does, or the one before (-1)."""
        pair = self._players.pair
        if isinstance(pair, RepeatedPair):
            self._go_to(pair.moments.starts, direction)

    def _go_to(self, moments: NDArray[np.int64], direction: int) -> None:
        """The next of these moments, or the one before (-1)."""
        step = self._players.step
        beyond = np.flatnonzero(moments > step if direction > 0 else moments < step)
        if len(beyond):
            self._players.go_step(int(moments[beyond[0 if direction > 0 else -1]]))


def _after(now: _Kind, kinds: tuple[_Kind, ...]) -> _Kind:
    return kinds[(kinds.index(now) + 1) % len(kinds)]
