"""Choose the results among candidate frames; shared by all search methods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.search.matches import Searchable, SearchMatch

TIE_SECONDS = 1e-6
"""Times that were counted from frame rates are this exact: frames 1.0 s apart must not be 0.99999999 s apart."""


@dataclass(frozen=True)
class Candidates:
    """Frames of one video and their cosines, (N,), best first, including all that can still be results."""

    video_index: int
    frames: NDArray[np.int64]
    cosines: NDArray[np.float64]


def cosines_of(rows: NDArray[np.float32], direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map (N, D) -> (N,); equal rows have equal cosines, wherever they stand."""
    exact = rows.astype(np.float64)
    norms = np.sqrt((exact * exact).sum(axis=1))
    cosines: NDArray[np.float64] = (exact * direction).sum(axis=1) / np.where(norms > 0, norms, 1)
    return cosines.clip(-1, 1)


def apart(candidates: Candidates, video: Searchable, k: int, apart_seconds: float) -> list[SearchMatch]:
    """Return the first k of them that lie apart."""
    seconds = video.edges_seconds[candidates.frames]
    found: list[SearchMatch] = []
    remaining = np.arange(len(candidates.frames))
    while len(remaining) and len(found) < k:
        taken, remaining = remaining[0], remaining[1:]
        frame, cosine = int(candidates.frames[taken]), float(candidates.cosines[taken])
        found.append(SearchMatch(candidates.video_index, frame, cosine))
        if apart_seconds > 0:
            distance = np.abs(seconds[remaining] - seconds[taken])
            remaining = remaining[distance >= apart_seconds - TIE_SECONDS]
    return found


def best_of(matches: Iterable[SearchMatch], k: int) -> list[SearchMatch]:
    """Return the k best; of equal ones the earliest."""
    return sorted(matches, key=lambda match: (-match.cosine, match.video_index, match.frame))[:k]
