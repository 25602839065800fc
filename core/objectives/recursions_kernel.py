"""The inner loops of the differentiable recursions, compiled by numba; see `core.objectives.recursions`.

Each forward loop keeps by how much a cell grows with each of its predecessors (the shares), so that the loop back needs
no exponential. All arrays are float64. Cells beyond the first row or column count as `BEYOND` (or its negative): far
enough that their share is 0, and finite, so that no difference is NaN.

Imported on first use: numba takes a third of a second to import, and longer to compile when its cache is empty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled

_Array = NDArray[np.float64]

BEYOND = 1e30


@compiled
def warp(costs: _Array, gamma: float, is_mean: bool, sums: _Array, shares: _Array) -> None:
    """Fill in the sums of time warping and their shares.

    Args:
        costs: (B, N, M).
        gamma: how soft the minimum is; above 0.
        is_mean: the minimum is the mean weighted by softmax(-x / gamma), not -gamma log sum exp(-x / gamma).
        sums: (B, N, M) receives the sums.
        shares: (B, N, M, 3) receives the derivatives by the cells (i-1, j-1), (i-1, j) and (i, j-1).
    """
    batch, rows, columns = costs.shape
    for b in range(batch):
        for i in range(rows):
            for j in range(columns):
                if i == 0 and j == 0:
                    sums[b, i, j] = costs[b, i, j]
                    shares[b, i, j, :] = 0.0
                    continue
                diagonal = sums[b, i - 1, j - 1] if i > 0 and j > 0 else BEYOND
                up = sums[b, i - 1, j] if i > 0 else BEYOND
                left = sums[b, i, j - 1] if j > 0 else BEYOND
                least = min(diagonal, up, left)
                diagonal, up, left = diagonal - least, up - least, left - least
                by_diagonal, by_up, by_left = np.exp(-diagonal / gamma), np.exp(-up / gamma), np.exp(-left / gamma)
                total = by_diagonal + by_up + by_left
                by_diagonal, by_up, by_left = by_diagonal / total, by_up / total, by_left / total
                if is_mean:
                    value = by_diagonal * diagonal + by_up * up + by_left * left
                    by_diagonal *= 1 - (diagonal - value) / gamma
                    by_up *= 1 - (up - value) / gamma
                    by_left *= 1 - (left - value) / gamma
                else:
                    value = -gamma * np.log(total)
                sums[b, i, j] = costs[b, i, j] + least + value
                shares[b, i, j, 0] = by_diagonal
                shares[b, i, j, 1] = by_up
                shares[b, i, j, 2] = by_left


@compiled
def warp_back(shares: _Array, grad: _Array) -> None:
    """Turn `grad` (B, N, M), the gradient by the sums, into the gradient by the costs."""
    batch, rows, columns = grad.shape
    for b in range(batch):
        for i in range(rows - 1, -1, -1):
            for j in range(columns - 1, -1, -1):
                total = grad[b, i, j]
                if i + 1 < rows and j + 1 < columns:
                    total += shares[b, i + 1, j + 1, 0] * grad[b, i + 1, j + 1]
                if i + 1 < rows:
                    total += shares[b, i + 1, j, 1] * grad[b, i + 1, j]
                if j + 1 < columns:
                    total += shares[b, i, j + 1, 2] * grad[b, i, j + 1]
                grad[b, i, j] = total


@compiled
def _most(a: float, b: float, c: float, d: float, temperature: float) -> tuple[float, float, float, float, float]:
    """Return temperature * logsumexp(x / temperature) of four numbers, and its derivatives by them."""
    greatest = max(max(a, b), max(c, d))
    by_a, by_b = np.exp((a - greatest) / temperature), np.exp((b - greatest) / temperature)
    by_c, by_d = np.exp((c - greatest) / temperature), np.exp((d - greatest) / temperature)
    total = by_a + by_b + by_c + by_d
    return greatest + temperature * np.log(total), by_a / total, by_b / total, by_c / total, by_d / total


@compiled
def local(
    similarities: _Array, opening: _Array, extending: _Array, temperature: float, scores: _Array, shares: _Array
) -> None:
    """Fill in the scores of local alignment with affine gaps, and their shares.

    Args:
        similarities, opening, extending: (B, N, M).
        scores: (B, N, M, 3) receives those that end in a match, in a gap from the left and in a gap from above.
        shares: (B, N, M, 8) receives the derivatives: of the match by the three scores at (i-1, j-1); of the gap from
            the left by match and gap at (i, j-1); of the gap from above by the three scores at (i-1, j).
    """
    batch, rows, columns = similarities.shape
    for b in range(batch):
        for i in range(rows):
            for j in range(columns):
                here = scores[b, i, j]
                share = shares[b, i, j]
                here[:] = -BEYOND
                share[:] = 0.0
                match = 0.0
                if i > 0 and j > 0:
                    before = scores[b, i - 1, j - 1]
                    match, _, share[0], share[1], share[2] = _most(0.0, before[0], before[1], before[2], temperature)
                here[0] = similarities[b, i, j] + match
                opens, extends = opening[b, i, j], extending[b, i, j]
                if j > 0:
                    left = scores[b, i, j - 1]
                    here[1], share[3], share[4], _, _ = _most(
                        left[0] - opens, left[1] - extends, -BEYOND, -BEYOND, temperature
                    )
                if i > 0:
                    above = scores[b, i - 1, j]
                    here[2], share[5], share[6], share[7], _ = _most(
                        above[0] - opens, above[1] - opens, above[2] - extends, -BEYOND, temperature
                    )


@compiled
def local_back(shares: _Array, grads: _Array) -> None:
    """Turn `grads` (B, N, M, 3), the gradient by the scores through the matches' own use, into the whole gradient."""
    batch, rows, columns, _ = grads.shape
    for b in range(batch):
        for i in range(rows - 1, -1, -1):
            for j in range(columns - 1, -1, -1):
                grad = grads[b, i, j]
                if i + 1 < rows and j + 1 < columns:
                    after, share = grads[b, i + 1, j + 1, 0], shares[b, i + 1, j + 1]
                    grad[0] += share[0] * after
                    grad[1] += share[1] * after
                    grad[2] += share[2] * after
                if j + 1 < columns:
                    right, share = grads[b, i, j + 1, 1], shares[b, i, j + 1]
                    grad[0] += share[3] * right
                    grad[1] += share[4] * right
                if i + 1 < rows:
                    below, share = grads[b, i + 1, j, 2], shares[b, i + 1, j]
                    grad[0] += share[5] * below
                    grad[1] += share[6] * below
                    grad[2] += share[7] * below
