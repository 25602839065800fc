"""Embedded videos, memory-mapped: what alignment, search, labels and reports read.

Opening a folder that `core.embed` wrote needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.config import FramesConfig
from core.control import Control
from core.errors import CheckpointError
from core.events import Sink, ignore
from core.files import content_digest
from core.types import Frame
from core.video.inputs import find_videos
from core.video.reader import VideoReader
from core.video.stored import StoredVideo


@dataclass(frozen=True)
class EmbeddedVideo:
    """A video, the times of its frames, and what an encoder says of each."""

    path: Path
    digest: str
    """`core.files.content_digest` of the video file."""
    edges_seconds: NDArray[np.float64]
    """(S + 1,) start of every frame and end of the last, counted from the first frame."""
    embeddings: NDArray[np.float32]
    """(S, D), rows of norm 1; memory-mapped and read-only where it comes from disk."""
    stored: StoredVideo | None = None
    """Its small frames, where they are at hand."""
    keep: object = field(default=None, repr=False, compare=False)
    """Holds the embeddings' place on disk for as long as this lives."""

    def __post_init__(self) -> None:
        if self.embeddings.ndim != 2 or len(self.edges_seconds) != len(self.embeddings) + 1:
            raise ValueError(f"{self.embeddings.shape} embeddings and {len(self.edges_seconds)} edges do not fit")

    def __len__(self) -> int:
        return len(self.embeddings)

    def frames(self, indices: Sequence[int]) -> list[Frame]:
        """These frames as pictures: the stored ones, else those of the file. VideoError where that is gone."""
        if self.stored is not None:
            return [self.stored[index] for index in indices]
        with VideoReader(self.path) as reader:
            return [reader[index] for index in indices]


def encoder_path(given: Path) -> Path:
    """The encoder's file, from itself or from its run folder. CheckpointError where there is none."""
    path = given / "encoder.safetensors" if given.is_dir() else given
    if not path.is_file():
        raise CheckpointError(f"There is no encoder {path}: give the encoder.safetensors of a run, or its folder.")
    return path


def paths_of(inputs: Sequence[Path], encoder: Path) -> list[Path]:
    """The videos that `open_embedded` would open, before any is decoded; broken ones are still among them.

    Raises:
        ConfigError: an input is missing or holds no video.
        CheckpointError, StorageError: as `open_embedded`, of folders that `core.embed` wrote.
    """
    from core import embedded_folder

    ready = [folder for folder in inputs if embedded_folder.is_embedded(folder)]
    others = [path for path in inputs if path not in ready]
    digest = content_digest(encoder_path(encoder))
    found = [video.path for folder in ready for video in embedded_folder.read_embedded(folder, digest)]
    return found + (find_videos(others) if others else [])


def open_embedded(
    inputs: Sequence[Path],
    encoder: Path,
    *,
    device: str = "auto",
    frames: FramesConfig | None = None,
    sink: Sink = ignore,
    control: Control | None = None,
) -> list[EmbeddedVideo]:
    """Embed what is not embedded yet, and open all of it; memory stays bounded whatever the number of videos.

    Args:
        inputs: video files, folders of videos, lists (CSV or JSON); or folders that `core.embed` wrote, taken as they
            are.
        encoder: an `encoder.safetensors`, or the run folder that holds one.
        frames: bounds of the caches; None: those the encoder was trained with.

    Returns:
        One a video; each path once.

    Raises:
        ConfigError, VideoError: nothing to open, as `find_videos` and `FrameStore.add` say it.
        CheckpointError: the encoder cannot be read, or did not make the embeddings in a folder.
        StorageError: the disk is full, or what lies in a folder is damaged.
        Stopped: `control` asked for it; what was embedded is kept.
    """
    from core import embedded_folder

    encoder = encoder_path(encoder)
    digest = content_digest(encoder)
    ready = [folder for folder in inputs if embedded_folder.is_embedded(folder)]
    opened = [video for folder in ready for video in embedded_folder.read_embedded(folder, digest)]
    if others := [path for path in inputs if path not in ready]:
        from core.embedding import Embedder  # torch

        embedder = Embedder(encoder, frames=frames, device=device, sink=sink, control=control)
        opened += embedder.embedded(find_videos(others))
    return list({video.path.absolute(): video for video in opened}.values())
