"""The rows returned by a project's queries."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from core.pose.people import Point

Split = Literal["train", "val", "none"]
SPLITS: tuple[Split, ...] = get_args(Split)

SortKey = Literal["name", "action", "split", "num_frames", "duration_seconds", "num_bytes", "num_frames_labelled"]


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A video of the project, as the database knows it; `core.project.badges` looks at the disk too."""

    id: int
    name: str
    """As shown."""
    digest: str
    """`core.video.content.video_digest` of it."""
    num_bytes: int
    action: str
    """Empty while unknown."""
    split: Split
    relative: str
    """Where it lies below the project's folder, with `/`; empty where it lies elsewhere."""
    absolute: str
    problem: str
    """Why it cannot be read, as a sentence; empty where it can, or nobody tried."""
    num_frames: int | None
    """None until it was decoded; so are the following."""
    fps: float | None
    duration_seconds: float | None
    width: int | None
    height: int | None
    num_spans: int
    num_frames_labelled: int
    person: Point | None = None
    """Whom body pose follows; None: the largest."""
    performer: str | None = None
    """The video is right, and this one is seen in it, empty while unknown; None: it is not said to be right."""
    num_frames_predicted: int = 0
    """Of `num_frames_labelled`: predicted or transferred, and accepted; nobody said so by hand."""

    @property
    def is_right(self) -> bool:
        """Whether a person says that it is right."""
        return self.performer is not None

    @property
    def num_frames_by_hand(self) -> int:
        """Frames that a person labelled, or confirmed."""
        return self.num_frames_labelled - self.num_frames_predicted


@dataclass(frozen=True, slots=True)
class Found:
    """The results of decoding a readable video."""

    num_frames: int
    fps: float
    duration_seconds: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a video cannot be read, as a sentence; earlier results stay."""

    sentence: str


Fact = Found | Broken


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase of the project."""

    id: int
    name: str
    colour: str
    """`#rrggbb`."""
    position: int
    """Its place in the order, from 0."""
    num_spans: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the history."""

    id: int
    kind: str
    """The name of the edit's class: what a translation goes by."""
    label: str
    """What was done, in English: `Set split of 3 videos`."""
    undone: bool


def sorted_videos(videos: Iterable[VideoRow], by: SortKey = "name", *, descending: bool = False) -> list[VideoRow]:
    """Sort videos by a column, then by name, in which digits compare as numbers (`clip2` before `clip10`).

    Videos for which the column is unknown come last, whichever way it is sorted.
    """
    named = sorted(videos, key=lambda video: natural(video.name), reverse=descending and by == "name")
    if by == "name":
        return named
    known = [video for video in named if getattr(video, by) not in (None, "", "none")]
    unknown = [video for video in named if getattr(video, by) in (None, "", "none")]
    if by in ("action", "split"):
        known.sort(key=lambda video: natural(getattr(video, by)), reverse=descending)
    else:
        known.sort(key=lambda video: float(getattr(video, by)), reverse=descending)
    return known + unknown


@functools.lru_cache(maxsize=1 << 15)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key by which digits compare as numbers and letters without regard to case."""
    words = re.split(r"([0-9]+)", name)
    return tuple((0, int(word), "") if "0" <= word[:1] <= "9" else (1, 0, word.casefold()) for word in words if word)
