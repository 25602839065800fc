"""Global temporal alignment with cycle consistency (Hadji, Derpanis and Jepson, CVPR 2021, section 3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, log_softmax_over, mean_over, pairs, softmax_over, unit
from core.objectives.kinds import GtaSettings
from core.objectives.recursions import last_cells, warp_sums


@in_single
def global_alignment_loss(
    clips: Clips, settings: GtaSettings, head: nn.Module | None, generator: torch.Generator
) -> Tensor:
    """Return the mean over the pairs U, V of cycle consistency + alignment_weight (R_UV's last cell + R_VU's).

        d_ij = -log softmax_i(cos(u_i, v_j) / temperature)   over the rows, for every column
        R_UV = the sums of time warping over d with the smooth minimum of `core.objectives.recursions` ("mean")
        C = softmax_i(-R_UV) softmax_j(-R_VU),   cycle consistency = cross-entropy of C transposed and the identity

    The released code gives C to the cross-entropy as logits, though its columns are probabilities already, with label
    smoothing; so do we, rather than take the logarithm of what underflows in long videos. One cycle a pair, U to V and
    back, as there; all pairs of a group (released: those with the first video of the batch).

    Args:
        clips: z (R, T, D) embeddings; clips of one group are paired. Without a pair the loss is 0.
        settings: gamma, temperature, smoothing, alignment_weight.
        head, generator: not used.
    """
    z, lengths = unit(clips.z), clips.lengths
    first, second = pairs(clips)
    valid = clips.valid[first]
    inside = valid[:, :, None] & clips.valid[second][:, None, :]  # (P, T, T)
    cosines = z[first] @ z[second].mT / settings.temperature
    there, back = _sums(cosines, inside, settings.gamma), _sums(cosines.mT, inside.mT, settings.gamma)
    ends = last_cells(there, lengths[first], lengths[second]) + last_cells(back, lengths[second], lengths[first])
    cycle = (softmax_over(-there, inside, 1) @ softmax_over(-back, inside.mT, 1)).mT  # (P, T, T), rows add up to 1
    losses = _off_identity(cycle, valid, settings.label_smoothing) + settings.alignment_weight * ends
    return mean_over(losses, torch.ones_like(losses, dtype=torch.bool))


def _sums(cosines: Tensor, inside: Tensor, gamma: float) -> Tensor:
    """Return (P, N, M) sums of time warping."""
    return warp_sums(-log_softmax_over(cosines, inside, 1), gamma, minimum="mean")


def _off_identity(logits: Tensor, valid: Tensor, smoothing: float) -> Tensor:
    """Return (P,) mean over the valid rows of the smoothed cross-entropy with the row's own number."""
    shares = log_softmax_over(logits, (valid[:, :, None] & valid[:, None, :]), 2)
    evenly = shares.sum(2) / valid.sum(1, keepdim=True).clamp(min=1)
    rows = -(1 - smoothing) * shares.diagonal(dim1=1, dim2=2) - smoothing * evenly
    return mean_over(rows, valid)
