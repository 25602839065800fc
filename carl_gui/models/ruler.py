"""Ticks of a timeline's ruler, in frames or seconds, as many as fit. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from carl_gui.models.time_axis import TimeAxis

_FRAME_STEPS = (1, 2, 5)
_SECOND_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_LETTER = 7.0
"""Pixels a letter of a mark may take, and a gap of two."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick."""

    frame: float
    """Where it stands; a fraction where a time lies within a frame."""
    text: str
    """Empty for the small marks between the large ones."""


def ticks_in_frames(axis: TimeAxis) -> list[Tick]:
    """Marks at round frame numbers, each at the beginning of its frame."""
    if not axis.num_frames:
        return []
    room = (len(str(axis.num_frames)) + 2) * _LETTER
    step = _frame_step(room / axis.frame_width)
    small = _smaller(step)
    first = math.ceil(axis.first / small) * small
    last = math.floor(axis.first + axis.shown)
    return [Tick(frame, str(frame) if frame % step == 0 else "") for frame in range(first, last + 1, small)]


def ticks_in_seconds(axis: TimeAxis, edges_seconds: NDArray[np.float64]) -> list[Tick]:
    """Marks at round times, wherever those lie among frames that may last differently long.

    Args:
        edges_seconds: (S + 1,) start of every frame and end of the last, by the medium's clock.
    """
    if not axis.num_frames or len(edges_seconds) != axis.num_frames + 1:
        return []
    start, stop = (_seconds_at(position, edges_seconds) for position in (axis.first, axis.first + axis.shown))
    room = (len(clock(float(edges_seconds[-1]), 0.01)) + 2) * _LETTER
    wanted = (stop - start) * room / axis.width
    step = next((one for one in _SECOND_STEPS if one >= wanted), _SECOND_STEPS[-1])
    numbers = range(math.ceil(start / step - 1e-9), math.floor(stop / step + 1e-9) + 1)
    ticks = [Tick(_position_at(number * step, edges_seconds), clock(number * step, step)) for number in numbers]
    return _apart(ticks, axis, room)


def clock(seconds: float, step: float = 1.0) -> str:
    """`1:05`, `0:01.2`, `0:01.25`: as exact as marks that lie `step` apart need it."""
    digits = 0 if step >= 1 else 1 if step >= 0.1 else 2
    minutes, rest = divmod(round(seconds, digits), 60)
    hours, minutes = divmod(int(minutes), 60)
    start = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{start}:{rest:0{3 + digits if digits else 2}.{digits}f}"


def _apart(ticks: Sequence[Tick], axis: TimeAxis, room: float) -> list[Tick]:
    """Where frames last long, times lie closer: marks without room for their words lose them."""
    made, free = list(ticks[:1]), axis.x_of(ticks[0].frame) + room if ticks else 0.0
    for _, tick in pairwise(ticks):
        x = axis.x_of(tick.frame)
        made.append(tick if x >= free - 1 else Tick(tick.frame, ""))
        free = x + room if x >= free - 1 else free
    return made


def _seconds_at(position: float, edges_seconds: NDArray[np.float64]) -> float:
    frame = min(int(position), len(edges_seconds) - 2)
    start, end = edges_seconds[frame : frame + 2]
    return float(start + (position - frame) * (end - start))


def _position_at(seconds: float, edges_seconds: NDArray[np.float64]) -> float:
    """The inverse of `_seconds_at`."""
    frame = min(max(int(np.searchsorted(edges_seconds, seconds, side="right")) - 1, 0), len(edges_seconds) - 2)
    start, end = edges_seconds[frame : frame + 2]
    return float(frame + min((seconds - start) / max(end - start, 1e-12), 1.0))


def _frame_step(least: float) -> int:
    """The least of 1, 2, 5, 10, ... that is as large."""
    power = 1
    while True:
        for step in _FRAME_STEPS:
            if step * power >= least:
                return step * power
        power *= 10


def _smaller(step: int) -> int:
    """Between two large marks: a fifth, or a half where that is no whole number."""
    return step // 5 if step % 5 == 0 else step // 2 if step % 2 == 0 else step
