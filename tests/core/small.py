"""A small encoder and small synthetic features, for tests of what stands around them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from core.augment.temporal import TemporalView
from core.learning.data import ViewData
from core.model.encoder import Encoder, build_encoder
from core.settings.config import Config, with_values

SMALL = {
    "views.num_frames": 10,
    "augment.image_size": 32,
    "frames.short_side": 32,
    "backbone.name": "resnet18",
    "backbone.weights": "none",
    "backbone.trainable_blocks": "none",
    "encoder.layers": 1,
    "encoder.heads": 2,
    "encoder.d_model": 16,
    "encoder.mlp_dim": 16,
    "encoder.ffn_dim": 16,
    "encoder.embedding_dim": 8,
    "encoder.projection_dim": 8,
    "train.mode": "frozen",
    "train.augmented_copies": 1,
    "train.epochs": 3,
    "train.batch_size": 2,
    "train.repeats_per_epoch": 1,
    "train.min_steps_per_epoch": 1,
    "train.learning_rate": 1e-3,
    "train.cpu_threads": 1,
}


def small_config(**changed: object) -> Config:
    """`SMALL` with changed settings, written `section__name=value`."""
    return with_values(Config(), SMALL | {name.replace("__", "."): value for name, value in changed.items()})


def small_encoder(config: Config) -> Encoder:
    torch.manual_seed(0)
    return build_encoder(config)


def narrow_resnets(patch: pytest.MonkeyPatch) -> None:
    """Let a resnet18 of this process have an eighth of its channels: the same parts in a sixtieth of the size."""
    from torchvision.models import resnet

    class Narrow(resnet.ResNet):
        def _make_layer(self, block: Any, planes: int, *rest: Any, **named: Any) -> nn.Sequential:
            return super()._make_layer(block, planes // 8, *rest, **named)

    def narrow(name: str, weights: None) -> Narrow:
        assert name == "resnet18"
        made = Narrow(resnet.BasicBlock, [2, 2, 2, 2])
        made.fc = nn.Linear(512 // 8, 1)
        return made

    patch.setattr("torchvision.models.get_model", narrow)


class Waves:
    """Feature videos in which each frame is recognisable: a few sines of time, and noise that the seed fixes."""

    def __init__(self, lengths: list[int], width: int = 512) -> None:
        generator = np.random.default_rng(5)
        self.videos = []
        rates = generator.uniform(1, 9, width)
        for length in lengths:
            time = np.linspace(0, 1, length)[:, None]
            noise = generator.normal(size=(length, width))
            self.videos.append((np.sin(time * rates) + 0.1 * noise).astype(np.float16))

    def __len__(self) -> int:
        return len(self.videos)

    def num_frames(self, video: int) -> int:
        return len(self.videos[video])

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        return ViewData(view, torch.from_numpy(self.videos[video][view.indices[view.valid]]), None)
