"""Phases of videos as CSV: labels made in a spreadsheet, and predictions.

Columns: `video,phase,start_frame,end_frame_exclusive,start_seconds,end_seconds,confidence,source,digest`, and `note`
where a label has one. To be read,
a file needs `video`, `phase` and one pair of bounds; where a line has both, its frames count. Frames count from 0;
seconds are those that a player shows (docs/decisions/0011). A frame that no line covers is unlabelled, which is not a
phase. Where a line has the digest of a video that is there, this is the one that is meant, whatever either is called.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.base.csv_files import Row, read_rows, write_rows
from core.base.errors import LabelError
from core.base.types import Span
from core.settings.config import did_you_mean
from core.video.clock import format_seconds
from core.video.names import DIGEST, VideoNames
from core.video.names import distinct_names as distinct_names

COLUMNS = (
    "video",
    "phase",
    "start_frame",
    "end_frame_exclusive",
    "start_seconds",
    "end_seconds",
    "confidence",
    "source",
    DIGEST,
)
NOTE = "note"
"""A further column, written where a label has a note."""
UNLABELLED = -1
METHODS = ("both", "probe", "transfer")
"""How phases are predicted; these are the sources of predicted spans too. `benchmarks/labels.py` compares them."""


class Placed(Protocol):
    """A video with a path."""

    @property
    def path(self) -> Path: ...


class Timed(Placed, Protocol):
    """A video with known frame times."""

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """(S + 1,) start of every frame and end of the last, by the medium's clock; NaN where nobody knows them."""


def digest_of(video: Placed) -> str:
    """Return `core.base.files.content_digest` of a video that knows it; empty for others."""
    return str(getattr(video, "digest", ""))


@dataclass(frozen=True, slots=True)
class Segment:
    """One row of a file, with its bounds in frames or seconds, unchanged."""

    where: str
    """`FILE, line N`."""
    video: str
    """A file name, or a path."""
    phase: str
    start: float
    end: float
    in_frames: bool
    confidence: float = 1.0
    source: str = "label"
    track: str = ""
    """Whom or what it is about, where the file tells several apart: a subject, a tier, a player."""
    digest: str = ""
    """`core.base.files.content_digest` of the video; empty where the file has none."""
    note: str = ""
    """What a person wrote about it."""

    def span(self, video: Timed) -> Span:
        """Return the frames of `video` that are meant: with seconds, those whose middle lies between them.

        Raises:
            LabelError: it ends after the video, or holds no frame.
        """
        edges = video.edges_seconds
        if self.in_frames:
            start, stop, last = int(self.start), int(self.end), float(len(edges) - 1)
        else:
            middles = (edges[:-1] + edges[1:]) / 2
            start, stop = (int(place) for place in np.searchsorted(middles, (self.start, self.end)))
            last = float(2 * edges[-1] - edges[-2])  # a frame of grace: others measure the end otherwise
        if self.end > last:
            has = f"{len(edges) - 1} frames" if self.in_frames else f"{edges[-1]:.3f} s"
            end = f"{self.end:g}" if self.in_frames else f"{self.end:g} s"
            raise LabelError(
                f"{self.where}: {self.phase!r} ends at {end}, but {self.video} has {has}. Fix the end of the segment."
            )
        if start == stop:
            raise LabelError(
                f"{self.where}: no frame of {self.video} is between {self.start:g} and {self.end:g} seconds. Make "
                "the segment longer."
            )
        return Span(self.phase, start, stop, self.confidence, self.source, self.note)


def read_segments(path: Path) -> list[Segment]:
    """Return the lines of a segment CSV (`core.base.csv_files.read_rows` says what a spreadsheet may write).

    Raises:
        LabelError: it cannot be read, holds no line, lacks a column, or a line of it is wrong.
    """
    rows = read_rows(path, ("video", "phase"))
    if not rows:
        raise LabelError(f"{path} has no segments. Write one per line under {','.join(COLUMNS[:4])}.")
    if not any(set(pair) <= set(rows[0].cells) for pair in (COLUMNS[2:4], COLUMNS[4:6])):
        raise LabelError(
            f"{path} has no bounds. It needs the columns {COLUMNS[2]} and {COLUMNS[3]}, or {COLUMNS[4]} and "
            f"{COLUMNS[5]}."
        )
    return [segment_of(row) for row in rows]


