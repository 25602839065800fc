"""Embedded videos, memory-mapped, as used by alignment, search, labels and reports.

`core.embedding.library` opens them; `core.embedding.folder` those that `core.embed` wrote, without torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.base.errors import CheckpointError
from core.base.types import Frame
from core.embedding.scenes import strange_frames
from core.video.reader import VideoReader
from core.video.stored_video import StoredVideo


@dataclass(frozen=True)
class EmbeddedVideo:
    """A video, the times of its frames, and the embedding of each."""

    path: Path
    digest: str
    """`core.base.files.content_digest` of the video file."""
    edges_seconds: NDArray[np.float64]
    """(S + 1,) start of every frame and end of the last, by the medium's clock (`core.video.clock`)."""
    embeddings: NDArray[np.float32]
    """(S, D), rows of norm 1; memory-mapped and read-only where it comes from disk."""
    stored: StoredVideo | None = None
    """Its small frames, where they are at hand."""
    strangeness: NDArray[np.float32] | None = None
    """(S,) how far each frame is from the video's own scene (`core.embedding.scenes`); None: not known."""
    keep: object = field(default=None, repr=False, compare=False)
    """Holds the embeddings' place on disk for as long as this lives."""
    encoder_digest: str = ""
    """`core.base.files.content_digest` of the encoder that made the embeddings; empty: not known."""

    def __post_init__(self) -> None:
        if self.embeddings.ndim != 2 or len(self.edges_seconds) != len(self.embeddings) + 1:
            raise ValueError(
                f"expected one more edge than embeddings, got embeddings {self.embeddings.shape} and "
                f"{len(self.edges_seconds)} edges"
            )
        if self.edges_seconds.ndim != 1 or self.edges_seconds.dtype.kind != "f" or self.embeddings.dtype.kind != "f":
            raise ValueError(
                f"expected real numbers, got embeddings of {self.embeddings.dtype} and edges of "
                f"{self.edges_seconds.dtype}"
            )
        if self.strangeness is not None and self.strangeness.shape != (len(self.embeddings),):
            raise ValueError(
                f"expected one strangeness per frame, got {self.strangeness.shape} for {len(self.embeddings)} frames"
            )

    def __len__(self) -> int:
        return len(self.embeddings)

    def __repr__(self) -> str:
        width = self.embeddings.shape[1]
        return f"EmbeddedVideo({self.path.name}, {len(self)} frames of {width} numbers, {self.seconds:.2f} s)"

    @property
    def is_strange(self) -> NDArray[np.bool_]:
        """(S,) which frames show another scene than the rest of the video; none where that is not known."""
        return strange_frames(self.strangeness, len(self))

    @property
    def seconds(self) -> float:
        """How long it is."""
        return float(self.edges_seconds[-1] - self.edges_seconds[0])

    def frames(self, indices: Sequence[int]) -> list[Frame]:
        """Return these frames as pictures: the stored ones, else those of the file. VideoError where that is gone."""
        if self.stored is not None:
            return [self.stored[index] for index in indices]
        with VideoReader(self.path) as reader:
            return [reader[index] for index in indices]


@runtime_checkable
class InBlocks(Protocol):
    """Embedded videos of which much can be known without opening each: `core.embedding.packed.PackedVideos`."""

    @property
    def width(self) -> int:
        """D"""

    @property
    def num_frames(self) -> int:
        """Frames of all videos."""

    @property
    def first_rows(self) -> NDArray[np.int64]:
        """(V + 1,) the frame at which each video starts, counted through all videos, and their sum."""

    def blocks(self, first: int, stop: int) -> Iterator[tuple[int, NDArray[np.floating]]]:
        """Yield number of the first frame and (N, D) embeddings, float32 or float16, of the frames from `first` to
        before `stop`."""

    def with_digest(self, digest: str) -> list[int]:
        """Return the videos of that content."""

    def with_path(self, path: Path) -> list[int]:
        """Return the videos that lay at that path when they were embedded, or whose path ends so."""

    def name_of(self, index: int) -> str:
        """Return a video's name among all (`core.video.names.distinct_names`)."""


def encoder_path(source: Path) -> Path:
    """Return the encoder's file, from itself or from its run folder. CheckpointError where there is none."""
    path = source / "encoder.safetensors" if source.is_dir() else source
    if not path.is_file():
        raise CheckpointError(f"There is no encoder {path}. Give the encoder.safetensors of a run, or its folder.")
    return path
