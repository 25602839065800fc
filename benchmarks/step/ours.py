"""A training step as `core.learning.trainer` makes it, from the same parts, with a watch on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from step.watch import Watch
from torch import Tensor, nn

from core.augment import spatial
from core.augment.temporal import TemporalView
from core.learning.data import ViewData
from core.learning.trainer import ClipLoss
from core.model.encoder import Encoder
from core.settings.config import Config


class OurStep:
    """The trainer's step from the same parts, with a watch on them."""

    def __init__(
        self, encoder: Encoder, batches: Iterator[Any], config: Config, precision: torch.dtype, watch: Watch
    ) -> None:
        self._batches, self._config, self._precision, self._watch = batches, config, precision, watch
        self.model = ClipLoss(encoder, config).train()
        watch.hook(encoder.backbone.frozen, "frozen stages")
        watch.hook(encoder.backbone.learnable, "learnable stage")
        self._learnt = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        train = config.train
        self._optimizer = torch.optim.Adam(
            self._learnt, lr=train.learning_rate, weight_decay=train.weight_decay, foreach=True
        )

    def run(self) -> float:
        watch, plain_apply = self._watch, spatial.apply

        def timed_apply(*arguments: Any) -> Tensor:
            with watch.phase("augment"):
                return plain_apply(*arguments)

        with watch.phase("read"):  # what is left of it: the next step's frames are read while this one computes
            batch = next(self._batches)
        spatial.apply = timed_apply
        with watch.phase("forward"), torch.autocast(watch.device.type, self._precision, enabled=self._is_mixed):
            loss = self.model(batch, watch.device)
        spatial.apply = plain_apply
        with watch.phase("backward"):
            self._optimizer.zero_grad(set_to_none=True)
            loss.backward()
        with watch.phase("optimiser"):
            nn.utils.clip_grad_norm_(self._learnt, self._config.train.max_grad_norm, foreach=True)
            self._optimizer.step()
        return loss.item()

    @property
    def _is_mixed(self) -> bool:
        return self._precision != torch.float32


class CachedFeatures:
    """Features of a frozen backbone as the cache keeps them (random numbers: only the head's speed is measured)."""

    def __init__(self, num_frames: int, width: int) -> None:
        self._rows = np.random.default_rng(0).random((num_frames, width)).astype(np.float16)

    def __len__(self) -> int:
        return 1

    def num_frames(self, video: int) -> int:
        return len(self._rows)

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        return ViewData(view, torch.from_numpy(self._rows[view.indices[view.valid]]), None)
