"""Phase progression."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics.progression import phase_progression
from tests.core.metrics.walks import walks, with_unlabelled


def phases(*lengths: int) -> np.ndarray:
    return np.repeat(np.arange(len(lengths)), lengths)


def targets(labels: np.ndarray, classes: int) -> np.ndarray:
    """(S, C - 1) signed time from the last frame of each class, as a share of the video."""
    last = [max(np.flatnonzero(labels == phase)) for phase in range(classes - 1)]
    return np.stack([(np.arange(len(labels)) - at) / len(labels) for at in last], axis=1)


def test_embeddings_that_hold_the_targets_are_perfect() -> None:
    labels = [phases(5, 9, 4), phases(8, 3, 6), phases(2, 7, 9)]
    videos = [targets(own, 3) @ np.array([[2.0, -1.0], [0.5, 1.0]]) + 7 for own in labels]
    assert phase_progression(videos[:2], labels[:2], videos[2:], labels[2:], num_classes=3) == pytest.approx(1)


def test_targets_are_signed_and_not_clipped() -> None:
    labels = [phases(5, 9), phases(4, 11)]
    clipped = [np.maximum(targets(own, 2), 0) for own in labels]
    assert phase_progression(clipped[:1], labels[:1], clipped[1:], labels[1:], num_classes=2) < 0.99


def test_a_class_that_comes_again_ends_where_it_ends_last() -> None:
    train, val = np.array([0, 0, 1, 1, 0, 0, 1, 1]), np.array([0, 1, 1, 0, 0, 0, 1])
    videos = [targets(own, 2) for own in (train, val)]
    assert videos[0][5] == 0
    assert phase_progression(videos[:1], [train], videos[1:], [val], num_classes=2) == pytest.approx(1)


def test_a_constant_embedding_predicts_the_mean() -> None:
    labels = [phases(5, 9, 4), phases(8, 3, 6)]
    x = [np.full((len(own), 2), 0.1) for own in labels]
    same = phase_progression(x[:1], labels[:1], x[:1], labels[:1], num_classes=3)
    assert same == pytest.approx(0, abs=1e-9)
    assert phase_progression(x[:1], labels[:1], x[1:], labels[1:], num_classes=3) < 0


def test_a_video_that_lacks_a_class_is_left_out_of_that_class_alone() -> None:
    videos, labels = walks([30, 26, 34, 28, 31])
    labels[1] = np.where(labels[1] == 0, 1, labels[1])
    labels[4] = np.where(labels[4] == 1, 0, labels[4])
    whole = phase_progression(videos[:3], labels[:3], videos[3:], labels[3:], num_classes=3)

    def alone(phase: int, train: list[int], val: list[int]) -> float:
        """The column of one class as a problem of two classes, of the videos that have it."""
        binary = [np.where(own == phase, 0, 1) for own in labels]
        picked = [[each[i] for i in which] for which in (train, val) for each in (videos, binary)]
        return phase_progression(*picked, num_classes=2)

    assert whole == pytest.approx((alone(0, [0, 2], [3, 4]) + alone(1, [0, 1, 2], [3])) / 2)


def test_a_class_that_one_side_lacks_is_left_out_of_the_mean() -> None:
    videos, labels = walks([30, 26, 34])
    no_first = [np.maximum(own, 1) for own in labels]
    some = phase_progression(videos[:2], labels[:2], videos[2:], no_first[2:], num_classes=3)
    binary = [np.where(own == 1, 0, 1) for own in (*labels[:2], no_first[2])]
    assert some == pytest.approx(phase_progression(videos[:2], binary[:2], videos[2:], binary[2:], num_classes=2))
    last = [np.full_like(own, 2) for own in labels]
    assert math.isnan(phase_progression(videos[:2], last[:2], videos[2:], labels[2:], num_classes=3))
    assert math.isnan(phase_progression(videos[:2], last[:2], videos[2:], last[2:], num_classes=3))


def test_one_class_or_a_single_frame_leaves_it_undefined() -> None:
    x, y = np.eye(3), np.zeros(3, int)
    assert math.isnan(phase_progression([x], [y], [x], [y], num_classes=1))
    assert math.isnan(phase_progression([x], [y], [x[:1]], [y[:1]], num_classes=2))
    assert math.isnan(phase_progression([x], [y - 1], [x], [y], num_classes=2)), "no label in training"


def test_neither_unlabelled_frames_nor_the_order_of_videos_counts() -> None:
    videos, labels = walks([30, 24, 36, 28, 32])
    lists = videos[:3], labels[:3], videos[3:], labels[3:]
    expected = phase_progression(*lists, num_classes=3)
    mixed = with_unlabelled(videos, labels)
    of_mixed = mixed[0][:3], mixed[1][:3], mixed[0][3:], mixed[1][3:]
    assert phase_progression(*of_mixed, num_classes=3) == pytest.approx(expected)
    assert phase_progression(*(each[::-1] for each in lists), num_classes=3) == pytest.approx(expected)


def test_labels_beyond_the_classes_are_refused() -> None:
    lists = [np.eye(3)], [np.arange(3)], [np.eye(3)], [np.arange(3)]
    with pytest.raises(ValueError, match="2 classes must be 0 to 1, not 2"):
        phase_progression(*lists, num_classes=2)
    with pytest.raises(ValueError, match="num_classes must be at least 1, not 0"):
        phase_progression(*lists, num_classes=0)
