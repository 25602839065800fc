"""Steps of `finetune` as `core.learning` makes them, and as the released code does."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from device.sizes import Sizes
from step.released import ReleasedStep, augmented, decoded
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from core.augment import spatial
from core.augment.spatial import SpatialDraw
from core.augment.temporal import TemporalView, draw_views
from core.base.control import Control
from core.base.events import Event, Notice, StepDone
from core.learning.device_views import DeviceFrames
from core.learning.distributed import Processes
from core.learning.fixed_shapes import has_fixed_shapes
from core.learning.run_training import frame_source, prepare_backbone
from core.learning.trainer import Trainer
from core.learning.training_state import Checkpoints
from core.model.device import flags
from core.model.encoder import build_encoder
from core.settings.config import Config
from core.video.frame_store import StoredVideo

_SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Trained:
    """What a short training came to."""

    losses: list[float]
    seconds: list[float]
    """By the clock, at the end of each step."""
    frames_per_step: int
    peak_bytes: int
    """Of the GPU; 0 on a CPU."""
    notices: list[str]

    def rate(self, warm_steps: int) -> float:
        """Return frames a second without the first steps."""
        return (
            self.frames_per_step * (len(self.seconds) - warm_steps) / (self.seconds[-1] - self.seconds[warm_steps - 1])
        )


def finetune(
    config: Config, videos: Sequence[StoredVideo], device: torch.device, processes: Processes | None = None
) -> Trained:
    """Train as `core.learning.run_training` does, from the same parts in the same order."""
    processes = processes or Processes()
    notices, losses, seconds = list[str](), list[float](), list[float]()

    def sink(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.message)
        if isinstance(event, StepDone):
            losses.append(event.loss)
            seconds.append(time.perf_counter())

    gc.collect()  # what an earlier training has left
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    lengths = [len(video) for video in videos]
    encoder = build_encoder(config).to(device)
    source = frame_source(videos, config, device, sink)
    if device.type == "cpu":  # what a GPU is given
        source = DeviceFrames(videos, config.augment, device, 10**9 if config.frames.gpu_fraction else 0)
    prepare_backbone(encoder, config, device, lengths, sink)
    set_up = flags(
        device, is_deterministic=config.train.deterministic, has_fixed_shapes=has_fixed_shapes(config, lengths)
    )
    with tempfile.TemporaryDirectory(prefix="carl-gpu-") as folder, set_up, processes.joined(device):
        checkpoints = Checkpoints(Path(folder), keep=1)
        trainer = Trainer(encoder, source, config, checkpoints, device=device, processes=processes)
        trainer.fit(sink, Control(), workers=os.cpu_count() or 1)
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
    return Trained(losses, seconds, 2 * config.train.batch_size * config.views.num_frames, peak, notices)


class _Clips(Dataset[tuple[Tensor, list[TemporalView]]]):
    """Two augmented views of a video, decoded whole each time, as the released code's dataset gives them."""

    def __init__(self, paths: Sequence[Path], num_frames: int, config: Config, count: int) -> None:
        self._paths, self._num_frames, self._config, self._count = paths, num_frames, config, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> tuple[Tensor, list[TemporalView]]:
        generator = np.random.default_rng(place)
        views = list(draw_views(self._num_frames, self._config.views, generator))
        draws = [spatial.draw(self._config.augment, generator) for _ in views]
        video = decoded(self._paths[place % len(self._paths)])
        return torch.stack([self._augmented(video, view, draw) for view, draw in zip(views, draws, strict=True)]), views

    def _augmented(self, video: Tensor, view: TemporalView, draw: SpatialDraw) -> Tensor:
        return augmented(video[torch.from_numpy(view.indices)], draw, self._config.augment.image_size)


def _joined(
    clips: Sequence[tuple[Tensor, list[TemporalView]]],
) -> tuple[Tensor, list[TemporalView]]:
    """Return (2 B T, 3, S, S) and 2 B views: the first ones of all videos, then the second."""
    frames = torch.stack([both for both, _ in clips], dim=1)  # (2, B, T, 3, S, S)
    return frames.flatten(0, 2), [views[nth] for nth in range(2) for _, views in clips]


def num_workers(sizes: Sizes) -> int:
    """Return how many processes load: one a core, as far as the batches on their way fit into /dev/shm."""
    one = 2 * sizes.batch_size * sizes.view_frames * 3 * sizes.image_size**2 * 4
    room = shutil.disk_usage(_SHARED_MEMORY).free if _SHARED_MEMORY.is_dir() else 0
    return min(os.cpu_count() or 1, int(room / 1.5 / (2 * one)))


def released(sizes: Sizes, paths: Sequence[Path], device: torch.device, *, is_mixed: bool) -> float:
    """Return the frames a second of the released way: a data loader's processes, then a step in float32 or autocast.

    The first batches of all processes come at once, so they are left out; then each process makes two.
    """
    config, workers = sizes.config(), num_workers(sizes)
    warm_steps, measured_steps = max(sizes.released_warm_steps, workers), max(sizes.released_steps, 2 * workers)
    count = (warm_steps + measured_steps) * sizes.batch_size
    clips = _Clips(paths, sizes.training_clips[1], config, count)
    loader = DataLoader(
        clips,
        sizes.batch_size,
        num_workers=workers,
        collate_fn=_joined,
        pin_memory=device.type == "cuda",
    )
    step = ReleasedStep(build_encoder(config), config, device, lambda name: contextlib.nullcontext())
    seconds = list[float]()
    for frames, views in loader:
        with torch.autocast(device.type, torch.bfloat16, enabled=is_mixed):
            step.learn(frames, views)
        seconds.append(time.perf_counter())
    measured = seconds[warm_steps - 1 :]
    return 2 * sizes.batch_size * sizes.view_frames * (len(measured) - 1) / (measured[-1] - measured[0])


@contextlib.contextmanager
def own_cache(folder: Path) -> Iterator[None]:
    """Let frames, features and embeddings be kept in a folder within the block."""
    before = os.environ.get("CARL_CACHE")
    os.environ["CARL_CACHE"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("CARL_CACHE")
        if before is not None:
            os.environ["CARL_CACHE"] = before
