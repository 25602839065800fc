"""Differentiable sums over all paths through a matrix: soft time warping and soft local alignment.

* `warp_sums(..., minimum="log")`: soft-DTW (Cuturi and Blondel, ICML 2017, equation 1 and algorithm 1; D3TW, Chang et
  al., CVPR 2019, takes the same minimum): r_ij = c_ij + min_gamma(r_i-1,j-1, r_i-1,j, r_i,j-1), where min_gamma(x) is
  -gamma log sum exp(-x / gamma). The last cell is -gamma log of the sum over all paths of exp(-cost / gamma).
* `minimum="mean"`: the smooth minimum of GTA (Hadji, Derpanis and Jepson, CVPR 2021; `dtw_prob` in its code), the mean
  of the three weighted by softmax(-x / gamma). Never below the least of them.
* `local_scores`: the alignment of any parts of two sequences with affine gaps (Smith and Waterman, 1981; Gotoh, 1982)
  with soft maxima, as LAC uses it (Oei et al., 2024; Petti et al., 2023).

On the CPU in compiled loops, elsewhere over anti-diagonals; both in float64 whatever comes in, since the sums of long
videos are large beside gamma. First derivatives only. Memory: 4 (warping) or 11 (local) float64 numbers a cell.

Cells depend on those above and to the left alone: of padded sequences, read the cell (n - 1, m - 1) and let the costs
of padded cells be any finite number; their gradient is 0.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from core.objectives import recursions_diagonals as diagonals


def warp_sums(costs: Tensor, gamma: float, *, minimum: str = "log") -> Tensor:
    """Return the soft sums of all paths from the first cell to every cell.

    Args:
        costs: (B, N, M), finite.
        gamma: how soft the minimum is, in units of the costs; above 0.
        minimum: `log` (soft-DTW) or `mean` (GTA).

    Returns:
        (B, N, M), of the costs' type.

    Raises:
        ValueError: a shape, `gamma` or `minimum` other than said.
    """
    if costs.ndim != 3 or gamma <= 0 or minimum not in ("log", "mean"):
        raise ValueError(
            f"costs must be (B, N, M), gamma above 0 and minimum log or mean, not {tuple(costs.shape)}, {gamma} and "
            f"{minimum!r}"
        )
    return _Warp.apply(costs, float(gamma), minimum == "mean")  # type: ignore[no-any-return]


def local_scores(similarities: Tensor, opening: Tensor, extending: Tensor, temperature: float) -> Tensor:
    """Return the soft scores of all local alignments that end with a match, at every cell.

        D_ij  = S_ij + smax(0, D_i-1,j-1, Ix_i-1,j-1, Iy_i-1,j-1),     smax(x) = temperature logsumexp(x / temperature)
        Ix_ij = smax(D_i,j-1 - opening_ij, Ix_i,j-1 - extending_ij)
        Iy_ij = smax(D_i-1,j - opening_ij, Ix_i-1,j - opening_ij, Iy_i-1,j - extending_ij)

    The score of the pair is smax over all D (`whole_score`).

    Args:
        similarities: (B, N, M), finite.
        opening, extending: (N, M) or (B, N, M) price of the first and of each further frame of a gap.
        temperature: how soft the maximum is; above 0.

    Returns:
        (B, N, M) D, of the similarities' type.

    Raises:
        ValueError: shapes that do not agree, or a temperature that is not above 0.
    """
    shape = similarities.shape
    if len(shape) != 3 or temperature <= 0 or any(p.shape not in (shape, shape[1:]) for p in (opening, extending)):
        raise ValueError(
            "similarities must be (B, N, M), prices (N, M) or (B, N, M) and the temperature above 0, not "
            f"{tuple(shape)}, {tuple(opening.shape)}, {tuple(extending.shape)} and {temperature}"
        )
    return _Local.apply(  # type: ignore[no-any-return]
        similarities, opening.expand(shape), extending.expand(shape), float(temperature)
    )


def last_cells(table: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return (B,) the cells (rows - 1, columns - 1) of a table (B, N, M); `rows` and `columns` are (B,) lengths."""
    row, column = (rows - 1).clamp(min=0), (columns - 1).clamp(min=0)
    return table[torch.arange(len(table), device=table.device), row, column]


def whole_score(scores: Tensor, inside: Tensor, temperature: float) -> Tensor:
    """Return (B,) the soft maximum of the scores (B, N, M) where `inside` (B, N, M) is True; 0 where it nowhere is."""
    filled = scores.masked_fill(~inside, -1e30)
    best = temperature * (filled / temperature).flatten(1).logsumexp(1)
    return torch.where(inside.flatten(1).any(1), best, 0.0)


def _is_compiled(tensor: Tensor) -> bool:
    """Return whether the compiled loops compute it: on a CPU, and for Apple's GPU, which has no float64."""
    return tensor.device.type in ("cpu", "mps")


def _wide(tensor: Tensor) -> Tensor:
    """Return it in float64, where that can be computed."""
    return (tensor.detach().cpu() if _is_compiled(tensor) else tensor.detach()).double().contiguous()


class _Warp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, costs: Tensor, gamma: float, is_mean: bool) -> Tensor:
        wide = _wide(costs)
        if _is_compiled(costs):
            from core.objectives import recursions_kernel as kernel

            sums, shares = torch.empty_like(wide), wide.new_empty(*wide.shape, 3)
            kernel.warp(wide.numpy(), gamma, is_mean, sums.numpy(), shares.numpy())
        else:
            sums, shares = diagonals.warp(wide, gamma, is_mean)
        ctx.save_for_backward(shares)
        return sums.to(costs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (shares,) = ctx.saved_tensors
        if _is_compiled(grad):
            from core.objectives import recursions_kernel as kernel

            back = _wide(grad).clone()
            kernel.warp_back(shares.numpy(), back.numpy())
        else:
            back = diagonals.warp_back(shares, grad.double())
        return back.to(grad), None, None


class _Local(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, similarities: Tensor, opening: Tensor, extending: Tensor, temperature: float) -> Tensor:
        wide, opens, extends = map(_wide, (similarities, opening, extending))
        if _is_compiled(similarities):
            from core.objectives import recursions_kernel as kernel

            scores, shares = wide.new_empty(*wide.shape, 3), wide.new_empty(*wide.shape, 8)
            kernel.local(wide.numpy(), opens.numpy(), extends.numpy(), temperature, scores.numpy(), shares.numpy())
        else:
            scores, shares = diagonals.local(wide, opens, extends, temperature)
        ctx.save_for_backward(shares)
        ctx.price_types = opening.dtype, extending.dtype
        return scores[..., 0].to(similarities)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        (shares,) = ctx.saved_tensors
        grads = torch.nn.functional.pad(_wide(grad)[..., None], (0, 2))  # (B, N, M, 3)
        if _is_compiled(grad):
            from core.objectives import recursions_kernel as kernel

            grads = grads.contiguous()
            kernel.local_back(shares.numpy(), grads.numpy())
        else:
            grads = diagonals.local_back(shares, grads)
        match, left, above = grads.unbind(-1)
        opening = -(left * shares[..., 3] + above * (shares[..., 5] + shares[..., 6]))
        extending = -(left * shares[..., 4] + above * shares[..., 7])
        opening_type, extending_type = ctx.price_types
        return match.to(grad), opening.to(grad.device, opening_type), extending.to(grad.device, extending_type), None
