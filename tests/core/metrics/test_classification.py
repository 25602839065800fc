"""Phase classification."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from core.metrics.classification import phase_classification
from tests.core.metrics.walks import walks, with_unlabelled

CLASSIFIERS = pytest.mark.parametrize("classifier", ["logistic", "svm"])


@CLASSIFIERS
def test_what_is_separable_is_learned_and_noise_is_not(classifier: Any) -> None:
    generator = np.random.default_rng(0)
    labels = [generator.integers(0, 3, 50) for _ in range(4)]
    videos = [np.eye(3)[label] * 3 + generator.normal(scale=0.1, size=(50, 3)) for label in labels]
    assert phase_classification(videos[:2], labels[:2], videos[2:], labels[2:], classifier=classifier) == 1.0
    noise = [generator.normal(size=(50, 3)) for _ in labels]
    assert phase_classification(noise[:2], labels[:2], noise[2:], labels[2:], classifier=classifier) < 0.6


def test_only_the_svm_finds_a_ring() -> None:
    generator = np.random.default_rng(0)
    labels = [generator.integers(0, 2, 80) for _ in range(2)]
    angles = generator.uniform(0, 2 * np.pi, (2, 80))
    videos = [np.stack([np.cos(a), np.sin(a)], axis=1) * (1 + y)[:, None] for a, y in zip(angles, labels, strict=True)]
    lists = videos[:1], labels[:1], videos[1:], labels[1:]
    assert phase_classification(*lists, classifier="svm") == 1.0
    assert phase_classification(*lists, classifier="logistic") < 0.8


@CLASSIFIERS
def test_one_class_in_training_is_what_is_predicted(classifier: Any) -> None:
    x = np.zeros((4, 2))
    labels = [np.array([1, 1, 0, 1])]
    assert phase_classification([x], [np.ones(4, int)], [x], labels, classifier=classifier) == 0.75


@CLASSIFIERS
def test_a_constant_embedding_predicts_the_commonest_class(classifier: Any) -> None:
    x, y = np.full((10, 3), 0.1), np.array([0, 0, 0, 1, 1, 1, 1, 1, 2, 2])
    assert phase_classification([x], [y], [x], [y], classifier=classifier) == 0.5


def test_a_class_never_trained_on_is_never_found() -> None:
    x = np.array([[0.0], [1.0], [9.0]])
    train = [x[:2]], [np.array([0, 1])]
    assert phase_classification(*train, [x], [np.array([0, 1, 2])]) == pytest.approx(2 / 3)


@CLASSIFIERS
def test_neither_unlabelled_frames_nor_the_order_of_videos_counts(classifier: Any) -> None:
    videos, labels = walks([30, 24, 36, 28, 32])
    lists = videos[:3], labels[:3], videos[3:], labels[3:]
    expected = phase_classification(*lists, classifier=classifier)
    assert 0.4 < expected < 1
    mixed = with_unlabelled(videos, labels)
    of_mixed = mixed[0][:3], mixed[1][:3], mixed[0][3:], mixed[1][3:]
    assert phase_classification(*of_mixed, classifier=classifier) == expected
    turned = [each[::-1] for each in lists]
    assert phase_classification(*turned, classifier=classifier) == pytest.approx(expected, abs=0.02)


def test_no_labelled_frame_leaves_it_undefined() -> None:
    x, y, none = np.eye(3), np.arange(3), np.full(3, -1)
    assert math.isnan(phase_classification([x], [none], [x], [y]))
    assert math.isnan(phase_classification([x], [y], [x], [none]))
    assert phase_classification([x, x[:0]], [y, y[:0]], [x], [y]) == 1.0, "a video without frames"


def test_large_numbers_raise_no_warning() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(60, 4)) * 1e6, generator.integers(0, 3, 60)
    assert 0 <= phase_classification([x], [y], [x], [y]) <= 1


def test_an_unknown_classifier_is_refused() -> None:
    with pytest.raises(ValueError, match="logistic or svm, not 'forest'"):
        phase_classification([np.eye(2)], [np.arange(2)], [np.eye(2)], [np.arange(2)], classifier="forest")  # type: ignore[arg-type]
