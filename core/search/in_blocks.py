"""Which of very many videos can hold the nearest frames, in one pass over their embeddings as they lie on disk."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from core.embedding.embedded_video import InBlocks
from core.search.matches import fill_gaps

_BLOCK_FRAMES = 1 << 14


def best_cosines(
    direction: NDArray[np.float64], videos: InBlocks, gaps: Mapping[int, Sequence[slice]], num_threads: int
) -> NDArray[np.float32]:
    """Return (V,) each video's largest cosine, to within `slack_of`; minus infinity where it has none.

    Args:
        direction: (D,) of norm 1.
        gaps: frames to leave out, by video.
    """
    total = videos.num_frames
    bounds = [total * share // num_threads for share in range(num_threads + 1)]
    score = functools.partial(_share, direction.astype(np.float32), videos, gaps)
    best = np.full(len(videos.first_rows) - 1, -np.inf, np.float32)
    with ThreadPoolExecutor(num_threads) as pool:
        for first_video, maxima in pool.map(score, bounds[:-1], bounds[1:]):
            part = best[first_video : first_video + len(maxima)]
            np.maximum(part, maxima, out=part)
    return best


def slack_of(width: int) -> float:
    """Return how far from the exact one a cosine may be."""
    return 2 * (width + 16) * float(np.finfo(np.float32).eps)


def _share(
    direction: NDArray[np.float32], videos: InBlocks, gaps: Mapping[int, Sequence[slice]], first: int, stop: int
) -> tuple[int, NDArray[np.float32]]:
    """Return the number of the first video that has frames from `first` to before `stop`, and the best of each."""
    starts = videos.first_rows
    first_video, last_video = np.searchsorted(starts, (first, max(stop - 1, first)), side="right") - 1
    best = np.full(last_video + 1 - first_video, -np.inf, np.float32)
    for start, rows in _pieces(videos, first, stop):
        cosines = _cosines(rows, direction)
        cosines[~(cosines < np.inf)] = -np.inf  # NaN too
        a, b = np.searchsorted(starts, (start, start + len(rows) - 1), side="right") - 1
        for video in (video for video in gaps if a <= video <= b):
            own = cosines[: max(int(starts[video + 1]) - start, 0)]  # a gap may be longer than its video
            fill_gaps(own, start - int(starts[video]), gaps[video], -np.inf)
        maxima = np.maximum.reduceat(cosines, np.maximum(starts[a : b + 1] - start, 0))
        part = best[a - first_video : b + 1 - first_video]
        np.maximum(part, maxima, out=part)
    return int(first_video), best


def _pieces(videos: InBlocks, first: int, stop: int) -> Iterator[tuple[int, NDArray[np.floating]]]:
    for start, rows in videos.blocks(first, stop):
        for offset in range(0, len(rows), _BLOCK_FRAMES):
            yield start + offset, rows[offset : offset + _BLOCK_FRAMES]


def _cosines(rows: NDArray[np.floating], direction: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(all="ignore"):
        if rows.dtype == np.float32:  # of norm 1
            whole: NDArray[np.float32] = np.vecdot(rows, direction)
            return whole
        from core.search.kernel import half_cosines

        found = np.empty(len(rows), np.float32)
        half_cosines(rows.view(np.uint16), direction, found)
        return found
