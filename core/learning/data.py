"""Videos -> batches of views. What is drawn depends only on the seed, the step and the place in the batch, so that a
resumed run, or one spread over several processes, draws the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.augment import spatial
from core.augment.spatial import SpatialDraw
from core.augment.temporal import TemporalView, draw_clips
from core.features.backbone_features import FeatureFile
from core.learning.batch_order import paired_order
from core.model.inputs import with_changes
from core.model.uploads import Arrival
from core.objectives.kinds import KINDS, Needs
from core.settings.config import AugmentConfig, Config
from core.settings.schedule import steps_per_epoch
from core.video.frame_store import StoredVideo

_LOOK_SECONDS = 0.2
"""Between two looks at whether one who waits for a batch still wants it."""


@dataclass(frozen=True)
class ViewData:
    """The valid steps of one view, in CPU memory or on their way to a device."""

    temporal: TemporalView
    """indices (T,), valid (T,); V of the T steps are valid."""
    rows: Tensor
    """(V, H, W, 3) uint8 frames, or (V, F) float32 features of a fixed backbone (with changes: (V, 2F))."""
    spatial: SpatialDraw | None
    """How the frames are to be augmented; None for features."""
    places: Tensor | None = None
    """(V,) which of the rows are shown, where they are all frames of a video; None: the rows are those of the steps."""
    arrival: Arrival | None = None
    """What the rows are to be waited for with; None: they are there."""

    def rows_on(self, device: torch.device) -> Tensor:
        """Return the (V, ...) rows of the valid steps on the device that computes."""
        if self.arrival is not None:
            self.arrival.wait(*(tensor for tensor in (self.rows, self.places) if tensor is not None))
        rows = self.rows.to(device, non_blocking=True)
        return rows if self.places is None else rows[self.places.to(device)]


@dataclass(frozen=True)
class Batch:
    """Clips of B videos. Of two of each, rows 0..B-1 are the first ones, B..2B-1 the second."""

    views: tuple[ViewData, ...]
    """R of them."""
    lengths: tuple[int, ...]
    """R frames of the videos that they are of."""
    groups: tuple[int, ...]
    """R numbers of actions (`core.objectives.clips`)."""
    labels: tuple[NDArray[np.int64], ...] | None = None
    """R (T,) labels of their steps, -1 where there is none."""
    is_fast: tuple[bool, ...] | None = None
    """R: whether each is at double speed; None: nobody asked."""

    @property
    def num_frames(self) -> int:
        return sum(int(view.temporal.valid.sum()) for view in self.views)

    def valid(self) -> Tensor:
        """Return (R, T) bool."""
        return torch.from_numpy(np.stack([view.temporal.valid for view in self.views]))

    def timestamps(self) -> Tensor:
        """Return (R, T) float32 raw frame indices."""
        return torch.from_numpy(np.stack([view.temporal.indices for view in self.views])).float()


class ViewSource(Protocol):
    """The source of a view's rows: the frame store, or the features of a fixed backbone."""

    def __len__(self) -> int:
        """Number of videos."""

    def num_frames(self, video: int) -> int:
        """Return length of a video."""

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        """Read a view into memory; called from several threads."""


class FrameViews:
    """Views of stored frames, with a spatial draw each (finetune)."""

    def __init__(self, videos: Sequence[StoredVideo], augment: AugmentConfig) -> None:
        self._videos, self._augment = videos, augment

    def __len__(self) -> int:
        return len(self._videos)

    def num_frames(self, video: int) -> int:
        return len(self._videos[video])

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        draw = spatial.draw(self._augment, generator)
        images = self._videos[video].frames_at(view.indices[view.valid]).images
        return ViewData(view, torch.from_numpy(images), draw)


class FeatureSource:
    """Views of cached features, each from one of the copies: the clean one or an augmented one (frozen).

    Args:
        copies: copies[video][copy].
        differences: frames; changes of the features stand beside them (`with_changes`).
        swap: chance that a view gets the mean features of a copy of any video in place of its own: what stays the
            same through a video, its background and person, then says nothing about which frames belong together.
    """

    def __init__(self, copies: Sequence[Sequence[FeatureFile]], *, differences: int = 0, swap: float = 0.0) -> None:
        self._copies, self._differences, self._swap = copies, differences, swap
        self._means: dict[tuple[int, int], NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self._copies)

    def num_frames(self, video: int) -> int:
        return len(self._copies[video][0])

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        copy = int(generator.integers(len(self._copies[video])))
        crop = np.arange(view.crop.start_frame, view.crop.end_frame_exclusive)
        rows = self._copies[video][copy].rows(crop).astype(np.float32)  # (crop, F)
        swaps, other = generator.random() < self._swap, int(generator.integers(len(self._copies)))
        other_copy = int(generator.integers(len(self._copies[other])))
        if swaps:
            rows += self._mean(other, other_copy) - self._mean(video, copy)
        wide = with_changes(rows, self._differences)
        return ViewData(view, torch.from_numpy(wide[view.indices[view.valid] - view.crop.start_frame]), None)

    def _mean(self, video: int, copy: int) -> NDArray[np.float32]:
        """Return (F,) over all frames of a copy; kept."""
        if (video, copy) not in self._means:
            self._means[video, copy] = self._copies[video][copy].mean()
        return self._means[video, copy]


