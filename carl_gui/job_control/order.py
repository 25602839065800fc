"""Input and output of the form for a new run. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.base.declaring import Value
from core.settings.config import Config

Videos = Literal["unless_val", "all"]


@dataclass(frozen=True)
class VideoCounts:
    """Numbers of videos of the project."""

    usable: int = 0
    """Those that can be learned from, whatever their split."""
    val: int = 0
    """Usable ones that are set to Validation."""
    labelled: int = 0
    unusable: tuple[str, ...] = ()
    """The names of those that are missing or broken."""
    frames: int = 0
    """Of all usable ones, as far as they are decoded."""
    val_frames: int = 0
    """Of those that are set to Validation."""


@dataclass(frozen=True)
class TrainingOrder:
    """A run to start."""

    name: str
    """Fit to be the name of a new folder on any system."""
    recipe: str
    """A recipe's name, or the path of its file."""
    values: Mapping[str, Value]
    """Dotted settings that differ from the recipe."""
    config: Config
    """The recipe with these values."""
    videos: Videos
    """Learn from the usable videos that are not set to Validation, which judge then; or from all."""
    device: str
    """auto, cpu, cuda or mps."""
    init: str = ""
    """The run whose weights it begins with; empty: none."""
    leads_on: bool = False
    """Embed all videos when it is done, and show the pair that goes together best."""
