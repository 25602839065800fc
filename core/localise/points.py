"""Anchor-free localisation: every moment predicts the segment it is in, and the distances to its ends.

Sources: AFSD (Lin et al., "Learning Salient Boundary Feature for Anchor-free Temporal Action Localization", CVPR 2021)
and ActionFormer (Zhang, Wu, Li, "Localizing Moments of Actions with Transformers", ECCV 2022) for the form: a pyramid
of moments, a score for each class and two distances at each, a range of lengths for each level, centre sampling, focal
loss and DIoU, soft-NMS. The numbers below are those of ActionFormer's released code but for the sizes. Not theirs: the
backbone is a few convolutions (ActionFormer's ablation has such a one; its windowed attention is not reproduced, nor is
AFSD's refinement at the boundaries), and distances are softplus, not ReLU, of what the network says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.localise.candidates import Candidates
from core.localise.examples import Segments

LEVELS = 6
"""Of the pyramid; each has half as many moments as the one before."""
_SHORTEST_RANGE = 4.0
"""Level l takes moments whose farther end is between 4 * 2^(l-1) and 4 * 2^l steps away; the first begins at 0, the
last has no end."""
_CENTRE_RADIUS = 1.5
"""Moments within so many of their level's steps from a segment's centre are its own."""
_PRIOR = 0.01
"""Probability of every class at the start of training."""
_ALPHA, _GAMMA = 0.25, 2.0
_INIT_NORMALISER, _MOMENTUM = 100.0, 0.9


class _Normed(nn.Module):
    """A convolution over time, layer norm over channels, GELU; padding stays zero."""

    def __init__(self, width_in: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width_in, width, 3, stride=stride, padding=1)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """Map (B, T, C), (B, T / stride) -> (B, T / stride, C')"""
        y = self.conv(x.transpose(1, 2)).transpose(1, 2)
        return F.gelu(self.norm(y)) * valid[..., None]


class PointDetector(nn.Module):
    """The detector `points`."""

    name = "points"
    multiple = 2 ** (LEVELS - 1)
    """Batches are as long as a multiple of this."""
    most_steps = 2304
    """Longer videos are seen in steps of several frames; ActionFormer's longest sequence."""
    usual_steps = 400
    """Of training."""

    normaliser: Tensor

    def __init__(self, width_in: int, num_classes: int, width: int = 96, dropout: float = 0.1) -> None:
        super().__init__()
        self.embed = nn.ModuleList([_Normed(width_in, width), _Normed(width, width)])
        self.levels = nn.ModuleList([_Normed(width, width, 1 if level == 0 else 2) for level in range(LEVELS)])
        self.class_head = nn.ModuleList([_Normed(width, width), nn.Conv1d(width, num_classes, 3, padding=1)])
        self.bound_head = nn.ModuleList([_Normed(width, width), nn.Conv1d(width, 2, 3, padding=1)])
        self.scales = nn.Parameter(torch.ones(LEVELS))
        self.dropout = nn.Dropout1d(dropout)
        self.register_buffer("normaliser", torch.tensor(_INIT_NORMALISER))
        nn.init.constant_(self.class_head[-1].bias, -math.log((1 - _PRIOR) / _PRIOR))  # type: ignore[arg-type]

    def forward(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Predict scores and distances for every moment of every level.

        Args:
            x: (B, T, D) zero behind the end; T a multiple of `multiple`.
            valid: (B, T)

        Returns:
            (B, M, C) class logits, (B, M, 2) distances to start and end in steps, (B, M) which moments there are;
            M = T + T / 2 + ...
        """
        x = self.dropout(x.transpose(1, 2)).transpose(1, 2) * math.sqrt(x.shape[2]) * valid[..., None]
        for embed in self.embed:
            x = embed(x, valid)
        classes, bounds, masks = [], [], []
        for level, deeper in enumerate(self.levels):
            valid = valid if level == 0 else valid[:, ::2]
            y = deeper(x, valid)
            x = x + y if level == 0 else y
            classes.append(_head(self.class_head, x, valid))
            distances = F.softplus(_head(self.bound_head, x, valid) * self.scales[level])
            bounds.append(distances * 2**level)
            masks.append(valid)
        return torch.cat(classes, dim=1), torch.cat(bounds, dim=1), torch.cat(masks, dim=1)

    def loss(self, x: Tensor, valid: Tensor, segments: Sequence[Segments], generator: torch.Generator) -> Tensor:
        """Return focal loss of the classes plus DIoU of the distances, over a moving mean of how many moments see a
        segment.

        Args:
            x, valid: as of `forward`.
            segments: of each video.
            generator: not used here; the other detector draws.
        """
        logits, distances, moments = self(x, valid)
        wanted = [targets(own, x.shape[1], logits.shape[2]) for own in segments]
        classes = torch.stack([one for one, _ in wanted])  # (B, M, C)
        truth = torch.stack([one for _, one in wanted])  # (B, M, 2)
        positive = (classes.sum(dim=2) > 0) & moments
        if self.training:
            self.normaliser.mul_(_MOMENTUM).add_((1 - _MOMENTUM) * positive.sum().clamp(min=1))
        focal = focal_loss(logits, classes)[moments].sum()
        apart = diou_loss(distances[positive], truth[positive]).sum()
        return (focal + apart) / self.normaliser

    @torch.no_grad()
    def candidates(self, x: Tensor, valid: Tensor) -> list[Candidates]:
        """Return what each video may hold, in steps, before any suppression."""
        logits, distances, moments = self(x, valid)
        centres = _moments(x.shape[1])[0]
        bounds = torch.stack((centres - distances[..., 0], centres + distances[..., 1]), dim=2)  # (B, M, 2)
        scores = logits.sigmoid()
        found = []
        for place in range(len(x)):
            here = moments[place]
            num_moments, num_classes = scores[place, here].shape
            found.append(
                Candidates(
                    bounds[place, here].repeat_interleave(num_classes, dim=0).numpy(),
                    scores[place, here].flatten().numpy(),
                    torch.arange(num_classes).repeat(num_moments).numpy(),
                )
            )
        return found


def _head(layers: nn.ModuleList, x: Tensor, valid: Tensor) -> Tensor:
    first, last = layers
    output: Tensor = last(first(x, valid).transpose(1, 2)).transpose(1, 2)
    return output


def _moments(num_steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return (M,) place in steps, step length, and level of every moment of a video of T steps."""
    centres, strides, levels = [], [], []
    for level in range(LEVELS):
        places = torch.arange(0, num_steps, 2**level) + 0.5
        centres.append(places)
        strides.append(torch.full_like(places, 2**level))
        levels.append(torch.full_like(places, level))
    return torch.cat(centres), torch.cat(strides), torch.cat(levels)


def targets(segments: Segments, num_steps: int, num_classes: int) -> tuple[Tensor, Tensor]:
    """Return the targets of every moment: (M, C) 0 or 1, and (M, 2) distances to start and end in steps.

    A moment is a segment's own if it lies in it, near its centre, and the farther end is in the range of its level; of
    several segments the shortest one's.
    """
    centres, strides, levels = _moments(num_steps)
    start, end = segments.bounds[:, 0], segments.bounds[:, 1]  # (N,)
    distances = torch.stack((centres[:, None] - start, end - centres[:, None]), dim=2)  # (M, N, 2)
    middle, reach = (start + end) / 2, _CENTRE_RADIUS * strides[:, None]
    near = (centres[:, None] - middle).abs() <= reach
    farthest = distances.amax(dim=2)
    low = torch.where(levels == 0, 0.0, _SHORTEST_RANGE * 2 ** (levels - 1))[:, None]
    high = torch.where(levels == LEVELS - 1, math.inf, _SHORTEST_RANGE * 2**levels)[:, None]
    own = (distances.amin(dim=2) > 0) & near & (farthest >= low) & (farthest < high)  # (M, N)
    classes = torch.zeros(len(centres), num_classes)
    if not len(start):
        return classes, torch.zeros(len(centres), 2)
    lengths = torch.where(own, end - start, math.inf)
    shortest = lengths.min(dim=1)
    sees = shortest.values.isfinite()
    classes[sees, segments.classes[shortest.indices[sees]]] = 1.0
    return classes, distances[torch.arange(len(centres)), shortest.indices] * sees[:, None]


def focal_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Return elementwise binary cross-entropy, less where it is right already (Lin et al., 2017): alpha 0.25, gamma
    2."""
    plain = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    p = logits.sigmoid()
    right = p * target + (1 - p) * (1 - target)
    return (_ALPHA * target + (1 - _ALPHA) * (1 - target)) * (1 - right) ** _GAMMA * plain


def diou_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """Map (P, 2) distances to start and end, from the same moments -> (P,) one minus IoU, plus the centres'
    distance.

    The last is squared and over the squared length of what encloses both (Zheng et al., 2020, in one dimension).
    """
    shared = torch.minimum(predicted, true).sum(dim=1)
    union = predicted.sum(dim=1) + true.sum(dim=1) - shared
    enclosing = torch.maximum(predicted, true).sum(dim=1)
    apart = 0.5 * ((predicted[:, 1] - predicted[:, 0]) - (true[:, 1] - true[:, 0]))
    return 1 - shared / union.clamp(min=1e-8) + (apart / enclosing.clamp(min=1e-8)) ** 2
