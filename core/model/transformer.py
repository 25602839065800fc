"""The transformer over the frames of a video (CARL paper, section 3.3; layer details of its released code)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.model.dropout import Dropout
from core.model.positions import Rotation, rotate, rotation, sincos


class TransformerLayer(nn.Module):
    """One pre-norm layer: what `nn.TransformerEncoderLayer(norm_first=True)` computes, with room for rotary positions.

    Dropout falls on the two residual branches only, weights are Xavier-uniform (released code).
    """

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.feedforward = nn.Sequential(nn.Linear(width, feedforward), nn.ReLU(), nn.Linear(feedforward, width))
        self.dropout = Dropout(dropout)
        with torch.no_grad():  # query, key and value are three matrices to Xavier's rule
            weights = [parameter for parameter in self.parameters() if parameter.ndim == 2]
            for weight in weights:
                for block in weight.chunk(3) if weight is self.query_key_value.weight else (weight,):
                    nn.init.xavier_uniform_(block)

    def forward(self, x: Tensor, attended: Tensor | None, by: Rotation | None) -> Tensor:
        """Map (B, T, W) -> (B, T, W). `attended` (B, 1, 1, T) bool: steps that may be looked at; None: all."""
        x = x + self.dropout(self._attention(self.norm1(x), attended, by))
        hidden: Tensor = x + self.dropout(self.feedforward(self.norm2(x)))
        return hidden

    def _attention(self, x: Tensor, attended: Tensor | None, by: Rotation | None) -> Tensor:
        heads = self.query_key_value(x).unflatten(-1, (3, self.heads, -1))  # (B, T, 3, heads, d)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # each (B, heads, T, d)
        if by is not None:
            query, key = rotate(query, by), rotate(key, by)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=attended)
        out: Tensor = self.attention_out(mixed.transpose(1, 2).flatten(-2))  # (B, T, W)
        return out


class Transformer(nn.Module):
    """Layers and a final norm. Attention is fused: memory grows with T, not with its square.

    Args:
        positions: `rotary` (in the attention), `sincos` (added to the input) or `none`.
    """

    def __init__(
        self, width: int, *, layers: int, heads: int, feedforward: int, dropout: float, positions: str, base: float
    ) -> None:
        super().__init__()
        self.positions, self.base, self.head_width = positions, base, width // heads
        self.layers = nn.ModuleList(TransformerLayer(width, heads, feedforward, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, valid: Tensor | None, positions: Tensor) -> Tensor:
        """Map x (B, T, W), valid (B, T) bool or None, positions (B, T) in frames -> (B, T, W).

        Padded steps are never looked at; what stands at them afterwards means nothing. Each video has a valid step.
        """
        by = None
        if self.positions == "sincos":
            x = x + sincos(positions, x.shape[-1]).to(x.dtype)
        elif self.positions == "rotary":
            by = rotation(positions, self.head_width, self.base)
        attended = None if valid is None else valid[:, None, None, :]
        for layer in self.layers:
            x = layer(x, attended, by)
        out: Tensor = self.norm(x)
        return out
