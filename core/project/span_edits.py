"""Edits of the labels of a video: each replaces the old track with a new one."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from core.base.errors import LabelError
from core.base.types import Span
from core.project import tracks
from core.project.changes import Changes
from core.project.edits import Key, Patch, Value
from core.project.queries import check_ids, spans
from core.settings.config import did_you_mean


@dataclass(frozen=True)
class _TrackEdit(ABC):
    """An edit of one video's track; subclasses define the result."""

    video_id: int
    label: ClassVar[str]

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (self.video_id,))
        now = spans(db, self.video_id)
        return _replace(db, self.video_id, now, self.track(now))

    @abstractmethod
    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        """Return the track after the edit."""


@dataclass(frozen=True)
class ReplaceSpans(_TrackEdit):
    """Replace all labels of a video. LabelError: they overlap, end past the video, or have an unknown phase."""

    spans: tuple[Span, ...]
    label = "Change labels"

    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        return self.spans


@dataclass(frozen=True)
class PaintSpan(_TrackEdit):
    """Add a label, overwriting what was there."""

    span: Span
    label = "Add label"

    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        return tracks.paint(now, self.span)


@dataclass(frozen=True)
class EraseSpans(_TrackEdit):
    """Remove the labels of some frames."""

    start_frame: int
    end_frame_exclusive: int
    label = "Remove labels"

    def __post_init__(self) -> None:
        if not 0 <= self.start_frame < self.end_frame_exclusive:
            raise ValueError(f"{self.start_frame}..{self.end_frame_exclusive} has no frames")

    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        return tracks.erase(now, self.start_frame, self.end_frame_exclusive)


@dataclass(frozen=True)
class SplitSpan(_TrackEdit):
    """Split a label before `frame`. LabelError: no label can be split there."""

    frame: int
    label = "Split label"

    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        return tracks.split(now, self.frame)


@dataclass(frozen=True)
class MergeSpans(_TrackEdit):
    """Merge the label at `frame` with the next. LabelError: there are no two."""

    frame: int
    label = "Merge labels"

    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        return tracks.join_spans(now, self.frame)


@dataclass(frozen=True)
class MoveBoundary(_TrackEdit):
    """Move the edge of a label, or between two. LabelError: there is none, or no room."""

    frame: int
    to_frame: int
    label = "Move edge"

    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        return tracks.move_edge(now, self.frame, self.to_frame)


@dataclass(frozen=True)
class SetNote(_TrackEdit):
    """Write a note on the labels that start at these frames; an empty one removes it."""

    starts: tuple[int, ...]
    note: str
    label = "Change note"

    def track(self, now: Sequence[Span]) -> Sequence[Span]:
        note = self.note.strip()
        return [replace(span, note=note) if span.start_frame in self.starts else span for span in now]


def _replace(
    db: sqlite3.Connection, video_id: int, now: Sequence[Span], track: Sequence[Span]
) -> tuple[Changes, Patch]:
    """Replace the track, touching only the rows of changed labels."""
    found = db.execute("SELECT num_frames FROM video JOIN fact USING (digest) WHERE id = ?", (video_id,)).fetchone()
    phase_ids = dict(db.execute("SELECT name, id FROM phase"))
    track = tracks.validate(track, found[0] if found else None)
    stay = set(now) & set(track)
    rows: dict[Key, tuple[Value, ...] | None] = {
        ("span", (video_id, span.start_frame)): None for span in now if span not in stay
    }
    for span in track:
        if span in stay:
            continue
        if span.phase not in phase_ids:
            near = did_you_mean(span.phase, list(phase_ids)) if phase_ids else ". Add it first."
            raise LabelError(f"The project has no phase {span.phase!r}{near}")
        row = (span.end_frame_exclusive, phase_ids[span.phase], float(span.confidence), span.source, span.note)
        rows["span", (video_id, span.start_frame)] = row
    return Patch(rows).apply(db)
