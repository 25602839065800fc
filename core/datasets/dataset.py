"""A data set in memory: videos, the class of each frame, and the training and validation split."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError
from core.base.events import Sink, ignore
from core.settings.config import did_you_mean

Split = Literal["train", "val"]


class VideoLabels(Protocol):
    """The labels of one video, to be assigned to its frames once these are known."""

    def on(self, name: str, edges_seconds: NDArray[np.float64], sink: Sink) -> NDArray[np.int64]:
        """Return (S,) class of each frame, -1 where it has none. LabelError where they do not fit this video."""


@dataclass(frozen=True, eq=False)
class LabelledVideo:
    """A video of a data set and its labels."""

    path: Path
    """The video file; in the layout `penn_action_frames` a folder of images, which
    `core.datasets.frame_folder.with_videos` turns into one."""
    labels: VideoLabels
    split: Split
    action: str = ""
    """Name of its `Action`."""
    renumbered: NDArray[np.int64] | None = None
    """(C + 1,) new number of each class of `labels`, the last entry for frames without one; None: as they are."""

    def labels_for(self, edges_seconds: NDArray[np.float64], sink: Sink = ignore) -> NDArray[np.int64]:
        """Return (S,) place of each frame's class in its action's `classes`; -1 where it has none and is not counted.

        Args:
            edges_seconds: (S + 1,) start of every frame and end of the last, by the medium's clock
                (`EmbeddedVideo.edges_seconds`).
            sink: hears in one sentence where labels were cut, filled up or carried over to other frames.

        Raises:
            LabelError: the labels do not fit a video of that length.
        """
        labels = self.labels.on(self.path.name, edges_seconds, sink)
        return labels if self.renumbered is None else self.renumbered[labels]


@dataclass(frozen=True)
class Action:
    """Videos of one action, which share phases; metrics are computed per action and averaged."""

    name: str
    """"" where the data set knows no actions."""
    classes: tuple[str, ...]
    """Names of the phases (or whatever its frames are told apart by), in the order of their numbers."""

    def __post_init__(self) -> None:
        if not self.classes:
            raise ValueError(f"the action {self.name!r} has no classes")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and validation videos."""

    name: str
    layout: str
    """A name in `LAYOUTS`."""
    actions: tuple[Action, ...]
    videos: tuple[LabelledVideo, ...]
    """In the data set's own order: a share of the labels takes the first of them."""
    missing: tuple[str, ...] = ()
    """Videos that the data set names, that are not there and were left out as asked."""

    def __post_init__(self) -> None:
        names = [action.name for action in self.actions]
        if len(set(names)) != len(names) or not {video.action for video in self.videos} <= set(names):
            raise ValueError(f"each video must be of one of the actions {names}, each named once")

    def of(self, split: Split, action: Action | None = None) -> tuple[LabelledVideo, ...]:
        """Return the videos of a split (and action), in order."""
        return tuple(
            video for video in self.videos if video.split == split and (action is None or video.action == action.name)
        )

    def without(self, classes: Iterable[str]) -> Dataset:
        """Return the same, but frames of these classes have none: a background that is not to be counted.

        Raises:
            ConfigError: no action has a class of that name, or an action would have none left.
        """
        dropped = set(classes)
        known = dict.fromkeys(name for action in self.actions for name in action.classes)
        for name in sorted(dropped - set(known)):
            raise ConfigError(f"{self.name} has no class {name!r} to drop{did_you_mean(name, list(known))}")
        for action in self.actions:
            if dropped >= set(action.classes):
                raise ConfigError(f"{self.name} has no class left without {', '.join(sorted(dropped))}. Drop fewer.")
        tables = {action.name: _renumbering(action, dropped) for action in self.actions}
        return dataclasses.replace(
            self,
            actions=tuple(
                Action(action.name, tuple(name for name in action.classes if name not in dropped))
                for action in self.actions
            ),
            videos=tuple(
                dataclasses.replace(
                    video,
                    renumbered=tables[video.action]
                    if video.renumbered is None
                    else tables[video.action][video.renumbered],
                )
                for video in self.videos
            ),
        )


def _renumbering(action: Action, dropped: set[str]) -> NDArray[np.int64]:
    kept = [name not in dropped for name in action.classes]
    return np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1).astype(np.int64)
