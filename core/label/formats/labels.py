"""Labels to be written: the tracks of several videos, what each is called in a file, and times that come back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.errors import LabelError
from core.segments import distinct_names
from core.types import Span

_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no place for, or would change."""


@dataclass(frozen=True)
class Track:
    """A video and its spans."""

    path: Path
    edges_seconds: NDArray[np.float64]
    """(S + 1,) start of every frame and end of the last, counted from the first frame."""
    spans: tuple[Span, ...]
    """In order of time, none over another."""
    digest: str = ""
    """`core.files.content_digest` of the video."""
    group: str = ""
    """What is done in it; empty while unknown."""
    subset: str = ""
    """`train`, `val`, or empty."""
    features: NDArray[np.float32] | None = None
    """(S, D) what an encoder says of each frame, for formats that take it along."""

    @property
    def num_frames(self) -> int:
        return len(self.edges_seconds) - 1

    @property
    def seconds(self) -> float:
        return float(self.edges_seconds[-1])

    @property
    def fps(self) -> float:
        """Average; of a lone frame, how many of it a second holds."""
        return self.num_frames / self.seconds


@dataclass(frozen=True)
class Labels:
    """The labels of several videos."""

    phases: tuple[str, ...]
    """In their order, each once; every span's is among them."""
    tracks: tuple[Track, ...]
    """Those without a span too: what a video is called must mean it alone."""
    address_prefix: str = ""
    """What stands before a video's name in programs that want its address (`--address-prefix`)."""
    colours: tuple[tuple[str, str], ...] = ()
    """Of phases, as `#rrggbb`, as far as they are known."""

    def __post_init__(self) -> None:
        if missing := {span.phase for track in self.tracks for span in track.spans} - set(self.phases):
            raise ValueError(f"spans have phases that are not among {self.phases}: {missing}")

    def named(self) -> list[tuple[str, Track]]:
        """The tracks that have spans, each with the shortest end of its path that no other one has."""
        names = distinct_names([track.path for track in self.tracks])
        return [(name, track) for name, track in zip(names, self.tracks, strict=True) if track.spans]

    def stems(self) -> list[tuple[PurePosixPath, Track]]:
        """As `named`, without suffixes where that still tells them apart; a relative path without `..`."""
        named = self.named()
        bare = [_relative(name).with_suffix("") for name, _ in named]
        count = Counter(str(path).casefold() for path in bare)  # some disks do not tell case apart
        return [
            (_relative(name) if count[str(path).casefold()] > 1 else path, track)
            for path, (name, track) in zip(bare, named, strict=True)
        ]


def _relative(name: str) -> PurePosixPath:
    parts = [part for part in name.split("/") if part not in ("", ".", "..") and not part.endswith((":", ":\\"))]
    return PurePosixPath(*parts)


def frame_of(edges_seconds: NDArray[np.float64], seconds: float | NDArray[np.float64]) -> NDArray[np.intp]:
    """The frame at whose start a boundary at `seconds` lies: the first whose middle is not before it, S past the last.

    This is how every reader here takes times. Between two frames it is the nearest start, so that times may be rounded
    to as much as half a frame.
    """
    middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2
    return np.asarray(np.searchsorted(middles, seconds))


def boundaries(track: Track, per_second: int) -> dict[int, int]:
    """For every frame at which a span begins or ends, its time in whole units, `per_second` of them a second.

    It is the unit nearest to the frame's start that `frame_of` takes back to this frame: exact at any frame rate, and
    where it varies too, as long as frames are a unit apart.

    Raises:
        LabelError: they are not.
    """
    frames = np.unique([frame for span in track.spans for frame in (span.start_frame, span.end_frame_exclusive)])
    nearest = np.rint(track.edges_seconds[frames] * per_second).astype(np.int64)
    found = np.full(len(frames), -1, np.int64)
    for away in (1, -1, 0):
        back = frame_of(track.edges_seconds, (nearest + away) / per_second)
        found = np.where((back == frames) & (nearest + away >= 0), nearest + away, found)
    if (found < 0).any():
        raise LabelError(
            f"The frames of {track.path.name} come less than 1/{per_second} second apart, which is as fine as the "
            "times of this format are: choose a format that counts frames."
        )
    return {int(frame): int(unit) for frame, unit in zip(frames, found, strict=True)}


def check_text(labels: Labels, format_name: str) -> None:
    """Refuse a phase with control characters, which text formats cannot hold. Raises LabelError."""
    for phase in labels.phases:
        if _UNWRITABLE.search(phase):
            raise LabelError(f"{format_name} cannot hold the phase {phase!r}: rename it without control characters.")


def phases_of(tracks: Iterable[Sequence[Span]]) -> tuple[str, ...]:
    """Every phase once, as they first come in time, video by video."""
    return tuple(dict.fromkeys(span.phase for track in tracks for span in track))
