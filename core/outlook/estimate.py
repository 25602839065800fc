"""Estimated seconds, bytes and downloads of a training, from measurements on a few frames."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.events import RecipeMeasured
from core.settings.config import Config
from core.settings.recipes import POSE
from core.settings.schedule import steps_per_epoch

_EARLY_END = 0.5
"""Share of the steps that a run with `train.patience` takes: 0.3 to 0.5 on the sample (docs/decisions/0018)."""
_FORWARD = 0.4
"""Of a training step's time on a clip, what embedding it takes."""
_FINETUNE = 1.6
"""Times the backbone is gone through where its last block learns: forwards, and back through that block."""
_AFTERWARDS_SECONDS = 2.0
"""Saving the encoder, and aligning videos with each other."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount of data to train on and to embed afterwards."""

    num_videos: int
    """Learned from."""
    num_frames: int
    """Of these."""
    num_frames_embedded: int = 0
    """Of the videos that are embedded besides."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated cost of a training, including embedding."""

    features_seconds: float
    """Looking at the frames: decoding and the backbone, or both in every step where the backbone learns too."""
    learning_seconds: float
    """The steps."""
    rest_seconds: float
    """Starting, embedding, saving."""
    disk_bytes: float
    """Of features that are kept."""
    download_bytes: float
    """0: nothing is downloaded."""

    @property
    def seconds(self) -> float:
        """Return the whole, from the start to aligned videos."""
        return self.features_seconds + self.learning_seconds + self.rest_seconds


def estimate(config: Config, measured: RecipeMeasured, amount: Amount) -> Estimate:
    """Return what a training with these settings costs.

    Args:
        config: the recipe that was measured, or one changed from it: its backbone must be the same.
    """
    train = config.train
    most_steps = train.epochs * steps_per_epoch(train, max(amount.num_videos, 1))
    steps = most_steps * (_EARLY_END if train.patience else 1.0)
    frames_a_step = 2 * train.batch_size * config.views.num_frames
    all_frames = amount.num_frames + amount.num_frames_embedded
    clean = all_frames * (measured.feature_seconds + measured.decode_seconds)
    embedding = all_frames * measured.step_frame_seconds * _FORWARD
    rest = 2 * measured.start_seconds + embedding + _AFTERWARDS_SECONDS
    if train.mode == "finetune":
        through = steps * frames_a_step * measured.feature_seconds * _FINETUNE
        return Estimate(clean, through, rest, 0.0, measured.download_bytes)
    again = (
        0.0 if measured.backbone == POSE else train.augmented_copies / train.copy_stride
    )  # of a body, copies are arithmetic
    copies = amount.num_frames * again * measured.feature_seconds
    learning = steps * frames_a_step * measured.step_frame_seconds
    kept = (amount.num_frames * (1 + train.augmented_copies) + amount.num_frames_embedded) * measured.feature_bytes
    return Estimate(clean + copies, learning, rest, kept, measured.download_bytes)
