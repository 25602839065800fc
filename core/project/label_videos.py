"""Which video of a project a file of labels means."""

from __future__ import annotations

import contextlib
import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.config import DEFAULT_IMAGE_RATE
from core.errors import VideoError
from core.label.formats.read_labels import FileVideo
from core.project.places import candidates, find_file
from core.project.rows import VideoRow
from core.types import Span
from core.video.content import video_digest, video_num_bytes
from core.video.times import edges_of_video, known_edges


@dataclass(frozen=True)
class KnownVideo:
    """A video of the project with its labels; its times are looked up when they are needed."""

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
        file = find_file(self.row, self.folder) or next(iter(self.paths), Path(self.row.name))
        if (known := known_edges(self.row.digest, file)) is not None:
            return known
        if self.row.num_frames and self.row.fps:
            return np.arange(self.row.num_frames + 1) / self.row.fps
        return None


@dataclass(frozen=True)
class FrameTimes:
    """When the frames of a video are shown, or why nobody knows."""

    edges_seconds: NDArray[np.float64] | None
    """(S + 1,) start of every frame and end of the last, by the medium's clock."""
    problem: str = ""
    """A sentence."""


def times_of(video: VideoRow, folder: Path) -> FrameTimes:
    """From the frame store, or from the file, which is then decoded: never from the rate.

    Args:
        folder: of the project.
    """
    file = find_file(video, folder) or next(iter(candidates(video, folder)), Path(video.name))
    try:
        return FrameTimes(edges_of_video(video.digest, file, video.fps or DEFAULT_IMAGE_RATE))
    except VideoError as error:
        return FrameTimes(None, str(error))


@dataclass
class VideoFinder:
    """Finds videos by content, path and name, each looked up once."""

    videos: Sequence[KnownVideo]
    _by_digest: dict[str, list[KnownVideo]] = field(init=False)
    _by_last: dict[str, list[tuple[tuple[str, ...], KnownVideo]]] = field(init=False)
    """Whole paths, by their last part: with the suffix, and without."""

    def __post_init__(self) -> None:
        self._by_digest, self._by_last = defaultdict(list), defaultdict(list)
        for video in self.videos:
            self._by_digest[video.row.digest].append(video)
            for parts in {(video.row.name,), *(path.absolute().parts for path in video.paths)}:
                self._by_last[parts[-1]].append((parts, video))
                stem = PurePosixPath(parts[-1]).stem
                if stem != parts[-1]:
                    self._by_last[stem].append(((*parts[:-1], stem), video))

    def find(self, name: str, file: FileVideo) -> list[KnownVideo]:
        """Those that are meant: none, one, or several that the file does not tell apart.

        By the content's digest; else by the whole name, as the end of a path, with the suffix or without; else, where
        the file gives a whole path, by as much of its end as fits; else by the content of what lies there. Where that
        leads to none or to several, a whole path helps that is given beside.
        """
        for digest in (file.digest, name):
            if digest in self._by_digest:
                return self._by_digest[digest]
        paths = dict.fromkeys((file.path or name, *file.others))
        found = _those(video for path in paths for video in self._at(path))
        if len(found) != 1 and (beside := _those(video for path in file.beside for video in self._exactly(path))):
            return beside
        return found

    def _exactly(self, path: str) -> list[KnownVideo]:
        parts = PurePosixPath(path).parts
        return [video for whole, video in self._by_last.get(parts[-1], []) if whole == parts] if parts else []

    def _at(self, path: str) -> list[KnownVideo]:
        parts = PurePosixPath(path.replace("\\", "/")).parts
        placed = self._by_last.get(parts[-1], []) if parts else []
        if found := _those(video for whole, video in placed if whole[-len(parts) :] == parts):
            return found
        if parts[:1] == ("/",) or (parts[:1] and parts[0].endswith(":")):
            shared = [(_shared(whole, parts), video) for whole, video in placed]
            most = max((count for count, _ in shared), default=0)
            if found := _those(video for count, video in shared if count == most):
                return found
            return self._by_content(Path(path))
        return []

    def _by_content(self, path: Path) -> list[KnownVideo]:
        with contextlib.suppress(OSError, ValueError):
            size = video_num_bytes(path)
            if any(video.row.num_bytes == size for video in self.videos):
                return self._by_digest.get(video_digest(path), [])
        return []


def _shared(whole: Sequence[str], parts: Sequence[str]) -> int:
    """How many parts at the end of both are the same."""
    count = 0
    for one, other in zip(reversed(whole), reversed(parts), strict=False):
        if one != other:
            break
        count += 1
    return count


def _those(videos: Iterable[KnownVideo]) -> list[KnownVideo]:
    return list({video.row.id: video for video in videos}.values())
