"""The raw output of a detector for one video, and the segments made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span
from core.localise.examples import Scale
from core.localise.overlaps import soft_nms

MOST_SEGMENTS = 100
"""Of a video, as many as ActivityNet's submissions have."""
_MOST_BEFORE = 2000
"""Candidates of a video that suppression looks at."""
SOURCE = "localise"
"""Of predicted spans."""


@dataclass(frozen=True)
class Candidates:
    """Time ranges with scores, many of them overlapping."""

    bounds: NDArray[np.floating]
    """(N, 2) start and end in steps; they may reach beyond the video."""
    scores: NDArray[np.floating]
    """(N,) 0 to 1."""
    classes: NDArray[np.int64]
    """(N,)"""


def segments_of(found: Candidates, scale: Scale, classes: Sequence[str], most: int = MOST_SEGMENTS) -> list[Span]:
    """Turn candidates into spans: bounds to the nearest frame, soft-NMS within each class, by falling score."""
    best = np.argsort(-found.scores, kind="stable")[:_MOST_BEFORE]
    frames = scale.frames(found.bounds[best])  # (N, 2)
    frames[:, 1] = np.maximum(frames[:, 1], frames[:, 0] + 1)
    frames = np.where(frames[:, 1:] > scale.num_frames, frames - 1, frames)
    scores, places = found.scores[best], found.classes[best]
    spans = []
    for index, name in enumerate(classes):
        own = np.flatnonzero(places == index)
        kept, lowered = soft_nms(frames[own], scores[own], most=most)
        spans += [
            Span(name, int(start), int(end), float(min(score, 1.0)), SOURCE)
            for (start, end), score in zip(frames[own[kept]], lowered, strict=True)
        ]
    return sorted(spans, key=lambda span: -span.confidence)[:most]


def without_overlap(spans: Sequence[Span], least_score: float) -> list[Span]:
    """Return the best spans of which none lies over another, in order of time: what a track of labels can hold.

    By falling confidence, each that lies over none chosen before and reaches `least_score` (0 to 1).
    """
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda one: -one.confidence):
        if span.confidence >= least_score and all(
            span.end_frame_exclusive <= other.start_frame or other.end_frame_exclusive <= span.start_frame
            for other in chosen
        ):
            chosen.append(span)
    return sorted(chosen, key=lambda one: one.start_frame)
