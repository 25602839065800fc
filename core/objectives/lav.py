"""Learning by aligning videos in time (Haresh et al., CVPR 2021, section 3): soft-DTW and Contrastive-IDM."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, mean_over, pairs, squared_distances, unit
from core.objectives.kinds import LavSettings
from core.objectives.recursions import last_cells, warp_sums


@in_single
def alignment_loss(clips: Clips, settings: LavSettings, head: nn.Module | None, generator: torch.Generator) -> Tensor:
    """Return the mean over the pairs U, V of (soft-DTW(U, V) + regulariser (I(U) + I(V))) / frames.

    soft-DTW is over squared distances d of embeddings at length 1. Contrastive-IDM keeps it from making all alike:

        I(U) = sum_ij  w_ij max(0, margin - d_ij)   where the frames i and j are more than `window` apart
                       d_ij / w_ij                  elsewhere,       w_ij = 1 + (t_i - t_j)^2

    with t the frame index over the video's length. The second line is the paper's; the released code has d_ij alone,
    which differs little where frames are near. Embeddings at length 1 and the division by the number of frames (here
    the mean of the two clips') are the released code's.

    Args:
        clips: z (R, T, D) embeddings; clips of one group are paired. Without a pair the loss is 0.
        settings: gamma, regulariser, window in frames, margin.
        head, generator: not used.
    """
    z, lengths = unit(clips.z), clips.lengths
    first, second = pairs(clips)
    inside = clips.valid[first][:, :, None] & clips.valid[second][:, None, :]  # (P, T, T)
    costs = torch.where(inside, squared_distances(z[first], z[second]), 0.0)
    aligned = last_cells(warp_sums(costs, settings.gamma), lengths[first], lengths[second])  # (P,)
    spread = _contrastive_idm(z, clips, settings)  # (R,)
    steps = (lengths[first] + lengths[second]) / 2
    losses = (aligned + settings.idm_weight * (spread[first] + spread[second])) / steps
    return mean_over(losses, torch.ones_like(losses, dtype=torch.bool))


def _contrastive_idm(z: Tensor, clips: Clips, settings: LavSettings) -> Tensor:
    """Return (R,) I of each clip."""
    apart = clips.frames[:, :, None] - clips.frames[:, None, :]  # (R, T, T)
    weights = 1 + (apart / clips.num_frames[:, None, None]).square()
    distances = squared_distances(z, z)
    far = weights * (settings.margin - distances).clamp(min=0.0)
    both = clips.valid[:, :, None] & clips.valid[:, None, :]
    return torch.where(both, torch.where(apart.abs() > settings.window, far, distances / weights), 0.0).sum((1, 2))
