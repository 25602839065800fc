"""Shuffle and learn (Misra, Zitnick and Hebert, ECCV 2016): whether three frames are in order."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.objectives.clips import Clips, draw, in_single, mean_over
from core.objectives.kinds import SalSettings

FRAMES = 5
"""Steps that a triplet is made from."""


@in_single
def order_loss(clips: Clips, settings: SalSettings, head: nn.Module | None, generator: torch.Generator) -> Tensor:
    """Return the mean over the triplets of the cross-entropy of "shuffled" (0) and "in order" (1).

    Of five steps a < b < c < d < e drawn anew, a triplet in order is (b, c, d) and a shuffled one (b, a, d) or
    (b, e, d), one as likely as the other (section 3.1). Their embeddings, side by side, go
    through the head.

    As in the released code of TCC, embeddings are shuffled and not the frames that the encoder sees. The encoder of the
    paper looks at single frames, for which both are the same; one that puts frames in context knows their order
    already, and this objective then teaches it little. Exactly `shuffled` of the triplets are shuffled, rounded
    (released: each with that chance). The five steps are five sorted uniform numbers, spread by one each.

    Args:
        clips: z (R, T, D) embeddings; a clip of fewer than five steps is left out. If all are, the loss is 0.
        settings: triplets of a clip, share that is shuffled.
        head: (N, 3 D) -> (N, 2), see `core.objectives.registry`.
        generator: draws the triplets.

    Raises:
        ValueError: no head.
    """
    if head is None:
        raise ValueError("shuffle and learn needs a head")
    chosen, in_order = triplets(clips.lengths, settings, generator)  # (R, K, 3), (R, K)
    rows = torch.arange(len(clips.z), device=clips.z.device)[:, None, None]
    logits = head(clips.z[rows, chosen].flatten(2).flatten(0, 1))  # (R K, 2)
    losses = F.cross_entropy(logits, in_order.long().flatten(), reduction="none")
    used = (clips.lengths >= FRAMES)[:, None].expand_as(in_order)
    return mean_over(losses, used.flatten())


def triplets(lengths: Tensor, settings: SalSettings, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return (R, K, 3) steps, 0 where a clip is too short, and (R, K) bool whether they are in order."""
    count, rows = settings.triplets, len(lengths)
    room = (lengths - FRAMES + 1).clamp(min=0)[:, None, None]
    spread = torch.arange(FRAMES, device=lengths.device) * (room > 0)
    numbers = draw(generator, rows, count, FRAMES, like=lengths).sort(2).values
    a, b, c, d, e = ((numbers * room).long() + spread).unbind(2)  # (R, K)
    late = draw(generator, rows, count, like=lengths) < 0.5
    in_order = (torch.arange(count, device=lengths.device) >= round(settings.shuffled_fraction * count)).expand(
        rows, -1
    )
    middle = torch.where(in_order, c, torch.where(late, e, a))
    return torch.stack((b, middle, d), 2), in_order
