"""How far two annotators agree: Cohen's kappa of frames, and how far apart the same boundaries are.

Kappa is Cohen's (1960, Educational and Psychological Measurement 20, 37): (observed - expected) / (1 - expected)
agreement. A frame without a label counts as a class of its own, since leaving it out is a judgement too.

Boundaries are where a phase starts or ends. A start is matched with a start of that phase, an end with an end, at most
`tolerance` frames apart and each once, as many as possible and then as near as possible: as hits are counted in speech
segmentation (Räsänen, Laine and Altosaar, Interspeech 2009) and by mir_eval (Raffel et al., ISMIR 2014). Those at the
first frame and after the last are left out (there: `trim`): every annotator has them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.labels.segments import UNLABELLED, runs_of

QUANTILES = (0.25, 0.5, 0.75, 0.9)
"""Of the distances of matched boundaries; 0.5 is the median."""
Frames = NDArray[np.int64]


@dataclass(frozen=True)
class Boundaries:
    """Boundaries of both annotators, matched."""

    num_a: int
    num_b: int
    offsets: tuple[int, ...]
    """Frames by which B's is later than A's, of each matched pair."""

    @property
    def num_matched(self) -> int:
        return len(self.offsets)

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Distances in frames at `QUANTILES`; NaN where nothing is matched."""
        if not self.offsets:
            return (math.nan,) * len(QUANTILES)
        return tuple(float(one) for one in np.quantile(np.abs(self.offsets), QUANTILES))

    def __add__(self, other: Boundaries) -> Boundaries:
        return Boundaries(self.num_a + other.num_a, self.num_b + other.num_b, self.offsets + other.offsets)


NO_BOUNDARIES = Boundaries(0, 0, ())


@dataclass(frozen=True)
class Agreement:
    """Of two annotators on some frames: of one phase against all others, or of all phases."""

    num_frames: int
    """That were compared."""
    num_frames_a: int
    """To which A gave the phase, or any."""
    num_frames_b: int
    num_frames_same: int
    """To which both gave the phase, or the same one."""
    observed: float
    """Fraction of frames on which both say the same, unlabelled ones included."""
    kappa: float
    """NaN where both give all frames one and the same class."""
    boundaries: Boundaries


def confusion(a: Frames, b: Frames, num_phases: int) -> NDArray[np.int64]:
    """Return (C + 1, C + 1) counts of frames by A's class (rows) and B's; the last one is unlabelled.

    Args:
        a, b: (S,) index of each frame's phase; `UNLABELLED` where there is none.

    Raises:
        ValueError: they are not of one length.
    """
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"both need labels (S,) of the same frames, not {a.shape} and {b.shape}")
    one, other = (np.where(labels == UNLABELLED, num_phases, labels) for labels in (a, b))
    counts = np.bincount(one * (num_phases + 1) + other, minlength=(num_phases + 1) ** 2)
    return counts.reshape(num_phases + 1, num_phases + 1).astype(np.int64)


def cohen_kappa(counts: NDArray[np.int64]) -> float:
    """Return kappa of (C, C) counts; NaN where it is not defined: no frames, or all of one class for both."""
    total = float(counts.sum())
    if not total:
        return math.nan
    observed = float(np.trace(counts)) / total
    expected = float(counts.sum(1) @ counts.sum(0)) / total**2
    return math.nan if expected == 1.0 else (observed - expected) / (1.0 - expected)


def match_boundaries(a: Sequence[int], b: Sequence[int], tolerance: int) -> Boundaries:
    """Return the boundaries matched at most `tolerance` frames apart: as many as possible, then as near as possible."""
    if not len(a) or not len(b):
        return Boundaries(len(a), len(b), ())
    from scipy.optimize import linear_sum_assignment

    offsets = np.asarray(b, np.int64)[None, :] - np.asarray(a, np.int64)[:, None]  # (A, B)
    distances = np.abs(offsets)
    unmatched = (tolerance + 1) * min(offsets.shape)  # dearer than all that could be matched together
    rows, columns = linear_sum_assignment(np.where(distances <= tolerance, distances, unmatched))
    near = distances[rows, columns] <= tolerance
    return Boundaries(len(a), len(b), tuple(int(one) for one in offsets[rows[near], columns[near]]))


def boundaries_of(a: Frames, b: Frames, phase: int, tolerance: int) -> Boundaries:
    """Return the matched starts and ends of a phase in one video."""
    inner = [
        [[run[side] for run in runs_of(labels) if run[0] == phase and 0 < run[side] < len(labels)] for side in (1, 2)]
        for labels in (a, b)
    ]
    (starts_a, ends_a), (starts_b, ends_b) = inner
    return match_boundaries(starts_a, starts_b, tolerance) + match_boundaries(ends_a, ends_b, tolerance)


def agreement(pairs: Sequence[tuple[Frames, Frames]], num_phases: int, tolerance: int) -> list[Agreement]:
    """Return the agreement on each phase, and last the one on all, over all videos.

    Args:
        pairs: (S,) labels by A and by B of each video.
        tolerance: frames that matched boundaries may be apart.
    """
    counts = np.zeros((num_phases + 1, num_phases + 1), np.int64)
    for a, b in pairs:
        counts += confusion(a, b, num_phases)
    found = []
    for phase in range(num_phases):
        both, of_a, of_b = int(counts[phase, phase]), int(counts[phase].sum()), int(counts[:, phase].sum())
        rest = int(counts.sum()) - of_a - of_b + both
        own = np.array([[both, of_a - both], [of_b - both, rest]])
        matched = sum((boundaries_of(a, b, phase, tolerance) for a, b in pairs), NO_BOUNDARIES)
        found.append(_agreement(own, (of_a, of_b, both), matched))
    labelled_a, labelled_b = int(counts[:-1].sum()), int(counts[:, :-1].sum())
    same = int(np.trace(counts[:-1, :-1]))
    everything = sum((one.boundaries for one in found), NO_BOUNDARIES)
    return [*found, _agreement(counts, (labelled_a, labelled_b, same), everything)]


def _agreement(counts: NDArray[np.int64], frames: tuple[int, int, int], matched: Boundaries) -> Agreement:
    total = int(counts.sum())
    observed = float(np.trace(counts)) / total if total else math.nan
    return Agreement(total, *frames, observed, cohen_kappa(counts), matched)
