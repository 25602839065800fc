"""Positional encodings for the transformer: added sines and cosines, or rotated queries and keys."""

from __future__ import annotations

import torch
from torch import Tensor

Rotation = tuple[Tensor, Tensor]
"""Cosines and sines, each (B, 1, T, d/2) float32."""


def sincos(positions: Tensor, width: int) -> Tensor:
    """Return sine-cosine embedding of real-valued positions (Vaswani et al. 2017, section 3.5; the CARL paper's
    choice).

    Args:
        positions: (B, T), in frames; need not be whole.
        width: even.

    Returns:
        (B, T, width) float32, sines on even channels and cosines on odd ones.
    """
    angles = _angles(positions, width, 10_000.0)  # (B, T, width/2)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


def rotation(positions: Tensor, width: int, base: float) -> Rotation:
    """Return Rotary angles of real-valued positions (Su et al. 2021, RoFormer, equation 15).

    Args:
        positions: (B, T), in frames; need not be whole.
        width: even width of one attention head.
        base: the longest wavelength is 2 pi base^(1 - 2/width) frames.
    """
    angles = _angles(positions, width, base)[:, None]  # (B, 1, T, width/2)
    return angles.cos(), angles.sin()


def rotate(heads: Tensor, by: Rotation) -> Tensor:
    """Turn queries or keys by their positions, so that their product depends on differences of positions alone.

    Args:
        heads: (B, heads, T, d).

    Returns:
        (B, heads, T, d), in the type of `heads`; computed in float32.
    """
    cos, sin = by
    first, second = heads.float().chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1).to(heads.dtype)


def _angles(positions: Tensor, width: int, base: float) -> Tensor:
    exponents = torch.arange(0, width, 2, device=positions.device, dtype=torch.float32) / width
    return positions.float()[..., None] * base**-exponents
