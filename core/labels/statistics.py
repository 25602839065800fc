"""Duration and frequency of phases, by video, by group of videos, and overall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span
from core.labels.tracks import Labels, Track

UNLABELLED = "(unlabelled)"
"""Stands for the frames that no span covers, so that what is told of a video adds up to its length."""


@dataclass(frozen=True)
class PhaseFigures:
    """One phase in some videos."""

    phase: str
    num_videos: int
    """That have it."""
    spans_seconds: NDArray[np.float64]
    """(N,) how long each of its spans lasts, video by video."""
    frames: int
    share: float
    """Of all time of the videos, 0 to 1."""
    is_predicted: NDArray[np.bool_]
    """(N,) which of the spans were predicted, and nobody confirmed them."""
    start_seconds: float
    """Of its first span in the first video that has it; NaN where none has."""

    @property
    def times(self) -> int:
        return len(self.spans_seconds)

    @property
    def predicted_share(self) -> float:
        """Of all time of the videos, 0 to 1: what of `share` was predicted."""
        total = self.seconds
        return self.share * float(self.spans_seconds[self.is_predicted].sum()) / total if total else 0.0

    @property
    def seconds(self) -> float:
        return float(self.spans_seconds.sum())


def figures_of(tracks: Sequence[Track], phases: Sequence[str]) -> list[PhaseFigures]:
    """Return each phase in that order, whether the videos have it or not; then what is not labelled, if anything."""
    total = sum(track.seconds for track in tracks)
    spans: dict[str, list[tuple[int, Span]]] = {phase: [] for phase in (*phases, UNLABELLED)}
    for place, track in enumerate(tracks):
        for span in (*track.spans, *_gaps(track)):
            spans[span.phase].append((place, span))
    found = []
    for phase, placed in spans.items():
        if not placed and phase == UNLABELLED:
            continue
        lengths = np.array([_length(tracks[place], span) for place, span in placed])
        found.append(
            PhaseFigures(
                phase,
                len({place for place, _ in placed}),
                lengths,
                sum(len(span) for _, span in placed),
                float(lengths.sum() / total),
                np.array([span.is_predicted for _, span in placed], bool),
                float(tracks[placed[0][0]].edges_seconds[placed[0][1].start_frame]) if placed else float("nan"),
            )
        )
    return found


def groups_of(labels: Labels) -> dict[str, list[Track]]:
    """Return the videos that have spans, by group, in the order in which groups first come."""
    found: dict[str, list[Track]] = {}
    for track in labels.tracks:
        if track.spans:
            found.setdefault(track.group, []).append(track)
    return found


def _gaps(track: Track) -> list[Span]:
    stops = [0, *(span.end_frame_exclusive for span in track.spans)]
    starts = [*(span.start_frame for span in track.spans), track.num_frames]
    return [Span(UNLABELLED, stop, start) for stop, start in zip(stops, starts, strict=True) if stop < start]


def _length(track: Track, span: Span) -> float:
    return float(track.edges_seconds[span.end_frame_exclusive] - track.edges_seconds[span.start_frame])
