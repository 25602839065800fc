"""A linear probe: predicts the phase of a frame from its embedding alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from core.labels.segments import UNLABELLED

_MOST_ITERATIONS = 10_000


@dataclass(frozen=True)
class Probe:
    """The weights of a multinomial logistic regression."""

    weights: NDArray[np.float64]
    """(C, D)"""
    offsets: NDArray[np.float64]
    """(C,)"""

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or self.offsets.shape != self.weights.shape[:1]:
            raise ValueError(
                f"weights must be (C, D) with C offsets, not {self.weights.shape} and {self.offsets.shape}"
            )

    def probabilities(self, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Map (S, D) -> (S, C) the probability of each phase; rows sum to 1."""
        from scipy.special import softmax

        likely: NDArray[np.float64] = softmax(embeddings @ self.weights.T + self.offsets, axis=1)
        return likely


def fit_probe(embeddings: Sequence[NDArray[np.float32]], labels: Sequence[NDArray[np.int64]], num_phases: int) -> Probe:
    """Fit on the labelled frames; the others are not background, they are left out.

    Logistic regression with C = 1 and nothing standardised, as the paper measures embeddings (CARL, section 4.1).

    Args:
        embeddings: (S, D) each.
        labels: (S,) each: 0 to C - 1, or `UNLABELLED`.
        num_phases: C, at least 2; every phase has a frame.

    Raises:
        ValueError: a phase has no frame, or there is only one.
    """
    x = np.concatenate([rows[of != UNLABELLED] for rows, of in zip(embeddings, labels, strict=True)])
    y = np.concatenate([of[of != UNLABELLED] for of in labels])
    if num_phases < 2 or not np.array_equal(np.unique(y), np.arange(num_phases)):
        raise ValueError(f"a probe of {num_phases} phases needs a labelled frame of each, and at least two phases")
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=_MOST_ITERATIONS)
    # as small as it is, threads cost more than they give: on a busy computer twenty times as much
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        # L-BFGS also warns where it can get no closer for rounding, which is as good as converged
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    weights, offsets = model.coef_.astype(np.float64), model.intercept_.astype(np.float64)
    if num_phases == 2:  # scikit-learn keeps the second phase's row alone: the first one's is zero
        weights, offsets = np.stack([np.zeros_like(weights[0]), weights[0]]), np.array([0.0, offsets[0]])
    return Probe(weights, offsets)
