"""The contents of a label file, not yet assigned to videos."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.labels.segments import Segment
from core.video.names import is_whole

EMPTY = "it has no labels, so nothing is imported from it."
"""What is said of a file that has none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that is not imported unchanged."""

    where: str
    """`FILE, line N`, or `FILE, line N, annotation ID`; empty where the sentence says it."""
    sentence: str
    """What is wrong with it, and what becomes of it."""
    video: str = ""
    """As the file calls it; empty where it is of no video."""


@dataclass(frozen=True, slots=True)
class FileVideo:
    """A file's information about a video."""

    where: str
    path: str = ""
    """Where it lay, as far as the file knows; empty: its name is all."""
    digest: str = ""
    """`core.base.files.content_digest`; empty where the file has none."""
    fps: float | None = None
    num_frames: int | None = None
    """So many labels the file has, where it has one a frame."""
    clock: tuple[tuple[int, float], ...] = ()
    """Frames and their seconds, where the file has both."""
    others: tuple[str, ...] = ()
    """What `path` may mean else: as it is called if it was percent-encoded, or was not."""
    beside: tuple[str, ...] = ()
    """Whole paths where it may lie, seen from the file; they help where `path` leads to none, or to several."""
    has_blanks: bool = True
    """Whether names of phases can have blanks in this format; otherwise `_` stands for each."""


@dataclass(frozen=True)
class ReadLabels:
    """The segments of a file, in its order, and what could not be read."""

    segments: tuple[Segment, ...] = ()
    videos: Mapping[str, FileVideo] = field(default_factory=dict)
    """By the name that the segments have."""
    problems: tuple[Problem, ...] = ()
    track: str | None = None
    """Of several tracks the one that the files themselves mark as the phases; None: a person has to choose."""

    def resolve_from(self, folder: Path) -> ReadLabels:
        """Return a copy with the paths of the videos resolved from this folder."""
        videos = dict(self.videos)
        for one in self.segments:
            videos.setdefault(one.video, FileVideo(one.where))
        return dataclasses.replace(self, videos={name: _resolve_from(folder, name, videos[name]) for name in videos})

    def __add__(self, other: ReadLabels) -> ReadLabels:
        tracks = {read.track for read in (self, other) if read.segments}
        return ReadLabels(
            self.segments + other.segments,
            {**other.videos, **self.videos},
            self.problems + other.problems,
            tracks.pop() if len(tracks) == 1 else None,
        )


def _resolve_from(folder: Path, name: str, file: FileVideo) -> FileVideo:
    candidates = [path.replace("\\", "/") for path in (file.path or name, *file.others) if not is_whole(path)]
    places = [
        Path(os.path.normpath(folder.absolute() / path)).as_posix() for path in candidates if PurePosixPath(path).name
    ]
    return dataclasses.replace(file, beside=tuple(dict.fromkeys((*file.beside, *places))))
