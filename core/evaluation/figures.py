"""Compute the metrics of a protocol for one representation of one action's videos."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evaluation.protocols import Protocol
from core.evaluation.representations import Embed
from core.labels.segments import UNLABELLED, runs_of
from core.metrics import (
    average_precisions,
    cut_events,
    event_error,
    first_videos,
    kendalls_tau,
    labelled,
    linear_layer_accuracy,
    mean_of_defined,
    phase_classification,
    phase_progression,
    random_cut,
)
from core.metrics.classification import Classifier
from core.metrics.linear_probe import fit_probe
from core.metrics.localisation import REPORTED_TIOUS, mean_average_precision, spans_of_labels

Labels = NDArray[np.int64]
Rows = NDArray[np.float32]
_LOCALISATION = (*(f"mAP@{tiou:g}" for tiou in REPORTED_TIOUS), "mAP")
CUTS = 6
"""Random cuts of each clip; their event errors are averaged. DTW is taken of the first."""


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
        """(end - start, F)"""
        return self.rows(np.arange(start_frame, end_frame_exclusive))


def events_of(labels: Labels, num_classes: int) -> Labels:
    """(C,) first frame of each phase: -1 where the phase is missing, comes in several runs, or begins the clip."""
    events = np.full(num_classes, -1, np.int64)
    runs = runs_of(labels)
    for phase in range(num_classes):
        starts = [start for label, start, _ in runs if label == phase]
        if len(starts) == 1 and starts[0] > 0 and labels[starts[0] - 1] != UNLABELLED:
            events[phase] = starts[0]
    return events


@dataclass(frozen=True)
class _Embedded:
    """Clips of one split and their embeddings."""

    clips: Sequence[Clip]
    rows: list[Rows]

    @property
    def labels(self) -> list[Labels]:
        return [clip.labels for clip in self.clips]

    def first(self, fraction: float) -> _Embedded:
        return _Embedded(first_videos(self.clips, fraction), list(first_videos(self.rows, fraction)))


def figures_of(
    clips: Sequence[Clip], num_classes: int, embed: Embed, protocol: Protocol, *, classifier: Classifier = "logistic"
) -> dict[str, float]:
    """The figures of a protocol for the videos of one action, by name; NaN where one is not defined for them."""
    splits = [[clip for clip in clips if clip.is_train is is_train] for is_train in (True, False)]
    train, val = (_Embedded(part, [embed(clip.features(0, len(clip))) for clip in part]) for part in splits)
    figures: dict[str, float] = {}
    for fraction in protocol.fractions:
        known = train.first(fraction)
        name = "accuracy" if fraction == 1 else f"accuracy, {fraction:.0%} of labels"
        four = (known.rows, known.labels, val.rows, val.labels)
        if protocol.phases:
            figures[name] = phase_classification(*four, classifier=classifier)
        if protocol.fine_grained:
            generator = np.random.default_rng(1)
            figures[name] = linear_layer_accuracy(*four, num_classes=num_classes, generator=generator)
    if protocol.phases:
        figures |= _of_phases(train, val, num_classes, protocol) | _of_events(val, num_classes, embed)
    if protocol.localisation:
        figures |= _of_localisation(train, val, num_classes)
    return figures


def _of_phases(train: _Embedded, val: _Embedded, num_classes: int, protocol: Protocol) -> dict[str, float]:
    pairs = [labelled(*pair) for pair in zip(val.rows, val.labels, strict=True)]
    labelled_rows = [rows for rows, _ in pairs if len(rows)]
    progression = phase_progression(train.rows, train.labels, val.rows, val.labels, num_classes=num_classes)
    precisions = average_precisions(val.rows, val.labels, ks=protocol.neighbours, stride=protocol.stride)
    return {
        "progression": progression,
        "tau": kendalls_tau(labelled_rows, stride=protocol.stride) if labelled_rows else math.nan,
        **{f"AP@{k}": precision for k, precision in precisions.items()},
    }


def _of_events(val: _Embedded, num_classes: int, embed: Embed) -> dict[str, float]:
    events = [events_of(clip.labels, num_classes) for clip in val.clips]
    cuts = []
    for seed in range(CUTS):
        places = _cuts(val.clips, seed)
        rows = [embed(clip.features(*place)) for clip, place in zip(val.clips, places, strict=True)]
        cuts.append((rows, [cut_events(own, *place) for own, place in zip(events, places, strict=True)]))
    return {
        "event error": event_error(val.rows, events),
        "cut": mean_of_defined([event_error(*cut) for cut in cuts]),
        "by DTW": event_error(val.rows, events, found="dtw"),
        "cut, by DTW": event_error(*cuts[0], found="dtw"),
    }


def _cuts(clips: Sequence[Clip], seed: int) -> list[tuple[int, int]]:
    generator = np.random.default_rng([seed, 35])
    return [random_cut(len(clip), generator) for clip in clips]


def diagonal(clips: Sequence[Clip], num_classes: int) -> dict[str, float]:
    """The event errors of pairing frames at the same share of the length: what knowing nothing reaches."""
    val = [clip for clip in clips if not clip.is_train]
    events = [events_of(clip.labels, num_classes) for clip in val]
    whole = event_error([np.zeros((len(clip), 1)) for clip in val], events, found="diagonal")
    cuts = []
    for seed in range(CUTS):
        places = _cuts(val, seed)
        moved = [cut_events(own, *place) for own, place in zip(events, places, strict=True)]
        cuts.append(event_error([np.zeros((stop - start, 1)) for start, stop in places], moved, found="diagonal"))
    return {"event error": whole, "cut": mean_of_defined(cuts), "by DTW": whole, "cut, by DTW": cuts[0]}


def _of_localisation(train: _Embedded, val: _Embedded, num_classes: int) -> dict[str, float]:
    """Evaluate localisation; frames outside all segments are their own class here: the background."""
    names = [str(label) for label in range(num_classes)]
    known, places = np.unique(np.concatenate(train.labels), return_inverse=True)  # the background's -1 is the first
    if len(known) < 2:
        return {name: float("nan") for name in _LOCALISATION}
    ends = np.cumsum([len(own) for own in train.labels])[:-1]
    probe = fit_probe(train.rows, np.split(places, ends), len(known))
    truth, predicted = [], []
    for rows, own in zip(val.rows, val.labels, strict=True):
        likely = probe.probabilities(rows)  # (S, C) of the known classes
        truth.append(spans_of_labels(own, names))
        predicted.append(spans_of_labels(known[likely.argmax(axis=1)], names, likely.max(axis=1)))
    scores = mean_average_precision(truth, predicted)
    return dict(zip(_LOCALISATION, (*(scores.at[tiou] for tiou in REPORTED_TIOUS), scores.mean), strict=True))