@dataclass(frozen=True)
class Knowledge:
    """Labels and actions of the videos; ignored by objectives that do not need them."""

    actions: Sequence[int] = ()
    """Of each video the number of its action; empty: all show one."""
    labels: Sequence[NDArray[np.int64]] = ()
    """Of each video (S,) the class of every frame, -1 where it has none; empty: there are none."""
    classes: tuple[str, ...] = ()
    """Their names."""


class Batches:
    """The batches of a run, by step. One pass (epoch) shows each video `repeats_per_epoch` times, and more often where
    that makes fewer than `min_steps_per_epoch`.

    The order of an epoch is padded to whole batches by repeating from its start, so that every batch has
    `batch_size` videos whatever their number. Where an objective pairs videos, each batch is of one action, as far
    as it has videos: `core.learning.batch_order`. Of each batch this process loads its share.

    Args:
        rank, world: this process and how many there are; `batch_size` divides evenly among them.
    """

    def __init__(
        self,
        source: ViewSource,
        config: Config,
        *,
        rank: int = 0,
        world: int = 1,
        knowledge: Knowledge | None = None,
    ) -> None:
        self._source, self._config, self._knowledge = source, config, knowledge or Knowledge()
        self._rank, self._world = rank, world
        self._needs = KINDS[config.objective.name].needs
        self._actions = tuple(self._knowledge.actions) or (0,) * len(source)
        self.steps_per_epoch = steps_per_epoch(config.train, len(source))

    def videos_of(self, step: int) -> list[int]:
        """Return the videos of a step, over all processes."""
        epoch, place = divmod(step, self.steps_per_epoch)
        generator = np.random.default_rng([self._config.train.seed, 1, epoch])
        train = self._config.train
        size = train.batch_size
        if self._needs is Needs.PAIRS:
            order = paired_order(self._actions, size, train.repeats_per_epoch, generator)
        else:
            order = np.concatenate([generator.permutation(len(self._source)) for _ in range(train.repeats_per_epoch)])
        return [
            int(video) for video in np.resize(order, self.steps_per_epoch * size)[place * size : (place + 1) * size]
        ]

    def _load(self, step: int, place: int, video: int) -> tuple[ViewData, ...]:
        generator = np.random.default_rng([self._config.train.seed, 2, step, place])
        drawn = draw_clips(self._needs, self._source.num_frames(video), self._config.views, generator)
        return tuple(self._source.load(video, one, generator) for one in drawn)

    def _batch(self, videos: Sequence[int], clips: Sequence[tuple[ViewData, ...]]) -> Batch:
        """Return the batch: first clips of all videos, then second clips."""
        views = tuple(clip for nth in zip(*clips, strict=True) for clip in nth)
        of = [video for _ in clips[0] for video in videos]
        labels = None
        if self._knowledge.labels:
            labels = tuple(
                self._knowledge.labels[video][view.temporal.indices] for video, view in zip(of, views, strict=True)
            )
        is_fast = None
        if self._needs is Needs.SPEEDS:
            is_fast = tuple(nth == 1 for nth in range(len(clips[0])) for _ in videos)
        return Batch(
            views,
            tuple(self._source.num_frames(video) for video in of),
            tuple(self._actions[video] for video in of),
            labels,
            is_fast,
        )

    def from_step(
        self,
        first_step: int,
        last_step_exclusive: int,
        *,
        workers: int,
        ahead: int = 1,
        poll: Callable[[], None] = lambda: None,
    ) -> Iterator[Batch]:
        """Yield the batches of these steps in order; the next ones are read while one is used.

        Args:
            ahead: how many next ones.
            poll: called now and then while a batch is waited for; what it raises ends this.
        """
        mine = range(self._rank, self._config.train.batch_size, self._world)

        with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="views") as pool:

            def start(step: int) -> list[Future[tuple[ViewData, ...]]]:
                if step >= last_step_exclusive:
                    return []
                videos = self.videos_of(step)
                return [pool.submit(self._load, step, place, videos[place]) for place in mine]

            pending = deque(start(step) for step in range(first_step, first_step + ahead))
            try:
                for step in range(first_step, last_step_exclusive):
                    while wait(pending[0], _LOOK_SECONDS).not_done:
                        poll()
                    clips = [future.result() for future in pending.popleft()]
                    pending.append(start(step + ahead))
                    videos = self.videos_of(step)
                    yield self._batch([videos[place] for place in mine], clips)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)  # nobody will use what is not being read yet
