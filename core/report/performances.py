"""Videos with unique names and their known phases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.labels.segments import Segment, spans_of
from core.video.names import distinct_names


@dataclass(frozen=True)
class Performance:
    """A video of a performance."""

    name: str
    """Its file's name, with as many folders as tell it from the others."""
    video: EmbeddedVideo
    spans: tuple[Span, ...] = ()
    """Its phases in order of time; none where they are not known."""

    @property
    def seconds(self) -> float:
        """Length of the video."""
        return self.video.seconds

    def phase_at(self, frame: int) -> str:
        """Return the phase of a frame; "" where there is none."""
        return next((span.phase for span in self.spans if span.start_frame <= frame < span.end_frame_exclusive), "")

    def main_phase(self, start_frame: int, end_frame_exclusive: int) -> str:
        """Return the phase of most of these frames, the earliest of several; "" where none has one."""
        frames: dict[str, int] = {}
        for span in self.spans:
            common = min(span.end_frame_exclusive, end_frame_exclusive) - max(span.start_frame, start_frame)
            if common > 0:
                frames[span.phase] = frames.get(span.phase, 0) + common
        return max(frames, key=lambda phase: frames[phase], default="")


def performances_of(videos: Sequence[EmbeddedVideo], segments: Sequence[Segment]) -> list[Performance]:
    """Return one per video, in order.

    Raises:
        LabelError: a segment fits no video, or not where it lies in it (`core.labels.segments.spans_of`).
    """
    names = distinct_names([video.path for video in videos])
    spans = spans_of(segments, videos)
    return [Performance(*of_video) for of_video in zip(names, videos, map(tuple, spans), strict=True)]
