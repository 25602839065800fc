"""AP@K."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.metrics import neighbours
from core.metrics.retrieval import average_precision_at_k, average_precisions
from tests.core.metrics.walks import walks, with_unlabelled


def test_separated_clusters_are_perfect_and_swapped_ones_are_not() -> None:
    generator = np.random.default_rng(0)
    labels = [np.repeat([0, 1, 2], 5) for _ in range(3)]
    videos = [np.eye(3)[own] * 9 + generator.normal(scale=0.1, size=(15, 3)) for own in labels]
    for k in (1, 5, 10):
        assert average_precision_at_k(videos, labels, k=k) == 1
    assert average_precision_at_k(videos[:2], [labels[0], (labels[1] + 1) % 3], k=5) == 0


def test_a_frame_is_not_sought_in_its_own_video() -> None:
    videos = [np.arange(6.0)[:, None], 100 + np.arange(6.0)[:, None]]
    labels = [np.zeros(6, int), np.ones(6, int)]
    assert average_precision_at_k(videos, labels, k=3) == 0


def test_with_fewer_than_k_frames_elsewhere_all_of_them_count() -> None:
    videos = [np.zeros((2, 1)), np.zeros((3, 1))]
    labels = [np.array([0, 1]), np.array([0, 0, 1])]
    first, second = (2 / 3 + 1 / 3) / 2, 1 / 2
    assert average_precision_at_k(videos, labels, k=50) == pytest.approx((first + second) / 2)


def test_of_equally_far_frames_the_first_count() -> None:
    query, others = np.zeros((1, 1)), [np.ones((2, 1)), -np.ones((2, 1))]
    labels = [np.array([0]), np.array([0, 1]), np.array([0, 0])]
    found = [average_precision_at_k([query, *others], labels, k=k) for k in (1, 2)]
    # the others' own neighbours: each other's frames are 4 away, the query 1, so it comes first
    assert found[0] == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert found[1] == pytest.approx((1 / 2 + (1 + 0) / 2 + 1) / 3)


def test_the_mean_is_over_videos_not_over_frames() -> None:
    videos = [np.zeros((9, 1)), np.zeros((1, 1))]
    assert average_precision_at_k(videos, [np.zeros(9, int), np.ones(1, int)], k=1) == 0
    labels = [np.array([1] + [0] * 8), np.ones(1, int)]
    assert average_precision_at_k(videos, labels, k=1) == pytest.approx((1 / 9 + 1) / 2)


def test_several_k_are_those_of_one_at_a_time_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    videos, labels = walks([20, 17, 23])
    singly = {k: average_precision_at_k(videos, labels, k=k, stride=2) for k in (15, 1, 5, 500)}
    assert len(set(singly.values())) == 4
    monkeypatch.setattr(neighbours, "_BLOCK_CELLS", 100)
    assert average_precisions(videos, labels, ks=[15, 1, 5, 500], stride=2) == pytest.approx(singly)


def test_queries_and_candidates_are_strided_and_unlabelled_frames_dropped_before() -> None:
    videos, labels = walks([20, 17, 23])
    expected = average_precision_at_k([v[::3] for v in videos], [own[::3] for own in labels], k=4)
    assert average_precision_at_k(videos, labels, k=4, stride=3) == expected
    assert average_precision_at_k(*with_unlabelled(videos, labels), k=4, stride=3) == pytest.approx(expected)


def test_the_order_of_videos_does_not_count() -> None:
    videos, labels = walks([20, 17, 23])
    turned = average_precision_at_k(videos[::-1], labels[::-1], k=5)
    assert turned == pytest.approx(average_precision_at_k(videos, labels, k=5))


def test_a_single_video_leaves_it_undefined_and_an_empty_one_is_left_out() -> None:
    videos, labels = walks([20, 17])
    assert math.isnan(average_precision_at_k(videos[:1], labels[:1], k=5))
    assert math.isnan(average_precision_at_k([v[:0] for v in videos], [own[:0] for own in labels], k=5))
    assert math.isnan(average_precision_at_k(videos, [labels[0], np.full(17, -1)], k=5))
    with_empty = average_precision_at_k([*videos, videos[0][:0]], [*labels, labels[0][:0]], k=5)
    assert with_empty == average_precision_at_k(videos, labels, k=5)


def test_a_constant_embedding_finds_the_first_frames() -> None:
    videos, labels = walks([20, 17])
    flat = [np.ones_like(video) for video in videos]
    assert average_precision_at_k(flat, labels, k=1) == pytest.approx(np.mean([np.mean(own == 0) for own in labels]))


def test_k_and_stride_are_one_or_more() -> None:
    videos, labels = walks([20, 17])
    with pytest.raises(ValueError, match="k must be at least 1, not \\[0\\]"):
        average_precision_at_k(videos, labels, k=0)
    with pytest.raises(ValueError, match="stride must be at least 1, not 0"):
        average_precision_at_k(videos, labels, k=1, stride=0)
    with pytest.raises(ValueError, match="k must be at least 1, not \\[\\]"):
        average_precisions(videos, labels, ks=[])