def segment_of(row: Row) -> Segment:
    """Parse one row. Raises LabelError if it is invalid."""
    for column in ("video", "phase"):
        if not row[column]:
            raise LabelError(f"{row.where}: the {column} is empty. Name it or remove the line.")
    in_frames = bool(row["start_frame"] or row["end_frame_exclusive"])
    if in_frames:
        start, end = float(row.frame("start_frame")), float(row.frame("end_frame_exclusive"))
    else:
        start, end = row.number("start_seconds"), row.number("end_seconds")
    if not 0 <= start < end:
        raise LabelError(
            f"{row.where}: {row['phase']!r} of {row['video']} begins at {start:g} and ends at {end:g}. The end must "
            "come after the start, and neither may be negative."
        )
    confidence = row.number("confidence") if row["confidence"] else 1.0
    if not 0 <= confidence <= 1:
        raise LabelError(f"{row.where}: confidence must be from 0 to 1, not {row['confidence']}.")
    source, digest = row["source"] or "label", row[DIGEST].casefold()
    return Segment(
        row.where, row["video"], row["phase"], start, end, in_frames, confidence, source, digest=digest, note=row[NOTE]
    )


def spans_of(segments: Iterable[Segment], videos: Sequence[Timed]) -> list[list[Span]]:
    """Return the spans of each video, in order of time.

    A line's video is known by its digest, or else by its path's end: `b.mp4` and `a/b.mp4` both mean `/data/a/b.mp4`.

    Raises:
        LabelError: a line names no video, or more than one; is past the end; or overlaps another of its video.
    """
    segments = list(segments)
    finder = _Finder(segments, [video.path for video in videos], [digest_of(video) for video in videos])
    found: list[list[tuple[Span, Segment]]] = [[] for _ in videos]
    for segment in segments:
        place = finder.place(segment)
        found[place].append((segment.span(videos[place]), segment))
    for pairs in found:
        pairs.sort(key=lambda pair: pair[0].start_frame)
        for (first, one), (second, other) in itertools.pairwise(pairs):
            if second.start_frame < first.end_frame_exclusive:
                raise LabelError(
                    f"{other.where}: {other.phase!r} overlaps {one.phase!r} of {one.where.rpartition(', ')[2]} in "
                    f"{other.video}. A frame has one phase; shorten one of them."
                )
    return [[span for span, _ in pairs] for pairs in found]


def check_videos(
    segments: Iterable[Segment], paths: Sequence[Path], digest_at: Callable[[Path], str] | None = None
) -> None:
    """Refuse early, before any video is decoded, the first line whose video `spans_of` would not find.

    Args:
        digest_at: of the content of one of the paths; it is asked only where a line's digest decides.

    Raises:
        LabelError: a line names no video, or more than one.
    """
    segments = list(segments)
    finder = _Finder(segments, paths)
    if digest_at and any(segment.digest and len(finder.places(segment)) != 1 for segment in segments):
        finder = _Finder(segments, paths, [digest_at(path) for path in paths])
    for segment in segments:
        finder.place(segment)


def of_videos(
    segments: Iterable[Segment], paths: Sequence[Path], digests: Mapping[Path, str] | None = None
) -> list[tuple[Segment, Path]]:
    """Return the segments whose video is among `paths`, each with its path.

    Args:
        digests: of the paths' contents, as far as they are known.

    Raises:
        LabelError: a line may mean several of the paths, or no line means any.
    """
    segments, known = list(segments), digests or {}
    finder = _Finder(segments, paths, [known.get(path, "") for path in paths])
    found = [(segment, paths[finder.place(segment)]) for segment in segments if finder.places(segment)]
    if segments and not found:
        finder.place(segments[0])  # says what is missing
    return found


def of_other_contents(segments: Iterable[Segment], videos: Sequence[Placed]) -> list[str]:
    """Return a sentence for every video whose labels were made for another file of that name, by their digest."""
    segments = [segment for segment in segments if segment.digest]
    finder = _Finder(segments, [video.path for video in videos], [digest_of(video) for video in videos])
    messages: dict[int, str] = {}
    for segment in segments:
        for place in finder.places(segment):
            own = digest_of(videos[place])
            if own and own != segment.digest and place not in messages:
                messages[place] = (
                    f"{segment.where}: these labels were made for another file than {videos[place].path} (digest "
                    f"{segment.digest[:8]}, not {own[:8]}). Check that they fit."
                )
    return list(messages.values())


