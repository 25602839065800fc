"""Whether body pose suits some videos: a few frames of a few of them are looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch

from core.config import Config
from core.control import Control
from core.events import Notice, Sink
from core.pose.following import Follower
from core.pose.networks import PoseNetworks
from core.progress import Meter
from core.video.stored import StoredVideo

_MOST_VIDEOS, _FRAMES = 24, 8
_MOST = 0.75
"""Share of the frames of a video that must show somebody, and of the videos that must do so."""


def settled(
    config: Config, videos: Sequence[StoredVideo], device: torch.device, sink: Sink, control: Control
) -> tuple[Config, str]:
    """Return the settings with `auto` replaced by the backbone that suits the videos, and why, as a sentence.

    The sentence is told too, and is meant for the encoder's card; it is empty where there was nothing to choose. The
    same videos always give the same answer.

    Raises:
        Stopped: `control` asked for it.
    """
    if config.backbone.name != "auto":
        return config, ""
    some = [videos[place] for place in sorted({round(at) for at in np.linspace(0, len(videos) - 1, _MOST_VIDEOS)})]
    meter = Meter(sink, "look for people", len(some), "video")
    follower = Follower(PoseNetworks().to(device).to(memory_format=torch.channels_last))
    showing = 0
    for video in some:
        control.raise_if_stopped()
        frames = np.unique(np.linspace(0, len(video) - 1, _FRAMES).round().astype(np.int64))
        showing += bool(follower.people(list(video.frames_at(frames).images)).mean() >= _MOST)
        meter.add(1)
    is_pose = showing >= _MOST * len(some)
    of = f"{showing} of {len(some)} videos looked at"
    why = (
        f"Body pose is used: {of} show a person throughout."
        if is_pose
        else f"The pictures themselves are used ({config.backbone.otherwise}): {of} show a person throughout."
    )
    if config.backbone.people and not is_pose:
        why += " The table of people is not used."
    sink(Notice(why))
    name, people = ("pose", config.backbone.people) if is_pose else (config.backbone.otherwise, "")
    return dataclasses.replace(config, backbone=dataclasses.replace(config.backbone, name=name, people=people)), why
