"""The temporal heads (CARL paper, Table 5): a transformer, 3-D convolutions, or none.

Each maps (x, valid, positions) to h (B, T, D). Batch statistics are taken over valid steps alone and padded steps of
h are zero, so that padding changes nothing, in training either.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.model.dropout import Dropout
from core.model.transformer import Transformer
from core.settings.config import EncoderConfig

_CONV3D_CHANNELS = 512


def on_valid_steps(module: nn.Module, x: Tensor, valid: Tensor | None) -> Tensor:
    """Apply `module` to the valid steps alone, as rows (n, ...): (B, T, ...) -> (B, T, ...) with zeros where padded."""
    if valid is None:
        out: Tensor = module(x.flatten(0, 1))
        return out.reshape(*x.shape[:2], *out.shape[1:])
    rows: Tensor = module(x[valid])  # (n, ...)
    out = rows.new_zeros(*valid.shape, *rows.shape[1:])
    out[valid] = rows
    return out


def frame_mlp(inputs: int, hidden: int, outputs: int, dropout: float) -> nn.Sequential:
    """Return [Dropout, Linear, BatchNorm, ReLU] twice, then Linear (released code); for rows (n, inputs)."""
    return nn.Sequential(
        Dropout(dropout),
        nn.Linear(inputs, hidden),
        nn.BatchNorm1d(hidden),
        nn.ReLU(),
        Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.BatchNorm1d(hidden),
        nn.ReLU(),
        nn.Linear(hidden, outputs),
    )


class FrameHead(nn.Module):
    """Every frame by itself: the "ResNet only" row of Table 5."""

    def __init__(self, inputs: int, config: EncoderConfig) -> None:
        super().__init__()
        self.mlp = frame_mlp(inputs, config.mlp_dim, config.embedding_dim, config.dropout)

    def forward(self, x: Tensor, valid: Tensor | None, positions: Tensor) -> Tensor:
        """Map (B, T, F) -> (B, T, D)."""
        return on_valid_steps(self.mlp, x, valid)


class TransformerHead(nn.Module):
    """The transformation block, the transformer and the last linear layer (paper, section 3.3)."""

    def __init__(self, inputs: int, config: EncoderConfig) -> None:
        super().__init__()
        self.mlp = frame_mlp(inputs, config.mlp_dim, config.d_model, config.dropout)
        self.transformer = Transformer(
            config.d_model,
            layers=config.layers,
            heads=config.heads,
            feedforward=config.ffn_dim,
            dropout=config.dropout,
            positions=config.positional_encoding,
            base=config.rotary_base,
        )
        self.out = nn.Linear(config.d_model, config.embedding_dim)

    def forward(self, x: Tensor, valid: Tensor | None, positions: Tensor) -> Tensor:
        """Map (B, T, F) -> (B, T, D)."""
        x = on_valid_steps(self.mlp, x, valid)  # (B, T, W)
        h: Tensor = self.out(self.transformer(x, valid, positions))
        return h if valid is None else h * valid[..., None]


class Conv3dHead(nn.Module):
    """Two 3 x 3 x 3 convolutions over feature maps, global max pooling, then each frame's MLP.

    After the embedder of TCC (Dwibedi et al. 2019), with every time step kept. Padded steps are zeroed before each
    convolution: to a video they look like its end.
    """

    def __init__(self, inputs: int, config: EncoderConfig) -> None:
        super().__init__()
        width = _CONV3D_CHANNELS
        self.convolutions = nn.ModuleList(nn.Conv3d(c, width, 3, padding=1, bias=False) for c in (inputs, width))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(2))
        self.mlp = frame_mlp(width, config.mlp_dim, config.embedding_dim, config.dropout)

    def forward(self, x: Tensor, valid: Tensor | None, positions: Tensor) -> Tensor:
        """Map (B, T, C, h, w) -> (B, T, D)."""
        if valid is not None:
            x = x * valid[:, :, None, None, None]
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = convolution(x.transpose(1, 2)).transpose(1, 2)  # (B, T, 512, h, w)
            x = on_valid_steps(norm, x, valid).relu()
        return on_valid_steps(self.mlp, torch.amax(x, dim=(-2, -1)), valid)


def build_head(inputs: int, config: EncoderConfig) -> FrameHead | TransformerHead | Conv3dHead:
    """Return the head that `config.temporal` names, for features of `inputs` channels."""
    if config.temporal == "conv3d":
        return Conv3dHead(inputs, config)
    return (TransformerHead if config.temporal == "transformer" else FrameHead)(inputs, config)
