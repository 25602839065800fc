"""How much `benchmarks/gpu.py` does, and the clips that it draws."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.settings.config import Config, with_values
from core.video.writer import writing_video


@dataclass(frozen=True)
class Sizes:
    """The amounts of one run of the program."""

    network: str = "resnet50"
    image_size: int = 224
    short_side: int = 256
    video_size: tuple[int, int] = (640, 360)
    training_clips: tuple[int, int] = (12, 160)
    """Number, and frames of each."""
    embedded_clips: tuple[int, int] = (16, 600)
    view_frames: int = 80
    batch_size: int = 4
    warm_steps: int = 12
    """Left out of rates: the frames are decoded for the first time, cuDNN tries its algorithms."""
    steps: int = 20
    released_warm_steps: int = 2
    released_steps: int = 8
    loss_steps: int = 20
    forward_batches: tuple[int, ...] = (40, 120, 240, 480)
    matrix: int = 8192
    head: Mapping[str, int] = field(default_factory=dict)
    """Settings of the head, where it is not to be the paper's."""

    def config(self, **changed: object) -> Config:
        """Settings of a training that goes on for `steps` steps unless `changed` says other; `train__seed=2`."""
        values = {
            "frames.short_side": self.short_side,
            "views.num_frames": self.view_frames,
            "augment.image_size": self.image_size,
            "backbone.name": self.network,
            "backbone.weights": "none",
            "train.batch_size": self.batch_size,
            "train.epochs": 1,
            "train.compile": "off",
            "train.min_steps_per_epoch": self.warm_steps + self.steps,
        }
        return with_values(
            Config(), values | self.head | {name.replace("__", "."): value for name, value in changed.items()}
        )


TINY = Sizes(
    network="resnet18",
    image_size=32,
    short_side=32,
    video_size=(64, 48),
    training_clips=(3, 16),
    embedded_clips=(2, 40),
    view_frames=8,
    batch_size=2,
    warm_steps=1,
    steps=2,
    released_warm_steps=1,
    released_steps=2,
    loss_steps=2,
    forward_batches=(8, 16),
    matrix=256,
    head={"encoder.layers": 1, "encoder.heads": 2, "encoder.d_model": 16, "encoder.mlp_dim": 16, "encoder.ffn_dim": 16},
)


def draw_clips(folder: Path, sizes: Sizes) -> tuple[list[Path], list[Path]]:
    """Draw the clips to train on and those to embed, in as many threads as there are cores."""
    wanted = [
        (folder / f"{kind}-{number:02d}.mp4", num_frames, sizes.video_size, place * 100 + number)
        for place, (kind, (count, num_frames)) in enumerate(
            (("train", sizes.training_clips), ("embed", sizes.embedded_clips))
        )
        for number in range(count)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_draw, wanted))
    paths = [path for path, *_ in wanted]
    return paths[: sizes.training_clips[0]], paths[sizes.training_clips[0] :]


def _draw(wanted: tuple[Path, int, tuple[int, int], int]) -> None:
    """A disc swings over a noise that wanders, each clip in its own way."""
    path, num_frames, (width, height), seed = wanted
    generator = np.random.default_rng(seed)
    coarse = generator.integers(40, 120, (height // 8 + 1, width // 8 + 1, 3))
    noise = np.kron(coarse, np.ones((8, 8, 1), int)).astype(np.uint8)[:height, :width]
    rows, columns = np.mgrid[:height, :width]
    rates, radius = generator.uniform(15, 40, 2), height / 6
    with writing_video(path, width=width, height=height, fps=25) as append:
        for i in range(num_frames):
            image = np.roll(noise, i, axis=1)
            x, y = width / 2 + width / 3 * np.sin(i / rates[0]), height / 2 + height / 4 * np.cos(i / rates[1])
            image[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = (230, 180, 60)
            append(image)
