"""Temporal action localisation: mean average precision at levels of temporal overlap, by ActivityNet's definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span
from core.labels.segments import runs_of
from core.metrics.frames import Labels

TIOUS = tuple(twentieth / 20 for twentieth in range(10, 20))
"""0.5, 0.55, ... 0.95: the mean is over these."""
REPORTED_TIOUS = (0.5, 0.75, 0.95)
"""What the paper's Table 12 shows beside the mean."""


@dataclass(frozen=True)
class Localisation:
    """Mean average precisions, NaN where no video has a true span."""

    at: dict[float, float]
    """By tIoU."""

    @property
    def mean(self) -> float:
        """Over the levels."""
        return float(np.mean(list(self.at.values())))


def mean_average_precision(
    truth: Sequence[Sequence[Span]], predicted: Sequence[Sequence[Span]], *, tious: Sequence[float] = TIOUS
) -> Localisation:
    """Return how well predicted segments cover the true ones (CARL, Table 12; definition of the ActivityNet challenge).

    A class's predictions of all videos are gone through by falling confidence (equal ones in the order given). Each is
    a hit if a true span of its class and video is still free and their temporal intersection over union reaches the
    level, and takes the one where that is largest; or else it is a miss. Average precision is the mean over true spans
    of the interpolated precision at which each is hit: the best there or further down, 0 for spans never hit. The mean
    is over the classes that have true spans, predicted or not; predictions of other classes are not counted.

    Args:
        truth: spans of each video.
        predicted: spans of each video with their confidences; they may overlap.
        tious: levels of overlap.

    Raises:
        ValueError: no video, lists of different length, or a level that is not above 0 and at most 1.
    """
    if not len(truth) or len(truth) != len(predicted):
        raise ValueError(f"expected the same videos in both, got {len(truth)} and {len(predicted)}")
    if not len(tious) or not all(0 < tiou <= 1 for tiou in tious):
        raise ValueError(f"a temporal overlap must be above 0 and at most 1, not {tious}")
    phases = dict.fromkeys(span.phase for video in truth for span in video)
    precisions = [
        _average_precisions(
            [[span for span in video if span.phase == phase] for video in truth],
            [[span for span in video if span.phase == phase] for video in predicted],
            tious,
        )
        for phase in phases
    ]
    means = np.mean(precisions, axis=0) if precisions else np.full(len(tious), np.nan)
    return Localisation({tiou: float(mean) for tiou, mean in zip(tious, means, strict=True)})


def _average_precisions(
    truth: Sequence[Sequence[Span]], predicted: Sequence[Sequence[Span]], tious: Sequence[float]
) -> NDArray[np.float64]:
    """Return (L,) of one class."""
    ranked = sorted(
        ((video, span) for video, spans in enumerate(predicted) for span in spans), key=lambda pair: -pair[1].confidence
    )
    free = [np.ones((len(tious), len(spans)), bool) for spans in truth]
    hits = np.zeros((len(tious), len(ranked)), bool)
    for rank, (video, span) in enumerate(ranked):
        overlaps = np.array([_tiou(span, true) for true in truth[video]])
        for level, tiou in enumerate(tious):
            fitting = np.flatnonzero(free[video][level] & (overlaps >= tiou))
            if len(fitting):
                free[video][level, fitting[np.argmax(overlaps[fitting])]] = False
                hits[level, rank] = True
    precision = np.cumsum(hits, axis=1) / np.arange(1, len(ranked) + 1)  # (L, P)
    interpolated = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((interpolated * hits).sum(axis=1) / sum(len(spans) for spans in truth))


def _tiou(a: Span, b: Span) -> float:
    shared = min(a.end_frame_exclusive, b.end_frame_exclusive) - max(a.start_frame, b.start_frame)
    return max(shared, 0) / (len(a) + len(b) - max(shared, 0))


def spans_of_labels(
    labels: Labels, phases: Sequence[str], confidences: NDArray[np.floating] | None = None, *, source: str = "label"
) -> list[Span]:
    """Return spans of equal frame labels, in order of time; frames labelled -1 (background) belong to none.

    Args:
        labels: (S,) place of each frame's phase in `phases`.
        confidences: (S,) of each frame's label, 0 to 1; a span's is their mean. None: 1.

    Raises:
        ValueError: a label is not in `phases`, or there is not one confidence a frame.
    """
    if len(labels) and not -1 <= labels.min() <= labels.max() < len(phases):
        raise ValueError(
            f"labels must be in [-1, num_phases - 1] = [-1, {len(phases) - 1}], got {labels.min()}..{labels.max()}"
        )
    if confidences is not None and confidences.shape != labels.shape:
        raise ValueError(f"confidences must be {labels.shape}, one per frame, not {confidences.shape}")
    return [
        Span(
            phases[label],
            start,
            stop,
            1.0 if confidences is None else min(float(confidences[start:stop].mean(dtype=np.float64)), 1.0),
            source,
        )
        for label, start, stop in runs_of(labels)
    ]
