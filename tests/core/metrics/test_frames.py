"""What every figure refuses, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.metrics.classification import phase_classification
from core.metrics.events import event_error
from core.metrics.fine_grained import linear_layer_accuracy
from core.metrics.frames import drop_unlabelled
from core.metrics.order import kendalls_tau
from core.metrics.progression import phase_progression
from core.metrics.retrieval import average_precision_at_k

GOOD = [np.eye(3), np.eye(3)]
LABELS = [np.arange(3), np.arange(3)]
Figure = Callable[[Any, Any], float]
WITH_LABELS: dict[str, Figure] = {
    "classification, train": lambda x, y: phase_classification(x, y, GOOD, LABELS),
    "classification, val": lambda x, y: phase_classification(GOOD, LABELS, x, y),
    "progression, train": lambda x, y: phase_progression(x, y, GOOD, LABELS, num_classes=3),
    "progression, val": lambda x, y: phase_progression(GOOD, LABELS, x, y, num_classes=3),
    "precision": lambda x, y: average_precision_at_k(x, y, k=2),
    "linear layer": lambda x, y: linear_layer_accuracy(
        GOOD, LABELS, x, y, num_classes=3, generator=np.random.default_rng(0), epochs=1
    ),
}
ALL: dict[str, Figure] = WITH_LABELS | {
    "tau": lambda x, y: kendalls_tau(x),
    "events": lambda x, y: event_error(x, y),
}


@pytest.mark.parametrize("figure", ALL)
def test_good_lists_are_taken(figure: str) -> None:
    assert np.isfinite(ALL[figure](GOOD, LABELS))


@pytest.mark.parametrize("figure", ALL)
def test_bad_embeddings_are_refused(figure: str) -> None:
    for bad, message in (
        ([], "embeddings is empty. Give the embeddings of at least one video"),
        ([np.eye(3), np.ones((3, 4))], r"embeddings\[1\] must be \(S, 3\), not \(3, 4\)"),
        ([np.ones(3), np.eye(3)], r"embeddings\[0\] must be \(S, D\), not \(3,\)"),
        ([np.eye(3), np.full((3, 3), np.nan)], r"embeddings\[1\] has NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            ALL[figure](bad, LABELS[: len(bad)])


@pytest.mark.parametrize("figure", WITH_LABELS)
def test_labels_that_are_not_theirs_are_refused(figure: str) -> None:
    for bad, message in (
        (LABELS[:1], "2 videos and .*labels 1"),
        ([np.arange(3), np.arange(2)], r"labels\[1\] must be \(3,\), one per frame, not \(2,\)"),
        ([np.arange(3), np.array([0, -2, 1])], r"labels\[1\] must hold classes from 0"),
        ([np.arange(3), np.array([0.0, 1.0, 2.0])], r"labels\[1\] must hold classes from 0"),
    ):
        with pytest.raises(ValueError, match=message):
            WITH_LABELS[figure](GOOD, bad)


@pytest.mark.parametrize("figure", [name for name in WITH_LABELS if name != "precision"])
def test_train_and_val_are_equally_wide(figure: str) -> None:
    with pytest.raises(ValueError, match=r"train_embeddings are \d wide and val_embeddings \d"):
        WITH_LABELS[figure]([np.ones((3, 4)), np.ones((3, 4))], LABELS)


def test_labelled_frames_are_those_with_a_label() -> None:
    frames, classes = drop_unlabelled(np.arange(8, dtype=np.float32).reshape(4, 2), np.array([1, -1, 0, -1], np.int8))
    assert frames.tolist() == [[0, 1], [4, 5]]
    assert classes.tolist() == [1, 0]
    assert frames.dtype == np.float64


def test_importing_metrics_leaves_torch_alone() -> None:
    code = "import sys, core.metrics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
