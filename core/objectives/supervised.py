"""Supervised learning of frame labels (Chen et al., CVPR 2022, Table 11: all layers learn)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.objectives.clips import Clips, in_single, mean_over
from core.objectives.kinds import SupervisedSettings


@in_single
def label_loss(
    clips: Clips, settings: SupervisedSettings, head: nn.Module | None, generator: torch.Generator
) -> Tensor:
    """Return the mean cross-entropy over all labelled steps of the batch.

    Args:
        clips: z (R, T, D) embeddings, with `labels`; steps labelled -1 are left out. If all are, the loss is 0.
        settings: not used; which labels there are has been decided.
        head: (N, D) -> (N, C).
        generator: not used.

    Raises:
        ValueError: no head, no labels, or a label that the head has no class for.
    """
    if head is None or clips.labels is None:
        raise ValueError("supervised learning needs a head, and clips with labels")
    labels = torch.where(clips.valid, clips.labels, -1).flatten()  # (R T,)
    logits = head(clips.z.flatten(0, 1))  # (R T, C)
    if len(labels) and int(labels.max()) >= logits.shape[1]:
        raise ValueError(f"label {int(labels.max())} is not one of the head's {logits.shape[1]} classes")
    losses = F.cross_entropy(logits, labels.clamp(min=0), reduction="none")
    return mean_over(losses, labels >= 0)
