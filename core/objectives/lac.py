"""Local alignment contrastive loss (LAC; Oei, Gomaa, Feit and Belo, 2024, arXiv 2409.04607)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, log_softmax_over, mean_over, softmax_over, squared_distances, unit
from core.objectives.kinds import LacSettings
from core.objectives.recursions import local_scores, whole_score


@in_single
def local_alignment_loss(
    clips: Clips, settings: LacSettings, head: nn.Module | None, generator: torch.Generator
) -> Tensor:
    """Return the mean over the videos of contrastive + local_weight (matched - score_weight (score12 + score21)).

        w = the Gaussian targets of SCL, over the frames of the other view
        contrastive = sum_ij w_ij (log w_ij - log softmax_j(z1_i . z2_j / temperature)) / T^2        (one direction)
        S_ij = 1 / (|z1_i - z2_j|^2 + nearest),   D12 = local alignment scores over S, D21 over its transpose
        matched = mean_i of the cross-entropy of w_i and C_i as logits,   C = softmax(D12) softmax(D21)^T, both by rows
        score12 = the soft maximum of D12, a frame

    with embeddings at length 1, after the released code, T being the valid steps (for two lengths their product T^2).
    What differs from it:

    * The score is subtracted: the greater it is, the better the alignment. The released code adds it, which drives
      matching frames apart and leaves the other terms to hold them. `score_weight` below 0 does the same. Its weight is
      small (that of the released PennAction setting; the released code then takes 1), since frames that are all alike
      have the greatest score of all.
    * It is divided by the mean number of steps, so that T does not set its weight. Similarities are bounded by 1 /
      `nearest` (released: by 1e8), since views that share a frame would count nothing else.
    * Gap prices, one a cell, are learned through a softplus: with a reward for the score, free ones would fall below 0,
      where every gap is a gain. They begin at 1, as released.
    * Gradients of the soft maxima use the temperature; the released ones leave it out.

    Args:
        clips: two views of each video; z (2B, T, D) projections. A video with a wholly padded view is left out; if all
            are, the loss is 0.
        settings: temperature, variance in frames^2, local_weight, score_weight, nearest.
        head: `opening` and `extending`, (L, L) parameters with L at least T; see `core.objectives.registry`.
        generator: not used.

    Raises:
        ValueError: no head, or one for shorter clips.
    """
    steps = clips.z.shape[1]
    if not isinstance(head, nn.ParameterDict) or len(head["opening"]) < steps:
        raise ValueError(f"LAC needs gap prices for clips of {steps} steps, but the head has none, or for fewer")
    z1, z2 = unit(clips.z).chunk(2)  # (B, T, D)
    s1, s2 = clips.frames.chunk(2)
    valid1, valid2 = clips.valid.chunk(2)
    inside = valid1[:, :, None] & valid2[:, None, :]  # (B, T, T)
    closeness = -(s1[:, :, None] - s2[:, None, :]).square() / (2 * settings.variance)
    targets = softmax_over(closeness, inside, 2)
    cells = (valid1.sum(1) * valid2.sum(1)).clamp(min=1)
    shares = log_softmax_over(z1 @ z2.mT / settings.temperature, inside, 2)
    contrastive = (torch.special.xlogy(targets, targets) - targets * shares).sum((1, 2)) / cells
    local = _local(z1, z2, targets, (valid1, valid2), settings, head)
    return mean_over(contrastive + settings.local_weight * local, inside.flatten(1).any(1))


def _local(
    z1: Tensor, z2: Tensor, targets: Tensor, valid: tuple[Tensor, Tensor], settings: LacSettings, head: nn.ParameterDict
) -> Tensor:
    """Return (B,) matched - score_weight (score12 + score21)."""
    steps = z1.shape[1]
    opening, extending = (F.softplus(head[price][:steps, :steps]) for price in ("opening", "extending"))
    inside = valid[0][:, :, None] & valid[1][:, None, :]
    similar = torch.where(inside, 1 / (squared_distances(z1, z2) + settings.distance_eps), 0.0)
    there, back = (local_scores(s, opening, extending, settings.temperature) for s in (similar, similar.mT))
    logits = softmax_over(there, inside, 2) @ softmax_over(back, inside.mT, 2).mT  # (B, T, T)
    matched = mean_over(-(targets * log_softmax_over(logits, inside, 2)).sum(2), valid[0])
    score = whole_score(there, inside, settings.temperature) + whole_score(back, inside.mT, settings.temperature)
    frames = ((valid[0].sum(1) + valid[1].sum(1)) / 2).clamp(min=1)
    return matched - settings.score_weight * score / frames