class _Finder:
    """Finds the video of each segment: by digest, by name, or by as much of its path as fits."""

    def __init__(self, segments: Sequence[Segment], paths: Sequence[Path], digests: Sequence[str] = ()) -> None:
        self._paths = paths
        names = VideoNames([(path.absolute(), index) for index, path in enumerate(paths)])
        by_digest: dict[str, list[int]] = defaultdict(list)
        for place, digest in enumerate(digests):
            by_digest[digest].append(place)
        self._places: dict[tuple[str, str], list[int]] = {}
        loose: dict[tuple[str, str], int] = {}
        for key in dict.fromkeys((segment.video, segment.digest) for segment in segments):
            video, digest = key
            found = names.ending_in(video)
            if digest and (same := by_digest.get(digest)):
                found = [place for place in found if place in same] or same
            elif not found and not Path(video).exists():
                loose[key], found = names.sharing_most(video)
            self._places[key] = found
        self._places |= self._without_rivals(loose)

    def _without_rivals(self, loose: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], list[int]]:
        """Match names of other computers by how many parts they share: none, if another name fits equally well."""
        claims: dict[int, list[tuple[str, float]]] = defaultdict(list)
        for key, places in self._places.items():
            for place in places:
                claims[place].append((key[0], loose.get(key, float("inf"))))
        return {
            (video, digest): []
            for (video, digest), shared in loose.items()
            if any(
                other != video and right >= shared for p in self._places[video, digest] for other, right in claims[p]
            )
        }

    def places(self, segment: Segment) -> list[int]:
        """Return all possible matches."""
        return self._places[segment.video, segment.digest]

    def place(self, segment: Segment) -> int:
        """Return the one that is meant. LabelError: there is none, or more than one."""
        found = self.places(segment)
        if not found:
            near = did_you_mean(segment.video, [path.name for path in self._paths])
            raise LabelError(f"{segment.where}: there is no video {segment.video!r}{near}")
        if len(found) > 1:
            one, other = (self._paths[index] for index in found[:2])
            raise LabelError(f"{segment.where}: {segment.video!r} may be {one} or {other}. Write more of its path.")
        return found[0]


def frame_labels(spans: Iterable[Span], num_frames: int, phases: Sequence[str]) -> NDArray[np.int64]:
    """Return (S,) index of each frame's phase in `phases`; `UNLABELLED` where no span covers it."""
    labels = np.full(num_frames, UNLABELLED, np.int64)
    for span in spans:
        labels[span.start_frame : span.end_frame_exclusive] = phases.index(span.phase)
    return labels


def frame_places(spans: Sequence[Span], num_frames: int) -> NDArray[np.int64]:
    """Return (S,) place in `spans` of the one that covers each frame; `UNLABELLED` where none does.

    Raises:
        ValueError: a span ends after the last frame.
    """
    places = np.full(num_frames, UNLABELLED, np.int64)
    for index, span in enumerate(spans):
        if span.end_frame_exclusive > num_frames:
            raise ValueError(f"{span} ends after the last of {num_frames} frames")
        places[span.start_frame : span.end_frame_exclusive] = index
    return places


def runs_of(labels: NDArray[np.integer]) -> list[tuple[int, int, int]]:
    """Return (label, start_frame, end_frame_exclusive) of every longest run of equal labels, unlabelled ones left
    out."""
    if not len(labels):
        return []
    starts = np.concatenate(([0], np.flatnonzero(np.diff(labels)) + 1))
    stops = np.append(starts[1:], len(labels))
    return [
        (int(labels[start]), int(start), int(stop))
        for start, stop in zip(starts, stops, strict=True)
        if labels[start] != UNLABELLED
    ]


def phase_names(spans: Iterable[Iterable[Span]]) -> list[str]:
    """Return every phase once, in the order in which they first come in time, video by video."""
    return list(dict.fromkeys(span.phase for video in spans for span in video))


def write_segments(path: Path, spans: Sequence[Sequence[Span]], videos: Sequence[Timed]) -> None:
    """Write the spans of each video, named as `distinct_names` does; `read_segments` gives them back.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    has_notes = any(span.note for of_video in spans for span in of_video)
    write_rows(
        path,
        (*COLUMNS, NOTE) if has_notes else COLUMNS,
        (
            (
                name,
                span.phase,
                span.start_frame,
                span.end_frame_exclusive,
                format_seconds(video.edges_seconds[span.start_frame]),
                format_seconds(video.edges_seconds[span.end_frame_exclusive]),
                f"{span.confidence:.4f}",
                span.source,
                digest_of(video),
                *((span.note,) if has_notes else ()),
            )
            for name, video, of_video in zip(distinct_names([one.path for one in videos]), videos, spans, strict=True)
            for span in of_video
        ),
    )
