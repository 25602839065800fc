"""`core.search_frames`: where else a moment, or a movement, is seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import ignore
from core.base.listing import count_noun
from core.drawing.text import clock
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.library import open_embedded, paths_of
from core.notebook.aligning import Video
from core.notebook.embedding import EmbeddedVideos, Videos, as_embedded, check_same_encoder, encoder_of
from core.notebook.inputs import StrPath, given
from core.notebook.pictures import page, picture
from core.notebook.telling import Telling, Work, working
from core.search.asking import Asked
from core.search.matches import ClipMatch, SearchMatch
from core.search.query import Query, open_query
from core.settings.config import did_you_mean
from core.video.names import VideoNames


@dataclass(frozen=True, repr=False, eq=False)
class SearchResult:
    """A frame, or consecutive frames, that a search found."""

    video: EmbeddedVideo
    start_frame: int
    """From 0; where a single frame was searched for, this one."""
    end_frame_exclusive: int
    similarity: float
    """Cosine, -1 to 1; of a span its mean along the warping path."""

    @property
    def start_seconds(self) -> float:
        """When its first frame appears, as a player shows it."""
        return float(self.video.edges_seconds[self.start_frame])

    @property
    def end_seconds(self) -> float:
        """When its last frame goes."""
        return float(self.video.edges_seconds[self.end_frame_exclusive])

    def __repr__(self) -> str:
        frames = _frames(self.start_frame, self.end_frame_exclusive)
        at = clock(self.start_seconds)
        return f"SearchResult({self.video.path.name}, {frames} at {at}, similarity {self.similarity:.3f})"


@dataclass(frozen=True, repr=False, eq=False)
class SearchResults(Sequence[SearchResult]):
    """What a search found, best first."""

    query: Query
    """The frames that were searched for."""
    videos: EmbeddedVideos
    """That were looked through."""
    matches: tuple[SearchMatch, ...] | tuple[ClipMatch, ...]
    """The same as the results, by place in `videos`."""
    notices: tuple[str, ...] = ()
    """What a person should know of it, in sentences."""

    def __len__(self) -> int:
        return len(self.matches)

    def __iter__(self) -> Iterator[SearchResult]:
        return map(self._result, self.matches)

    @overload
    def __getitem__(self, place: int) -> SearchResult: ...
    @overload
    def __getitem__(self, place: slice) -> list[SearchResult]: ...
    def __getitem__(self, place: int | slice) -> SearchResult | list[SearchResult]:
        if isinstance(place, slice):
            return [self._result(match) for match in self.matches[place]]
        return self._result(self.matches[place])

    def _result(self, match: SearchMatch | ClipMatch) -> SearchResult:
        video = self.videos[match.video_index]
        if isinstance(match, SearchMatch):
            return SearchResult(video, match.frame, match.frame + 1, match.cosine)
        return SearchResult(video, match.start_frame, match.end_frame_exclusive, match.cosine)

    def write_table(self, path: StrPath) -> None:
        """Write one row a result as CSV or XLSX, as `core.search --out` does.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        from core.search.results import write_clip_matches, write_matches

        frames, clips = self._by_kind
        if clips:
            write_clip_matches(Path(path), clips, self.videos.videos)
        else:
            write_matches(Path(path), frames, self.videos.videos)

    def write_grid(self, path: StrPath) -> None:
        """Draw the query and the results as a PNG, as `core.search --grid` does.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        from core.search.results import draw_clip_matches, draw_matches

        frames, clips = self._by_kind
        if clips:
            draw_clip_matches(Path(path), self.query, clips, self.videos.videos, ignore, Control())
        else:
            draw_matches(Path(path), self.query, frames, self.videos.videos, ignore, Control())

    @property
    def _by_kind(self) -> tuple[list[SearchMatch], list[ClipMatch]]:
        frames = [match for match in self.matches if isinstance(match, SearchMatch)]
        return frames, [match for match in self.matches if isinstance(match, ClipMatch)]

    @property
    def _words(self) -> str:
        frames = _frames(self.query.start_frame, self.query.end_frame_exclusive)
        return f"{count_noun(len(self), 'result')} for {frames} of {self.query.video.path.name}"

    def __repr__(self) -> str:
        best = f", best similarity {self.matches[0].cosine:.3f}" if self.matches else ""
        return f"SearchResults({self._words}, in {count_noun(len(self.videos), 'video')}{best})"

    def _repr_html_(self) -> str:
        return page(repr(self), picture(self.write_grid, self._words, width=800), notices=self.notices)


def search_frames(
    query: Video,
    videos: Videos,
    encoder: StrPath | None = None,
    *,
    frame: int | None = None,
    second: float | None = None,
    span: tuple[int, int] | None = None,
    span_seconds: tuple[float, float] | None = None,
    k: int = 5,
    min_gap: float | None = None,
    max_overlap: float | None = None,
    max_tempo: float | None = None,
    exclude_seconds: float | None = None,
    exclude_video: bool = False,
    method: str = "auto",
    device: str = "auto",
    progress: Telling = True,
) -> SearchResults:
    """Find the frames, or the clips, that are most like one, as `python -m core.search` does: by exact cosine.

    Args:
        query: the video that shows what is searched for: a file, the end of a path among `videos`, or an embedded one.
        videos: what is looked through: as of `embed_videos`, or what it returned.
        encoder: an `encoder.safetensors`, the folder of its run, or what `train_encoder` returned; None: `videos` are
            embedded already.
        frame: search for this frame, from 0. Exactly one of this and the next three is given.
        second: search for the frame that a player shows then.
        span: search for what these frames show, from the first up to but without the last, at whatever tempo.
        span_seconds: the same between two times.
        k: maximum number of results.
        min_gap: minimum time between two frames of one video, in seconds; None: 1.
        max_overlap: maximum overlap of two clips of one video, as a fraction of the shorter; None: 0.2.
        max_tempo: maximum ratio between the lengths of a clip and the span, in frames; None: 4.
        exclude_seconds: leave out the query and what lies within so many seconds of it.
        exclude_video: leave out the query's whole video.
        method: `exact` reads all frames; `approximate` uses the index made by `python -m core.index`; `auto` is exact
            in up to 50 million frames.
        device: `auto`, `cpu` or `cuda`.
        progress: as of `embed_videos`.

    Returns:
        The results, best first: a sequence of `SearchResult`.

    Raises:
        ConfigError: a number out of its range, keywords that exclude each other, no such query, no encoder.
        VideoError: the query's video does not decode, or has no such frame.
        CheckpointError: the encoder cannot be read, or did not make the embeddings in a folder.
        StorageError: the disk is full, or embeddings are damaged.
        KeyboardInterrupt: it was interrupted.

    Example:
        >>> carl.search_frames("pour_01.mp4", videos, second=2.5, exclude_video=True)[0]
        SearchResult(pour_03.mp4, frame 71 at 0:02.84, similarity 0.967)
    """
    with working(progress, search_frames) as work:
        asked = Asked(
            frame,
            second,
            span,
            span_seconds,
            k=k,
            min_gap=min_gap,
            max_overlap=max_overlap,
            max_tempo=max_tempo,
            exclude_seconds=exclude_seconds,
            exclude_video=exclude_video,
            method=method,
        )
        _check_one(frame=frame, second=second, span=span, span_seconds=span_seconds)
        asked.check()
        if not isinstance(query, EmbeddedVideo):
            query = _resolve(query, videos, encoder)
        library = as_embedded(videos, encoder, device, work)
        found = asked.query(_open(query, library, device, work))
        frames, clips = asked.find(found, library.videos, work.sink)
        return SearchResults(found, library, tuple(clips) if asked.is_clip else tuple(frames), tuple(work.notices))


def _check_one(**moments: object) -> None:
    """Refuse none or several moments. Raises ConfigError."""
    named = [name for name, value in moments.items() if value is not None]
    if len(named) != 1:
        reason = f"not {' and '.join(named)}" if named else "which say what to search for"
        raise ConfigError(f"Pass exactly one of {', '.join(moments)}, {reason}.")


def _resolve(query: StrPath, videos: Videos, encoder: StrPath | None) -> Path:
    """Return which file is meant, before any video is decoded. Raises ConfigError: there is none, or there are
    several."""
    path = Path(query).expanduser()
    if path.exists():
        return path
    if isinstance(videos, EmbeddedVideos):
        paths = [video.path for video in videos]
    else:
        paths = paths_of(given(videos, ignore).paths, encoder_of(encoder))
    found = VideoNames([(one.absolute(), one) for one in paths]).ending_in(str(query))
    if len(found) > 1:
        raise ConfigError(f"{query} may be {found[0]} or {found[1]}. Write more of its path.")
    if not found:
        raise ConfigError(f"There is no video {query}{did_you_mean(str(query), [one.name for one in paths])}")
    return found[0]


def _open(query: Path | EmbeddedVideo, library: EmbeddedVideos, device: str, work: Work) -> EmbeddedVideo:
    if isinstance(query, EmbeddedVideo):
        check_same_encoder([query, *library])
        return query
    same = [video for video in library if video.path.resolve() == query.resolve()]
    if same:
        return same[0]

    def opened(paths: Sequence[Path]) -> Sequence[EmbeddedVideo]:
        return open_embedded(paths, library.encoder, device=device, sink=work.sink, control=work.control)

    return open_query(query, (), opened)


def _frames(start_frame: int, end_frame_exclusive: int) -> str:
    if end_frame_exclusive - start_frame == 1:
        return f"frame {start_frame}"
    return f"frames {start_frame} to {end_frame_exclusive - 1}"
