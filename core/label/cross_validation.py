"""Cross-validated accuracy of the prediction: each labelled video is predicted from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.label.labelling import label_videos
from core.labels.segments import UNLABELLED, frame_labels, phase_names

MOST_FOLDS = 10
"""With more labelled videos several are left out at once."""


@dataclass(frozen=True)
class CrossValidation:
    """The predictions for each labelled video from the others, next to its labels."""

    phases: tuple[str, ...]
    """Of all videos, C of them."""
    confusion: NDArray[np.int64]
    """(C, C) frames by their label (row) and what was predicted (column)."""
    right: dict[int, float]
    """The share of labelled frames that are predicted right, by place among the videos; those that could be tested."""
    predicted: dict[int, NDArray[np.int64]]
    """(S,) what is predicted, as places in `phases`, by place among the videos; those that could be tested."""
    spans: dict[int, tuple[Span, ...]]
    """The same as spans, which cover each frame once, with their confidences."""
    disagreements: tuple[tuple[int, Span, str], ...]
    """Place of the video, labelled frames that all are predicted as another phase, and that phase. Longest first."""

    @property
    def accuracy(self) -> float:
        """The share of all these frames that are predicted right; NaN where there are none."""
        total = int(self.confusion.sum())
        return float(self.confusion.trace() / total) if total else float("nan")


class Tested(NamedTuple):
    """A test video."""

    labels: NDArray[np.int64]
    """(S,) its labels, `UNLABELLED` where there is none."""
    predicted: NDArray[np.int64]
    """(S,) what is predicted."""
    spans: tuple[Span, ...]
    """The same."""


def cross_validate(
    videos: Sequence[EmbeddedVideo],
    known_spans: Sequence[Sequence[Span]],
    *,
    method: str = "probe",
    order: bool = True,
    control: Control | None = None,
) -> CrossValidation:
    """Predict each labelled video from the others, in at most `MOST_FOLDS` parts.

    A part is left out of the measure where the other ones show fewer than two phases. A phase that is labelled in one
    part alone can only be predicted wrong there.

    Args:
        given: the spans of each video, in order and not overlapping.
        method, order: of `core.label.labelling.label_videos`.

    Raises:
        Stopped: `control` asked for it.
    """
    phases = phase_names(known_spans)
    labelled = [index for index, spans in enumerate(known_spans) if spans]
    confusion = np.zeros((len(phases), len(phases)), np.int64)
    right: dict[int, float] = {}
    guesses: dict[int, NDArray[np.int64]] = {}
    spans: dict[int, tuple[Span, ...]] = {}
    apart: list[tuple[int, Span, str]] = []
    for fold in range(min(MOST_FOLDS, len(labelled))):
        if control is not None:
            control.obey()
        tested = labelled[fold::MOST_FOLDS]
        taught = [index for index in labelled if index not in tested]
        found = predict_by_others(videos, known_spans, taught, tested, phases, method, order, control)
        for index, (labels, predicted, spans[index]) in found.items():
            known = np.flatnonzero(labels != UNLABELLED)
            np.add.at(confusion, (labels[known], predicted[known]), 1)
            right[index] = float((labels[known] == predicted[known]).mean())
            guesses[index] = predicted
            apart += [(index, *one) for one in _disagreements(labels, predicted, phases)]
    apart.sort(key=lambda one: -len(one[1]))
    return CrossValidation(tuple(phases), confusion, dict(sorted(right.items())), guesses, spans, tuple(apart))


def predict_by_others(
    videos: Sequence[EmbeddedVideo],
    known_spans: Sequence[Sequence[Span]],
    taught: Sequence[int],
    tested: Sequence[int],
    phases: Sequence[str],
    method: str,
    order: bool,
    control: Control | None,
) -> dict[int, Tested]:
    """Return the predictions for each tested video from the others, by its index.

    Videos are named by their places; those tested teach nothing. Empty where those taught show fewer than two phases.
    """
    if len(phase_names(known_spans[index] for index in taught)) < 2:
        return {}
    shown = [known_spans[index] for index in taught] + [()] * len(tested)
    made = label_videos([videos[p] for p in (*taught, *tested)], shown, method=method, order=order, control=control)
    return {
        index: Tested(
            frame_labels(known_spans[index], len(videos[index]), phases),
            frame_labels(found.spans, len(videos[index]), phases),
            found.spans,
        )
        for index, found in zip(tested, made[len(taught) :], strict=True)
    }


def _disagreements(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], phases: Sequence[str]
) -> list[tuple[Span, str]]:
    """Return longest runs of frames that are labelled as one phase and predicted as another one."""
    pairs = np.where((labels != UNLABELLED) & (labels != predicted), labels * len(phases) + predicted, UNLABELLED)
    starts = np.flatnonzero(np.diff(pairs, prepend=UNLABELLED - 1))
    ends = np.append(starts[1:], len(pairs))
    return [
        (Span(phases[pairs[start] // len(phases)], int(start), int(end)), phases[pairs[start] % len(phases)])
        for start, end in zip(starts, ends, strict=True)
        if pairs[start] != UNLABELLED
    ]
