"""How the metrics of `core.metrics.kinds` are computed, all with one signature: `Sample` in, values by name out.

A new metric is a pure function, its line in `METRICS`, and its `Kind`. Kinds that share their work are one line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.classification import Classifier, phase_classification
from core.metrics.events import CUTS, cut_events, draw_cuts, event_error, events_of
from core.metrics.fine_grained import linear_layer_accuracy
from core.metrics.frames import Embeddings, Labels, drop_unlabelled
from core.metrics.kinds import Suite
from core.metrics.linear_probe import fit_probe
from core.metrics.localisation import REPORTED_TIOUS, mean_average_precision, spans_of_labels
from core.metrics.order import kendalls_tau
from core.metrics.progression import phase_progression
from core.metrics.retrieval import average_precisions
from core.metrics.subsets import first_videos, mean_of_defined

_LOCALISATION = (*(f"mAP@{tiou:g}" for tiou in REPORTED_TIOUS), "mAP")


@dataclass(frozen=True)
class Videos:
    """The videos of one split."""

    embeddings: Sequence[Embeddings]
    """(S, D) each."""
    labels: Sequence[Labels]
    """(S,) each: 0 to C - 1, or -1 for none."""

    def first(self, fraction: float) -> Videos:
        """Return the first videos, for a share of the labels."""
        return Videos(first_videos(self.embeddings, fraction), first_videos(self.labels, fraction))


@dataclass(frozen=True)
class Sample:
    """What a metric may look at: the videos of one action, embedded by one representation."""

    train: Videos
    val: Videos
    num_classes: int
    """C"""
    embed_part: Callable[[int, int, int], Embeddings]
    """(index of a validation video, start_frame, end_frame_exclusive) -> (S', D): embedded anew from these frames."""
    fractions: Sequence[float] = (1.0,)
    """Shares of the training videos whose labels a classifier sees."""
    stride: int = 1
    """Every how many frames metrics over pairs of frames look."""
    neighbours: Sequence[int] = (5, 10, 15)
    """K of AP@K."""
    classifier: Classifier = "logistic"


@dataclass(frozen=True)
class Metric:
    """One line of the registry: one of `KINDS`, or several that share their work."""

    suites: tuple[Suite, ...]
    """In which it is computed."""
    compute: Callable[[Sample], Mapping[str, float]]
    """Values by name, variants included; NaN where one is not defined for these videos."""


def compute_metrics(sample: Sample, suites: Sequence[Suite]) -> dict[str, float]:
    """Return the metrics of these suites by name, in the order of `METRICS`; NaN where one is not defined."""
    values: dict[str, float] = {}
    for metric in METRICS:
        if set(metric.suites) & set(suites):
            values |= metric.compute(sample)
    return values


def _accuracies(sample: Sample, accuracy: Callable[[Videos], float]) -> dict[str, float]:
    """Return the accuracy for each share of the labels."""
    return {
        "accuracy" if fraction == 1 else f"accuracy, {fraction:.0%} of labels": accuracy(sample.train.first(fraction))
        for fraction in sample.fractions
    }


def _phase_accuracy(sample: Sample) -> dict[str, float]:
    val = sample.val
    return _accuracies(
        sample,
        lambda known: phase_classification(
            known.embeddings, known.labels, val.embeddings, val.labels, classifier=sample.classifier
        ),
    )


def _fine_grained_accuracy(sample: Sample) -> dict[str, float]:
    val = sample.val
    return _accuracies(
        sample,
        lambda known: linear_layer_accuracy(
            known.embeddings,
            known.labels,
            val.embeddings,
            val.labels,
            num_classes=sample.num_classes,
            generator=np.random.default_rng(1),
        ),
    )


def _progression(sample: Sample) -> dict[str, float]:
    train, val = sample.train, sample.val
    found = phase_progression(
        train.embeddings, train.labels, val.embeddings, val.labels, num_classes=sample.num_classes
    )
    return {"progression": found}


def _tau(sample: Sample) -> dict[str, float]:
    pairs = [drop_unlabelled(*pair) for pair in zip(sample.val.embeddings, sample.val.labels, strict=True)]
    rows = [rows for rows, _ in pairs if len(rows)]
    return {"tau": kendalls_tau(rows, stride=sample.stride) if rows else math.nan}


def _retrieval(sample: Sample) -> dict[str, float]:
    val = sample.val
    precisions = average_precisions(val.embeddings, val.labels, ks=sample.neighbours, stride=sample.stride)
    return {f"AP@{k}": precision for k, precision in precisions.items()}


def _event_errors(sample: Sample) -> dict[str, float]:
    val = sample.val
    events = [events_of(own, sample.num_classes) for own in val.labels]
    cuts = []
    for seed in range(CUTS):
        bounds = draw_cuts([len(own) for own in val.labels], seed)
        rows = [sample.embed_part(index, *own) for index, own in enumerate(bounds)]
        cuts.append((rows, [cut_events(own, *kept) for own, kept in zip(events, bounds, strict=True)]))
    return {
        "event error": event_error(val.embeddings, events),
        "cut": mean_of_defined([event_error(*cut) for cut in cuts]),
        "by DTW": event_error(val.embeddings, events, found="dtw"),
        "cut, by DTW": event_error(*cuts[0], found="dtw"),
    }


def _localisation(sample: Sample) -> dict[str, float]:
    """Evaluate localisation; frames outside all segments are their own class here: the background."""
    train, val = sample.train, sample.val
    names = [str(label) for label in range(sample.num_classes)]
    known, classes = np.unique(np.concatenate(train.labels), return_inverse=True)  # the background's -1 is the first
    if len(known) < 2:
        return {name: float("nan") for name in _LOCALISATION}
    ends = np.cumsum([len(own) for own in train.labels])[:-1]
    probe = fit_probe([np.asarray(rows, np.float32) for rows in train.embeddings], np.split(classes, ends), len(known))
    truth, predicted = [], []
    for rows, own in zip(val.embeddings, val.labels, strict=True):
        likely = probe.probabilities(np.asarray(rows, np.float32))  # (S, C') of the known classes
        truth.append(spans_of_labels(own, names))
        predicted.append(spans_of_labels(known[likely.argmax(axis=1)], names, likely.max(axis=1)))
    scores = mean_average_precision(truth, predicted)
    return dict(zip(_LOCALISATION, (*(scores.at[tiou] for tiou in REPORTED_TIOUS), scores.mean), strict=True))


METRICS = (
    Metric((Suite.PHASES,), _phase_accuracy),
    Metric((Suite.FINE_GRAINED,), _fine_grained_accuracy),
    Metric((Suite.PHASES,), _progression),
    Metric((Suite.PHASES,), _tau),
    Metric((Suite.PHASES,), _retrieval),
    Metric((Suite.PHASES,), _event_errors),
    Metric((Suite.LOCALISATION,), _localisation),
)
"""In the order of tables."""
