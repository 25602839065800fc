"""Measure the speed of a recipe's parts on this device, on a few frames of some videos; takes seconds."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from core.augment.spatial import draw
from core.augment.temporal import draw_views
from core.base.control import Control
from core.base.events import RecipeMeasured
from core.features.backbone_features import FeatureCache
from core.learning.data import Batch, ViewData
from core.learning.trainer import ClipLoss
from core.model import device as devices
from core.model.encoder import Encoder, build_encoder
from core.model.resnet import RESNETS
from core.model.weights import missing_imagenet, why_unreachable
from core.pose.following import Follower
from core.pose.networks import PoseNetworks
from core.settings.config import Config, with_values
from core.video.reader import VideoReader
from core.video.stored_video import StoredVideo

_FRAMES = 8
_FRAMES_DECODED = 24
_STEPS = 2
_CACHE_BYTES = 1
"""Nothing is kept of what is measured."""


class _EnoughError(Exception):
    """Raised to stop reading a video once it was measured long enough."""


def measure(
    name: str, config: Config, videos: Sequence[StoredVideo], device_name: str, start_seconds: float, control: Control
) -> RecipeMeasured:
    """Return how fast a recipe goes. Its backbone has random weights here: they change no time, and need no download.

    Args:
        videos: the first one is looked at.
        start_seconds: until this process had loaded what it needs; told on.

    Raises:
        Stopped: `control` asked for it.
    """
    device = devices.choose_device(device_name)
    fixed = with_values(
        config, {"backbone.trainable_blocks": "none", "train.mode": "frozen", "backbone.weights": "none"}
    )
    encoder = build_encoder(fixed).to(device).eval()
    control.obey()
    if isinstance(encoder.backbone.frozen, PoseNetworks):
        features = _pose_seconds(Follower(encoder.backbone.frozen), videos[0])
    else:
        features = _feature_seconds(encoder, fixed, videos[0], device)
    control.obey()
    missing, problem = download(config)
    return RecipeMeasured(
        recipe=name,
        backbone=config.backbone.name,
        feature_seconds=features,
        decode_seconds=_decode_seconds(config, videos[0]),
        step_frame_seconds=_step_seconds(encoder, fixed, device),
        start_seconds=start_seconds,
        feature_bytes=2.0 * encoder.feature_width,
        download_bytes=float(missing),
        problem=problem,
    )


def _seconds(act: Callable[[], object], device: torch.device) -> float:
    began = time.perf_counter()
    act()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def _feature_seconds(encoder: Encoder, config: Config, video: StoredVideo, device: torch.device) -> float:
    """Return the seconds of a frame, as it is and augmented; the second pass counts."""
    cache = FeatureCache(encoder, config, device, max_bytes=_CACHE_BYTES)
    chosen = np.unique(np.linspace(0, len(video) - 1, _FRAMES).round().astype(np.int64))
    draws = [None, draw(config.augment, np.random.default_rng(0))]

    def poll() -> None:
        cache.look_at(torch.from_numpy(video.frames_at(chosen).images), draws)

    poll()
    return _seconds(poll, device) / (len(chosen) * len(draws))


def _pose_seconds(follower: Follower, video: StoredVideo) -> float:
    """Return the seconds of a frame; the first one, which warms the networks up, counts little."""
    seen, began = 0, 0.0

    def step(frames: int) -> None:
        nonlocal seen, began
        began = began or time.perf_counter()
        seen += frames
        if seen > _FRAMES:
            raise _EnoughError

    with contextlib.suppress(_EnoughError):
        follower.follow([video], [None], step)
    return (time.perf_counter() - began) / max(seen - 1, 1)


def _decode_seconds(config: Config, video: StoredVideo) -> float:
    """Return the seconds of a frame of the file, where the store has it in another size than the recipe wants."""
    if config.frames.short_side == min(video.width, video.height):
        return 0.0
    with VideoReader(video.path) as reader:
        frames = np.arange(min(_FRAMES_DECODED, len(reader)))
        began = time.perf_counter()
        for frame in frames:
            reader[int(frame)]
        return (time.perf_counter() - began) / len(frames) / (os.cpu_count() or 1)


def _step_seconds(encoder: Encoder, config: Config, device: torch.device) -> float:
    """Return the seconds of a frame of a view, forwards and back through the head, with the recipe's own loss."""
    generator = np.random.default_rng(0)
    length, rows = 4 * config.views.num_frames, 2 * config.train.batch_size
    views = [one for _ in range(config.train.batch_size) for one in draw_views(length, config.views, generator)]
    width = encoder.input.width
    data = tuple(
        ViewData(view, torch.from_numpy(generator.standard_normal((int(view.valid.sum()), width), np.float32)), None)
        for view in views
    )
    batch = Batch(data, (length,) * rows, groups=(0,) * rows)
    loss = ClipLoss(encoder, config).to(device).train()
    optimiser = torch.optim.Adam([one for one in loss.parameters() if one.requires_grad], lr=1e-5)

    def step() -> None:
        optimiser.zero_grad()
        loss(batch, device).backward()
        optimiser.step()

    def some_steps() -> None:
        for _ in range(_STEPS):
            step()

    step()
    return _seconds(some_steps, device) / (_STEPS * rows * config.views.num_frames)


def download(config: Config) -> tuple[int, str]:
    """Return the bytes of weights that are missing, and why they cannot be had now; asks their host."""
    name = config.backbone.name if config.backbone.name in RESNETS else ""
    if not name or config.backbone.weights != "imagenet":
        return 0, ""
    missing = missing_imagenet(name)
    return missing, why_unreachable(name) if missing else ""
