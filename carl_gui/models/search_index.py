"""Search for frames or spans similar to one of the scene. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carl_gui.models.hit import Hit
from carl_gui.models.scene import VideoRange
from carl_gui.models.search_filters import Filters
from carl_gui.models.video_filter import FilteredVideos
from core.base.control import Control
from core.embedding.embedded_video import EmbeddedVideo
from core.project.rows import VideoRow
from core.search import ClipMatch, FrameRange, SearchMatch, find_clips, find_frames
from core.search.query import Query
from core.search.quick import QuickSearch

_BATCH_FRAMES = 1 << 15
"""Spans are looked for in so many frames before it is asked whether anybody still waits."""
_JUST_SO_MUCH = 2e-6
"""Seconds: what lies just so far apart is apart, as for hits; the query's neighbourhood would count it in."""


@dataclass(frozen=True, eq=False)
class SearchIndex:
    """The embeddings to search. Immutable, because a thread may be reading it."""

    videos: Mapping[int, VideoRow]
    embedded: Mapping[int, EmbeddedVideo]
    """By id: those of `videos` that could be opened."""
    quick: QuickSearch | None = None
    """Over `embedded`, in its order; None: not ready."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The results of a search."""

    passage: VideoRange
    filters: Filters
    hits: Sequence[Hit]
    """Best first, none below the least cosine."""
    best_cosine: float | None
    """Of all that was found; None: there was nothing to search."""


def search(ground: SearchIndex, passage: VideoRange, filters: Filters, control: Control) -> Answer:
    """Search, for up to some seconds where it is a span.

    Raises:
        VideoError, StorageError: the query's frames are not among the embeddings, or damaged.
        Stopped: `control` asked for it.
    """
    ids, videos = list(ground.embedded), list(ground.embedded.values())
    query = Query.of_frames(ground.embedded[passage.video_id], passage.start_frame, passage.end_frame_exclusive)
    sieve = FilteredVideos()
    sieve.filter = filters.videos
    among = set(sieve.narrowed(ground.videos, ids, {}))
    among -= {passage.video_id} if filters.other_videos else set()
    left_out = {place for place, number in enumerate(ids) if number not in among}
    if len(left_out) == len(ids):
        return Answer(passage, filters, (), None)
    find = _frames if passage.is_frame else _clips
    matches = find(ground, query, videos, filters, left_out, control)
    hits = [hit_of(match, ids, videos) for match in matches if match.cosine >= filters.least_cosine]
    return Answer(passage, filters, hits, matches[0].cosine if matches else None)


def hit_of(match: SearchMatch | ClipMatch, ids: Sequence[int], videos: Sequence[EmbeddedVideo]) -> Hit:
    """As the window shows it; `ids` are those of the videos that were searched."""
    start, stop = (
        (match.frame, match.frame + 1)
        if isinstance(match, SearchMatch)
        else (match.start_frame, match.end_frame_exclusive)
    )
    edges = videos[match.video_index].edges_seconds
    passage = VideoRange(ids[match.video_index], start, stop)
    return Hit(passage, float(edges[start]), float(edges[stop]), match.cosine)


def _frames(
    ground: SearchIndex,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    filters: Filters,
    left_out: set[int],
    control: Control,
) -> Sequence[SearchMatch]:
    """The query's own neighbourhood is left out as that of a hit would be."""
    exclude = [FrameRange(place, 0, len(videos[place])) for place in left_out]
    exclude += query.neighbourhood(videos, max(filters.apart_seconds - _JUST_SO_MUCH, 0.0))
    direction = query.embeddings[0]
    if ground.quick is not None:
        return ground.quick.find_frames(direction, k=filters.k, apart_seconds=filters.apart_seconds, exclude=exclude)
    return find_frames(direction, videos, k=filters.k, apart_seconds=filters.apart_seconds, exclude=exclude)


def _clips(
    ground: SearchIndex,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    filters: Filters,
    left_out: set[int],
    control: Control,
) -> Sequence[ClipMatch]:
    """Some videos at a time; the k best of all are among the k best of each."""
    best: list[ClipMatch] = []
    itself = {stretch.video_index: stretch for stretch in query.neighbourhood(videos, 0.0)}
    for batch in _batches(videos, left_out):
        control.obey()
        exclude = [
            FrameRange(place, itself[index].start_frame, itself[index].end_frame_exclusive)
            for place, index in enumerate(batch)
            if index in itself
        ]
        found = find_clips(
            query.embeddings,
            [videos[index] for index in batch],
            k=filters.k,
            max_overlap=filters.max_overlap,
            max_tempo=filters.max_tempo,
            exclude=exclude,
        )
        best += [
            ClipMatch(batch[match.video_index], match.start_frame, match.end_frame_exclusive, match.cosine)
            for match in found
        ]
        best = sorted(best, key=lambda match: (-match.cosine, match.video_index, match.start_frame))[: filters.k]
    return best


def _batches(videos: Sequence[EmbeddedVideo], left_out: set[int]) -> Sequence[Sequence[int]]:
    batches: list[list[int]] = [[]]
    frames = 0
    for index, video in enumerate(videos):
        if index in left_out:
            continue
        if frames >= _BATCH_FRAMES:
            batches.append([])
            frames = 0
        batches[-1].append(index)
        frames += len(video)
    return batches
