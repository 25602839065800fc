"""How many of the exact results an index finds: measured on frames of its own library, those of still cameras apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.events import Sink
from core.base.progress import Meter
from core.embedding.packed import PackedVideos, unit_rows
from core.search.defaults import APART_SECONDS
from core.search.frames import find_frames
from core.search.index.card import Recall
from core.search.index.frame_index import FrameIndex
from core.search.index.runs import find_runs, unpack
from core.search.matches import FrameRange, SearchMatch

K = 10
_SAMPLE = 200
_STILL_RUN = 16
"""Frames that hardly differ, in a row, are of a camera before which nothing moves."""
_STILL_SHARE = 0.5
"""Of the frames of a video of a still camera lie in such runs."""
_BLOCK_CELLS = 1 << 22


@dataclass(frozen=True)
class Sample:
    """Frames that are searched for, and what the exact search finds in the other videos."""

    queries: Sequence[NDArray[np.float32]]
    excluded: Sequence[FrameRange]
    exact: Sequence[Sequence[SearchMatch]]
    is_still: NDArray[np.bool_]
    """(Q,) which of them are of still cameras."""


def draw_sample(
    packed: PackedVideos,
    index: FrameIndex,
    ids: Iterable[NDArray[np.int64]],
    rng: np.random.Generator,
    sink: Sink,
    control: Control,
) -> Sample:
    """Draw frames of all videos, and as many of still cameras, and search for them exactly.

    Args:
        ids: of all runs, some at a time.

    Raises:
        StorageError: the packed folder is damaged.
        Stopped: asked to.
    """
    drawn = np.sort(rng.choice(packed.num_frames, min(_SAMPLE, packed.num_frames), replace=False)).tolist()
    still = _draw_still(packed, _still_videos(packed, index, ids), rng)
    videos, frames, queries = [], [], []
    is_still = []
    for number, kind in [*((number, False) for number in drawn), *((number, True) for number in still)]:
        video = int(np.searchsorted(packed.first_rows, number, side="right")) - 1
        row = _rows(packed, number, number + 1)[0]
        if np.isfinite(row).all() and row.any():
            videos.append(video)
            frames.append(number - int(packed.first_rows[video]))
            queries.append(row)
            is_still.append(kind)
    excluded = [FrameRange(video, 0, int(packed.lengths[video])) for video in videos]
    exact = _find_exactly(packed, np.array(queries).reshape(-1, packed.width), videos, sink, control)
    return Sample(queries, excluded, exact, np.array(is_still, np.bool_))


def measure_recall(index: FrameIndex, sample: Sample, control: Control) -> Recall:
    """Return which share of the exact results the index finds, as the mean over the frames searched for.

    Raises:
        StorageError: the packed folder is damaged.
        Stopped: asked to.
    """
    shares = []
    for query, excluded, exact in zip(sample.queries, sample.excluded, sample.exact, strict=True):
        control.obey()
        found = index.find_frames(query, k=K, apart_seconds=APART_SECONDS, exclude=[excluded])
        shares.append(share_found(exact, found))
    values = np.array(shares)
    ordinary, still = values[~sample.is_still], values[sample.is_still]
    return Recall(K, len(ordinary), _mean(ordinary), len(still), _mean(still))


def share_found(exact: Sequence[SearchMatch], found: Sequence[SearchMatch]) -> float:
    """Return which share of the exact results was found; of frames with the same cosine any will do."""
    if not exact:
        return 1.0
    wanted, there = (Counter(round(match.cosine, 9) for match in matches) for matches in (exact, found))
    return (wanted & there).total() / len(exact)


def _mean(values: NDArray[np.float64]) -> float:
    return round(float(values.mean()), 4) if len(values) else 1.0


def _rows(packed: PackedVideos, first: int, stop: int) -> NDArray[np.float32]:
    return np.concatenate([unit_rows(rows) for _, rows in packed.blocks(first, stop)])


def _still_videos(packed: PackedVideos, index: FrameIndex, ids: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the videos of still cameras."""
    num_still = np.zeros(len(packed), np.int64)
    for of_shard in ids:
        lengths = unpack(of_shard)[2]
        long = of_shard[lengths >= _STILL_RUN]
        runs, videos = index.videos_of(long)
        np.add.at(num_still, videos, unpack(long)[2][runs])
    return np.flatnonzero(num_still >= np.maximum(_STILL_SHARE * packed.lengths, 1))


