"""Time-contrastive networks on one view (Sermanet et al., ICRA 2018), with the n-pairs loss (Sohn, NeurIPS 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips, draw, in_single, log_softmax_over, mean_over
from core.objectives.kinds import TcnSettings


@in_single
def time_contrastive_loss(
    clips: Clips, settings: TcnSettings, head: nn.Module | None, generator: torch.Generator
) -> Tensor:
    """Return the mean over the clips of the n-pairs loss: a frame is more like one just before it than like others.

        L = -mean_i log softmax_j(a_i . p_j) at j = i,   + regulariser / 4 (mean |a_i|^2 + mean |p_i|^2)

    on raw dot products. Anchors a are all steps that an earlier frame goes before; the positive p_i is drawn from the
    steps up to `window` frames before a_i or, where there is none, from the nearest frame before it.

    As the released code of CARL and TCC, but for the anchors: there half of the steps, here all but the first. So that
    no anchor has to flee from itself, j other than i whose p_j is the step of a_i or of p_i is left out of row i.

    Args:
        clips: z (R, T, D) embeddings, each clip by itself; one of a single frame is left out. If all are, the loss
            is 0.
        settings: window in frames, regulariser.
        head: not used.
        generator: draws the positives.
    """
    chosen, used = positives(clips, settings.window, generator)  # (R, T)
    p = clips.z.gather(1, chosen[..., None].expand_as(clips.z))  # (R, T, D)
    step = torch.arange(clips.z.shape[1], device=clips.z.device)
    same = (chosen[:, None, :] == step[:, None]) | (chosen[:, None, :] == chosen[:, :, None])
    columns = used[:, None, :] & (~same | (step == step[:, None]))  # (R, T, T)
    crossed = -log_softmax_over(clips.z @ p.mT, columns, 2).diagonal(dim1=1, dim2=2)  # (R, T)
    lengths = clips.z.square().sum(2) + p.square().sum(2)
    return mean_over(mean_over(crossed + 0.25 * settings.l2_weight * lengths, used), used.any(1))


def positives(clips: Clips, window: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return (R, T) the step drawn for each anchor, and (R, T) which steps are anchors."""
    before = clips.frames[:, :, None] - clips.frames[:, None, :]  # (R, T, T) by how much step j is before step i
    earlier = clips.valid[:, :, None] & clips.valid[:, None, :] & (before > 0)
    nearest = before.masked_fill(~earlier, torch.inf).amin(2, keepdim=True)
    allowed = earlier & (before <= nearest.clamp(min=window))
    count = allowed.sum(2)  # (R, T)
    # One number a step and clip, steps first: padded steps draw last and so change no other's.
    number = (draw(generator, *count.mT.shape, like=count).mT * count).long()
    place = (allowed.cumsum(2) > number[..., None]).int().argmax(2)
    return torch.where(count > 0, place, 0), count > 0
