"""Which frame is due: a place that a person moves, or that goes by the clock."""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from carl_gui.panels.player.player_commands import SPEEDS

_LEAST_TICK_MS = 4
_SOON_SECONDS = 1e-6
"""Frames that are due within it are due: sums of times are not exact."""


class Playhead(QObject):
    """Goes along the times of frames; frames are dropped rather than late."""

    due = Signal(int)
    """Show this frame; said again where somebody wants it again."""
    rate_changed = Signal(float, float)
    """How fast it plays (negative is backwards, 0 pauses), and how fast it will play again."""

    def __init__(self, parent: QObject, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._seconds: NDArray[np.float64] = np.zeros(0)
        self._place = 0
        self._rate, self._speed = 0.0, 1.0
        self._rate_while_held = 0.0
        self._anchor = (0.0, 0.0)
        """Of the clock, and of the video in seconds, when it began to play at this rate."""
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)

    @property
    def place(self) -> int:
        """The frame that is due."""
        return self._place

    @property
    def rate(self) -> float:
        """Times as fast as the camera saw it; negative backwards, 0 while pausing."""
        return self._rate

    def set_times(self, seconds: NDArray[np.float64], place: int = 0) -> None:
        """Pause, and go along these from that frame on.

        Args:
            seconds: (S,) from the first frame on; none of them: there is nothing to play.
        """
        self.pause()
        self._rate_while_held = 0.0
        self._seconds, self._place = seconds, 0
        if len(seconds):
            self._go_to(min(place, len(seconds) - 1))

    def go(self, place: int) -> None:
        """Show that frame; what lies beyond the ends means them. Playing goes on from there."""
        if len(self._seconds):
            self._go_to(min(max(place, 0), len(self._seconds) - 1))
            self._set_anchor(float(self._seconds[self._place]))

    def step_frames(self, frames: int) -> None:
        """Pause, and go by so many frames."""
        self.pause()
        self.go(self._place + frames)

    def step_seconds(self, seconds: float) -> None:
        """Go to the frame that is shown so much later, or earlier."""
        if len(self._seconds):
            self.go(self._place_at(float(self._seconds[self._place]) + seconds))

    def toggle(self) -> None:
        """Play forwards at the chosen speed, or pause."""
        self._play(0.0 if self._rate else self._speed)

    def shuttle(self, direction: int) -> None:
        """Play in that direction at the chosen speed; if it does already, at the next higher one. 0 pauses."""
        if direction * self._rate > 0:
            faster = bisect.bisect_right(SPEEDS, abs(self._rate))
            self._play(direction * SPEEDS[min(faster, len(SPEEDS) - 1)])
        else:
            self._play(direction * self._speed)

    def choose_speed(self, speed: float) -> None:
        """Play at this speed from now on, and whenever it plays again."""
        self._speed = speed
        self._play(math.copysign(speed, self._rate) if self._rate else 0.0)

    def hold(self) -> None:
        """Pause until `release`, while somebody drags."""
        self._rate_while_held = self._rate
        self.pause()

    def release(self) -> None:
        """Play on as before `hold`."""
        if self._rate_while_held:
            self._play(self._rate_while_held)

    def pause(self) -> None:
        """Stay at the frame that is due."""
        self._rate = 0.0
        self._timer.stop()
        self.rate_changed.emit(0.0, self._speed)

    def advance(self) -> None:
        """Go to the frame that is due by the clock, and come back when the next one is."""
        if not self._rate:
            return
        position = self._position()
        if self._is_over(position):
            self._go_to(len(self._seconds) - 1 if self._rate > 0 else 0)
            self.pause()
            return
        place = self._place_at(position)
        if place != self._place:
            self._go_to(place)
        next_seconds = float(self._seconds[place + 1 if self._rate > 0 else place])
        due_ms = math.ceil(1000 * abs(next_seconds - position) / abs(self._rate))
        self._timer.start(max(due_ms, _LEAST_TICK_MS))

    def _play(self, rate: float) -> None:
        if not rate or not len(self._seconds):
            self.pause()
            return
        if not self._rate:
            last = len(self._seconds) - 1
            if self._place == (last if rate > 0 else 0):  # from the end on it plays anew
                self._go_to(last - self._place)
            position = float(self._seconds[self._place])
        else:
            position = self._position()
        self._rate = rate
        self.rate_changed.emit(rate, self._speed)
        self._set_anchor(position)
        self.advance()

    def _set_anchor(self, seconds: float) -> None:
        self._anchor = (self._clock(), seconds)
        if self._rate:
            self._timer.start(_LEAST_TICK_MS)

    def _position(self) -> float:
        """Seconds from the first frame on, by the clock."""
        began, seconds = self._anchor
        return seconds + (self._clock() - began) * self._rate

    def _is_over(self, position: float) -> bool:
        if self._rate > 0:
            return position >= float(self._seconds[-1]) - _SOON_SECONDS
        return position <= _SOON_SECONDS

    def _place_at(self, seconds: float) -> int:
        place = int(np.searchsorted(self._seconds, seconds + _SOON_SECONDS, side="right")) - 1
        return min(max(place, 0), len(self._seconds) - 1)

    def _go_to(self, place: int) -> None:
        self._place = place
        self.due.emit(place)
