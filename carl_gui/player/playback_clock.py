"""Playback clock: which of a sequence of moments is due. Showing it is up to others."""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from carl_gui.player.commands import SPEEDS

_LEAST_TICK_MS = 4
_LONE_SECONDS = 0.04
"""How long a single index lasts."""
_SOON_SECONDS = 1e-6
"""Moments that are due within it are due: sums of times are not exact."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Which moment is due when, while it plays on undisturbed."""

    clock_seconds: float
    """When this began."""
    media_seconds: float
    """The moment that was due then."""
    rate: float
    end_seconds: float
    """The moment from which on nothing is due: the end of the loop, or of all."""

    def media_at(self, clock_seconds: float) -> float:
        """Return the moment that is due at that time of the clock."""
        return self.media_seconds + (clock_seconds - self.clock_seconds) * self.rate


class PlaybackClock(QObject):
    """Goes through positions 0 to N - 1, each with its time; positions are skipped rather than late."""

    due = Signal(int)
    """This index is to be shown: it was requested, or its time has come."""
    jumped = Signal()
    """A seek: another index than the following one is due next."""
    timing_changed = Signal(object)
    """`Timing` from now on; None: it pauses."""
    rate_changed = Signal(float, float)
    """The speed (negative is backwards, 0 paused), and the speed of the next play."""

    def __init__(self, parent: QObject, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._seconds: NDArray[np.float64] = np.zeros(0)
        self._index = 0
        self._rate, self._speed = 0.0, 1.0
        self._rate_while_held = 0.0
        self._loop: tuple[int, int] | None = None
        self._anchor = (0.0, 0.0)
        """Clock and position in seconds when this rate began."""
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)

    def __len__(self) -> int:
        return len(self._seconds)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """(N,) the times."""
        return self._seconds

    @property
    def index(self) -> int:
        """The index that was due last."""
        return self._index

    @property
    def rate(self) -> float:
        """Times as fast as the times say; negative backwards, 0 while pausing."""
        return self._rate

    @property
    def speed(self) -> float:
        """The rate at which it plays when it plays again."""
        return self._speed

    def set_times(self, seconds: NDArray[np.float64], index: int = 0) -> None:
        """Set other times, (N,) and rising; nothing is due, and playing goes on from that index."""
        self._seconds = seconds
        if not len(seconds):
            self.pause()
        self.set_index(index)

    def set_loop(self, span: tuple[int, int] | None) -> None:
        """Repeat these indices while playing, from the first to before the end; None: play to the end."""
        self._loop = span
        if self._rate:
            self._announce_timing()

    def set_index(self, index: int) -> None:
        """Move to this index, clamped; nothing is due."""
        self._index = min(max(index, 0), max(len(self._seconds) - 1, 0))
        if len(self._seconds):
            self._set_anchor(float(self._seconds[self._index]))

    def clear(self) -> None:
        """Remove all times."""
        self._rate_while_held = 0.0
        self.set_times(np.zeros(0))

    def seek(self, index: int) -> None:
        """Move to this index, and show it. Playing goes on from there."""
        if len(self._seconds):
            self.jumped.emit()
            self.set_index(index)
            self.due.emit(self._index)

    def step(self, steps: int) -> None:
        """Pause, and move by so many indices."""
        self.pause()
        self.seek(self._index + steps)

    def step_seconds(self, seconds: float) -> None:
        """Seek by so many seconds, negative for backwards."""
        if len(self._seconds):
            self.seek(self.index_at(float(self._seconds[self._index]) + seconds))

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
        """Pause until `release`, during a drag."""
        self._rate_while_held = self._rate
        self.pause()

    def release(self) -> None:
        """Play on as before `hold`."""
        if self._rate_while_held:
            self._play(self._rate_while_held)

    def pause(self) -> None:
        """Play no more."""
        self._rate = 0.0
        self._timer.stop()
        self.timing_changed.emit(None)
        self.rate_changed.emit(0.0, self._speed)

    def advance(self) -> None:
        """Emit what is due by the clock, and come back when the next index is."""
        if not self._rate:
            return
        position = self._position()
        if self._loops_back(position):
            return
        if self._loop_ends() is None and self._is_over(position):
            self._show(len(self._seconds) - 1 if self._rate > 0 else 0)
            self.pause()
            return
        index = self.index_at(position)
        if index != self._index:
            self._show(index)
        if not self._rate:  # a receiver of `due` paused
            return
        next_seconds = self._end_seconds(index) if self._rate > 0 else float(self._seconds[index])
        due_ms = math.ceil(1000 * abs(next_seconds - position) / abs(self._rate))
        self._timer.start(max(due_ms, _LEAST_TICK_MS))

    def index_at(self, seconds: float) -> int:
        """Return the index that is due at that time, clamped."""
        index = int(np.searchsorted(self._seconds, seconds + _SOON_SECONDS, side="right")) - 1
        return min(max(index, 0), len(self._seconds) - 1)

    def _play(self, rate: float) -> None:
        if not rate or not len(self._seconds):
            self.pause()
            return
        if not self._rate:
            last, loop = len(self._seconds) - 1, self._loop_ends()
            if loop is not None and not loop[0] <= self._index <= loop[1]:
                self._show(loop[0] if rate > 0 else loop[1])
            elif loop is None and self._index == (last if rate > 0 else 0):  # from the end on it plays anew
                self._show(last - self._index)
            position = float(self._seconds[self._index])
        else:
            position = self._position()
        self._rate = rate
        self.rate_changed.emit(rate, self._speed)
        self._set_anchor(position)
        self.advance()

    def _show(self, index: int) -> None:
        self._index = index
        self.due.emit(index)

    def _set_anchor(self, seconds: float) -> None:
        self._anchor = (self._clock(), seconds)
        if self._rate:
            self._timer.start(_LEAST_TICK_MS)
            self._announce_timing()

    def _announce_timing(self) -> None:
        loop = self._loop_ends()
        end_seconds = self._end_seconds(len(self._seconds) - 1 if loop is None else loop[1])
        self.timing_changed.emit(Timing(*self._anchor, self._rate, end_seconds))

    def _position(self) -> float:
        """Return the position in seconds, by the clock."""
        began, seconds = self._anchor
        return seconds + (self._clock() - began) * self._rate

    def _loop_ends(self) -> tuple[int, int] | None:
        """Return the first and last index of the loop, as far as there are any; None: nothing is repeated."""
        if self._loop is None or not len(self._seconds):
            return None
        last = len(self._seconds) - 1
        first, end = min(max(self._loop[0], 0), last), min(max(self._loop[1] - 1, 0), last)
        return (first, end) if first <= end else None

    def _loops_back(self, position: float) -> bool:
        """Begin what is repeated again once its last place has had its time; return whether that was so."""
        loop = self._loop_ends()
        if loop is None:
            return False
        first, last = loop
        if self._rate > 0 and position >= self._end_seconds(last) - _SOON_SECONDS:
            target, seconds = first, float(self._seconds[first])
        elif self._rate < 0 and position <= float(self._seconds[first]) + _SOON_SECONDS:
            target, seconds = last, self._end_seconds(last)
        else:
            return False
        self._show(target)
        self._set_anchor(seconds)
        return True

    def _end_seconds(self, index: int) -> float:
        """Return when the next place comes; after the last one, when it has lasted as long as most."""
        if index + 1 < len(self._seconds):
            return float(self._seconds[index + 1])
        lasts = float(np.median(np.diff(self._seconds))) if len(self._seconds) > 1 else _LONE_SECONDS
        return float(self._seconds[index]) + lasts

    def _is_over(self, position: float) -> bool:
        if self._rate > 0:
            return position >= float(self._seconds[-1]) - _SOON_SECONDS
        return position <= float(self._seconds[0]) + _SOON_SECONDS
