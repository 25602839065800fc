"""The results of a search, as a table and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.align import align_embeddings, warp_frames
from core.base.control import Control
from core.base.csv_files import write_rows
from core.base.errors import VideoError
from core.base.events import Notice, Sink
from core.base.progress import Meter
from core.base.types import Image
from core.embedding.embedded_video import EmbeddedVideo, InBlocks
from core.search.matches import ClipMatch, SearchMatch
from core.search.query import Query
from core.video.clock import format_seconds
from core.video.names import DIGEST, distinct_names

MOST_DRAWN = 100
"""Hits on a picture: with more, few programs would open it."""

_FRAMES_OF_A_CLIP = 5


def write_matches(path: Path, matches: Sequence[SearchMatch], videos: Sequence[EmbeddedVideo]) -> None:
    """Write one row a frame, best first; seconds are those that a player shows.

    A video is named as `distinct_names` does, and the last column has its digest.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    rows = ((hit.video_index, (hit.frame,), hit.cosine) for hit in matches)
    _write(path, ("frame",), ("seconds",), rows, videos)


def write_moments(path: Path, moments: Sequence[tuple[int, int]], videos: Sequence[EmbeddedVideo]) -> None:
    """Write one row a frame, as `write_matches` does, of frames that were chosen by hand: they have no cosine.

    Args:
        moments: place of the video among `videos`, and frame.
    """
    _write(path, ("frame",), ("seconds",), ((index, (frame,), None) for index, frame in moments), videos)


def write_clip_matches(path: Path, matches: Sequence[ClipMatch], videos: Sequence[EmbeddedVideo]) -> None:
    """Write one row a clip, as `write_matches` does."""
    _write(
        path,
        ("start_frame", "end_frame_exclusive"),
        ("start_seconds", "end_seconds"),
        ((hit.video_index, (hit.start_frame, hit.end_frame_exclusive), hit.cosine) for hit in matches),
        videos,
    )


def _write(
    path: Path,
    frame_columns: tuple[str, ...],
    seconds_columns: tuple[str, ...],
    hits: Iterable[tuple[int, tuple[int, ...], float | None]],
    videos: Sequence[EmbeddedVideo],
) -> None:
    hits = list(hits)
    names = _names(videos, {index for index, _, _ in hits})
    rows = []
    for rank, (index, frames, cosine) in enumerate(hits, start=1):
        seconds = (format_seconds(videos[index].edges_seconds[frame]) for frame in frames)
        likeness = "" if cosine is None else f"{cosine:.6f}"
        rows.append((rank, names[index], *frames, *seconds, likeness, videos[index].digest))
    write_rows(path, ("rank", "video", *frame_columns, *seconds_columns, "cosine", DIGEST), rows)


def _names(videos: Sequence[EmbeddedVideo], wanted: set[int]) -> Mapping[int, str]:
    if isinstance(videos, InBlocks):
        return {index: videos.name_of(index) for index in wanted}
    return dict(enumerate(distinct_names([video.path for video in videos])))


@dataclass(frozen=True)
class _Shown:
    """The parts of a result, or of the query, to draw."""

    video: EmbeddedVideo
    frames: tuple[int, ...]
    details: tuple[str, ...]
    cosine: float | None = None


def draw_matches(
    path: Path,
    query: Query,
    matches: Sequence[SearchMatch],
    videos: Sequence[EmbeddedVideo],
    sink: Sink,
    control: Control,
) -> None:
    """Draw the query's frame and those that were found. What cannot be read any more is left blank, with a notice.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
        Stopped: `control` asked for it.
    """
    shown = [_Shown(query.video, (query.start_frame,), (f"frame {query.start_frame}",))]
    shown += [_Shown(videos[hit.video_index], (hit.frame,), (f"frame {hit.frame}",), hit.cosine) for hit in matches]
    _draw(path, shown, sink, control)


def draw_moments(
    path: Path, moments: Sequence[tuple[int, int]], videos: Sequence[EmbeddedVideo], sink: Sink, control: Control
) -> None:
    """Draw frames that were chosen by hand, as `draw_matches` does; there is no query."""
    shown = [_Shown(videos[index], (frame,), (f"frame {frame}",)) for index, frame in moments]
    _draw(path, shown, sink, control, has_query=False)


def draw_clip_matches(
    path: Path,
    query: Query,
    matches: Sequence[ClipMatch],
    videos: Sequence[EmbeddedVideo],
    sink: Sink,
    control: Control,
) -> None:
    """Draw some frames of the query's span, and of each hit those that belong to them; as `draw_matches` does."""
    span = ClipMatch(0, query.start_frame, query.end_frame_exclusive, 1.0)
    picks = np.unique(np.linspace(0, len(span) - 1, _FRAMES_OF_A_CLIP).round().astype(int))
    shown = [_Shown(query.video, tuple((span.start_frame + picks).tolist()), _span_details(query.video, span))]
    for hit in matches:
        video = videos[hit.video_index]
        alignment = align_embeddings(query.embeddings, video.embeddings[hit.start_frame : hit.end_frame_exclusive])
        frames = hit.start_frame + warp_frames(alignment)[picks]
        shown.append(_Shown(video, tuple(frames.tolist()), _span_details(video, hit), hit.cosine))
    _draw(path, shown, sink, control)


def _span_details(video: EmbeddedVideo, span: ClipMatch) -> tuple[str, ...]:
    seconds = video.edges_seconds[span.end_frame_exclusive] - video.edges_seconds[span.start_frame]
    return f"frames {span.start_frame} to {span.end_frame_exclusive - 1}", f"{seconds:.2f} seconds"


def _draw(path: Path, shown: Sequence[_Shown], sink: Sink, control: Control, *, has_query: bool = True) -> None:
    from core.pictures.grid import Found, write_grid  # brings matplotlib

    num_queries = int(has_query)
    if len(shown) - num_queries > MOST_DRAWN:
        sink(Notice(f"The picture shows the first {MOST_DRAWN} of {len(shown) - num_queries} results."))
        shown = shown[: MOST_DRAWN + num_queries]
    images = _read(shown, sink, control)
    found = [
        Found(
            one.video.path.name,
            [images.get((one.video.path, frame)) for frame in one.frames],
            [float(one.video.edges_seconds[frame]) for frame in one.frames],
            one.details,
            one.cosine,
        )
        for one in shown
    ]
    write_grid(path, found[0] if has_query else None, found[num_queries:])


def _read(shown: Sequence[_Shown], sink: Sink, control: Control) -> dict[tuple[Path, int], Image]:
    """Return every frame once, video by video: opening one whose frames are not stored decodes all of it."""
    wanted: dict[Path, tuple[EmbeddedVideo, set[int]]] = {}
    for one in shown:
        wanted.setdefault(one.video.path, (one.video, set()))[1].update(one.frames)
    images: dict[tuple[Path, int], Image] = {}
    gone: list[str] = []
    meter = Meter(sink, "read frames", len(wanted), "video")
    for path, (video, frames) in wanted.items():
        control.obey()
        try:
            images.update({(path, frame.index): frame.image for frame in video.frames(sorted(frames))})
        except (VideoError, IndexError) as error:
            gone.append(str(error))
        meter.add()
    if gone:
        sink(Notice(f"In the picture, {len(gone)} of {len(wanted)} videos are left blank: {gone[0]}"))
    return images
