"""Dragging of the path on the heatmap: what is near, how far it can be pulled, how it bends. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carl_gui.explore.pair.heatmap_pictures import Region
from carl_gui.explore.pair.model import Pair, gaps_of
from carl_gui.explore.pair.model import PairSide as Video
from carl_gui.explore.pair.repeated import RepeatedPair

Pin = tuple[int, int]
"""A frame of A and one of B that the user pinned together."""
Course = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Times of A and of B, (P,) each, in seconds; NaN between stretches that a gap parts."""

_MOST_POINTS = 2000
"""The most points of a drawn course; there are fewer pixels."""


@dataclass(frozen=True)
class Grip:
    """The dragged item: a pin, or a point of the path."""

    index: int | None
    """The index of the pin; None: the path between pins."""
    start: Pin
    """The frames at the start."""
    lowest: Pin
    highest: Pin
    """The limits: pins never cross, and share no frame."""

    def clamped(self, a_frame: int, b_frame: int) -> Pin:
        """Return the nearest point to which it may move."""
        a, b = (
            min(max(frame, lowest), highest)
            for frame, lowest, highest in zip((a_frame, b_frame), self.lowest, self.highest, strict=True)
        )
        return a, b


class PathShape:
    """A pair's path and its pins, in time order."""

    def __init__(self, pair: Pair, pins: Sequence[Pin] = ()) -> None:
        self._pair, self.pins = pair, tuple(pins)
        self._a, self._b = pair.alignment.a_frames, pair.alignment.b_frames
        self._course = _middles(pair.a)[self._a], _middles(pair.b)[self._b]
        self._gaps = gaps_of(pair.alignment)
        """Steps after a gap: frames before them have no match."""

    def pin_near(self, a_seconds: float, b_seconds: float, scale: tuple[float, float], reach: float) -> int | None:
        """Return the nearest pin; `scale` is in pixels a second of A and of B, `reach` in pixels."""
        if not self.pins:
            return None
        pair = self._pair
        distances = [
            np.hypot((pair.a.middle(a) - a_seconds) * scale[0], (pair.b.middle(b) - b_seconds) * scale[1])
            for a, b in self.pins
        ]
        nearest = int(np.argmin(distances))
        return nearest if distances[nearest] <= reach else None

    def step_near(self, a_seconds: float, b_seconds: float, scale: tuple[float, float], reach: float) -> Pin | None:
        """Return the matched frames at the nearest point of the path."""
        if not len(self._a):
            return None
        x, y = (self._course[0] - a_seconds) * scale[0], (self._course[1] - b_seconds) * scale[1]
        if len(x) == 1:
            nearest, distance = 0, float(np.hypot(x[0], y[0]))
        else:
            across, up = np.diff(x), np.diff(y)
            share = np.clip(-(x[:-1] * across + y[:-1] * up) / (across**2 + up**2), 0, 1)
            share[self._gaps - 1] = np.round(share[self._gaps - 1])  # a gap cannot be gripped
            gaps = np.hypot(x[:-1] + share * across, y[:-1] + share * up)
            nearest = int(gaps.argmin())
            distance = float(gaps[nearest])
            nearest += round(float(share[nearest]))
        return (int(self._a[nearest]), int(self._b[nearest])) if distance <= reach else None

    def grip_pin(self, index: int) -> Grip:
        """Return a grip on a pin."""
        return self._grip(index, self.pins[index], self.pins[:index], self.pins[index + 1 :])

    def grip_step(self, step: Pin) -> Grip | None:
        """Return a grip on the path; None where no pin has room there."""
        before = [pin for pin in self.pins if pin[0] <= step[0] and pin[1] <= step[1]]
        grip = self._grip(None, step, before, self.pins[len(before) :])
        has_room = grip.lowest[0] <= grip.highest[0] and grip.lowest[1] <= grip.highest[1]
        return grip if has_room else None

    def grip_for(self, pin: Pin) -> Grip | None:
        """Return a grip that makes the path pass through these two frames; None where pins forbid it."""
        step = self._step_at(pin)
        start = (int(self._a[step]), int(self._b[step])) if len(self._a) else pin
        before = [one for one in self.pins if one[0] < pin[0] and one[1] < pin[1]]
        grip = self._grip(None, start, before, self.pins[len(before) :])
        return grip if grip.clamped(*pin) == pin else None

    def course(self, region: Region) -> Course:
        """Return the visible part of the path there, thinned out."""
        first, beyond = self._visible_steps(region, self._course)
        return self._drawn(self._course, first, beyond)

    def pulled(self, grip: Grip, to: Pin, region: Region) -> Course:
        """Return the course of the pulled path, like a rubber band that its next pins hold."""
        before = [pin for pin in self.pins if pin[0] < grip.start[0] and pin[1] < grip.start[1]]
        after = [pin for pin in self.pins if pin[0] > grip.start[0] and pin[1] > grip.start[1]]
        held_step = self._step_at(grip.start)
        left = self._step_at(before[-1]) if before else 0
        right = self._step_at(after[0]) if after else len(self._a) - 1
        steps = np.arange(len(self._a))
        rise = (steps - left) / (held_step - left) if held_step > left else steps >= held_step
        fall = (right - steps) / (right - held_step) if right > held_step else steps <= held_step
        share = np.clip(np.minimum(rise, fall), 0, 1)
        bent = []
        for video, frames, start, end in zip(
            (self._pair.a, self._pair.b), (self._a, self._b), grip.start, to, strict=True
        ):
            moved = np.clip(frames + share * (end - start), 0, len(video) - 1)
            bent.append(np.interp(np.maximum.accumulate(moved), np.arange(len(video)), _middles(video)))
        first, beyond = self._visible_steps(region, (bent[0], bent[1]))
        return self._drawn((bent[0], bent[1]), first, beyond)

    def _grip(self, index: int | None, start: Pin, before: Sequence[Pin], after: Sequence[Pin]) -> Grip:
        lowest = (before[-1][0] + 1, before[-1][1] + 1) if before else (0, 0)
        ends = after[0] if after else (len(self._pair.a), len(self._pair.b))
        return Grip(index, start, lowest, (ends[0] - 1, ends[1] - 1))

    def _step_at(self, pin: Pin) -> int:
        """Return the step of the path that is nearest, counted in frames; 0 where there is none."""
        if not len(self._a):
            return 0
        return int((np.abs(self._a - pin[0]) + np.abs(self._b - pin[1])).argmin())

    def _drawn(self, course: Course, first: int, beyond: int) -> Course:
        """Return these steps, thinned out, with NaN at every gap."""
        indices = np.arange(first, beyond)
        if len(indices) > _MOST_POINTS:
            indices = np.linspace(first, beyond - 1, _MOST_POINTS).astype(np.int64)
        stretch = np.searchsorted(self._gaps, indices, side="right")
        breaks = np.flatnonzero(np.diff(stretch)) + 1
        a, b = (np.insert(times[indices], breaks, np.nan) for times in course)
        return a, b

    def _visible_steps(self, region: Region, course: Course) -> tuple[int, int]:
        """Return the steps there and one on either side, so that lines leave the picture."""
        starts, ends = [], []
        for times, stretch in zip(course, (region.a, region.b), strict=True):
            first, beyond = np.searchsorted(times, (stretch.start, stretch.end))
            starts.append(int(first))
            ends.append(int(beyond))
        return max(max(starts) - 1, 0), min(min(ends) + 1, len(course[0]))


