"""Nearest clips: finds a span of one video in others at any tempo, by subsequence dynamic time warping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.search.matches import ClipMatch, FrameRange, Searchable, directions, fill_gaps, gaps_by_video, is_left_out

_BLOCK_CELLS = 1 << 21
"""Cosines that are worked out in one go: bounds memory to some tens of megabytes."""


def find_clips(
    query: NDArray[np.float32],
    videos: Sequence[Searchable],
    *,
    k: int,
    max_overlap: float = 0.0,
    max_tempo: float = 4.0,
    exclude: Sequence[FrameRange] = (),
) -> list[ClipMatch]:
    """Return the `k` stretches of the videos that are most like `query`, best first; of equal ones the earliest.

    For each frame of a video, the cheapest warping path that ends there with the query's last frame, from wherever it
    begins (Müller, Information Retrieval for Music and Motion, 2007, section 4.4): steps and cost are those of
    `core.align.dtw` with 1 - cosine. Paths compete by their mean cost. Beside the embeddings, memory holds one column
    of the warping matrix, a block of cosines, and two numbers a frame of one video.

    Args:
        query: (Q, D), rows of any norm but 0.
        videos: rows of norm 1; no hit goes over a row that is not finite.
        max_overlap: most that two hits of one video may share, as a share of the shorter one. Where they share more,
            the best stays, as in `find_frames`.
        max_tempo: a hit has at most so many times the query's frames, and at least one frame for so many of them. Where
            nothing moves, a warping path may else put the whole query on a frame or two.
        exclude: what is left out; no hit goes over it.

    Returns:
        At most `k`.

    Raises:
        ValueError: `k` or `max_tempo` below 1, `max_overlap` not from 0 to 1, a query without frames, without direction
            or of another width.
    """
    if k < 1 or not 0 <= max_overlap <= 1 or not max_tempo >= 1:
        raise ValueError(f"k and max_tempo must be >= 1 and max_overlap in [0, 1], got {k}, {max_tempo}, {max_overlap}")
    if query.ndim != 2 or not len(query):
        raise ValueError(f"a query must be (Q, D) with at least one row, not {query.shape}")
    rows = directions(query, videos).astype(np.float32)
    best: list[tuple[float, int, int, int]] = []  # mean cost, video, start, end
    gaps = gaps_by_video(exclude)
    for index, video in enumerate(videos):
        left_out = gaps.get(index, [])
        if is_left_out(len(video.embeddings), left_out):
            continue
        mean_costs, start_frames = _paths(rows, video, left_out)
        sizes = np.arange(1, len(mean_costs) + 1) - start_frames
        mean_costs[(sizes > max_tempo * len(rows)) | (max_tempo * sizes < len(rows))] = np.inf
        ceiling = best[-1][0] if len(best) == k else np.inf
        found = _apart(mean_costs, start_frames, ceiling, k, max_overlap)
        best = sorted([*best, *((cost, index, start, stop) for start, stop, cost in found)])[:k]
    return [ClipMatch(index, start, stop, 1 - cost) for cost, index, start, stop in best]


def _paths(
    query: NDArray[np.float32], video: Searchable, gaps: Sequence[slice]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return (S,) mean cost of the path that ends at each frame, infinite where there is none; (S,) the frame it begins
    at."""
    from core.search.kernel import sweep

    num_frames = len(video.embeddings)
    mean_costs, start_frames = np.empty(num_frames), np.empty(num_frames, np.int64)
    sums = np.full(len(query), np.inf)
    starts, steps = np.zeros(len(query), np.int64), np.zeros(len(query), np.int64)
    block_frames = max(1, _BLOCK_CELLS // max(query.shape))
    for start in range(0, num_frames, block_frames):
        frames = slice(start, min(start + block_frames, num_frames))
        with np.errstate(all="ignore"):
            cosine = video.embeddings[frames] @ query.T  # (C, Q)
        cosine[~np.isfinite(cosine)] = np.nan
        fill_gaps(cosine, start, gaps, np.nan)
        sweep(cosine, start, sums, starts, steps, mean_costs[frames], start_frames[frames])
    return mean_costs, start_frames


def _apart(
    mean_costs: NDArray[np.float64], start_frames: NDArray[np.int64], ceiling: float, k: int, max_overlap: float
) -> list[tuple[int, int, float]]:
    """Start, end and mean cost of the best k paths below the ceiling that do not overlap more than they may."""
    last_frames = np.flatnonzero(mean_costs < ceiling)
    last_frames = last_frames[np.lexsort((start_frames[last_frames], mean_costs[last_frames]))]
    starts, stops, costs = start_frames[last_frames], last_frames + 1, mean_costs[last_frames]
    found: list[tuple[int, int, float]] = []
    remaining = np.arange(len(costs))
    while len(remaining) and len(found) < k:
        taken, remaining = remaining[0], remaining[1:]
        start, stop = int(starts[taken]), int(stops[taken])
        found.append((start, stop, float(costs[taken])))
        shared = np.minimum(stops[remaining], stop) - np.maximum(starts[remaining], start)
        shorter = np.minimum(stops[remaining] - starts[remaining], stop - start)
        remaining = remaining[shared <= max_overlap * shorter + 1e-9]
    return found
