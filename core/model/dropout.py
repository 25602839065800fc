"""Dropout that is also cheap on a CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_STEPS = 2**16
"""The chance is rounded to whole parts of this; what is kept is scaled by the rounded one, so the mean stays exact."""


class Dropout(nn.Dropout):
    """Like `torch.nn.Dropout`, but with 16 random bits per value on a CPU, where torch draws a 64-bit float.

    A quarter of a step of the head was spent on those. Draws from torch's global generator.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return x with each value set to 0 by chance `p`, the others divided by 1 - p; in eval mode x."""
        dropped = round(self.p * _STEPS)
        if not self.training or x.device.type != "cpu" or dropped in (0, _STEPS):
            return super().forward(x)
        words = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        bits = words.view(torch.int16)[: x.numel()].view(x.shape)
        kept = (bits >= dropped - _STEPS // 2).to(x.dtype)
        return x * kept.mul_(_STEPS / (_STEPS - dropped))
