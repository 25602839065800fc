"""Time left of a job with several stages, added to every event from its first stage on.

What a stage needs that has not begun is estimated from a few frames that go through the networks beforehand; as soon as
it runs, its own speed counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.augment.spatial import resize_whole
from core.base.control import Control
from core.base.events import Event, Progress, Sink
from core.features.copies import key_frames
from core.model.encoder import Encoder
from core.pose.networks import PoseNetworks
from core.settings.config import Config
from core.settings.schedule import steps_per_epoch

_POSE_SECONDS = 0.03
"""Of a frame, on two cores: the networks of pose walk from frame to frame, so that no single one tells."""
_GUESSED_SECONDS = 0.05
"""Of a frame, while it is not known yet which network will look at it."""
_BACKWARD = 3.0
"""A step takes as long as so many passes forward: one of them, and the gradient of all weights."""
_FRAMES = 2


@dataclass(frozen=True)
class Costs:
    """The cost of work on this device, in seconds."""

    of_image: float
    """One frame through the backbone."""
    of_step: float = 0.0
    """One step of training; 0: there are none."""


class Remaining:
    """A sink that adds the time left of the whole job to `Progress`, and passes it on.

    Args:
        stages: that are told of in this order; others are passed on as they are.
        ahead: the seconds that a stage will take, by its name and the number of frames that were to be decoded.
    """

    def __init__(self, sink: Sink, stages: tuple[str, ...], ahead: Callable[[str, int], float]) -> None:
        self._sink, self._stages, self._ahead = sink, stages, ahead
        self._num_frames = 0

    def __call__(self, event: Event) -> None:
        """Pass it on."""
        if isinstance(event, Progress) and event.stage in self._stages:
            event = self._complete(event)
        self._sink(event)

    def _complete(self, event: Progress) -> Progress:
        if event.stage == "decode":
            self._num_frames = round(event.total)
        is_counting = event.stage == "check" and not self._num_frames  # how many frames there are is found out then
        if is_counting or (event.eta_seconds <= 0 and event.done < event.total):
            return event
        later = self._stages[self._stages.index(event.stage) + 1 :]
        ahead = sum(self._ahead(stage, self._num_frames) for stage in later)
        return replace(event, whole_eta_seconds=event.eta_seconds + ahead)


def remaining_of_training(sink: Sink, costs: Callable[[], Costs | None], config: Config, num_videos: int) -> Remaining:
    """Return what completes the news of a training run on so many videos.

    Args:
        costs: what is known of them by then; None: nothing yet.
    """
    train = config.train
    steps = steps_per_epoch(train, num_videos) * train.epochs

    def ahead(stage: str, num_frames: int) -> float:
        known = costs() or Costs(_GUESSED_SECONDS)
        if stage == "features" and train.mode == "frozen":
            keys = len(key_frames(num_frames, train.copy_stride)) if num_frames else 0
            return known.of_image * (num_frames + train.augmented_copies * keys)
        return known.of_step * steps if stage == "train" else 0.0

    return Remaining(sink, ("check", "decode", "look for people", "pose", "features", "train"), ahead)


def remaining_of_embedding(sink: Sink, costs: Callable[[], Costs | None]) -> Remaining:
    """Return what completes the news of embedding videos."""

    def ahead(stage: str, num_frames: int) -> float:
        known = costs() or Costs(_GUESSED_SECONDS)
        return known.of_image * num_frames if stage == "embed" else 0.0

    return Remaining(sink, ("check", "decode", "pose", "embed"), ahead)


def measure_costs(
    encoder: Encoder, config: Config, device: torch.device, *, trains: bool, control: Control | None = None
) -> Costs:
    """Pass a few black frames through the encoder. Its weights, and torch's random state, do not change.

    Raises:
        Stopped: `control` asked for it.
    """
    control = control or Control()
    was_training = encoder.training
    encoder.eval()
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            if isinstance(encoder.backbone.frozen, PoseNetworks):
                of_image, features = _POSE_SECONDS, torch.zeros(1, encoder.input.features, device=device)
            else:
                side = config.augment.image_size
                frames = torch.zeros(_FRAMES, side, side, 3, dtype=torch.uint8, device=device)
                seconds, features = _time(lambda: encoder.features(resize_whole(frames, side)), control)
                of_image = seconds / _FRAMES
            return Costs(of_image, _of_step(encoder, config, features[:1], of_image, control) if trains else 0.0)
    finally:
        encoder.train(was_training)


def _of_step(encoder: Encoder, config: Config, features: Tensor, of_image: float, control: Control) -> float:
    """Return the seconds of a step; `features` are those of one frame, (1, F) or (1, C, h, w)."""
    num_frames = config.views.num_frames
    rows = features[None].expand(1, num_frames, *features.shape[1:])  # (1, T, F)
    if config.encoder.delta_lag:
        rows = torch.cat([rows, rows], dim=2)
    through_head, _ = _time(lambda: encoder(rows), control)
    through_backbone = num_frames * of_image if config.train.mode == "finetune" else 0.0
    return _BACKWARD * 2 * config.train.batch_size * (through_head + through_backbone)


def _time(deed: Callable[[], Tensor], control: Control) -> tuple[float, Tensor]:
    """Return seconds of the second time, the first one being slow; and what came of it."""
    control.obey()
    deed()
    control.obey()
    started = time.monotonic()
    made = deed()
    made.sum().item()  # on a GPU it is done only now
    return time.monotonic() - started, made
