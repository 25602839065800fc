"""SpeedNet (Benaim et al., CVPR 2020, section 3): whether a clip is at its own speed or sped up."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, mean_over
from core.objectives.kinds import SpeednetSettings


@in_single
def speed_loss(clips: Clips, settings: SpeednetSettings, head: nn.Module | None, generator: torch.Generator) -> Tensor:
    """Return the mean over the clips of the binary cross-entropy of "sped up".

    The mean embedding over the valid steps goes through the head: as the paper pools over time, where its spatial
    pooling and its network are ours. Its code was not released.

    Args:
        clips: z (R, T, D) embeddings, with `is_fast`. Both speeds of a segment belong into one batch (section 3.1) and
            are to have as many valid steps, lest their number tell. A clip without a valid step is left out; if all
            are, the loss is 0.
        settings: none.
        head: (R, D) -> (R, 1).
        generator: not used.

    Raises:
        ValueError: no head or no `is_fast`.
    """
    if head is None or clips.is_fast is None:
        raise ValueError("SpeedNet needs a head, and clips with a known is_fast")
    pooled = clips.z.sum(1) / clips.lengths.clamp(min=1)[:, None]  # (R, D)
    logits = head(pooled).squeeze(1)
    losses = F.binary_cross_entropy_with_logits(logits, clips.is_fast.to(logits.dtype), reduction="none")
    return mean_over(losses, clips.valid.any(1))
