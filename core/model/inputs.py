"""From feature maps to what the head reads: pooling over space, then differences over time."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def pooled(maps: Tensor, pool: str) -> Tensor:
    """(N, C, h, w) -> (N, C), or (N, 2C) for `max+avg`. The paper's code takes the maximum."""
    parts = [torch.amax(maps, dim=(-2, -1)) if kind == "max" else maps.mean(dim=(-2, -1)) for kind in pool.split("+")]
    return torch.cat(parts, dim=-1)


def pooled_width(channels: int, pool: str) -> int:
    """Width of what `pooled` gives for maps of `channels` channels."""
    return channels * len(pool.split("+"))


class FeatureInput(nn.Module):
    """Adds to each frame's features their differences to the frames `differences` steps before and after (ours).

    Beyond either end of the valid steps the end itself is taken, so that padding changes nothing.

    Args:
        features: F, width of a frame's features.
        differences: steps; 0 passes the features through.
    """

    def __init__(self, features: int, *, differences: int = 0) -> None:
        super().__init__()
        self.differences = differences
        self.width = features * (3 if differences else 1)

    def forward(self, x: Tensor, valid: Tensor | None = None) -> Tensor:
        """(B, T, F) -> (B, T, width). `valid` (B, T): one run of steps without gaps; None: all."""
        if not self.differences:
            return x
        steps = torch.arange(x.shape[1], device=x.device).expand(x.shape[:2])  # (B, T)
        first, last = _run(steps, valid)
        before = torch.clamp(steps - self.differences, first, last)
        after = torch.clamp(steps + self.differences, first, last)
        return torch.cat((x, x - _at(x, before), x - _at(x, after)), dim=-1)


def _run(steps: Tensor, valid: Tensor | None) -> tuple[Tensor, Tensor]:
    """First and last valid step of each video, (B, 1)."""
    if valid is None:
        return steps[:, :1], steps[:, -1:]
    first = torch.where(valid, steps, steps.shape[1]).amin(dim=1, keepdim=True)
    return first, torch.where(valid, steps, -1).amax(dim=1, keepdim=True)


def _at(x: Tensor, steps: Tensor) -> Tensor:
    return torch.gather(x, 1, steps[..., None].expand_as(x))
