"""An extractor without weights: histograms of oriented gradients, and colours, in cells (Dalal and Triggs, CVPR 2005).

Weak beside a trained network, but instant, and it needs nothing that would have to be downloaded.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BINS = 9
CELLS = 8
LUMA = (0.299, 0.587, 0.114)


class Hog(nn.Module):
    """(N, 3, H, W) RGB in [0, 1] -> (N, 12, 8, 8): nine orientations of edges and the mean colour of each cell.

    Orientations are unsigned, shared between the two nearest bins, and each frame's histograms are scaled to a sum of 1
    and square-rooted, so that contrast matters little. Differs from the paper in that there are no overlapping blocks.
    """

    channels = BINS + 3

    def forward(self, frames: Tensor) -> Tensor:
        """See the class."""
        gray = (frames * frames.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)  # (N, 1, H, W)
        padded = F.pad(gray, (1, 1, 1, 1), mode="replicate")
        across = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
        down = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
        strength = torch.hypot(across, down)
        place = torch.remainder(torch.atan2(down, across), math.pi) * (BINS / math.pi)  # (N, 1, H, W) in 0..9
        bins = torch.arange(BINS, device=frames.device)[:, None, None]
        apart = (place - bins).abs()
        shares = (1 - torch.minimum(apart, BINS - apart)).clamp(min=0) * strength  # (N, 9, H, W)
        histograms = F.adaptive_avg_pool2d(shares, CELLS)
        total = histograms.sum(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
        colours = F.adaptive_avg_pool2d(frames, CELLS)
        return torch.cat((torch.sqrt(histograms / total), 0.1 * colours), dim=1)
