"""Phases of videos as CSV: what a person labels in a spreadsheet, and what is predicted.

Columns: `video,phase,start_frame,end_frame_exclusive,start_seconds,end_seconds,confidence,source`. To be read, a file
needs `video`, `phase` and one pair of bounds; where a line has both, its frames count. Frames count from 0; seconds are
those that a player shows (docs/decisions/0011). A frame that no line covers is unlabelled, which is not a phase.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.config import did_you_mean
from core.csv_files import Row, read_rows, write_rows
from core.errors import LabelError
from core.types import Span
from core.video.clock import spelled

COLUMNS = (
    "video",
    "phase",
    "start_frame",
    "end_frame_exclusive",
    "start_seconds",
    "end_seconds",
    "confidence",
    "source",
)
UNLABELLED = -1
METHODS = ("both", "probe", "transfer")
"""How phases are predicted; these are the sources of predicted spans too. `benchmarks/labels.py` compares them."""


class Timed(Protocol):
    """A video whose frames' times are known."""

    @property
    def path(self) -> Path: ...

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """(S + 1,) start of every frame and end of the last, by the medium's clock; NaN where nobody knows them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of a file, its bounds in frames or in seconds, as they stand there."""

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

    def span(self, video: Timed) -> Span:
        """The frames of `video` that are meant: with seconds, those whose middle lies between them.

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
            has = f"{len(edges) - 1} frames" if self.in_frames else f"{edges[-1]:.3f} seconds"
            raise LabelError(
                f"{self.where}: {self.phase!r} ends at {self.end:g}, but {self.video} has {has}: mend its end."
            )
        if start == stop:
            raise LabelError(
                f"{self.where}: no frame of {self.video} lies between {self.start:g} and {self.end:g} seconds: "
                "make the span longer."
            )
        return Span(self.phase, start, stop, self.confidence, self.source)


def read_segments(path: Path) -> list[Segment]:
    """The lines of a segment CSV (`core.csv_files.read_rows` says what a spreadsheet may write).

    Raises:
        LabelError: it cannot be read, holds no line, lacks a column, or a line of it is wrong.
    """
    rows = read_rows(path, ("video", "phase"))
    if not rows:
        raise LabelError(f"{path} holds no span: write a line for each under {','.join(COLUMNS[:4])}.")
    if not any(set(pair) <= set(rows[0].cells) for pair in (COLUMNS[2:4], COLUMNS[4:6])):
        raise LabelError(
            f"{path} has no bounds: it needs the columns {COLUMNS[2]} and {COLUMNS[3]}, or "
            f"{COLUMNS[4]} and {COLUMNS[5]}."
        )
    return [segment_of(row) for row in rows]


def segment_of(row: Row) -> Segment:
    """What one line says. Raises LabelError where it is wrong."""
    for column in ("video", "phase"):
        if not row[column]:
            raise LabelError(f"{row.where}: the {column} is empty: name it or remove the line.")
    in_frames = bool(row["start_frame"] or row["end_frame_exclusive"])
    if in_frames:
        start, end = float(row.frame("start_frame")), float(row.frame("end_frame_exclusive"))
    else:
        start, end = row.number("start_seconds"), row.number("end_seconds")
    if not 0 <= start < end:
        raise LabelError(
            f"{row.where}: {row['phase']!r} of {row['video']} begins at {start:g} and ends at {end:g}: its end "
            "must come after its start, and no bound is negative."
        )
    confidence = row.number("confidence") if row["confidence"] else 1.0
    if not 0 <= confidence <= 1:
        raise LabelError(f"{row.where}: confidence must be from 0 to 1, not {row['confidence']}.")
    return Segment(row.where, row["video"], row["phase"], start, end, in_frames, confidence, row["source"] or "label")


def spans_of(segments: Iterable[Segment], videos: Sequence[Timed]) -> list[list[Span]]:
    """The spans of each video, in order of time.

    A line's video is known by its path's end: `b.mp4` and `a/b.mp4` both mean `/data/a/b.mp4`.

    Raises:
        LabelError: a line names no video, or more than one; is past the end; or overlaps another of its video.
    """
    paths = [video.path for video in videos]
    found: list[list[tuple[Span, Segment]]] = [[] for _ in videos]
    for segment in segments:
        place = _place(segment, paths)
        found[place].append((segment.span(videos[place]), segment))
    for pairs in found:
        pairs.sort(key=lambda pair: pair[0].start_frame)
        for (first, one), (second, other) in itertools.pairwise(pairs):
            if second.start_frame < first.end_frame_exclusive:
                raise LabelError(
                    f"{other.where}: {other.phase!r} overlaps {one.phase!r} of {one.where.rpartition(', ')[2]} in "
                    f"{other.video}: a frame has one phase; shorten one of them."
                )
    return [[span for span, _ in pairs] for pairs in found]


def check_videos(segments: Iterable[Segment], paths: Sequence[Path]) -> None:
    """Refuse early, by the videos' paths alone, the first line whose video `spans_of` would not find.

    Raises:
        LabelError: a line names no video, or more than one.
    """
    checked: set[str] = set()
    for segment in segments:
        if segment.video not in checked:
            _place(segment, paths)
            checked.add(segment.video)


def of_videos(segments: Iterable[Segment], paths: Sequence[Path]) -> list[tuple[Segment, Path]]:
    """Those segments whose video is among `paths`, each with its path.

    Raises:
        LabelError: a line may mean several of the paths, or no line means any.
    """
    known: dict[str, Path | None] = {}
    first: Segment | None = None
    found = []
    for segment in segments:
        first = first or segment
        if segment.video not in known:
            is_one = bool(_matching(segment, paths))
            known[segment.video] = paths[_place(segment, paths)] if is_one else None
        if path := known[segment.video]:
            found.append((segment, path))
    if first and not found:
        _place(first, paths)  # says what is missing
    return found


def _place(segment: Segment, paths: Sequence[Path]) -> int:
    matching = _matching(segment, paths)
    if not matching:
        near = did_you_mean(segment.video, [path.name for path in paths])
        raise LabelError(f"{segment.where}: there is no video {segment.video!r}{near}")
    if len(matching) > 1:
        one, other = (paths[index] for index in matching[:2])
        raise LabelError(f"{segment.where}: {segment.video!r} may be {one} or {other}: write more of its path.")
    return matching[0]


def _matching(segment: Segment, paths: Sequence[Path]) -> list[int]:
    wanted = PurePosixPath(segment.video.replace("\\", "/")).parts
    return [index for index, path in enumerate(paths) if path.absolute().parts[-len(wanted) :] == wanted]


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """What each video is called: the shortest end of its path that no other one has, by which `spans_of` finds it.

    `clip.mp4`; where two share that, `monday/clip.mp4` and `friday/clip.mp4`.
    """
    parts = [path.absolute().parts for path in paths]
    longest = max(map(len, parts), default=0)
    names = ["/".join(of_path[-1:]) for of_path in parts]
    for depth in range(2, longest + 1):
        count = Counter(names)
        names = [
            "/".join(of_path[-depth:]) if count[name] > 1 else name for name, of_path in zip(names, parts, strict=True)
        ]
    return names


def frame_labels(spans: Iterable[Span], num_frames: int, phases: Sequence[str]) -> NDArray[np.int64]:
    """(S,) index of each frame's phase in `phases`; `UNLABELLED` where no span covers it."""
    labels = np.full(num_frames, UNLABELLED, np.int64)
    for span in spans:
        labels[span.start_frame : span.end_frame_exclusive] = phases.index(span.phase)
    return labels


