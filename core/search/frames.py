"""Nearest frames: exact cosine top-k, at the speed of one reading of the embeddings."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.search.matches import Match, Searchable, Stretch, directions, fill_gaps, gaps_by_video, is_left_out

_BLOCK_FRAMES = 1 << 14
"""Frames that are looked at in one go: bounds memory to some megabytes."""

_FEW = 512
"""So many candidates are worked out without a thought."""

_TIE_SECONDS = 1e-6
"""Times that were counted from frame rates are this exact: frames 1.0 s apart must not be 0.99999999 s apart."""


def find_frames(
    query: NDArray[np.float32],
    videos: Sequence[Searchable],
    *,
    k: int,
    apart_seconds: float = 0.0,
    exclude: Sequence[Stretch] = (),
) -> list[Match]:
    """The `k` frames whose embeddings have the largest cosine with `query`, best first; of equal ones the earliest.

    A block of frames at a time is compared in float32, which costs about as much as reading it; what comes near the
    k-th best so far is worked out again in float64, so that order and ties do not depend on rounding. Memory is bounded
    by a block of frames and, where hits must lie apart, by the frames that k hits can displace in one video.

    Args:
        query: (D,), of any norm but 0.
        videos: rows of norm 1 (to within 1e-6); zeros have the cosine 0, rows that are not finite are never found.
        apart_seconds: least time between the starts of two hits in one video. Where hits are nearer to each other, the
            best stays: frames are taken in order of their cosine, unless one that was taken is too near. 0: any two.
        exclude: what is left out.

    Returns:
        At most `k`: fewer where there are no more frames.

    Raises:
        ValueError: `k` below 1, `apart_seconds` below 0, a query without direction or of another width.
    """
    if k < 1 or not apart_seconds >= 0:
        raise ValueError(f"at least one hit, at least 0 seconds apart, not {k} and {apart_seconds}")
    direction = directions(query, videos)
    best: list[Match] = []
    gaps = gaps_by_video(exclude)
    for index, video in enumerate(videos):
        left_out = gaps.get(index, [])
        if is_left_out(len(video.embeddings), left_out):
            continue
        floor = best[-1].cosine if len(best) == k else -np.inf
        needed = functools.cache(functools.partial(_num_needed, video, k, apart_seconds))
        frames, cosines = _candidates(direction, video, needed, left_out, floor)
        found = _apart(frames, cosines, video, k, apart_seconds)
        if found:  # a sort keeps the order of what is equal: earlier videos first
            best += [Match(index, frame, cosine) for frame, cosine in found]
            best = sorted(best, key=lambda match: -match.cosine)[:k]
    return best


def _candidates(
    direction: NDArray[np.float64],
    video: Searchable,
    needed: Callable[[], int],
    gaps: Sequence[slice],
    floor: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Frames and their cosines, best first: of those above `floor` at least the best `needed()`, perhaps some more."""
    single = direction.astype(np.float32)
    slack = (len(direction) + 16) * float(np.finfo(np.float32).eps)  # twice what rounding can do to rows of norm 1
    frames, cosines = np.empty(0, np.int64), np.empty(0)
    embeddings = np.asarray(video.embeddings)  # the same memory without `memmap`'s slow ways
    for start in range(0, len(embeddings), _BLOCK_FRAMES):
        rows = embeddings[start : start + _BLOCK_FRAMES]
        with np.errstate(all="ignore"):
            scores = rows @ single  # (C,)
        fill_gaps(scores, start, gaps, -np.inf)
        near = np.flatnonzero((scores > floor - slack) & (scores < np.inf))  # neither is true of NaN
        if not len(near):
            continue
        if len(near) > _FEW and len(near) > needed():
            least = np.partition(scores[near], -needed())[-needed()]
            near = near[scores[near] >= least - 2 * slack]
        frames, cosines = np.append(frames, near + start), np.append(cosines, _cosines(rows[near], direction))
        order = np.lexsort((frames, -cosines))
        if len(order) > _FEW and len(order) > needed():
            order = order[: needed()]
            floor = float(cosines[order[-1]])
        frames, cosines = frames[order], cosines[order]
    return frames, cosines


def _cosines(rows: NDArray[np.float32], direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, D) -> (N,); equal rows have equal cosines, wherever they stand."""
    exact = rows.astype(np.float64)
    norms = np.sqrt((exact * exact).sum(axis=1))
    cosines: NDArray[np.float64] = (exact * direction).sum(axis=1) / np.where(norms > 0, norms, 1)
    return cosines.clip(-1, 1)


def _num_needed(video: Searchable, k: int, apart_seconds: float) -> int:
    """How many of a video's best frames must be known to be sure of its k best hits.

    A hit displaces at most the frames nearer than `apart_seconds`, on either side; so with k - 1 hits' neighbourhoods
    and one frame more, the k-th hit is among them.
    """
    starts = video.edges_seconds[:-1]
    num_frames, least = len(starts), apart_seconds - _TIE_SECONDS
    if least <= 0:
        return k
    rate = num_frames / float(video.edges_seconds[-1] - video.edges_seconds[0])
    within = max(1, math.ceil(min(least * rate, num_frames)))
    blocks = range(0, num_frames, _BLOCK_FRAMES)
    while within < num_frames and any(
        (later - starts[start : start + len(later)] < least).any()
        for start in blocks
        if len(later := starts[start + within : start + within + _BLOCK_FRAMES])
    ):
        within *= 2  # frames follow one another faster here and there than on average
    return (k - 1) * (2 * within - 1) + 1


def _apart(
    frames: NDArray[np.int64], cosines: NDArray[np.float64], video: Searchable, k: int, apart_seconds: float
) -> list[tuple[int, float]]:
    """The first k of the candidates that lie apart, and their cosines."""
    seconds = video.edges_seconds[frames]
    found: list[tuple[int, float]] = []
    remaining = np.arange(len(frames))
    while len(remaining) and len(found) < k:
        taken, remaining = remaining[0], remaining[1:]
        found.append((int(frames[taken]), float(cosines[taken])))
        if apart_seconds > 0:
            distance = np.abs(seconds[remaining] - seconds[taken])
            remaining = remaining[distance >= apart_seconds - _TIE_SECONDS]
    return found
