"""How late an event loop is: a timer beats every 2 ms, and the gaps between its beats tell."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS = 2


@dataclass(frozen=True)
class Lateness:
    """Milliseconds between the beats of one stretch of work."""

    gaps_ms: NDArray[np.float64]

    @property
    def late_ms(self) -> NDArray[np.float64]:
        """Of each beat, how much later than it should it came."""
        return np.maximum(self.gaps_ms - BEAT_MS, 0.0)

    def beats(self, percent: float) -> float:
        """A percentile of the beats' lateness."""
        return float(np.percentile(self.late_ms, percent))

    def moments(self, percent: float) -> float:
        """A percentile of how long an event waits that comes at any moment.

        Stricter than that of the beats: while the loop is held up for a second, one beat is late, but many events wait.
        """
        low, high, share = 0.0, float(self.gaps_ms.max()), 1 - percent / 100
        for _ in range(40):
            middle = (low + high) / 2
            waiting = np.maximum(self.gaps_ms - middle, 0.0).sum() / self.gaps_ms.sum()
            low, high = (middle, high) if waiting > share else (low, middle)
        return high

    @property
    def seconds(self) -> float:
        """How long it was measured."""
        return float(self.gaps_ms.sum()) / 1e3


class Pulse(QObject):
    """Beats in the thread that made it, while it is measured."""

    def __init__(self, stacks_above_ms: float | None = None) -> None:
        """
        Args:
            stacks_above_ms: print where the thread is whenever a beat is so late; this slows it a little.
        """
        super().__init__()
        self._beats: list[float] = []
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._beats.append(time.perf_counter()))
        self._watchdog = _Watchdog(self._beats, stacks_above_ms) if stacks_above_ms else None

    def begin(self) -> None:
        """From now on."""
        self._beats.clear()
        self._timer.start()
        if self._watchdog:
            self._watchdog.is_on = True

    def end(self) -> Lateness:
        """What it was since `begin`."""
        if self._watchdog:
            self._watchdog.is_on = False
        self._timer.stop()
        return Lateness(np.diff(self._beats) * 1e3)


class _Watchdog:
    """Says where a thread is when it has not beaten for a while."""

    def __init__(self, beats: list[float], above_ms: float) -> None:
        self._beats, self._above_ms, self._thread_id = beats, above_ms, threading.get_ident()
        self.is_on = False
        threading.Thread(target=self._watch, daemon=True, name="watchdog").start()

    def _watch(self) -> None:
        told = 0
        while True:
            time.sleep(0.005)
            beats = len(self._beats)
            if not self.is_on or not beats or beats == told:
                continue
            late_ms = (time.perf_counter() - self._beats[-1]) * 1e3 - BEAT_MS
            if late_ms > self._above_ms:
                told = beats
                where = traceback.format_stack(sys._current_frames()[self._thread_id])
                print(f"--- {late_ms:.0f} ms late, in\n{''.join(where[-6:])}", file=sys.stderr, flush=True)
