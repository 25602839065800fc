"""A training step as the released CARL code makes it, written from its description to be measured against.

The whole video is decoded to float32 at its own size; each drawn frame goes through PIL by itself; the network runs in
float32 and NCHW, its frozen stages anew in each step and with their batch norms apart; anomaly detection is always on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import av
import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor, nn
from torchvision import models
from torchvision.transforms import functional

from core.augment.spatial import SpatialDraw, crop_box
from core.augment.temporal import TemporalView
from core.model.encoder import Encoder
from core.objectives.scl import sequence_contrastive_loss
from core.settings.config import Config

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
CHUNK = 40

Phase = Callable[[str], AbstractContextManager[None]]


def decoded(path: Path) -> Tensor:
    """(S, 3, H, W) float32 in [0, 1]."""
    with av.open(str(path)) as container:
        images = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255


def augmented(frames: Tensor, draw: SpatialDraw, size: int) -> Tensor:
    """(T, 3, H, W) in [0, 1] -> (T, 3, size, size) with ImageNet's mean and deviation, frame by frame through PIL."""
    top, left, height, width = crop_box(draw, frames.shape[2], frames.shape[3])
    results = []
    for frame in frames:
        image: Image.Image = functional.to_pil_image(frame)
        image = functional.resized_crop(image, top, left, height, width, [size, size])
        image = functional.hflip(image) if draw.flip else image
        for name, amount in draw.jitter:
            image = getattr(functional, f"adjust_{name}")(image, amount)
        image = image.filter(ImageFilter.GaussianBlur(draw.blur_sigma)) if draw.blur_sigma else image
        image = functional.rgb_to_grayscale(image, num_output_channels=3) if draw.grayscale else image
        results.append(functional.normalize(functional.to_tensor(image), MEAN, STD))
    return torch.stack(results)


class ReleasedStep:
    """The step, with the weights of `encoder` (which stays as it is).

    Args:
        encoder: built from `config`, whose ResNet has random weights.
        phase: a context manager that times what runs in it.
    """

    def __init__(self, encoder: Encoder, config: Config, device: torch.device, phase: Phase) -> None:
        self._config, self._device, self._phase = config, device, phase
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.train.seed)  # `build_encoder` draws the same, then folds the batch norms
            resnet = models.get_model(config.backbone.name, weights=None)
        stages = list(resnet.children())[:-2]
        self.frozen = nn.Sequential(*stages[:-1]).eval().requires_grad_(False).to(device)
        self.learnable = stages[-1].to(device)
        self.head = copy.deepcopy(encoder)
        self.head.backbone = nn.Identity()  # type: ignore[assignment]
        self.head.to(device).train()
        self.parameters = [*self.learnable.parameters(), *self.head.parameters()]
        train = config.train
        self.optimizer = torch.optim.Adam(self.parameters, lr=train.learning_rate, weight_decay=train.weight_decay)

    def run(self, path: Path, views: Sequence[tuple[TemporalView, SpatialDraw]]) -> float:
        """One step on two views of one video; returns the loss."""
        size = self._config.augment.image_size
        with self._phase("read"):
            video = decoded(path)
        with self._phase("augment"):
            frames = torch.cat([augmented(video[torch.from_numpy(view.indices)], draw, size) for view, draw in views])
        return self.learn(frames, [view for view, _ in views])

    def learn(self, frames: Tensor, views: Sequence[TemporalView]) -> float:
        """One step on (N, 3, H, W) frames: of the first view of every video, then of the second; returns the loss."""
        with torch.autograd.set_detect_anomaly(True):
            loss = self._loss(frames.to(self._device), views)
            with self._phase("backward"):
                self.optimizer.zero_grad()
                loss.backward()
        with self._phase("optimiser"):
            nn.utils.clip_grad_norm_(self.parameters, self._config.train.max_grad_norm)
            self.optimizer.step()
        return loss.item()

    def features(self, frames: Tensor) -> Tensor:
        """(N, 3, H, W) normalised -> (N, C)."""
        rows = []
        for part in frames.split(CHUNK):
            with self._phase("frozen stages"), torch.no_grad():
                maps = self.frozen(part)
            with self._phase("learnable stage"):
                rows.append(self.learnable(maps).amax((2, 3)))
        return torch.cat(rows)

    def _loss(self, frames: Tensor, views: Sequence[TemporalView]) -> Tensor:
        rows = self.features(frames)
        with self._phase("head and loss"):
            valid = torch.from_numpy(np.stack([view.valid for view in views])).to(self._device)  # (2 B, T)
            times = torch.from_numpy(np.stack([view.indices for view in views])).to(self._device)
            features = rows.view(*valid.shape, -1)  # (2 B, T, C)
            z = self.head.project(self.head(features, valid), valid)
            (z1, z2), (times1, times2), (valid1, valid2) = (tensor.chunk(2) for tensor in (z, times, valid))
            return sequence_contrastive_loss(z1, z2, times1, times2, valid1, valid2)
