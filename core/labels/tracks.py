"""Labels to write: the tracks of several videos, their names in a file, and times that survive a round trip."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.base.errors import LabelError
from core.base.types import Span
from core.video.clock import first_units
from core.video.names import distinct_names

_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no place for, or would change."""


_NONE = -1
"""No unit of time."""
_EVEN = 0.1
"""Of a frame: what times may be off by where frames come evenly; Matroska rounds them to milliseconds."""


@dataclass(frozen=True)
class Track:
    """A video and its labels."""

    path: Path
    edges_seconds: NDArray[np.float64]
    """(S + 1,) start of every frame and end of the last, by the medium's clock (`core.video.clock`); NaN where nobody
    knows them."""
    spans: tuple[Span, ...]
    """In order of time, none over another."""
    digest: str = ""
    """`core.base.files.content_digest` of the video."""
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
    def is_timed(self) -> bool:
        """Whether it is known when the frames are shown."""
        return not np.isnan(self.edges_seconds).any()

    @property
    def seconds(self) -> float:
        """How long the frames last together, however late the first one comes."""
        return float(self.edges_seconds[-1] - self.edges_seconds[0])

    @property
    def end_seconds(self) -> float:
        """When the last frame ends, by the medium's clock: how long a player says that the picture is."""
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
            raise ValueError(f"segments have phases that are not in {self.phases}: {missing}")

    @property
    def num_notes(self) -> int:
        """Of all labels."""
        return sum(bool(span.note) for track in self.tracks for span in track.spans)

    def named(self) -> list[tuple[str, Track]]:
        """Return the tracks that have spans, each with the shortest end of its path that no other one has."""
        names = distinct_names([track.path for track in self.tracks])
        return [(name, track) for name, track in zip(names, self.tracks, strict=True) if track.spans]

    def stems(self) -> list[tuple[PurePosixPath, Track]]:
        """Return `named` without suffixes if still unique; relative paths without `..`."""
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
    """Return the frame at whose start a boundary at `seconds` lies: the first whose middle is not before it, S past the
    last.

    This is how every reader here takes times. Between two frames it is the nearest start, so that times may be rounded
    to as much as half a frame.
    """
    middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2
    return np.asarray(np.searchsorted(middles, seconds))


def boundaries(track: Track, per_second: int) -> dict[int, int]:
    """Return the time of every frame at which a label begins or ends, in whole units, `per_second` per second.

    It is the first unit that is not before the frame's start, so that a program that rounds time x rate down finds this
    frame too, and that `frame_of` takes back to it: exact at any frame rate, and where it varies too. Where frames are
    hardly more than a unit apart, it may be the last unit before the start instead.

    Raises:
        LabelError: frames are less than a unit apart, or nobody knows when they are shown.
    """
    if not track.is_timed:
        raise LabelError(f"The frame times of {track.path.name} are not known. Choose a format that counts frames.")
    frames = np.unique([frame for span in track.spans for frame in (span.start_frame, span.end_frame_exclusive)])
    first = first_units(track.edges_seconds[frames], per_second)
    found = np.full(len(frames), _NONE, np.int64)
    for units in (first - 1, first + 1, first, _for_counters(track, frames, first, per_second)):
        back = frame_of(track.edges_seconds, units / per_second)
        found = np.where((back == frames) & (units >= 0), units, found)
    if (found == _NONE).any():
        raise LabelError(
            f"The frames of {track.path.name} are less than 1/{per_second} second apart, the resolution of this "
            "format. Choose a format that counts frames."
        )
    return {int(frame): int(unit) for frame, unit in zip(frames, found, strict=True)}


def _for_counters(
    track: Track, frames: NDArray[np.intp], units: NDArray[np.int64], per_second: int
) -> NDArray[np.int64]:
    """Return the units, or later ones, where a program that rounds time x rate down would find the frame before.

    Its rate is the same from 0 on, while times in the file may be rounded (Matroska's are, to milliseconds), and so are
    its products: 1.16 s are the start of frame 29 at 25 a second, but 1.16 * 25 is 28.999999999999996.
    """
    rate = _even_rate(track)
    if rate is None:
        return units
    counted = -(-frames * rate.denominator * per_second // rate.numerator)
    units = np.maximum(units, counted)
    seconds = units / per_second
    products = seconds * float(rate), seconds * rate.numerator / rate.denominator
    return units + (np.floor(np.minimum(*products)) < frames)


def _even_rate(track: Track) -> Fraction | None:
    """Return the frames per second, if constant from 0."""
    nominal, ntsc = round(track.fps), round(track.fps * 1.001)
    numbers = np.arange(track.num_frames)
    for rate in (Fraction(nominal), Fraction(1000 * ntsc, 1001), Fraction(track.fps).limit_denominator(1001)):
        if rate and np.abs(track.edges_seconds[:-1] * float(rate) - numbers).max() < _EVEN:
            return rate
    return None


def check_text(labels: Labels, format_name: str) -> None:
    """Refuse a phase with control characters, which text formats cannot hold. Raises LabelError."""
    for phase in labels.phases:
        if _UNWRITABLE.search(phase):
            raise LabelError(f"{format_name} cannot hold the phase {phase!r}. Rename it without control characters.")


def writable(note: str) -> str:
    """Return the note without control characters, which XML cannot hold; lines stay."""
    lines = ("\N{REPLACEMENT CHARACTER}".join(_UNWRITABLE.split(line)) for line in note.splitlines())
    return "\n".join(lines)


def phases_of(tracks: Iterable[Sequence[Span]]) -> tuple[str, ...]:
    """Return every phase once, as they first come in time, video by video."""
    return tuple(dict.fromkeys(span.phase for track in tracks for span in track))
