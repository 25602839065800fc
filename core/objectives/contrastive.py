"""The frame-wise contrastive baseline of CARL (Chen et al., CVPR 2022, appendix A.4, Table 13)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, log_softmax_over, mean_over, unit
from core.objectives.kinds import ContrastiveSettings


@in_single
def frame_contrastive_loss(
    clips: Clips, settings: ContrastiveSettings, head: nn.Module | None, generator: torch.Generator
) -> Tensor:
    """Return the mean over the videos of L1 + L2: each frame should find its own moment in the other view.

        L1_i = -log softmax_j(cos(z1_i, z2_j) / temperature) at j* = argmin_j |s1_i - s2_j|

    as the sequence contrastive loss with one target; frames whose j* is more than `window` frames away are left out of
    the mean L1, and so are padded ones. L2 has the views swapped. A video without any such frame is left out; if all
    are, the loss is 0. Of two equally near frames the earlier one is the target.

    The paper says only that the corresponding frame is the positive; the window is that of the released code.

    Args:
        clips: two views of each video; z (2B, T, D) projections.
        settings: temperature, window in frames.
        head, generator: not used.
    """
    z1, z2 = unit(clips.z).chunk(2)  # (B, T, D)
    s1, s2 = clips.frames.chunk(2)
    valid1, valid2 = clips.valid.chunk(2)
    logits = z1 @ z2.mT / settings.temperature  # (B, T, T)
    apart = (s1[:, :, None] - s2[:, None, :]).abs()
    loss1, used = _one_way(logits, apart, valid1, valid2, settings.window)
    loss2, _ = _one_way(logits.mT, apart.mT, valid2, valid1, settings.window)
    return mean_over(loss1 + loss2, used)


def _one_way(logits: Tensor, apart: Tensor, valid: Tensor, valid_other: Tensor, window: float) -> tuple[Tensor, Tensor]:
    """Return (B,) mean over the rows that have a target, and (B,) whether any has."""
    others = valid_other[:, None, :].expand_as(logits)
    distance, target = apart.masked_fill(~others, torch.inf).min(2)  # (B, T)
    has_target = valid & (distance <= window)
    rows = -log_softmax_over(logits, others, 2).gather(2, target[..., None]).squeeze(2)
    return mean_over(rows, has_target), has_target.any(1)
