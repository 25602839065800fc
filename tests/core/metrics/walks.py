"""Small videos for tests of metrics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Videos = list[NDArray[np.float64]]
Classes = list[NDArray[np.int64]]


def line(length: int, *, reverse: bool = False) -> NDArray[np.float64]:
    """(S, 1) a video whose embedding is its relative time."""
    time = np.linspace(0, 1, length)[:, None]
    return 1 - time if reverse else time


def walks(lengths: list[int], *, classes: int = 3, width: int = 5, noise: float = 0.3) -> tuple[Videos, Classes]:
    """Videos that go the same way and stray from it as random walks do, and the phases of their frames."""
    generator = np.random.default_rng(3)
    places = np.cumsum(generator.normal(size=(9, width)), axis=0)
    videos, labels = [], []
    for length in lengths:
        share = np.linspace(0, 1, length) ** generator.uniform(0.7, 1.4)
        way = np.stack([np.interp(share * 8, np.arange(9), column) for column in places.T], axis=1)
        strayed = way + np.cumsum(generator.normal(scale=noise, size=way.shape), axis=0)
        videos.append(strayed / np.linalg.norm(strayed, axis=1, keepdims=True))
        labels.append(np.minimum((share * classes).astype(np.int64), classes - 1))
    return videos, labels


def with_unlabelled(videos: Videos, labels: Classes) -> tuple[Videos, Classes]:
    """The same videos with frames of noise between theirs that have no label."""
    generator = np.random.default_rng(11)
    mixed, own = [], []
    for video, of_video in zip(videos, labels, strict=True):
        places = np.sort(generator.integers(0, len(video) + 1, 7))
        mixed.append(np.insert(video, places, generator.normal(size=(7, video.shape[1])), axis=0))
        own.append(np.insert(of_video, places, -1))
    return mixed, own
