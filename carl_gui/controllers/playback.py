"""Joins a player with a video: which frame is due, and what the person wants of it."""

from __future__ import annotations

import bisect
import contextlib
import functools
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from carl_gui.controllers.frame_lanes import FrameLanes
from carl_gui.frame_reader import Opened, OpenSource
from carl_gui.panels.player.player import PlayerPanel
from carl_gui.panels.player.player_commands import SPEEDS
from core.video.reader import VideoReader
from core.video.stored import StoredVideo

_LEAST_TICK_MS = 4
_SOON_SECONDS = 1e-6
"""Frames that are due within it are due: sums of times are not exact."""


class PlaybackController(QObject):
    """Plays one video at a time in one panel, by its presentation times; frames are dropped rather than late."""

    place_changed = Signal(int)
    """The frame that is shown or will be as soon as it is read."""
    opened = Signal(int)
    """The video can be shown from now on, and has so many frames."""

    def __init__(self, panel: PlayerPanel, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(panel)
        self._panel = panel
        self._clock = clock
        self._name = ""
        self._seconds: NDArray[np.float64] = np.zeros(0)
        """(S,) from the first frame on."""
        self._place = self._first_place = 0
        self._rate, self._speed = 0.0, 1.0
        self._rate_while_held = 0.0
        self._anchor = (0.0, 0.0)
        """Of the clock, and of the video in seconds, when it began to play at this rate."""
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)
        self._lanes = FrameLanes(self, clock)
        self._lanes.opened.connect(self._begin)
        self._lanes.arrived.connect(panel.set_image)
        self._lanes.previewed.connect(panel.set_preview)
        self._lanes.remarked.connect(panel.set_remark)
        self._lanes.refused.connect(self._refuse)
        panel.play_toggled.connect(self.toggle)
        panel.shuttled.connect(self.shuttle)
        panel.frames_stepped.connect(self.step_frames)
        panel.seconds_stepped.connect(self.step_seconds)
        panel.frame_chosen.connect(self.go)
        panel.scrub_began.connect(self.hold)
        panel.scrub_ended.connect(self.release)
        panel.speed_chosen.connect(self.choose_speed)
        panel.preview_wanted.connect(self._lanes.preview)

    @property
    def place(self) -> int:
        """The frame that is shown or will be as soon as it is read."""
        return self._place

    @property
    def rate(self) -> float:
        """Times as fast as the camera saw it; negative backwards, 0 while pausing."""
        return self._rate

    def open(self, path: Path, stored: StoredVideo | None = None) -> None:
        """Show this video from its first frame.

        Args:
            stored: its frames in the frame store. Without them the file is decoded once in a thread before its first
                frame appears, and random frames take as long as the file needs.
        """
        if stored is None:
            self.open_sources(path.name, None, functools.partial(VideoReader, path))
        else:
            self.open_sources(path.name, lambda: contextlib.nullcontext(stored), stored.reader)

    def open_sources(self, name: str, open_small: OpenSource | None, open_full: OpenSource) -> None:
        """As `open`, with sources of any kind: small frames if there are some, and full-size ones."""
        self.clear()
        self._name = name
        self._panel.set_no_video(name, self.tr("Reading the video…"))
        self._lanes.open(open_small, open_full)

    def rename(self, name: str) -> None:
        """The video goes by another name from now on."""
        if name != self._name:
            self._name = name
            self._panel.set_name(name)

    def go_when_open(self, place: int) -> None:
        """Begin with that frame, once the video that is being opened can be read."""
        self._first_place = place

    def clear(self) -> None:
        """Show no video."""
        self._pause()
        self._lanes.clear()
        self._forget()
        self._panel.set_no_video()

    def close(self) -> None:
        """End the threads; waits a moment for the reads that are going on."""
        self.clear()
        self._lanes.close()

    def go(self, place: int) -> None:
        """Show that frame; what lies beyond the ends means them. Playing goes on from there."""
        if len(self._seconds):
            self._request(min(max(place, 0), len(self._seconds) - 1))
            self._set_anchor(float(self._seconds[self._place]))

    def step_frames(self, frames: int) -> None:
        """Pause, and go by so many frames."""
        self._pause()
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
        self._pause()

    def release(self) -> None:
        """Play on as before `hold`."""
        if self._rate_while_held:
            self._play(self._rate_while_held)

    def advance(self) -> None:
        """Ask for the frame that is due by the clock, and come back when the next one is."""
        if not self._rate:
            return
        position = self._position()
        if self._is_over(position):
            self._request(len(self._seconds) - 1 if self._rate > 0 else 0)
            self._pause()
            return
        place = self._place_at(position)
        if place != self._place:
            self._request(place)
        next_seconds = float(self._seconds[place + 1 if self._rate > 0 else place])
        due_ms = math.ceil(1000 * abs(next_seconds - position) / abs(self._rate))
        self._timer.start(max(due_ms, _LEAST_TICK_MS))

    def _play(self, rate: float) -> None:
        if not rate or not len(self._seconds):
            self._pause()
            return
        if not self._rate:
            last = len(self._seconds) - 1
            if self._place == (last if rate > 0 else 0):  # from the end on it plays anew
                self._request(last - self._place)
            position = float(self._seconds[self._place])
        else:
            position = self._position()
        self._rate = rate
        self._lanes.set_rate(rate)
        self._panel.set_rate(rate, self._speed)
        self._set_anchor(position)
        self.advance()

    def _pause(self) -> None:
        self._rate = 0.0
        self._timer.stop()
        self._lanes.set_rate(0.0)
        self._panel.set_rate(0.0, self._speed)

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

    def _request(self, place: int) -> None:
        is_moved, self._place = place != self._place, place
        self._panel.set_place(place)
        self._lanes.request(place)
        if is_moved:
            self.place_changed.emit(place)

    def _begin(self, opened: Opened) -> None:
        self._seconds = opened.pts_seconds - opened.pts_seconds[0]
        self._panel.set_video(self._name, opened.meta, self._seconds, is_previewed=self._lanes.has_previews)
        self._request(min(self._first_place, len(self._seconds) - 1))
        self.opened.emit(len(self._seconds))

    def _refuse(self, sentence: str) -> None:
        self._pause()
        self._forget()
        self._panel.set_no_video(self._name, sentence)

    def _forget(self) -> None:
        self._seconds = np.zeros(0)
        self._place = self._first_place = 0
        self._rate_while_held = 0.0
