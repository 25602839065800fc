"""Accuracy of the prediction by number of labelled videos: some are used for training, others for testing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.label.cross_validation import predict_by_others
from core.labels.segments import phase_names

_ORDERS, _MOST_POINTS, _MOST_TESTED = 5, 8, 20
"""Random orders, always the same ones; numbers of videos; tested videos of an order. They bound the work."""
_TESTED_SHARE = 4
"""One in so many of the labelled videos is tested, and teaches nothing in its order."""
FEWEST = 3
"""Labelled videos, so that there are two numbers."""


@dataclass(frozen=True)
class LearningCurve:
    """Accuracies on the test videos."""

    numbers: tuple[int, ...]
    """Of videos that teach, ascending, K of them."""
    accuracies: NDArray[np.float64]
    """(O, K) the share of labelled frames predicted right; NaN where the videos that teach show fewer than two phases.
    """

    @property
    def mean(self) -> NDArray[np.float64]:
        """(K,) over the orders."""
        return np.asarray(np.nanmean(self.accuracies, axis=0))

    @property
    def spread(self) -> NDArray[np.float64]:
        """(K,) standard deviation over the orders."""
        return np.asarray(np.nanstd(self.accuracies, axis=0))

    @property
    def last_gain(self) -> tuple[int, float, float]:
        """From which number to the last one: about half of it; what that gained, the mean of the differences in each
        order; and the standard error of that mean (0 where one order alone tells)."""
        half = max(int(np.searchsorted(self.numbers, self.numbers[-1] / 2, "right")) - 1, 0)
        gains = self.accuracies[:, -1] - self.accuracies[:, half]
        gains = gains[~np.isnan(gains)]
        error = float(gains.std(ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else 0.0
        return self.numbers[half], float(gains.mean()) if len(gains) else 0.0, error


def learning_curve(
    videos: Sequence[EmbeddedVideo],
    known_spans: Sequence[Sequence[Span]],
    *,
    method: str = "probe",
    order: bool = True,
    control: Control | None = None,
) -> LearningCurve | None:
    """Teach with 1, 2, 3... of the labelled videos in a few random orders; test on others, the same at each
    number of an order. None: fewer than `FEWEST` videos are labelled, or nothing can be learned from so few.

    Args:
        given: the spans of each video, in order and not overlapping.
        method, order: of `core.label.labelling.label_videos`.

    Raises:
        Stopped: `control` asked for it.
    """
    phases = phase_names(known_spans)
    labelled = [index for index, spans in enumerate(known_spans) if spans]
    if len(labelled) < FEWEST or len(phases) < 2:
        return None
    num_tested = min(max(len(labelled) // _TESTED_SHARE, 1), _MOST_TESTED)
    numbers = _numbers(len(labelled) - num_tested)
    accuracies = np.full((_ORDERS, len(numbers)), np.nan)
    generator = np.random.default_rng(0)
    for row in accuracies:
        shuffled = generator.permutation(labelled).tolist()
        tested, others = shuffled[:num_tested], shuffled[num_tested:]
        for at, count in enumerate(numbers):
            if control is not None:
                control.obey()
            found = predict_by_others(videos, known_spans, others[:count], tested, phases, method, order, control)
            if found:
                right = sum(int((labels == guess)[labels >= 0].sum()) for labels, guess, _ in found.values())
                row[at] = right / sum(int((labels >= 0).sum()) for labels, *_ in found.values())
    is_tested = ~np.isnan(accuracies).all(axis=0)
    if is_tested.sum() < 2:
        return None
    return LearningCurve(tuple(np.array(numbers)[is_tested].tolist()), accuracies[:, is_tested])


def _numbers(most: int) -> list[int]:
    """Return 1 to `most`, all of them where they are few, else evenly spaced by their ratios."""
    if most <= _MOST_POINTS:
        return list(range(1, most + 1))
    return sorted(set(np.geomspace(1, most, _MOST_POINTS).round().astype(int).tolist()))
