"""What several references need, as plain loops over scalars."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def softmax(values: Sequence[Tensor]) -> list[Tensor]:
    total = sum_of([torch.exp(v) for v in values])
    return [torch.exp(v) / total for v in values]


def sum_of(values: Sequence[Tensor]) -> Tensor:
    total = torch.zeros((), dtype=torch.float64)
    for value in values:
        total = total + value
    return total


def mean_of(values: Sequence[Tensor]) -> Tensor:
    return sum_of(values) / len(values) if values else torch.zeros((), dtype=torch.float64)


def cosine(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum() / (a.square().sum().sqrt() * b.square().sum().sqrt())


def squared(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).square().sum()


def log_minimum(gamma: float) -> Callable[[list[Tensor]], Tensor]:
    return lambda values: -gamma * torch.log(sum_of([torch.exp(-v / gamma) for v in values]))


def mean_minimum(gamma: float) -> Callable[[list[Tensor]], Tensor]:
    def minimum(values: list[Tensor]) -> Tensor:
        weights = softmax([-v / gamma for v in values])
        return sum_of([w * v for w, v in zip(weights, values, strict=True)])

    return minimum


def warp(costs: list[list[Tensor]], minimum: Callable[[list[Tensor]], Tensor]) -> list[list[Tensor]]:
    """Sums of time warping, cell by cell."""
    sums: dict[tuple[int, int], Tensor] = {}
    for i, j in itertools.product(range(len(costs)), range(len(costs[0]))):
        before = [sums[p] for p in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if p in sums]
        sums[i, j] = costs[i][j] + minimum(before) if before else costs[i][j]
    return [[sums[i, j] for j in range(len(costs[0]))] for i in range(len(costs))]
