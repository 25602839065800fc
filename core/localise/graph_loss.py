"""The losses of G-TAD: of nodes that begin or end a segment, and of the overlap of sub-graphs with segments.

Source: paper, section 3.4, and the released code, which took them from BMN (Lin et al., ICCV 2019). Of the sub-graph's
two losses the paper multiplies the regression by 10 (the released code, by a swap of names, the classification): as in
the paper. The class of a sub-graph is ours: cross-entropy over those that overlap a segment by more than 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from core.localise.examples import Segments
from core.localise.overlaps import overlaps

_EDGE_STEPS = 3.0
"""A node begins a segment if more than half of it lies within so many steps about the segment's start."""
_IS_SEGMENT, _IS_MIDDLING = 0.7, 0.3
_IS_POSITIVE = 0.9
_HAS_CLASS = 0.5
_REGRESSION = 10.0
_SMOOTHING = 10.0
"""Added to the counts of the classification, as released: a batch may have no positive."""


def edge_labels(segments: Segments, num_steps: int) -> Tensor:
    """Return (2, T) which nodes begin and which end a segment."""
    nodes = torch.arange(num_steps)
    shares = []
    for edge in (segments.bounds[:, 0], segments.bounds[:, 1]):
        low, high = edge - _EDGE_STEPS / 2, edge + _EDGE_STEPS / 2  # (N,)
        inside = (torch.minimum(nodes[:, None] + 1, high) - torch.maximum(nodes[:, None], low)).clamp(min=0)
        shares.append(inside.amax(dim=1) if len(edge) else torch.zeros(num_steps))
    return torch.stack(shares) > 0.5


def balanced_loss(logits: Tensor, positive: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return binary cross-entropy in which positives and negatives count alike (BMN).

    Args:
        logits: (N,)
        positive: (N,) bool
        smoothing: added to both counts.
    """
    ratio = (len(logits) + 2 * smoothing) / max(int(positive.sum()) + smoothing, 1)
    # where all are positive, the weight of the negatives, of which there are none, would be infinite
    of_negatives = 0.5 * ratio / (ratio - 1) if ratio > 1 else 0.0
    weights = torch.where(positive, logits.new_tensor(0.5 * ratio), logits.new_tensor(of_negatives))
    losses = F.binary_cross_entropy_with_logits(logits, positive.to(logits.dtype), reduction="none")
    return (weights * losses).sum() / (len(logits) + 2 * smoothing)


def node_loss(nodes: Tensor, valid: Tensor, segments: Sequence[Segments]) -> Tensor:
    """Map (B, 2, T) logits of starts and ends, (B, T) -> the balanced losses of both over the nodes there are,
    summed."""
    wanted = torch.stack([edge_labels(own, nodes.shape[2]) for own in segments])  # (B, 2, T)
    losses = [balanced_loss(nodes[:, kind][valid], wanted[:, kind][valid]) for kind in range(2)]
    return losses[0] + losses[1]


def subgraph_loss(
    scored: Tensor, there: Tensor, bounds: Tensor, segments: Sequence[Segments], generator: torch.Generator
) -> Tensor:
    """Return regression and classification of the largest IoU with a segment, and the class of that segment.

    The squared error is of all sub-graphs with an IoU above 0.7, and of as many, drawn, with one above 0.3 and with one
    above 0. Those above 0.9 are the positives of the classification.

    Args:
        scored: (B, A, 2 + C) logits.
        there: (B, A) which sub-graphs there are.
        bounds: (A, 2) start and end, in steps.
    """
    best, classes = zip(*(_best(bounds, own) for own in segments), strict=True)
    iou, own_class = torch.stack(best)[there], torch.stack(classes)[there]  # (N,)
    predicted = scored[there]  # (N, 2 + C)
    counted = _draw(iou, generator)
    squared = ((predicted[:, 0].sigmoid() - iou) ** 2)[counted].sum() / counted.sum().clamp(min=1)
    classified = balanced_loss(predicted[:, 1], iou > _IS_POSITIVE, _SMOOTHING)
    has_class = iou > _HAS_CLASS
    named = F.cross_entropy(predicted[has_class, 2:], own_class[has_class], reduction="sum")
    named = named / has_class.sum().clamp(min=1)
    return classified + _REGRESSION * 0.5 * squared + named


def _best(bounds: Tensor, segments: Segments) -> tuple[Tensor, Tensor]:
    """Return (A,) largest IoU with a segment, and (A,) that one's class."""
    if not len(segments.bounds):
        return torch.zeros(len(bounds)), torch.zeros(len(bounds), dtype=torch.int64)
    best = overlaps(bounds.float(), segments.bounds).max(dim=1)
    return best.values, segments.classes[best.indices]


def _draw(iou: Tensor, generator: torch.Generator) -> Tensor:
    """Return (N,) which sub-graphs count for the regression."""
    high = iou > _IS_SEGMENT
    middling = (iou > _IS_MIDDLING) & ~high
    low = (iou > 0) & (iou <= _IS_MIDDLING)
    dice = torch.rand(len(iou), generator=generator)
    counted = high
    for kind in (middling, low):
        counted = counted | (kind & (dice < high.sum() / kind.sum().clamp(min=1)))
    return counted
