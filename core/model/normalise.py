"""Normalise an image's colours for a pretrained network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Normalise(nn.Module):
    """(N, 3, H, W) RGB in [0, 1] -> the same minus `mean`, over `std`, channel by channel."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1), persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        """Map (N, 3, H, W) -> (N, 3, H, W)."""
        return (frames - self.mean) / self.std
