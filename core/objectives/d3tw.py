"""Discriminative differentiable dynamic time warping (D3TW; Chang et al., CVPR 2019, section 3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, log_softmax_over, mean_over, pairs, unit
from core.objectives.kinds import D3twSettings
from core.objectives.recursions import last_cells, warp_sums


@in_single
def discriminative_alignment_loss(
    clips: Clips, settings: D3twSettings, head: nn.Module | None, generator: torch.Generator
) -> Tensor:
    """Return the mean over the ordered pairs U, V of max(0, margin + (psi(U, V) - psi(U, V')) / frames of U).

    psi is the cost of the path with the soft minimum -gamma log sum exp(-x / gamma) over costs -log p(j | i), and V' a
    wrong order of V: it must cost more than the right one, so that no embedding can do by making all paths cheap.

    The paper aligns a video with a transcript, a list of actions, against transcripts in wrong orders; its code was not
    released. Here, as in CARL's Table 3, the transcript is another video of the same action (ours): its frames are what
    p chooses from, p(j | i) = softmax_j(cos(u_i, v_j) / temperature). V' has V in `parts` equal parts that change
    places at random; the margin counts for each frame of U.

    Args:
        clips: z (R, T, D) embeddings; clips of one group are paired. Without a pair the loss is 0; as V, a clip of one
            step has no wrong order and is left out.
        settings: gamma, temperature, margin a frame, parts.
        head: not used.
        generator: draws the wrong orders.
    """
    z, lengths = unit(clips.z), clips.lengths
    one, other = pairs(clips)
    first, second = torch.cat((one, other)), torch.cat((other, one))
    inside = clips.valid[first][:, :, None] & clips.valid[second][:, None, :]  # (P, T, T)
    costs = -log_softmax_over(z[first] @ z[second].mT / settings.temperature, inside, 2)
    order = wrong_orders(lengths[second], costs.shape[2], settings.parts, generator)  # (P, T)
    wrong = costs.gather(2, order[:, None, :].expand_as(costs))
    ends = lengths[first], lengths[second]
    right_cost, wrong_cost = (last_cells(warp_sums(c, settings.gamma), *ends) for c in (costs, wrong))
    losses = (settings.margin + (right_cost - wrong_cost) / lengths[first]).clamp(min=0.0)
    return mean_over(losses, lengths[second] > 1)


def wrong_orders(lengths: Tensor, steps: int, parts: int, generator: torch.Generator) -> Tensor:
    """Return (P, steps) the steps of each clip with its parts in another order; padded steps stay where they are."""
    orders = torch.empty(len(lengths), parts, dtype=torch.int64)
    for order in orders:
        torch.randperm(parts, generator=generator, out=order)
    right = (orders == torch.arange(parts)).all(1, keepdim=True)
    orders = torch.where(right, orders.flip(1), orders).to(lengths.device)
    step = torch.arange(steps, device=lengths.device).expand(len(lengths), -1)
    part = (step * parts // lengths[:, None].clamp(min=1)).clamp(max=parts - 1)
    place = torch.where(step < lengths[:, None], orders.gather(1, part), parts)
    return place.argsort(dim=1, stable=True)
