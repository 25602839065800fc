"""Decide whether body pose suits some videos, from a few frames of a few of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from core.base.control import Control
from core.base.events import Notice, Sink
from core.base.progress import Meter
from core.pose.following import Follower
from core.pose.networks import PoseNetworks
from core.settings.config import Config, with_values
from core.settings.recipes import PICTURES, POSE, turn_into, weights_values
from core.video.stored_video import StoredVideo

_Item = TypeVar("_Item")
_MOST_VIDEOS, _FRAMES = 24, 8
_MOST = 0.75
"""Share of the frames of a video that must show somebody, and of the videos that must do so."""


def settle(
    config: Config, videos: Sequence[StoredVideo], device: torch.device, sink: Sink, control: Control
) -> tuple[Config, str]:
    """Return the settings of recipe `pose` or `frozen`, whichever suits the videos, and why, as a sentence.

    What differs from recipe `auto` stays as it is. The sentence is told too, and is meant for the encoder's card; it is
    empty where there was nothing to choose. The same videos always give the same answer.

    Raises:
        Stopped: `control` asked for it.
    """
    if config.backbone.name != "auto":
        return config, ""
    people = look_for_people(videos, device, sink, control)
    turned, choice, unused = _as_pose(config) if people.suit_pose else _as_pictures(config)
    why = f"{choice}: {people.showing} of {people.looked_at} sampled videos show a person throughout.{unused}"
    sink(Notice(why))
    return turned, why


@dataclass(frozen=True, slots=True)
class SeenPeople:
    """The number of videos that show a person."""

    showing: int
    looked_at: int

    @property
    def suit_pose(self) -> bool:
        """Whether body pose suits the videos."""
        return self.showing >= _MOST * self.looked_at


def evenly(items: Sequence[_Item]) -> list[_Item]:
    """Return those of some videos that are looked at, from the first to the last."""
    return [items[index] for index in sorted({round(at) for at in np.linspace(0, len(items) - 1, _MOST_VIDEOS)})]


def look_for_people(videos: Sequence[StoredVideo], device: torch.device, sink: Sink, control: Control) -> SeenPeople:
    """Return how many of some of the videos show a person throughout, by a few frames of each. Raises Stopped."""
    some = evenly(videos)
    meter = Meter(sink, "look for people", len(some), "video")
    networks = PoseNetworks().to(device).to(memory_format=torch.channels_last)
    follower = Follower(networks, _FRAMES if device.type == "cuda" else 1)
    showing = 0
    for video in some:
        control.obey()
        frames = np.unique(np.linspace(0, len(video) - 1, _FRAMES).round().astype(np.int64))
        showing += bool(follower.people(list(video.frames_at(frames).images)).mean() >= _MOST)
        meter.add(1)
    return SeenPeople(showing, len(some))


def _as_pose(config: Config) -> tuple[Config, str, str]:
    """Return the settings, what was chosen in words, and a sentence about what of the settings is of no use."""
    weights = config.backbone.weights
    unused = "" if weights in ("imagenet", "none") else f" The weights {weights} are not used."
    turned = turn_into(config, POSE, without=("backbone.name", "backbone.weights"))
    return turned, f"Body pose is used (recipe {POSE})", unused


def _as_pictures(config: Config) -> tuple[Config, str, str]:
    backbone = config.backbone
    named = weights_values(backbone.fallback) if backbone.fallback.lower().endswith(".onnx") else {}
    turned = turn_into(config, PICTURES, without=("backbone.name", "backbone.person_table"))
    turned = with_values(turned, {"backbone.name": backbone.fallback, **named})
    unused = " The table of people is not used." if backbone.person_table else ""
    return turned, f"Images are used (recipe {PICTURES}, {backbone.fallback})", unused
