"""The figures of a protocol: taken of the right videos, with the labels that count."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import ConfigError
from core.evaluation.figures import Clip, diagonal, figures_of
from core.evaluation.protocols import PROTOCOLS, Protocol, find_protocol
from core.metrics.classification import Classifier
from core.metrics.events import events_of


def clip(lengths: Sequence[int], *, is_train: bool, classes: Sequence[int] | None = None) -> Clip:
    """Phases of these lengths; its features say phase and progress within it."""
    labels = np.repeat(classes or np.arange(len(lengths)), lengths)
    progress = np.concatenate([np.linspace(0, 0.9, length) for length in lengths])
    rows = np.stack([np.repeat(np.arange(len(lengths)), lengths) + progress, labels], axis=1).astype(np.float16)
    return Clip(lambda frames: rows[frames], labels, is_train)


def on_a_curve(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """Embeddings that know the place in the course and the label."""
    place, label = rows.astype(np.float64).T
    columns = [np.cos(place / 2), np.sin(place / 2), *(label == phase for phase in range(-1, 4))]
    return np.stack(columns, axis=1).astype(np.float32)


CLIPS = [
    clip([10, 20, 10, 15], is_train=True),
    clip([5, 30, 20, 9], is_train=True),
    clip([20, 12, 8, 12], is_train=False),
    clip([8, 22, 30, 7], is_train=False),
    clip([14, 9, 11, 25], is_train=False),
]


def figures(name: str, clips: Sequence[Clip] = CLIPS, *, classifier: Classifier = "logistic") -> dict[str, float]:
    return figures_of(clips, 4, on_a_curve, PROTOCOLS[name], classifier=classifier)


def test_embeddings_that_know_the_course_find_everything() -> None:
    found = figures("phases")
    assert found["accuracy"] > 0.97
    assert found["tau"] > 0.99
    assert found["AP@5"] > 0.97
    assert found["event error"] < 0.01
    assert found["cut"] < 0.01
    assert found["by DTW"] < 0.02
    assert diagonal(CLIPS, 4)["event error"] > 0.1


def test_a_protocol_says_which_figures_are_taken() -> None:
    assert list(figures("pouring"))[:3] == ["accuracy, 10% of labels", "accuracy, 50% of labels", "accuracy"]
    assert list(figures("finegym")) == ["accuracy, 10% of labels", "accuracy, 50% of labels", "accuracy"]
    assert list(figures("localisation")) == ["mAP@0.5", "mAP@0.75", "mAP@0.95", "mAP"]


def test_a_share_of_the_labels_takes_the_first_videos() -> None:
    liar = clip([10, 20, 10, 15], is_train=True, classes=[3, 2, 1, 0])
    protocol = Protocol("half", "", fractions=(0.5, 1.0))
    first_is_true = figures_of([CLIPS[0], liar, *CLIPS[2:]], 4, on_a_curve, protocol)
    first_lies = figures_of([liar, CLIPS[0], *CLIPS[2:]], 4, lambda rows: on_a_curve(rows)[:, :2], protocol)
    assert first_is_true["accuracy, 50% of labels"] > 0.97
    assert first_lies["accuracy, 50% of labels"] < 0.5


def test_localisation_counts_frames_without_a_segment_as_background() -> None:
    clips = [clip([10, 8, 10, 9], is_train=split, classes=[-1, 0, -1, 1]) for split in (True, False)]
    assert figures("localisation", clips)["mAP"] == pytest.approx(1.0)
    blind = figures_of(clips, 2, lambda rows: np.ones((len(rows), 2), np.float32), PROTOCOLS["localisation"])
    assert blind["mAP"] == 0.0


def test_fine_grained_classes_are_learned_by_one_layer() -> None:
    assert figures("finegym")["accuracy"] > 0.9


def test_what_is_not_defined_is_nan() -> None:
    lonely = figures("phases", CLIPS[:3])
    assert math.isnan(lonely["tau"])
    assert math.isnan(lonely["event error"])
    assert not math.isnan(lonely["accuracy"])
    assert math.isnan(figures("localisation", [clip([4], is_train=True), clip([4], is_train=False)])["mAP"])


def test_events_are_first_frames_of_phases_that_come_once() -> None:
    assert events_of(np.array([0, 0, 1, 1, 2, 1]), 4).tolist() == [-1, -1, 4, -1]
    assert events_of(np.array([1, 1, 0, 2]), 3).tolist() == [2, -1, 3]
    assert events_of(np.array([-1, 0, 0, 1]), 2).tolist() == [-1, 3], "after unlabelled frames its start is unknown"


def test_a_protocol_is_found_by_layout_or_by_name() -> None:
    assert find_protocol("auto", "penn_action_frames") is PROTOCOLS["penn_action"]
    assert find_protocol("auto", "sample") is PROTOCOLS["phases"]
    assert find_protocol("pouring", "sample").stride == 5
    with pytest.raises(ConfigError, match="Unknown protocol 'phase': did you mean 'phases'"):
        find_protocol("phase", "sample")
