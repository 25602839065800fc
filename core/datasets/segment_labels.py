"""Labels given as time ranges, assigned to a video's frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.events import Notice, Sink
from core.labels.segments import UNLABELLED, Segment, frame_labels, spans_of

_GRACE_SECONDS = 1.0


@dataclass(frozen=True)
class _Video:
    path: Path
    edges_seconds: NDArray[np.float64]


@dataclass(frozen=True)
class ExactSegments:
    """Segments drawn on this very video: any that overlap or end past it are errors."""

    segments: tuple[Segment, ...]
    """All of one video, and under one name."""
    classes: tuple[str, ...]

    def on(self, name: str, edges_seconds: NDArray[np.float64], sink: Sink) -> NDArray[np.int64]:
        """Return (S,) class of each frame, -1 where it has none. LabelError: a span is past the end or overlaps
        another."""
        video = _Video(Path(self.segments[0].video), edges_seconds)
        (spans,) = spans_of(self.segments, [video])
        return frame_labels(spans, len(edges_seconds) - 1, self.classes)


@dataclass(frozen=True)
class LooseSegments:
    """Times in seconds of a video that may have been cut or re-encoded since.

    What lies past the end is cut; where two classes overlap, the frames go to the one that begins later.
    """

    segments: tuple[Segment, ...]
    classes: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """What the file has besides and cannot be used, a sentence each."""

    def on(self, name: str, edges_seconds: NDArray[np.float64], sink: Sink) -> NDArray[np.int64]:
        """Return (S,) class of each frame, -1 where it has none."""
        for sentence in self.left_out:
            sink(Notice(sentence))
        middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2
        labels = np.full(len(middles), UNLABELLED, np.int64)
        contested = np.zeros(len(middles), bool)
        for segment in sorted(self.segments, key=lambda one: (one.start, one.end)):
            start, stop = np.searchsorted(middles, (segment.start, segment.end))
            number = self.classes.index(segment.phase)
            if start == stop:
                sink(Notice(f"{segment.where}: no frame of {name} is in {_describe(segment)}; it was left out."))
            elif segment.end > edges_seconds[-1] + _GRACE_SECONDS:
                message = f"{segment.where}: {_describe(segment)}, but {name} has {edges_seconds[-1]:.1f} seconds"
                sink(Notice(f"{message}; its end was cut."))
            contested[start:stop] |= (labels[start:stop] != UNLABELLED) & (labels[start:stop] != number)
            labels[start:stop] = number
        if contested.any():
            sink(Notice(f"{name}: {contested.sum()} frames have two classes; the one that begins later was used."))
        return labels


def _describe(segment: Segment) -> str:
    return f"{segment.phase!r}, {segment.start:g} to {segment.end:g} seconds"


def in_order_of_time(videos: Sequence[Sequence[Segment]]) -> tuple[str, ...]:
    """Return every class once, as they first come in time, video by video."""
    ordered = (sorted(segments, key=lambda one: (one.in_frames, one.start)) for segments in videos)
    return tuple(dict.fromkeys(segment.phase for segments in ordered for segment in segments))