def frame_places(spans: Sequence[Span], num_frames: int) -> NDArray[np.int64]:
    """(S,) place in `spans` of the one that covers each frame; `UNLABELLED` where none does.

    Raises:
        ValueError: a span ends after the last frame.
    """
    places = np.full(num_frames, UNLABELLED, np.int64)
    for place, span in enumerate(spans):
        if span.end_frame_exclusive > num_frames:
            raise ValueError(f"{span} ends after {num_frames} frames")
        places[span.start_frame : span.end_frame_exclusive] = place
    return places


def runs_of(labels: NDArray[np.integer]) -> list[tuple[int, int, int]]:
    """(label, start_frame, end_frame_exclusive) of every longest run of equal labels, unlabelled ones left out."""
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
    """Every phase once, in the order in which they first come in time, video by video."""
    return list(dict.fromkeys(span.phase for video in spans for span in video))


def write_segments(path: Path, spans: Sequence[Sequence[Span]], videos: Sequence[Timed]) -> None:
    """Write the spans of each video, named as `distinct_names` does; `read_segments` gives them back.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    write_rows(
        path,
        COLUMNS,
        (
            (
                name,
                span.phase,
                span.start_frame,
                span.end_frame_exclusive,
                spelled(video.edges_seconds[span.start_frame]),
                spelled(video.edges_seconds[span.end_frame_exclusive]),
                f"{span.confidence:.4f}",
                span.source,
            )
            for name, video, of_video in zip(distinct_names([one.path for one in videos]), videos, spans, strict=True)
            for span in of_video
        ),
    )
