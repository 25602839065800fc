"""FineGym's linear layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from core.metrics.fine_grained import _fit, _Frames, linear_layer_accuracy


def clusters(count: int, classes: int = 4, width: int = 6) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Videos whose frames lie around the place of their class, on the sphere, with background among them."""
    generator = np.random.default_rng(1)
    places = generator.normal(size=(classes, width))
    labels = [generator.integers(-1, classes, 12) for _ in range(count)]
    videos = [
        np.where(own[:, None] < 0, 0, places[own]) + generator.normal(scale=0.15, size=(12, width)) for own in labels
    ]
    unit = [video / np.linalg.norm(video, axis=1, keepdims=True) for video in videos]
    return [video.astype(np.float32) for video in unit], labels


def accuracy(train: Any, val: Any, **options: Any) -> float:
    made = {"num_classes": 4, "generator": np.random.default_rng(0), "epochs": 20} | options
    return linear_layer_accuracy(*train, *val, **made)


def by_hand(
    videos: list[np.ndarray], labels: list[np.ndarray], classes: int, epochs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression by SGD: lr 50, cosine by epoch, momentum 0.9, weight decay 1e-6, whole steps of 10 videos."""
    generator = np.random.default_rng(seed)
    width = videos[0].shape[1]
    bound = width**-0.5
    weight, bias = generator.uniform(-bound, bound, (classes, width)), generator.uniform(-bound, bound, classes)
    speeds = [np.zeros_like(weight), np.zeros_like(bias)]
    for epoch in range(epochs):
        rate = 50 * (1 + math.cos(math.pi * epoch / epochs)) / 2
        order = generator.permutation(len(videos))
        for first in range(0, len(videos) - len(videos) % 10, 10):
            chosen = order[first : first + 10]
            x = np.concatenate([videos[i][labels[i] >= 0] for i in chosen]).astype(float)
            y = np.concatenate([labels[i][labels[i] >= 0] for i in chosen])
            scores = np.exp(x @ weight.T + bias)
            off = (scores / scores.sum(axis=1, keepdims=True) - np.eye(classes)[y]) / len(y)
            speeds[0] = 0.9 * speeds[0] + off.T @ x + 1e-6 * weight
            speeds[1] = 0.9 * speeds[1] + off.sum(axis=0) + 1e-6 * bias
            weight, bias = weight - rate * speeds[0], bias - rate * speeds[1]
    return weight, bias


def test_the_layer_is_the_one_that_plain_gradient_descent_gives() -> None:
    videos, labels = clusters(23)
    expected = by_hand(videos, labels, 4, epochs=3, seed=5)
    found = _fit(_Frames(videos, labels, "cpu"), 4, np.random.default_rng(5), epochs=3)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs, rtol=2e-3, atol=2e-3)


def test_clusters_are_told_apart_and_noise_is_not() -> None:
    videos, labels = clusters(30)
    assert accuracy((videos[:20], labels[:20]), (videos[20:], labels[20:])) > 0.95
    generator = np.random.default_rng(0)
    noise = [generator.normal(size=video.shape).astype(np.float32) for video in videos]
    assert accuracy((noise[:20], labels[:20]), (noise[20:], labels[20:])) < 0.5


def test_background_counts_on_neither_side() -> None:
    videos, labels = clusters(14)
    kept = [video[own >= 0] for video, own in zip(videos, labels, strict=True)], [own[own >= 0] for own in labels]
    expected = accuracy((kept[0][:10], kept[1][:10]), (kept[0][10:], kept[1][10:]), epochs=2)
    assert accuracy((videos[:10], labels[:10]), (videos[10:], labels[10:]), epochs=2) == expected
    empty = [np.full(12, -1)]
    with_empty = accuracy((videos[:10] + videos[:1], labels[:10] + empty), (videos[10:], labels[10:]), epochs=2)
    assert with_empty == expected, "a video without labels takes no place in a step"


def test_the_same_generator_gives_the_same_and_fewer_than_ten_videos_learn_too() -> None:
    videos, labels = clusters(8)
    lists = (videos[:3], labels[:3]), (videos[3:], labels[3:])
    assert accuracy(*lists) == accuracy(*lists) > 0.9


def test_memory_mapped_embeddings_are_taken(tmp_path: Any) -> None:
    videos, labels = clusters(4)
    np.save(tmp_path / "a.npy", np.concatenate(videos).astype(np.float16))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert accuracy(([mapped], [np.concatenate(labels)]), (videos, labels)) > 0.9


def test_no_labelled_frame_leaves_it_undefined() -> None:
    videos, labels = clusters(4)
    none = [np.full(12, -1)] * 4
    assert math.isnan(accuracy((videos, none), (videos, labels)))
    assert math.isnan(accuracy((videos, labels), (videos, none)))


def test_what_makes_no_sense_is_refused() -> None:
    train = clusters(4)
    with pytest.raises(ValueError, match="3 classes must be 0 to 2, not 3"):
        accuracy(train, train, num_classes=3)
    with pytest.raises(ValueError, match="epochs must be at least 1, not 0"):
        accuracy(train, train, epochs=0)
