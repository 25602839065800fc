"""The state of a timeline, shared by drawing and mouse handling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from carl_gui.models.span_strip import FALLBACK, SpanStrip, ValueStrip
from carl_gui.models.time_axis import TimeAxis
from core.base.types import Span

NO_SPANS = SpanStrip((), {})


@dataclass
class Live:
    """The effect of a drag if it ended now."""

    track: SpanStrip | None = None
    """The labels, with the edge that is dragged."""
    span: tuple[int, int] | None = None
    """First frame and end (exclusive) of what is being drawn."""
    snap: int | None = None
    """What an edge holds on to."""
    band: tuple[float, float] | None = None
    """In frames: what the rubber band covers."""


@dataclass
class TimelineState:
    """The whole state. Frames count from 0, ends are exclusive."""

    axis: TimeAxis = field(default_factory=TimeAxis)
    edges_seconds: NDArray[np.float64] | None = None
    """(S + 1,) of the frames' times; None while they are not known."""
    is_in_seconds: bool = True
    place: int = 0
    """The frame that is shown."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Of the phases."""
    manual: SpanStrip = NO_SPANS
    proposed: SpanStrip | None = None
    """None: there is no such row."""
    predicted: SpanStrip | None = None
    """None: nothing is predicted."""
    confidence: ValueStrip | None = None
    """Of each frame, 0 to 1."""
    selected: frozenset[int] = frozenset()
    """First frames of the labels that are selected."""
    range_start: int | None = None
    """Where a range that Shift chooses begins."""
    stretch: tuple[int, int] | None = None
    stroke: tuple[int, int, str] | None = None
    """What is being painted while the video plays: first frame, end, phase."""
    brush: str = ""
    """The phase that drawing makes; empty: none."""
    is_read_only: bool = False
    live: Live = field(default_factory=Live)

    @property
    def track(self) -> SpanStrip:
        """The labels as they are drawn now."""
        return self.live.track or self.manual

    def strip(self, kind: str) -> SpanStrip | None:
        """Of the row of that kind; None where it shows no spans."""
        strips = {"manual": self.track, "proposed": self.proposed, "predicted": self.predicted}
        return strips.get(kind)

    def colour_of(self, phase: str) -> str:
        """`#rrggbb`."""
        return self.colours.get(phase, FALLBACK)

    def chosen(self) -> Sequence[Span]:
        """The labels that are selected, in order of time."""
        return [span for span in self.manual.spans if span.start_frame in self.selected]


def same_starts(chosen: Sequence[Span], track: SpanStrip) -> set[int]:
    """Where those labels begin now: one whose start has moved is still the one of its phase that lies there."""
    starts = set(track.starts.tolist())
    found = set()
    for span in chosen:
        over = (track.spans[place] for place in track.between(span.start_frame, span.end_frame_exclusive))
        moved = next((one.start_frame for one in over if one.phase == span.phase), None)
        start = span.start_frame if span.start_frame in starts else moved
        if start is not None:
            found.add(start)
    return found
