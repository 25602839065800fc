"""Compute the metrics of a protocol for one representation of one action's videos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evaluation.protocols import Protocol
from core.evaluation.representations import Embed
from core.metrics.classification import Classifier
from core.metrics.events import CUTS, cut_events, draw_cuts, event_error, events_of
from core.metrics.registry import Sample, Videos, compute_metrics
from core.metrics.subsets import mean_of_defined

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Clip:
    """A video of the data set: its features, on disk, and its labels."""

    rows: Callable[[NDArray[np.int64]], NDArray[np.float16]]
    """(N,) frames -> (N, F) features of them."""
    labels: Labels
    """(S,) -1 where a frame has none."""
    is_train: bool

    def __len__(self) -> int:
        return len(self.labels)

    def features(self, start_frame: int, end_frame_exclusive: int) -> NDArray[np.float16]:
        """Return (end - start, F)"""
        return self.rows(np.arange(start_frame, end_frame_exclusive))


def figures_of(
    clips: Sequence[Clip], num_classes: int, embed: Embed, protocol: Protocol, *, classifier: Classifier = "logistic"
) -> dict[str, float]:
    """Return the metrics of a protocol for the videos of one action, by name; NaN where one is not defined."""
    train, val = ([clip for clip in clips if clip.is_train is is_train] for is_train in (True, False))
    sample = Sample(
        _embed(train, embed),
        _embed(val, embed),
        num_classes,
        lambda index, start, stop: embed(val[index].features(start, stop)),
        fractions=protocol.fractions,
        stride=protocol.stride,
        neighbours=protocol.neighbours,
        classifier=classifier,
    )
    return compute_metrics(sample, protocol.suites)


def _embed(clips: Sequence[Clip], embed: Embed) -> Videos:
    return Videos([embed(clip.features(0, len(clip))) for clip in clips], [clip.labels for clip in clips])


def diagonal(clips: Sequence[Clip], num_classes: int) -> dict[str, float]:
    """Return the event errors of pairing frames at the same share of the length: what knowing nothing reaches."""
    val = [clip for clip in clips if not clip.is_train]
    events = [events_of(clip.labels, num_classes) for clip in val]
    uncut = event_error([np.zeros((len(clip), 1)) for clip in val], events, found="diagonal")
    cuts = []
    for seed in range(CUTS):
        bounds = draw_cuts([len(clip) for clip in val], seed)
        moved = [cut_events(own, *kept) for own, kept in zip(events, bounds, strict=True)]
        cuts.append(event_error([np.zeros((stop - start, 1)) for start, stop in bounds], moved, found="diagonal"))
    return {"event error": uncut, "cut": mean_of_defined(cuts), "by DTW": uncut, "cut, by DTW": cuts[0]}
