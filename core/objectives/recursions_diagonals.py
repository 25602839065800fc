"""The differentiable recursions on any device: whole anti-diagonals at once, in plain torch.

The cells of an anti-diagonal, i + j = k, depend on the two before it alone, so that N + M - 1 steps do, each over the
whole batch. Matrices are kept skewed: (K, B, N + 1) with K = N + M - 1, cell (i, j) at [i + j, :, i + 1]; the column
before row 0 and the cells outside the matrix are far out (`BEYOND`). The results are those of the compiled loops.
"""

from __future__ import annotations

import torch
from torch import Tensor

BEYOND = 1e30


def warp(costs: Tensor, gamma: float, is_mean: bool) -> tuple[Tensor, Tensor]:
    """Return the sums of time warping (B, N, M) and their shares (B, N, M, 3); see the kernel's `warp`."""
    skewed, inside = _skew(costs), _inside(costs)  # (K, B, N), (K, N)
    sums = costs.new_full((len(skewed) + 2, costs.shape[0], costs.shape[1] + 1), BEYOND)
    shares = []
    for k, cost in enumerate(skewed):
        before = torch.stack((sums[k, :, :-1], sums[k + 1, :, :-1], sums[k + 1, :, 1:]), -1)  # (B, N, 3)
        share = (-before / gamma).softmax(-1)
        if is_mean:
            value = (share * before).sum(-1)
            share = share * (1 - (before - value[..., None]) / gamma)
        else:
            value = -gamma * (-before / gamma).logsumexp(-1)
        if k == 0:
            value, share = torch.zeros_like(value), torch.zeros_like(share)
        sums[k + 2, :, 1:] = torch.where(inside[k], cost + value, BEYOND)
        shares.append(torch.where(inside[k, :, None], share, 0.0))
    return _unskew(sums[2:, :, 1:], costs.shape[2]), _unskew(torch.stack(shares), costs.shape[2])


def warp_back(shares: Tensor, grad: Tensor) -> Tensor:
    """Return the gradient by the costs (B, N, M) from `grad`, that by the sums."""
    share, grad_in = _pad(_skew(shares)), _skew(grad)  # (K + 2, B, N + 1, 3), (K, B, N)
    back = grad.new_zeros(len(grad_in) + 2, grad_in.shape[1], grad_in.shape[2] + 1)
    for k in range(len(grad_in) - 1, -1, -1):
        back[k, :, :-1] = (
            grad_in[k]
            + share[k + 2, :, 1:, 0] * back[k + 2, :, 1:]
            + share[k + 1, :, 1:, 1] * back[k + 1, :, 1:]
            + share[k + 1, :, :-1, 2] * back[k + 1, :, :-1]
        )
    return _unskew(back[:-2, :, :-1], grad.shape[2])


def local(similarities: Tensor, opening: Tensor, extending: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Return the scores (B, N, M, 3) of local alignment and their shares (B, N, M, 8); see the kernel's `local`."""
    inside = _inside(similarities)
    matches, opens, extends = _skew(similarities), _skew(opening), _skew(extending)  # (K, B, N)
    scores = matches.new_full((len(matches) + 2, matches.shape[1], matches.shape[2] + 1, 3), -BEYOND)
    score_of_share = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2], device=matches.device)
    shares = []
    for k, match in enumerate(matches):
        diagonal, up, left = scores[k, :, :-1], scores[k + 1, :, :-1], scores[k + 1, :, 1:]  # (B, N, 3)
        price, more = opens[k][..., None], extends[k][..., None]
        ways = (
            torch.cat((torch.zeros_like(diagonal[..., :1]), diagonal), -1),
            torch.cat((left[..., :1] - price, left[..., 1:2] - more), -1),
            torch.cat((up[..., :2] - price, up[..., 2:] - more), -1),
        )
        best = torch.stack([temperature * (way / temperature).logsumexp(-1) for way in ways], -1)
        best[..., 0] += match
        scores[k + 2, :, 1:] = torch.where(inside[k, :, None], best, -BEYOND)
        share = torch.cat([(way / temperature).softmax(-1) for way in ways], -1)[..., 1:]
        # A way from far out alone is none: its shares add up to 1 but nothing comes of them.
        reached = (best > -BEYOND / 2)[..., score_of_share]
        shares.append(torch.where(inside[k, :, None] & reached, share, 0.0))
    columns = similarities.shape[2]
    return _unskew(scores[2:, :, 1:], columns), _unskew(torch.stack(shares), columns)


def local_back(shares: Tensor, grads: Tensor) -> Tensor:
    """Return the whole gradient by the scores (B, N, M, 3); see the kernel's `local_back`."""
    share, grad_in = _pad(_skew(shares)), _skew(grads)  # (K + 2, B, N + 1, 8), (K, B, N, 3)
    back = grads.new_zeros(len(grad_in) + 2, grad_in.shape[1], grad_in.shape[2] + 1, 3)
    for k in range(len(grad_in) - 1, -1, -1):
        after = share[k + 2, :, 1:, :3] * back[k + 2, :, 1:, :1]  # (B, N, 3)
        right = share[k + 1, :, :-1, 3:5] * back[k + 1, :, :-1, 1:2]  # (B, N, 2)
        below = share[k + 1, :, 1:, 5:] * back[k + 1, :, 1:, 2:]  # (B, N, 3)
        back[k, :, :-1] = grad_in[k] + after + below
        back[k, :, :-1, :2] += right
    return _unskew(back[:-2, :, :-1], grads.shape[2])


def _places(rows: int, columns: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return (K, N) rows and columns of the cells of each anti-diagonal; columns outside the matrix among them."""
    row = torch.arange(rows, device=device).expand(rows + columns - 1, -1)
    return row, torch.arange(rows + columns - 1, device=device)[:, None] - row


def _inside(matrix: Tensor) -> Tensor:
    """Return (K, N) which places of a skewed matrix are in it."""
    _, column = _places(matrix.shape[1], matrix.shape[2], matrix.device)
    return (column >= 0) & (column < matrix.shape[2])


def _skew(matrix: Tensor) -> Tensor:
    """Map (B, N, M, ...) -> (K, B, N, ...); places outside the matrix are 0."""
    row, column = _places(matrix.shape[1], matrix.shape[2], matrix.device)
    inside = _inside(matrix).reshape(*row.shape, *[1] * (matrix.ndim - 3))
    skewed = matrix[:, row, column.clamp(0, matrix.shape[2] - 1)]  # (B, K, N, ...)
    return torch.where(inside, skewed, 0.0).transpose(0, 1)


def _unskew(skewed: Tensor, columns: int) -> Tensor:
    """Map (K, B, N, ...) -> (B, N, M, ...)."""
    row = torch.arange(skewed.shape[2], device=skewed.device)[:, None]
    column = torch.arange(columns, device=skewed.device)
    return skewed.transpose(0, 1)[:, row + column, row]


def _pad(skewed: Tensor) -> Tensor:
    """Map (K, B, N, C) -> (K + 2, B, N + 1, C) with zeros behind."""
    return torch.nn.functional.pad(skewed, (0, 0, 0, 1, 0, 0, 0, 2))
