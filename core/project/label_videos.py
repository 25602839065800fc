"""Find the videos of a project that a label file refers to."""

from __future__ import annotations

import contextlib
import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from core.base.errors import VideoError
from core.base.types import Span
from core.labels.formats.read_labels import FileVideo
from core.project.places import candidates, likely_file
from core.project.rows import VideoRow
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.content import video_digest, video_num_bytes
from core.video.names import VideoNames, is_whole
from core.video.times import edges_of_video, known_edges


@dataclass(frozen=True)
class KnownVideo:
    """A video of the project with its labels; its times are read on demand."""

    row: VideoRow
    folder: Path
    """Of the project."""
    spans: tuple[Span, ...] = ()

    @functools.cached_property
    def paths(self) -> list[Path]:
        """Where it may lie."""
        return candidates(self.row, self.folder)

    @functools.cached_property
    def times(self) -> FrameTimes:
        """Takes a decode where the video is not in the frame store."""
        return times_of(self.row, self.folder)

    @property
    def edges_seconds(self) -> NDArray[np.float64] | None:
        """(S + 1,) start of every frame and end of the last, by the medium's clock; None where nobody knows."""
        return self.times.edges_seconds

    @property
    def num_frames(self) -> int | None:
        """None where nobody knows."""
        if self.row.num_frames is not None:
            return self.row.num_frames
        return None if self.edges_seconds is None else len(self.edges_seconds) - 1

    @functools.cached_property
    def rough_edges_seconds(self) -> NDArray[np.float64] | None:
        """As `edges_seconds` where that is quick; else counted by the mean rate, to compare with, never to place
        anything by; None where nobody knows that either."""
        file = likely_file(self.row, self.folder)
        if (known := known_edges(self.row.digest, file)) is not None:
            return known
        if self.row.num_frames and self.row.fps:
            return np.arange(self.row.num_frames + 1) / self.row.fps
        return None


@dataclass(frozen=True)
class FrameTimes:
    """The times of a video's frames, or why they are unknown."""

    edges_seconds: NDArray[np.float64] | None
    """(S + 1,) start of every frame and end of the last, by the medium's clock."""
    problem: str = ""
    """A sentence."""


def times_of(video: VideoRow, folder: Path) -> FrameTimes:
    """Return the times from the frame store, or from the file, which is then decoded: never from the rate.

    Args:
        folder: of the project.
    """
    file = likely_file(video, folder)
    try:
        return FrameTimes(edges_of_video(video.digest, file, video.fps or DEFAULT_IMAGE_RATE))
    except VideoError as error:
        return FrameTimes(None, str(error))


@dataclass(frozen=True)
class VideoMatch:
    """The videos that a name may refer to."""

    videos: list[KnownVideo]
    """None, one, or several that the file does not tell apart."""
    num_shared: float = math.inf
    """So many parts at the end of the path are theirs too, where not all are; infinite where there is no doubt."""
    end: str = ""
    """Those parts, where the path begins at no root; empty otherwise."""
    rival: str = ""
    """Another name in the same file that fits the one video as well or better."""


@dataclass
class VideoFinder:
    """Finds videos by content, path and name, each looked up once."""

    videos: Sequence[KnownVideo]
    _by_digest: dict[str, list[KnownVideo]] = field(init=False)
    _names: VideoNames[int] = field(init=False)
    """Of the places in `videos`."""

    def __post_init__(self) -> None:
        self._by_digest = defaultdict(list)
        paths: list[tuple[PurePath, int]] = []
        for index, video in enumerate(self.videos):
            self._by_digest[video.row.digest].append(video)
            paths += [(PurePath(video.row.name), index), *((path.absolute(), index) for path in video.paths)]
        self._names = VideoNames(paths, stems=True)

    def find(self, name: str, file: FileVideo) -> VideoMatch:
        """Find the videos a name refers to.

        By the content's digest; else by the whole name, as the end of a path, with the suffix or without; else, where
        that leads to none or to several, by the whole paths that are given beside, then by the content of what lies at
        any of these; else by as much of the path's end as fits.
        """
        for digest in (file.digest, name):
            if digest in self._by_digest:
                return VideoMatch(self._by_digest[digest])
        names = tuple(dict.fromkeys((file.path or name, *file.others)))
        found = self._ending_in(names)
        if len(found) == 1:
            return VideoMatch(found)
        if beside := self._ending_in(path for path in file.beside if is_whole(path)):
            return VideoMatch(beside)
        there = dict.fromkeys(path for path in (*names, *file.beside) if is_whole(path))
        if same := _those(video for path in there for video in self._by_content(Path(path))):
            return VideoMatch(same)
        return VideoMatch(found) if found else self._sharing_most(names)

    def _ending_in(self, paths: Iterable[str]) -> list[KnownVideo]:
        return _those(self.videos[index] for path in paths for index in self._names.ending_in(path))

    def _sharing_most(self, paths: Iterable[str]) -> VideoMatch:
        """Return the longest end of any of the paths that is the end of a video's path too."""
        shared = [(*self._names.sharing_most(path, relative=True), path) for path in paths]
        most = max((count for count, _, _ in shared), default=0)
        if not most:
            return VideoMatch([])
        best = [(indices, path) for count, indices, path in shared if count == most]
        path = best[0][1]
        end = "" if is_whole(path) else "/".join(path.replace("\\", "/").split("/")[-most:])
        return VideoMatch(_those(self.videos[index] for indices, _ in best for index in indices), most, end)

    def _by_content(self, path: Path) -> list[KnownVideo]:
        with contextlib.suppress(OSError, ValueError):
            size = video_num_bytes(path)
            if any(video.row.num_bytes == size for video in self.videos):
                return self._by_digest.get(video_digest(path), [])
        return []


def _those(videos: Iterable[KnownVideo]) -> list[KnownVideo]:
    return list({video.row.id: video for video in videos}.values())
