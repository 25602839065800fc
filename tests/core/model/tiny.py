"""Small encoders for the tests of this folder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.model.backbone import Backbone
from core.model.encoder import Encoder, assemble, build_encoder
from core.settings.config import Config, with_values

TINY = {
    "backbone.name": "resnet18",
    "backbone.weights": "none",
    "augment.image_size": 32,
    "views.num_frames": 12,
    "encoder.d_model": 16,
    "encoder.heads": 2,
    "encoder.mlp_dim": 24,
    "encoder.ffn_dim": 32,
    "encoder.layers": 2,
    "encoder.embedding_dim": 8,
    "encoder.projection_dim": 8,
    "encoder.dropout": 0.0,
}


def tiny_config(**values: object) -> Config:
    """A small configuration; `encoder__layers=1` sets `encoder.layers`."""
    return with_values(Config(), TINY | {name.replace("__", "."): value for name, value in values.items()})


def tiny_encoder(**values: object) -> Encoder:
    """A small encoder whose batch norms have seen something."""
    encoder = build_encoder(tiny_config(**values))
    stir(encoder)
    return encoder.eval()


def tiny_head(**values: object) -> Encoder:
    """A small encoder whose backbone passes 16 channels through: fast, for what happens to features."""
    config = tiny_config(**values)
    backbone = Backbone(nn.Identity(), nn.Sequential(), name="nothing", channels=16, chunk=4, pool="max")
    torch.manual_seed(4)
    encoder = assemble(backbone, config)
    stir(encoder)
    return encoder.eval()


def stir(module: nn.Module) -> None:
    """Give every batch norm statistics and weights other than its first ones."""
    draws = torch.Generator().manual_seed(5)
    for norm in module.modules():
        if isinstance(norm, nn.modules.batchnorm._BatchNorm):
            for tensor, low in (
                (norm.running_mean, -0.2),
                (norm.running_var, 0.5),
                (norm.weight, 0.5),
                (norm.bias, -0.2),
            ):
                assert tensor is not None
                tensor.data.copy_(torch.rand(tensor.shape, generator=draws) + low)


def random(*shape: int, seed: int = 0) -> Tensor:
    """Uniform numbers in [0, 1)."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))
