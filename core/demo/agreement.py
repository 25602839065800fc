"""Agreement of a path between two clips with their true phases."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.types import Alignment


@dataclass(frozen=True)
class TruePhases:
    """The true phases of one clip, in order."""

    names: tuple[str, ...]
    start_frames: tuple[int, ...]
    num_frames: int
    seconds: float
    """Length of the clip."""

    def of_frames(self) -> NDArray[np.int64]:
        """Return (S,) the phase of every frame, an index into `names`."""
        lengths = np.diff([*self.start_frames, self.num_frames])
        return np.repeat(np.arange(len(self.names)), lengths)


@dataclass(frozen=True)
class Agreement:
    """The quality of a path, with both clips weighted equally."""

    same_phase: float
    """Share of frames whose partner in the other clip is in the same phase; a frame with several counts as a part."""
    boundary_seconds: float
    """Mean distance between a phase's true start and the partner of its start in the other clip."""


def read_phases(path: Path, video: str) -> TruePhases:
    """Return the phases of one video from a sample's `phases.csv`. Raises KeyError where the video is not in it."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["video"] == video]
    if not rows:
        raise KeyError(video)
    return TruePhases(
        names=tuple(row["phase"] for row in rows),
        start_frames=tuple(int(row["start_frame"]) for row in rows),
        num_frames=int(rows[-1]["end_frame_exclusive"]),
        seconds=float(rows[-1]["end_seconds"]),
    )


def diagonal(a_frames: int, b_frames: int) -> Alignment:
    """Return the path of somebody who saw nothing: both clips stretched to the same length."""
    steps = max(a_frames, b_frames)
    a, b = (np.round(np.linspace(0, count - 1, steps)).astype(np.int64) for count in (a_frames, b_frames))
    return Alignment(a, b, cost=float("nan"))


def agreement(path: Alignment, a: TruePhases, b: TruePhases) -> Agreement:
    """Compare a path with the truth, in both directions."""
    same = (a.of_frames()[path.a_frames] == b.of_frames()[path.b_frames]).astype(float)
    shares = [_mean_of_frame(frames, same).mean() for frames in (path.a_frames, path.b_frames)]
    there = _start_errors(path.a_frames, path.b_frames, a.start_frames, b) + _start_errors(
        path.b_frames, path.a_frames, b.start_frames, a
    )
    return Agreement(float(np.mean(shares)), float(np.mean(there)))


def _mean_of_frame(frames: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.bincount(frames, values) / np.bincount(frames)


def _start_errors(
    here: NDArray[np.int64], there: NDArray[np.int64], start_frames: Sequence[int], other: TruePhases
) -> list[float]:
    partners = there[np.searchsorted(here, start_frames)]  # the first of several
    pairs = list(zip(partners, other.start_frames, strict=True))[1:]  # every clip's first phase starts at 0
    return [abs(float(partner - start)) * other.seconds / other.num_frames for partner, start in pairs]
