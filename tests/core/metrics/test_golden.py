"""Every figure against values computed from its definition by plain loops (tests/golden/make_metrics.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.types import Span
from core.metrics.classification import phase_classification
from core.metrics.events import event_error
from core.metrics.localisation import mean_average_precision
from core.metrics.order import kendalls_tau
from core.metrics.progression import phase_progression
from core.metrics.retrieval import average_precision_at_k

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "metrics.json"


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


def lists(golden: dict[str, Any]) -> list[list[np.ndarray]]:
    return [[np.array(video) for video in golden[name]] for name in ("train", "train_labels", "val", "val_labels")]


@pytest.mark.parametrize("classifier", ["logistic", "svm"])
def test_phase_classification(golden: dict[str, Any], classifier: Any) -> None:
    assert phase_classification(*lists(golden), classifier=classifier) == golden["figures"][classifier]


def test_of_two_classes_the_softmax_is_fitted_too(golden: dict[str, Any]) -> None:
    train, train_labels, val, val_labels = lists(golden)
    first, val_first = ([(own == 0).astype(int) for own in labels] for labels in (train_labels, val_labels))
    assert phase_classification(train, first, val, val_first) == golden["figures"]["logistic, first phase"]


def test_phase_progression(golden: dict[str, Any]) -> None:
    expected = golden["figures"]["progression"]
    assert phase_progression(*lists(golden), num_classes=4) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("stride", [1, 2, 5])
def test_kendalls_tau(golden: dict[str, Any], stride: int) -> None:
    expected = golden["figures"]["tau"][str(stride)]
    assert kendalls_tau(lists(golden)[2], stride=stride) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("k", [1, 5, 15])
def test_average_precision_at_k(golden: dict[str, Any], k: int, stride: int) -> None:
    expected = golden["figures"]["precision"][f"{k},{stride}"]
    assert average_precision_at_k(*lists(golden)[2:], k=k, stride=stride) == pytest.approx(expected, abs=1e-10)


def test_event_error(golden: dict[str, Any]) -> None:
    events = [np.array(video) for video in golden["events"]]
    assert event_error(lists(golden)[2], events) == pytest.approx(golden["figures"]["event_error"], abs=1e-10)


def test_localisation(golden: dict[str, Any]) -> None:
    truth, predicted = (
        [
            [Span(f"phase {phase}", start, stop, confidence) for phase, start, stop, confidence in video]
            for video in spans
        ]
        for spans in (golden["truth"], golden["predicted"])
    )
    found = mean_average_precision(truth, predicted)
    assert list(found.at.values()) == pytest.approx(golden["figures"]["localisation"], abs=1e-10)
    assert found.mean == pytest.approx(np.mean(golden["figures"]["localisation"]), abs=1e-10)
