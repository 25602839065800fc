"""Temporal cycle consistency (Dwibedi et al., CVPR 2019, section 3.2, cycle-back regression)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, mean_over, pairs, softmax_over, squared_distances
from core.objectives.kinds import TccSettings

LEAST_VARIANCE = 1e-6
"""Of a position in the video, as a share of its length squared: a softmax that underflows must not divide by zero."""


@in_single
def cycle_consistency_loss(
    clips: Clips, settings: TccSettings, head: nn.Module | None, generator: torch.Generator
) -> Tensor:
    """Return the mean over the ordered pairs U, V of how far a frame of U ends from itself by way of V.

        v~_i = sum_j softmax_j(-|u_i - v_j|^2 / D / temperature) v_j
        beta_ik = softmax_k(-|v~_i - u_k|^2 / D / temperature),   mu_i = sum_k beta_ik t_k
        var_i = sum_k beta_ik (t_k - mu_i)^2,   L_i = (t_i - mu_i)^2 / var_i + variance_weight log var_i

    with t the frame index over the video's length and distances over D and the temperature, as released; the paper has
    the index itself and neither division. Distances are of raw embeddings. The variance is at least `LEAST_VARIANCE`
    (ours). Clips of fewer than two steps have nowhere to go astray and are left out as U.

    Args:
        clips: z (R, T, D) embeddings; clips of one group are paired. Without a pair the loss is 0.
        settings: temperature, variance_weight.
        head, generator: not used.
    """
    one, other = pairs(clips)
    first, second = torch.cat((one, other)), torch.cat((other, one))  # (P,)
    u, v = clips.z[first], clips.z[second]  # (P, T, D)
    valid, valid_other = clips.valid[first], clips.valid[second][:, None, :]
    scale = clips.z.shape[2] * settings.temperature
    near = -squared_distances(u, v) / scale  # (P, T, T)
    found = softmax_over(near, valid_other.expand_as(near), 2) @ v  # (P, T, D)
    back = -squared_distances(found, u) / scale
    beta = softmax_over(back, valid[:, None, :].expand_as(back), 2)
    t = (clips.frames / clips.num_frames[:, None])[first]  # (P, T)
    mean = (beta * t[:, None, :]).sum(2)
    variance = (beta * (t[:, None, :] - mean[..., None]).square()).sum(2).clamp(min=LEAST_VARIANCE)
    rows = (t - mean).square() / variance + settings.variance_weight * variance.log()
    return mean_over(mean_over(rows, valid), valid.sum(1) > 1)