def _draw_still(packed: PackedVideos, videos: NDArray[np.int64], rng: np.random.Generator) -> list[int]:
    """Return frames of these videos, counted through all videos; every second one is of a part in which it moves."""
    numbers: list[int] = []
    if not len(videos):
        return numbers
    for place, video in enumerate(rng.choice(videos, _SAMPLE, replace=len(videos) < _SAMPLE).tolist()):
        first, stop = packed.first_rows[video : video + 2].tolist()
        frames = np.arange(stop - first)
        if place % 2:
            rows = _rows(packed, first, stop)
            runs = find_runs(rows, frames == 0, np.ones(len(rows), np.bool_))
            moving = runs.starts[runs.lengths < _STILL_RUN]
            frames = moving if len(moving) else frames
        numbers.append(first + int(rng.choice(frames)))
    return numbers


def _find_exactly(
    packed: PackedVideos, queries: NDArray[np.float32], own: Sequence[int], sink: Sink, control: Control
) -> list[list[SearchMatch]]:
    """Return the exact results of each query but in its own video: one pass over all frames for all of them together.

    The k best results lie in the k videos with the best frames.
    """
    slack = (packed.width + 16) * float(np.finfo(np.float32).eps)  # as in `find_frames`
    floors = np.full(len(queries), -np.inf, np.float32)
    held: list[NDArray[np.void]] = []
    best = np.empty(0, [("query", np.int64), ("video", np.int64), ("cosine", np.float32)])
    meter = Meter(sink, "search exactly for the recall", packed.num_frames, "frame")
    step = max(1, _BLOCK_CELLS // max(len(queries), 1))
    owners = np.array(own, np.int64)
    for first_of_block, block in packed.blocks(0, packed.num_frames):
        for first in range(0, len(block), step):
            control.obey()
            rows = unit_rows(block[first : first + step])
            number = first_of_block + first
            with np.errstate(all="ignore"):
                cosines = np.nan_to_num(rows @ queries.T, nan=-np.inf)  # (N, Q)
            video, last = np.searchsorted(packed.first_rows, (number, number + len(rows) - 1), side="right") - 1
            videos = np.arange(video, last + 1)
            videos = videos[packed.lengths[videos] > 0]
            starts = np.maximum(packed.first_rows[videos] - number, 0)
            of_videos = np.maximum.reduceat(cosines, starts)  # (videos, Q)
            of_videos[videos[:, None] == owners] = -np.inf
            places, numbers = np.nonzero(of_videos >= np.maximum(floors - slack, -2))
            new = np.empty(len(places), best.dtype)
            new["query"], new["video"], new["cosine"] = numbers, videos[places], of_videos[places, numbers]
            held.append(new)
            if sum(map(len, held)) > max(1 << 16, 2 * len(best)):
                best, held = _best_of_videos(np.concatenate([best, *held]), floors, slack), []
            meter.add(len(rows))
    best = _best_of_videos(np.concatenate([best, *held]), floors, slack)
    results = []
    for query, direction in enumerate(queries):
        control.obey()
        videos = np.sort(best["video"][best["query"] == query])
        found = find_frames(direction, [packed[int(one)] for one in videos], k=K, apart_seconds=APART_SECONDS)
        results.append([SearchMatch(int(videos[one.video_index]), one.frame, one.cosine) for one in found])
    return results


def _best_of_videos(best: NDArray[np.void], floors: NDArray[np.float32], slack: float) -> NDArray[np.void]:
    """Return for each query the videos that reach its k-th best, and note that as its floor."""
    best = best[np.lexsort((-best["cosine"], best["video"], best["query"]))]
    is_first = np.ones(len(best), np.bool_)
    is_first[1:] = (np.diff(best["query"]) != 0) | (np.diff(best["video"]) != 0)
    best = best[is_first]
    best = best[np.lexsort((-best["cosine"], best["query"]))]
    starts = np.searchsorted(best["query"], np.arange(len(floors) + 1))
    for query, (start, stop) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        if stop - start >= K:
            floors[query] = best["cosine"][start + K - 1]
    kept: NDArray[np.void] = best[best["cosine"] >= floors[best["query"]] - slack]
    return kept
