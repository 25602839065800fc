"""What can be known beforehand of the sizes of a run's batches, and what a GPU gains from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch

from core.augment.temporal import crop_lengths
from core.model.backbone import Backbone
from core.objectives.kinds import KINDS, Needs
from core.settings.config import Config
from core.settings.schedule import steps_per_epoch

_COMPILING_FRAMES = 2_400_000
"""Of a run: from there on a minute of compiling pays, if it saves a tenth of the time at 4,000 frames/s. A guess."""


def has_fixed_shapes(config: Config, lengths: Sequence[int]) -> bool:
    """Return whether every view of videos of these lengths has T steps, none of them padded."""
    views, shortest = config.views, min(lengths)
    if KINDS[config.objective.name].needs is Needs.SPEEDS:
        return shortest >= 2 * views.num_frames
    if views.crop_mode == "released":
        return False
    if views.crop_mode == "fraction":
        return views.sampling == "warped" or crop_lengths(shortest, views)[0] >= views.num_frames
    return shortest >= views.num_frames


def compiled_sizes(config: Config, backbone: Backbone, device: torch.device, lengths: Sequence[int]) -> Collection[int]:
    """Return for how many frames at once the backbone's fixed part is to be compiled; none where it does not pay."""
    train, num_frames = config.train, config.views.num_frames
    if train.compile == "off" or train.mode == "frozen":
        return ()
    steps = steps_per_epoch(train, len(lengths)) * train.epochs
    is_long = steps * train.batch_size * 2 * num_frames >= _COMPILING_FRAMES
    pays = device.type == "cuda" and is_long and has_fixed_shapes(config, lengths)
    return backbone.chunk_sizes(num_frames) if pays or train.compile == "on" else ()
