"""The query: a frame or a span of one video, and what to leave out of the results."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError, StorageError, VideoError
from core.embedding.embedded_video import EmbeddedVideo, InBlocks
from core.embedding.folder import is_embedded
from core.search.matches import FrameRange
from core.video.inputs import find_videos, is_several
from core.video.names import VideoNames

Opener = Callable[[Sequence[Path]], Sequence[EmbeddedVideo]]
"""`core.embedding.library.open_embedded` with everything but the inputs given."""

_ROUNDING_SECONDS = 1e-6
_MOST_COMPARED = 10_000
"""Names among which a similar one is looked for."""


@dataclass(frozen=True)
class Query:
    """Consecutive frames of a video, at least one."""

    video: EmbeddedVideo
    start_frame: int
    end_frame_exclusive: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_frame < self.end_frame_exclusive <= len(self.video):
            raise ValueError(
                f"{self.start_frame}..{self.end_frame_exclusive} is not a span of {len(self.video)} frames"
            )

    @classmethod
    def of_frames(cls, video: EmbeddedVideo, start_frame: int, end_frame_exclusive: int) -> Query:
        """Return a query of these frames. VideoError where the video has not so many; StorageError where their
        embeddings are damaged."""
        if end_frame_exclusive > len(video):
            raise VideoError(
                f"{video.path.name} has frames 0 to {len(video) - 1}, so there is no frame {end_frame_exclusive - 1} "
                "to search for. Choose another."
            )
        return cls(video, start_frame, end_frame_exclusive)._with_directions()

    @classmethod
    def of_seconds(cls, video: EmbeddedVideo, start_seconds: float, end_seconds: float | None) -> Query:
        """Return the frames whose middle lies between, as in `core.labels.segments`; without an end, the frame that is
        shown then.

        Raises:
            VideoError: the video is shorter, or no frame lies there.
            StorageError: their embeddings are damaged.
        """
        edges = video.edges_seconds
        latest = start_seconds if end_seconds is None else end_seconds
        if latest > edges[-1] + _ROUNDING_SECONDS or latest < edges[0] - _ROUNDING_SECONDS:
            when = f"is shown from {edges[0]:.3f} to" if edges[0] > 0 else "lasts"
            raise VideoError(
                f"{video.path.name} {when} {edges[-1]:.3f} seconds, so there is nothing at {latest:g} seconds. "
                "Choose another time."
            )
        if end_seconds is None:
            frame = int(np.searchsorted(edges, start_seconds + _ROUNDING_SECONDS, side="right")) - 1
            frame = min(max(frame, 0), len(video) - 1)
            return cls(video, frame, frame + 1)._with_directions()
        start, stop = np.searchsorted((edges[:-1] + edges[1:]) / 2, (start_seconds, end_seconds))
        if start == stop:
            raise VideoError(
                f"No frame of {video.path.name} is between {start_seconds:g} and {end_seconds:g} seconds. Make the "
                "span longer."
            )
        return cls(video, int(start), int(stop))._with_directions()

    def _with_directions(self) -> Query:
        norms = np.linalg.norm(self.embeddings, axis=1)
        if bad := np.flatnonzero(~(np.isfinite(norms) & (norms > 0))).tolist():
            raise StorageError(
                f"The embedding of frame {self.start_frame + bad[0]} of {self.video.path.name} is zero or not "
                "finite, so nothing is similar to it. Search for another frame, or embed again."
            )
        return self

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """(Q, D)"""
        return self.video.embeddings[self.start_frame : self.end_frame_exclusive]

    def neighbourhood(self, videos: Sequence[EmbeddedVideo], seconds: float) -> list[FrameRange]:
        """Return the query and the frames that start within `seconds` of its own, in every video that has its
        content."""
        starts = self.video.edges_seconds[:-1]
        reach = seconds + _ROUNDING_SECONDS
        first = int(np.searchsorted(starts, starts[self.start_frame] - reach))
        stop = int(np.searchsorted(starts, starts[self.end_frame_exclusive - 1] + reach))
        return [FrameRange(index, first, stop) for index in self._places(videos)]

    def whole_video(self, videos: Sequence[EmbeddedVideo]) -> list[FrameRange]:
        """Return the whole of every video with its content."""
        return [FrameRange(index, 0, len(self.video)) for index in self._places(videos)]

    def _places(self, videos: Sequence[EmbeddedVideo]) -> list[int]:
        if isinstance(videos, InBlocks):
            return videos.with_digest(self.video.digest)
        return [index for index, video in enumerate(videos) if video.digest == self.video.digest]


def open_query(path: Path, inputs: Sequence[Path], open_videos: Opener) -> EmbeddedVideo:
    """Return the query's video, from a folder of embeddings among the inputs if it lies there, else embedded.

    In a folder of embeddings it is known by its path, or by the end of its path where there is no such file.

    Raises:
        ConfigError: the inputs hold no video, `path` is not one video, or more than one may be meant.
        CarlError: as `open_embedded`.
    """
    folders = [path for path in inputs if is_embedded(path)]
    if others := [path for path in inputs if path not in folders]:
        find_videos(others)
    ready = open_videos(folders) if folders else []
    same = _at(path, ready)
    if not same and not path.exists():
        named = _ending_in(path, ready)
        if len(named) > 1:
            one, other = (ready[index].path for index in named[:2])
            raise ConfigError(f"{path} may be {one} or {other}. Write more of its path.")
        if not named:
            names = [video.path.name for video in itertools.islice(ready, _MOST_COMPARED)]
            near = difflib.get_close_matches(path.name, names, n=1)
            raise ConfigError(
                f"There is no video {path}" + (f": did you mean {near[0]!r}?" if near else ". Check its name.")
            )
        same = [ready[named[0]]]
    if same:
        return same[0]
    if is_several(path):
        raise ConfigError(f"The query must be one video, but {path} is a folder or a list. Name a file.")
    return open_videos([path])[0]


def _at(path: Path, ready: Sequence[EmbeddedVideo]) -> list[EmbeddedVideo]:
    """Return the videos that lie at a path."""
    likely = [ready[index] for index in ready.with_path(path)] if isinstance(ready, InBlocks) else ready
    return [video for video in likely if video.path.resolve() == path.resolve()]


def _ending_in(path: Path, ready: Sequence[EmbeddedVideo]) -> list[int]:
    """Return the videos with paths that end as this one."""
    if isinstance(ready, InBlocks):
        return ready.with_path(path)
    return list(VideoNames([(video.path, index) for index, video in enumerate(ready)]).ending_in(str(path)))
