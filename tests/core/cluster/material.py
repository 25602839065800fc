"""Small videos, an encoder, and how a cluster is compared with one process."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embedding.card import VIDEOS
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.packed import PackedVideos, list_files, read_batches, read_videos
from core.model.checkpoint import save_encoder
from tests.conftest import numbered_image, write_numbered_video
from tests.core.small import small_config, small_encoder

COMMAND = [sys.executable, "-m", "core.embed"]


def make_videos(folder: Path, count: int, frames: int = 12) -> Path:
    """Write videos that differ; returns their folder."""

    def image(video: int, number: int, width: int, height: int) -> NDArray[np.uint8]:
        return numbered_image(number + 97 * video, width, height)

    for video in range(count):
        write_numbered_video(folder, f"clip{video}.mp4", frames + video % 5, image=functools.partial(image, video))
    return folder


def make_encoder(folder: Path) -> Path:
    """Write an encoder; returns the folder of its run."""
    config = small_config()
    save_encoder(folder / "encoder.safetensors", small_encoder(config), config, {})
    return folder


def embed(words: Sequence[str | Path], cache: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `core.embed` in a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        env={**os.environ, **environment, "CARL_CACHE": str(cache)},
        capture_output=True,
        text=True,
        timeout=240,
    )


Contents = dict[str, tuple[bytes, ...]]
"""Embeddings, times and strangeness of videos, by digest."""


def contents(folder: Path) -> Contents:
    """What a packed folder holds."""
    return {video.digest: _bytes(video) for video in PackedVideos.open(folder)}


def contents_once(folder: Path) -> Contents:
    """What a packed folder holds, in which nothing is twice."""
    digests, num_rows = stored(folder)
    assert len(set(digests)) == len(digests), "no video twice"
    assert num_rows == PackedVideos.open(folder).num_frames, "no row of frames twice"
    return contents(folder)


def stored(folder: Path) -> tuple[list[str], int]:
    """The digests of a packed folder, one a row of its list of videos; and how many rows its files of frames have."""
    return list(read_videos(list_files(folder, VIDEOS))["digest"].to_pylist()), _rows(folder)


def _bytes(video: EmbeddedVideo) -> tuple[bytes, ...]:
    assert video.strangeness is not None
    return video.embeddings.tobytes(), video.edges_seconds.tobytes(), video.strangeness.tobytes()


def _rows(folder: Path) -> int:
    return sum(batch.num_rows for file in (folder / "frames").glob("*.arrow") for batch in read_batches(file))
