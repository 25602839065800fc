"""Nearest frames: exact cosine top-k in one pass over the embeddings."""

from __future__ import annotations

import functools
import itertools
import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.base.cores import num_cores
from core.embedding.embedded_video import InBlocks
from core.search.candidates import TIE_SECONDS, Candidates, apart, best_of, cosines_of
from core.search.in_blocks import best_cosines, slack_of
from core.search.matches import FrameRange, Searchable, SearchMatch, directions, fill_gaps, gaps_by_video, is_left_out

_BLOCK_FRAMES = 1 << 14
"""Frames that are looked at in one go: bounds memory to some megabytes."""

_SHARE_FRAMES = 1 << 16
"""A thread is worth its start for so many frames."""

_MOST_THREADS = 8

_VIDEOS_AT_ONCE = 256
"""Of very many videos so many are opened at once."""

_FEW = 512
"""So many candidates are worked out without a thought."""


def find_frames(
    query: NDArray[np.float32],
    videos: Sequence[Searchable],
    *,
    k: int,
    apart_seconds: float = 0.0,
    exclude: Sequence[FrameRange] = (),
) -> list[SearchMatch]:
    """Return the `k` frames whose embeddings have the largest cosine with `query`, best first; of equal ones the
    earliest.

    A block of frames at a time is compared in float32, which costs about as much as reading it; what comes near the
    k-th best so far is worked out again in float64, so that order and ties do not depend on rounding. A few threads
    share the frames (`OMP_NUM_THREADS` bounds them). Memory is bounded by a block of frames a thread and, where hits
    must lie apart, by the frames that k hits can displace in one video.

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
        raise ValueError(f"k must be >= 1 and apart_seconds >= 0, got {k} and {apart_seconds}")
    if isinstance(videos, InBlocks):
        return _find_in_blocks(query, videos, k, apart_seconds, exclude)
    search = _Search(directions(query, videos), videos, k, apart_seconds, gaps_by_video(exclude))
    total = sum(len(video.embeddings) for video in videos)
    shares = num_threads(total)
    bounds = [total * share // shares for share in range(shares + 1)]
    stretches = [list(_stretches(videos, first, last)) for first, last in itertools.pairwise(bounds)]
    if shares == 1:
        return search.joined([search.share(stretches[0])])
    with ThreadPoolExecutor(shares) as pool:
        return search.joined(list(pool.map(search.share, stretches)))


def _find_in_blocks(
    query: NDArray[np.float32],
    videos: Sequence[Searchable],
    k: int,
    apart_seconds: float,
    exclude: Sequence[FrameRange],
) -> list[SearchMatch]:
    """Return what `find_frames` does, of videos of which only those are opened that can hold a hit.

    The best frames of any k videos are k results that lie apart: a video whose best frame comes after these has none.
    """
    assert isinstance(videos, InBlocks)
    if not videos.num_frames:
        return []
    direction = directions(query, [], width=videos.width)
    best = best_cosines(direction, videos, gaps_by_video(exclude), num_threads(videos.num_frames))
    slack = slack_of(videos.width)
    order = np.lexsort((np.arange(len(best)), -best))
    order = order[: np.count_nonzero(best > -np.inf)]
    found: list[SearchMatch] = []
    for start in range(0, len(order), _VIDEOS_AT_ONCE):
        chosen = order[start : start + _VIDEOS_AT_ONCE].tolist()
        floor = found[-1].cosine if len(found) == k else float(best[order[min(k, len(order)) - 1]]) - slack
        chosen = sorted(place for place in chosen if best[place] >= floor - slack)
        if not chosen:
            break
        places = {place: position for position, place in enumerate(chosen)}
        left_out = [replace(gap, video_index=places[gap.video_index]) for gap in exclude if gap.video_index in places]
        opened = [videos[place] for place in chosen]
        some = find_frames(query, opened, k=k, apart_seconds=apart_seconds, exclude=left_out)
        found = best_of([*found, *(replace(hit, video_index=chosen[hit.video_index]) for hit in some)], k)
    return found


def num_threads(num_frames: int) -> int:
    """Return the number of cores: on an idle machine with two, one thread reads memory at little more than half the
    speed."""
    cores = num_cores()
    asked = os.environ.get("OMP_NUM_THREADS", "")
    allowed = int(asked) if asked.isdecimal() and int(asked) else cores
    return max(1, min(allowed, cores, _MOST_THREADS, num_frames // _SHARE_FRAMES))


def _stretches(videos: Sequence[Searchable], first: int, last: int) -> Iterator[FrameRange]:
    """Yield the frames from `first` to before `last`, counted through all videos."""
    first_row = 0
    for index, video in enumerate(videos):
        start, stop = max(first - first_row, 0), min(last - first_row, len(video.embeddings))
        if start < stop:
            yield FrameRange(index, start, stop)
        first_row += len(video.embeddings)


@dataclass(frozen=True)
class _Search:
    """State shared by all threads."""

    direction: NDArray[np.float64]
    videos: Sequence[Searchable]
    k: int
    apart_seconds: float
    gaps: dict[int, list[slice]]

    def share(self, stretches: Sequence[FrameRange]) -> tuple[list[SearchMatch], list[Candidates]]:
        """Return the best hits of the videos that lie in these stretches as a whole; candidates of those that do
        not."""
        best: list[SearchMatch] = []
        cut: list[Candidates] = []
        for stretch in stretches:
            num_frames = len(self.videos[stretch.video_index].embeddings)
            if is_left_out(num_frames, self.gaps.get(stretch.video_index, [])):
                continue
            floor = best[-1].cosine if len(best) == self.k else -np.inf
            candidates = self._candidates(stretch, floor)
            if stretch.end_frame_exclusive - stretch.start_frame < num_frames:
                cut.append(candidates)
            elif len(candidates.frames):
                best = best_of([*best, *self._apart(candidates)], self.k)
        return best, cut

    def joined(self, shares: Sequence[tuple[list[SearchMatch], list[Candidates]]]) -> list[SearchMatch]:
        """Return the best hits of all shares."""
        found = [match for best, _ in shares for match in best]
        pieces = sorted((piece for _, cut in shares for piece in cut), key=lambda piece: piece.video_index)
        for index, of_video in itertools.groupby(pieces, key=lambda piece: piece.video_index):
            alike = list(of_video)
            frames = np.concatenate([piece.frames for piece in alike])
            cosines = np.concatenate([piece.cosines for piece in alike])
            order = np.lexsort((frames, -cosines))
            found += self._apart(Candidates(index, frames[order], cosines[order]))
        return best_of(found, self.k)

    def _apart(self, candidates: Candidates) -> list[SearchMatch]:
        return apart(candidates, self.videos[candidates.video_index], self.k, self.apart_seconds)

    def _candidates(self, stretch: FrameRange, floor: float) -> Candidates:
        """Return at least as many of the best frames above `floor` as are needed, possibly some more."""
        video, single = self.videos[stretch.video_index], self.direction.astype(np.float32)
        gaps = self.gaps.get(stretch.video_index, [])
        slack = (len(single) + 16) * float(np.finfo(np.float32).eps)  # twice what rounding can do to rows of norm 1
        needed = functools.cache(functools.partial(_num_needed, video, self.k, self.apart_seconds))
        embeddings = np.asarray(video.embeddings)  # the same memory without `memmap`'s slow ways
        frames, cosines = np.empty(0, np.int64), np.empty(0)
        for start in range(stretch.start_frame, stretch.end_frame_exclusive, _BLOCK_FRAMES):
            rows = embeddings[start : min(start + _BLOCK_FRAMES, stretch.end_frame_exclusive)]
            with np.errstate(all="ignore"):
                scores = np.vecdot(rows, single)  # (C,); BLAS's own threads would wait for one another at each block
            fill_gaps(scores, start, gaps, -np.inf)
            near = np.flatnonzero((scores > floor - slack) & (scores < np.inf))  # neither is true of NaN
            if not len(near):
                continue
            if len(near) > _FEW and len(near) > needed():
                least = np.partition(scores[near], -needed())[-needed()]
                near = near[scores[near] >= least - 2 * slack]
            frames = np.append(frames, near + start)
            cosines = np.append(cosines, cosines_of(rows[near], self.direction))
            order = np.lexsort((frames, -cosines))
            if len(order) > _FEW and len(order) > needed():
                order = order[: needed()]
                floor = float(cosines[order[-1]])
            frames, cosines = frames[order], cosines[order]
        return Candidates(stretch.video_index, frames, cosines)


def _num_needed(video: Searchable, k: int, apart_seconds: float) -> int:
    """Return how many of a video's best frames must be known to determine its k best results.

    A hit displaces at most the frames nearer than `apart_seconds`, on either side; so with k - 1 hits' neighbourhoods
    and one frame more, the k-th hit is among them.
    """
    starts = video.edges_seconds[:-1]
    num_frames, least = len(starts), apart_seconds - TIE_SECONDS
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
