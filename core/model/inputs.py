"""From feature maps to the input of the head: spatial pooling, temporal differences, common scale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


def pool_maps(maps: Tensor, pool: str) -> Tensor:
    """Map (N, C, h, w) -> (N, pooled_width(C, pool)). The paper's code takes the maximum."""
    parts = {
        "max": lambda: [torch.amax(maps, dim=(-2, -1))],
        "avg": lambda: [maps.mean(dim=(-2, -1))],
        "max+avg": lambda: [torch.amax(maps, dim=(-2, -1)), maps.mean(dim=(-2, -1))],
        "avg2x2": lambda: [nn.functional.adaptive_avg_pool2d(maps, 2).flatten(1)],
        "avg4x4": lambda: [nn.functional.adaptive_avg_pool2d(maps, 4).flatten(1)],
        "avg8x8": lambda: [nn.functional.adaptive_avg_pool2d(maps, 8).flatten(1)],
    }
    return torch.cat(parts[pool](), dim=-1)


def pooled_width(channels: int, pool: str) -> int:
    """Return the width of `pooled` for maps of `channels` channels."""
    return channels * {"max": 1, "avg": 1, "max+avg": 2, "avg2x2": 4, "avg4x4": 16, "avg8x8": 64}[pool]


def with_changes(rows: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return features of consecutive frames, and beside them how they change (ours).

    Args:
        rows: (S, F) features of frames that follow one another.
        frames: the change is that from this many frames before to as many after; beyond either end the end is taken.
            0 returns `rows`.

    Returns:
        (S, 2F): the features, then their changes.
    """
    if not frames:
        return rows
    at = np.arange(len(rows))
    change = rows[np.minimum(at + frames, len(rows) - 1)] - rows[np.maximum(at - frames, 0)]
    return np.concatenate((rows, change), axis=1)


class FeatureInput(nn.Module):
    """Shifts features to a mean of 0 and scales them, and their changes, by one number (ours).

    One scale for all features: how much a feature varies says how much it tells. Until `fit` it passes them through.

    Args:
        features: F, width of a frame's features.
        changes: whether their changes stand beside them (`with_changes`).
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, features: int, *, changes: bool = False) -> None:
        super().__init__()
        self.features = features
        self.width = features * (2 if changes else 1)
        self.register_buffer("mean", torch.zeros(self.width))
        self.register_buffer("scale", torch.ones(()))

    def fit(self, videos: Iterable[NDArray[Any]]) -> None:
        """Compute each feature's mean, and the mean of their standard deviations, over all frames of (S, F) arrays."""
        count, total, squares = 0, np.zeros(self.features), np.zeros(self.features)
        for rows in videos:
            wide = rows.astype(np.float64)
            count += len(wide)
            total += wide.sum(axis=0)
            squares += (wide**2).sum(axis=0)
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, 0.0)).mean()
        self.mean[: self.features] = torch.from_numpy(mean).to(self.mean)
        self.scale.fill_(float(deviation) or 1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, width) -> (B, T, width); maps (B, T, C, h, w) pass through."""
        if x.ndim > 3:
            return x
        return (x - self.mean) / self.scale
