"""Number of steps and learning rate schedule of a run; without torch, for estimates before it begins.

With `train.patience` the learning rate stays as it is until the loss has stopped falling, then falls to almost nothing
and the training ends ("warm-up, stable, decay" without the warm-up: Hu et al. 2024, MiniCPM). A cosine over all epochs,
as in the paper, cannot end early: half of it would still lie ahead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.settings.config import TrainConfig

COOLDOWN = 0.3
"""Share of all epochs over which the learning rate falls, with `train.patience`."""
STALLED = 0.04
"""The loss has stopped falling where the last epochs brought less than this share of all that it fell before."""
_LEAST_FALL = 0.02
"""Share of the first loss. As long as it fell by less, nothing was learned yet, and so nothing has stopped."""


@dataclass(frozen=True)
class Schedule:
    """The course of a run, as far as it is known."""

    decay_epoch: int
    """The first epoch (from 0) whose learning rate is lower than the one before."""
    epochs: int
    """After which it ends."""
    has_stalled: bool
    """Whether that is because the loss has stopped falling; it never changes any more then."""

    def rate(self, epoch: int) -> float:
        """Return the fraction of the full learning rate in this epoch, from 0: half a cosine once it falls."""
        if epoch < self.decay_epoch:
            return 1.0
        first = self.decay_epoch - 1 if self.decay_epoch else 0
        return 0.5 * (1 + math.cos(math.pi * (epoch - first) / (self.epochs + 1 - first)))


def steps_per_epoch(config: TrainConfig, num_videos: int) -> int:
    """Return steps of one pass over the videos: the last one is filled up, and `min_steps_per_epoch` holds."""
    return max(-(-num_videos * config.repeats_per_epoch // config.batch_size), config.min_steps_per_epoch)


def course(losses: Sequence[float], config: TrainConfig) -> Schedule:
    """Return the course of a run whose epochs so far had these mean losses. Later epochs do not change earlier ones.

    Without `train.patience` a cosine over all epochs (released code: T_max = epochs + 1).
    """
    most = config.epochs
    if not config.patience:
        return Schedule(0, most, has_stalled=False)
    last_decay = most - max(1, round(COOLDOWN * most)) if most > 1 else 0
    for epochs in range(2 * config.patience, min(len(losses), last_decay - 1) + 1):
        if _has_stalled(losses[:epochs], config.patience):
            return Schedule(epochs, min(most, math.ceil(epochs / (1 - COOLDOWN))), has_stalled=True)
    return Schedule(last_decay, most, has_stalled=False)


def _has_stalled(losses: Sequence[float], patience: int) -> bool:
    """Return whether the mean of the last `patience` losses is hardly below that of as many before."""
    before, last = (sum(part) / patience for part in (losses[-2 * patience : -patience], losses[-patience:]))
    fallen = losses[0] - last
    return fallen > _LEAST_FALL * abs(losses[0]) and before - last < STALLED * fallen
