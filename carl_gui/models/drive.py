"""Linked playback of two players: sequences of moments, each with a frame of A and one of B. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from carl_gui.models.pair import Pair, PairSide
from carl_gui.models.pair_moments import CyclePlaces

Mode = Literal["path", "a", "b", "offset", "free"]
"""Both along the path; A leads, or B does, and the other follows along the path; both so far apart as they are; each
alone."""
Pace = Literal["a", "b", "even"]
"""Whose time goes by evenly while both are played along the path; even: every step of it takes as long."""
MODES: tuple[Mode, ...] = get_args(Mode)
PACES: tuple[Pace, ...] = get_args(Pace)


@dataclass(frozen=True, eq=False)
class DriveTrack:
    """N moments in order, which include every frame of a leading side."""

    seconds: NDArray[np.float64]
    """(N,) rising: when each is due while it is played."""
    a_frames: NDArray[np.int64]
    """(N,) never decreasing, and B's neither, but where a repetition begins anew."""
    b_frames: NDArray[np.int64]
    leads: tuple[bool, bool]
    """Whether moving A moves B, and the other way round."""
    places: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    """Which moment each frame of A, and each of B, stands for; None: the middle one of those that have it."""
    plays: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None
    """(N,) each: whether A, and B, shows a frame of its own; else it is held, since the other's frame has no partner.
    None: nothing is held."""
    cycles: CyclePlaces | None = None
    """Where each frame stands for several moments: one in each repetition of it."""

    def __len__(self) -> int:
        return len(self.seconds)

    def frames(self, place: int) -> tuple[int, int]:
        """Of A and of B."""
        return int(self.a_frames[place]), int(self.b_frames[place])

    def held_at(self, place: int) -> tuple[bool, bool]:
        """Return whether A, and whether B, is held then: the other shows what this one lacks."""
        return (False, False) if self.plays is None else (not self.plays[0][place], not self.plays[1][place])

    def place_of(self, side: int, frame: int, near: int = 0) -> int:
        """The moment that this frame of a side, 0 for A, stands for; the ends stand for what lies beyond them.

        Args:
            near: a moment; of a frame that is repeated, the repetition at that moment is meant, or the nearest one.
        """
        if self.cycles is not None and side == self.cycles.side:
            return self.cycles.place_of(frame, near)
        if self.places is not None:
            places = self.places[side]
            return int(places[min(max(frame, 0), len(places) - 1)])
        frames = self.b_frames if side else self.a_frames
        frame = min(max(frame, int(frames[0])), int(frames[-1]))
        first = int(np.searchsorted(frames, frame, side="left"))
        beyond = int(np.searchsorted(frames, frame, side="right"))
        return first if beyond == first else (first + beyond - 1) // 2

    def nearest(self, a_frame: int, b_frame: int) -> int:
        """The moment whose frames are the nearest to these two."""
        return int((np.abs(self.a_frames - a_frame) + np.abs(self.b_frames - b_frame)).argmin())

    def steps_at(self, a_frame: int, b_frame: int) -> tuple[int, int]:
        """Where A and where B is: one and the same moment where there is one with both frames."""
        nearest = self.nearest(a_frame, b_frame)
        if self.frames(nearest) == (a_frame, b_frame):
            return nearest, nearest
        return self.place_of(0, a_frame, nearest), self.place_of(1, b_frame, nearest)


def track_of(mode: Mode, pace: Pace, pair: Pair | None, frames: tuple[int, int]) -> DriveTrack | None:
    """What is played in that mode; None: each player alone.

    Args:
        pair: how the two correspond; None while that is not known.
        frames: what is shown now, which a fixed offset keeps, and whose repetition is led through.
    """
    if mode == "free" or pair is None:
        return None
    if mode == "offset":
        return _apart(pair.a, pair.b, frames)
    if mode == "path":
        return _along(pair, pace)
    lead = pair.a if mode == "a" else pair.b
    numbers = np.arange(len(lead))
    if mode == "a":
        plays = np.ones(len(lead), np.bool_), pair.has_partner[0]
        return DriveTrack(lead.edges_seconds[:-1], numbers, pair.followers_at(frames), (True, False), plays=plays)
    plays = pair.has_partner[1], np.ones(len(lead), np.bool_)
    return DriveTrack(lead.edges_seconds[:-1], pair.leaders_at(frames), numbers, (False, True), plays=plays)


def seconds_ahead(pair: Pair, a_frame: int, b_frame: int) -> float:
    """By how much B is ahead of A."""
    return pair.b.middle(b_frame) - pair.a.middle(a_frame)


def _along(pair: Pair, pace: Pace) -> DriveTrack:
    """Every step of the path, and every frame without a partner in its place; these take their own time."""
    moments = pair.moments
    a, b = (moments.seconds_of(side, video.edges_seconds) for side, video in enumerate((pair.a, pair.b)))
    lasting = np.where(moments.a_plays, a, b) if pace == "a" else np.where(moments.b_plays, b, a)
    if pace == "even":
        both = moments.a_plays & moments.b_plays
        lasting = np.full(len(moments), float(np.where(both, (a + b) / 2, a + b).mean()))
    seconds = np.append(0.0, np.cumsum(lasting[:-1]))
    if pace != "even":
        seconds += (pair.a if pace == "a" else pair.b).start_seconds
    return DriveTrack(seconds, *moments.frames, (True, True), moments.places, moments.plays, moments.cycles)


def _apart(a: PairSide, b: PairSide, frames: tuple[int, int]) -> DriveTrack:
    """Every moment at which one of the two changes; where one is over, it waits."""
    a_frame, b_frame = min(frames[0], len(a) - 1), min(frames[1], len(b) - 1)
    shift = a.middle(a_frame) - b.middle(b_frame)
    edges = a.edges_seconds, b.edges_seconds + shift
    seconds = np.union1d(edges[0][:-1], edges[1][:-1])
    seconds = seconds[np.append(True, np.diff(seconds) > _SAME_SECONDS)]
    a_frames, b_frames = (np.clip(_last_begun(one[:-1], seconds), 0, None) for one in edges)
    a_places, b_places = (_last_begun(seconds, (one[:-1] + one[1:]) / 2) for one in edges)
    return DriveTrack(seconds, a_frames, b_frames, (True, True), (a_places, b_places))


def _last_begun(starts: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each moment which start is the last before it; -1: none."""
    return np.searchsorted(starts, seconds + _SAME_SECONDS, side="right") - 1


_SAME_SECONDS = 1e-6
"""What is less apart is one moment: sums of times are not exact."""
