"""Packed folders made of numbers: no encoder, no footage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embedding.packed import PackedVideos
from core.embedding.packing import PackedWriter
from tests.core.search.videos import embedded, unit

ENCODER = "e" * 32
FPS = 25.0


def write_packed(
    folder: Path,
    videos: Sequence[NDArray[np.float32]],
    *,
    first: int = 0,
    encoder: str = ENCODER,
    precision: str = "float32",
    file_bytes: int = 400_000,
) -> PackedVideos:
    """Add videos with these rows, numbered from `first`, to a folder."""
    with PackedWriter(folder, encoder, precision, file_bytes=file_bytes) as writer:
        for number, rows in enumerate(videos, start=first):
            writer.add(embedded(rows, fps=FPS, name=f"{number}.mp4", digest=f"{number:032x}"))
    return PackedVideos.open(folder)


def performances(count: int, frames: int, width: int = 32, seed: int = 0) -> list[NDArray[np.float32]]:
    """Videos of a few actions, each at its own tempo: every frame has its like in other videos."""
    rng = np.random.default_rng(seed)
    paths = np.cumsum(rng.normal(size=(8, 40, width)), axis=1)
    found = []
    for _ in range(count):
        path, times = paths[rng.integers(len(paths))], np.sort(rng.uniform(0, 39 - 1e-9, frames))
        before, share = times.astype(int), (times % 1)[:, None]
        rows = path[before] * (1 - share) + path[before + 1] * share
        found.append(unit(rows + 0.5 * rng.normal(size=width) + 0.1 * rng.normal(size=rows.shape)))
    return found


def still_cameras(
    count: int, frames: int, moving: int, width: int = 32, seed: int = 1
) -> tuple[list[NDArray[np.float32]], list[tuple[int, int]]]:
    """Videos of which all frames are equal but for noise, except a few; and which these are, as (video, frame)."""
    rng = np.random.default_rng(seed)
    scenes = rng.normal(size=(3, width))
    videos, places = [], []
    for number in range(count):
        rows = scenes[number % len(scenes)] + 1e-3 * rng.normal(size=(frames, width))
        rows[: frames // 2] = scenes[number % len(scenes)]
        for frame in sorted(rng.choice(frames, moving, replace=False).tolist()):
            rows[frame] += 0.7 * rng.normal(size=width)
            places.append((number, frame))
        videos.append(unit(rows))
    return videos, places
