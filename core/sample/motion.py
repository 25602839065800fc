"""Motion of hand and bottle: eased like a human reach, from the phases of a take to one pose per frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.sample.props import Vessel, tilt_to_pour, turn
from core.sample.take import PHASES, Take

GRIP_HEIGHT = 0.4
"""Where the hand holds the bottle, as a share of its height."""
_LEAN_IN, _LEAN_OUT = 0.24, 0.22
"""Shares of the pouring phase before the stream starts and after it ends."""
_CARRY_TILT = 0.22
"""Tilt of the bottle on its way, radians."""
_CLEARANCE = 7.0
"""Between the table and the bottle in the air, world units."""


@dataclass(frozen=True)
class Pose:
    """Positions of everything that moves at one frame, in world units and radians."""

    grip: tuple[float, float]
    """The point on the bottle's axis that the hand holds."""
    tilt: float
    """Of the bottle to the left, from upright."""
    hand: tuple[float, float]
    closed: float
    """0 an open hand, 1 a grip."""
    level: float
    """Of the drink in the glass, as a share of its height."""
    bottle_full: float
    """Share of the bottle's volume."""
    stream: tuple[float, float]
    """The part of the way from lip to glass that is wet, 0 to 1; equal ends: no stream."""


def min_jerk(progress: float) -> float:
    """Return a human reach from 0 to 1 (Flash and Hogan, 1985)."""
    p = min(max(progress, 0.0), 1.0)
    return p * p * p * (10 - 15 * p + 6 * p * p)


def ease_reach(progress: float, stall_at: float, stall_share: float) -> float:
    """Return a reach that rests for `stall_share` of its time at `stall_at` of its way; none: one smooth reach."""
    if stall_share <= 0.0:
        return min_jerk(progress)
    first = stall_at * (1 - stall_share)
    if progress < first:
        return stall_at * min_jerk(progress / first)
    rest = 1 - first - stall_share
    return stall_at + (1 - stall_at) * min_jerk((progress - first - stall_share) / rest)


def phase_of_frames(take: Take) -> NDArray[np.int64]:
    """Return (S,) the true phase of every frame, an index into `PHASES`."""
    return np.repeat(np.arange(len(PHASES)), take.phase_frames)


class Choreography:
    """The poses of one take."""

    def __init__(self, take: Take, bottle: Vessel, glass: Vessel) -> None:
        self._take, self._bottle = take, bottle
        self._rest = np.array([take.bottle_x, take.base_y - bottle.height * GRIP_HEIGHT])
        self._away = self._rest + np.array([190.0, 24.0 - 130.0 * take.arm_angle])
        self._pour_tilts = tuple(tilt_to_pour(bottle, share) for share in take.bottle_full)
        lip = turn(np.array([[-bottle.top_radius, -bottle.height]]), self._pour_tilts[0])[0]
        hangs_down = float(turn(bottle.outline(), self._pour_tilts[0])[:, 1].max() - lip[1])
        lip_y = take.base_y - max(glass.height + 9.0, hangs_down + _CLEARANCE)
        self._lip_over_glass = np.array([take.glass_x + glass.top_radius * 0.35, lip_y])
        over = self._grip_for_lip(self._pour_tilts[0])
        carried_y = min(float(over[1]) + 4.0, float(self._rest[1]) - 3 * _CLEARANCE)
        self._carried = np.array([over[0] + 0.35 * (self._rest[0] - over[0]), carried_y])
        self._starts = np.concatenate([[0], np.cumsum(take.phase_frames)])
        self._phases = phase_of_frames(take)

    def pose(self, frame: int) -> Pose:
        """Return the pose at this frame, from 0."""
        phase = int(self._phases[frame])
        progress = (frame - self._starts[phase] + 0.5) / self._take.phase_frames[phase]
        if PHASES[phase] == "pour":
            return self._pour(float(progress))
        way = ease_reach(float(progress), *self._take.stalls[phase])
        return (self._reach, self._lift, None, self._return, self._withdraw)[phase](way)  # type: ignore[misc]

    def _reach(self, way: float) -> Pose:
        closed = min_jerk((way - 0.72) / 0.28)
        return self._standing(self._approach(way), closed, self._take.level[0], self._take.bottle_full[0])

    def _withdraw(self, way: float) -> Pose:
        closed = 1 - min_jerk(way / 0.25)
        return self._standing(self._approach(1 - way), closed, self._take.level[1], self._take.bottle_full[1])

    def _lift(self, way: float) -> Pose:
        grip = self._carry(way, self._take.arc)
        return self._held(grip, _CARRY_TILT * min_jerk(way), self._take.level[0], self._take.bottle_full[0])

    def _return(self, way: float) -> Pose:
        grip = self._carry(1 - way, 0.6 * self._take.arc)
        return self._held(grip, _CARRY_TILT * min_jerk(1 - way), self._take.level[1], self._take.bottle_full[1])

    def _pour(self, progress: float) -> Pose:
        take, (first_tilt, last_tilt) = self._take, self._pour_tilts
        flow = (progress - _LEAN_IN) / (1 - _LEAN_IN - _LEAN_OUT)
        poured = min(max(flow, 0.0), 1.0)
        poured = poured + 0.5 * poured * (1 - poured) * (2 * poured - 1)  # starts and ends gently
        tilt = first_tilt + (last_tilt - first_tilt) * poured
        grip = self._grip_for_lip(tilt)
        leaning = min(progress / _LEAN_IN, (1 - progress) / _LEAN_OUT)
        if leaning < 1.0:
            over = self._grip_for_lip(tilt)
            tilt = _CARRY_TILT + (tilt - _CARRY_TILT) * min_jerk(leaning)
            grip = self._carried + (over - self._carried) * min_jerk(leaning / 0.9)
        falls = 4.0 / take.phase_frames[2] / (1 - _LEAN_IN - _LEAN_OUT)  # the stream takes four frames to fall
        head, tail = min(max(flow / falls, 0.0), 1.0), min(max((flow - 1) / falls, 0.0), 1.0)
        (level, last_level), (full, last_full) = take.level, take.bottle_full
        return self._held(
            grip, tilt, level + (last_level - level) * poured, full + (last_full - full) * poured, (tail, head)
        )

    def _approach(self, way: float) -> tuple[float, float]:
        x, y = self._away + (self._rest - self._away) * way
        return float(x), float(y - 26 * np.sin(np.pi * way) * (1 - way))

    def _carry(self, way: float, arc: float) -> NDArray[np.float64]:
        up, across = min_jerk(way / 0.75), min_jerk((way - 0.12) / 0.88)
        x = self._rest[0] + (self._carried[0] - self._rest[0]) * across
        y = self._rest[1] + (self._carried[1] - self._rest[1]) * up - arc * np.sin(np.pi * across)
        return np.array([x, y])

    def _grip_for_lip(self, tilt: float) -> NDArray[np.float64]:
        lip = np.array([-self._bottle.top_radius, -self._bottle.height * (1 - GRIP_HEIGHT)])
        return np.asarray(self._lip_over_glass - turn(lip[None], tilt)[0])

    def _standing(self, hand: tuple[float, float], closed: float, level: float, full: float) -> Pose:
        x, y = self._rest
        return Pose((float(x), float(y)), 0.0, hand, closed, level, full, (0.0, 0.0))

    @staticmethod
    def _held(
        grip: NDArray[np.float64], tilt: float, level: float, full: float, stream: tuple[float, float] = (0.0, 0.0)
    ) -> Pose:
        at = float(grip[0]), float(grip[1])
        return Pose(at, tilt, at, 1.0, level, full, stream)