class RepeatedShape(PathShape):
    """The paths of all repetitions, visible but not draggable."""

    def pin_near(self, a_seconds: float, b_seconds: float, scale: tuple[float, float], reach: float) -> int | None:
        return None

    def step_near(self, a_seconds: float, b_seconds: float, scale: tuple[float, float], reach: float) -> Pin | None:
        return None

    def grip_for(self, pin: Pin) -> Grip | None:
        return None

    def _visible_steps(self, region: Region, course: Course) -> tuple[int, int]:
        """Return the steps from the first one there to the last."""
        inside = np.ones(len(course[0]), np.bool_)
        for times, stretch in zip(course, (region.a, region.b), strict=True):
            inside &= (times >= stretch.start) & (times <= stretch.end)
        visible = np.flatnonzero(inside)
        return (max(int(visible[0]) - 1, 0), min(int(visible[-1]) + 2, len(inside))) if len(visible) else (0, 0)


def shape_of(pair: Pair, pins: Sequence[Pin]) -> PathShape:
    """Return the shape of a pair's path, which can be dragged if the path does not repeat."""
    return RepeatedShape(pair) if isinstance(pair, RepeatedPair) else PathShape(pair, pins)


def _middles(video: Video) -> NDArray[np.float64]:
    return (video.edges_seconds[:-1] + video.edges_seconds[1:]) / 2
