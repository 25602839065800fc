"""Phase classification: whether the phase of a frame can be read off its embedding."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.metrics.frames import Embeddings, Labels, check_labelled, check_same_width, pool_frames

Classifier = Literal["logistic", "svm"]
_MOST_ITERATIONS = 100_000
"""As released: it converges long before."""


def phase_classification(
    train_embeddings: Sequence[Embeddings],
    train_labels: Sequence[Labels],
    val_embeddings: Sequence[Embeddings],
    val_labels: Sequence[Labels],
    *,
    classifier: Classifier = "logistic",
) -> float:
    """Return the share of validation frames whose phase a classifier predicts (CARL, section 4.1; released code).

    The classifier is fitted on the frames of all training videos, as they are: nothing is standardised. A class that no
    training frame has is never predicted; where they all have the same class, that is what is predicted.

    Args:
        classifier: `logistic`: multinomial logistic regression, C = 1, by L-BFGS with scikit-learn's tolerance (what is
            reported in the paper), for two classes too; `svm`: scikit-learn's SVC as it comes, with an RBF kernel (TCC,
            LAV).

    Returns:
        0..1; NaN where no training or no validation frame has a label.

    Raises:
        ValueError: an empty list, lists that do not belong together, not finite, or an unknown classifier.
    """
    check_labelled("train_", train_embeddings, train_labels)
    check_labelled("val_", val_embeddings, val_labels)
    check_same_width(train_embeddings, val_embeddings)
    if classifier not in ("logistic", "svm"):
        raise ValueError(f"classifier must be logistic or svm, not {classifier!r}")
    x, y = pool_frames(train_embeddings, train_labels)
    val_x, val_y = pool_frames(val_embeddings, val_labels)
    if not len(y) or not len(val_y):
        return float("nan")
    if y.min() == y.max():
        return float(np.mean(val_y == y[0]))
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    # of two classes scikit-learn penalises one row of weights; the released code's softmax has two, opposite ones
    c = 2.0 if len(np.unique(y)) == 2 else 1.0
    model = LogisticRegression(C=c, max_iter=_MOST_ITERATIONS) if classifier == "logistic" else SVC()
    with warnings.catch_warnings():
        # L-BFGS also warns where it can get no closer for rounding, which is as good as converged
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    return float(np.mean(model.predict(val_x) == val_y))
