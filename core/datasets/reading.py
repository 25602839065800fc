"""Arguments and final checks that all readers share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import ConfigError, LabelError
from core.datasets.dataset import Action, Dataset, LabelledVideo, Split
from core.datasets.footage import Footage


@dataclass(frozen=True)
class Reading:
    """A data set to read, and how."""

    path: Path
    """The folder or file that was named."""
    split: str | None = None
    """Which of several splits it has (MS-TCN), or sets of classes (FineGym)."""
    videos: Path | None = None
    """The folder of the videos, where it is not the data set's."""
    val_share: float = 1 / 3
    """How many of the videos validate, where the data set does not say which."""
    labels_fps: float | None = None
    """Labels a second, where the data set does not say, or says it wrongly."""
    skip_missing: bool = False

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise ConfigError(f"There is no data set {self.path}. Check its name.")
        if self.videos is not None and not self.videos.is_dir():
            raise ConfigError(f"--videos {self.videos} is not a folder. Name the one that holds the videos.")
        if not 0 < self.val_share < 1:
            raise ConfigError(f"--val-fraction must be between 0 and 1, such as 0.3, not {self.val_share:g}.")
        if self.labels_fps is not None and not (math.isfinite(self.labels_fps) and self.labels_fps > 0):
            raise ConfigError(f"--labels-fps must be above 0, not {self.labels_fps:g}.")

    @property
    def folder(self) -> Path:
        """The data set's own folder."""
        return self.path if self.path.is_dir() else self.path.parent

    def footage(self) -> Footage:
        return Footage(self.videos or self.folder, skip_missing=self.skip_missing)

    def split_of(self, place: int, count: int) -> Split:
        """Return the last `val_share` of `count` videos validate, at least one; at least one trains."""
        num_val = min(max(1, round(count * self.val_share)), count - 1)
        return "val" if place >= count - num_val else "train"

    def dataset(
        self,
        name: str,
        layout: str,
        actions: Sequence[Action],
        videos: Sequence[LabelledVideo],
        missing: Sequence[str] = (),
    ) -> Dataset:
        """Return the data set. LabelError where nothing trains or nothing validates."""
        made = Dataset(name, layout, tuple(actions), tuple(videos), tuple(missing))
        for split, does in (("train", "train"), ("val", "validate")):
            if not any(video.split == split for video in videos):
                gone = f" ({len(missing)} are missing)" if missing else ""
                raise LabelError(f"{self.path} has no videos to {does} on{gone}. It needs at least one.")
        return made
