"""Two embedded videos compared frame by frame, and which frame of one belongs to which of the other. No Qt."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings, warp_frames
from core.align.area import mean_cosine
from core.align.bounds import MOST_CELLS, band_for
from core.embedded_folder import read_embedded
from core.errors import StorageError
from core.types import Alignment

_PIXELS = 1024
"""Of the picture's sides: what is drawn is never larger by much."""
_DARKEST = 1.0
"""Percent of the picture that is drawn in the darkest colour."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two videos."""

    edges_seconds: NDArray[np.float64]
    """(S + 1,) start of every frame and end of the last, from the first frame."""
    embeddings: NDArray[np.float32]
    """(S, D) rows of norm 1, in memory: the files may be written anew at any time."""

    def __len__(self) -> int:
        return len(self.embeddings)

    @property
    def duration_seconds(self) -> float:
        return float(self.edges_seconds[-1])

    def frame_at(self, seconds: float) -> int:
        """What is shown then; the ends stand for what lies beyond them."""
        place = int(np.searchsorted(self.edges_seconds, seconds, side="right")) - 1
        return min(max(place, 0), len(self) - 1)

    def middle(self, frame: int) -> float:
        """The middle of the time for which a frame is shown, in seconds."""
        return float(self.edges_seconds[frame] + self.edges_seconds[frame + 1]) / 2


@dataclass(frozen=True, eq=False)
class Pair:
    """A and B, and how they correspond."""

    a: Side
    b: Side
    cosine: NDArray[np.float64]
    """(H, W) mean over each pixel: A's time to the right, B's downwards."""
    alignment: Alignment
    band: float | None
    """How far apart matched places may lie at most, as a share of the videos; None: anywhere."""

    @property
    def is_self(self) -> bool:
        """Whether it is one video against itself: then the path is the diagonal, and says nothing."""
        return self.a is self.b

    @functools.cached_property
    def followers(self) -> NDArray[np.int64]:
        """(A,) the frame of B that goes with each frame of A."""
        return warp_frames(self.alignment)

    @functools.cached_property
    def mean_cosine(self) -> float:
        """Along the path."""
        a, b = self.a.embeddings[self.alignment.a_frames], self.b.embeddings[self.alignment.b_frames]
        return float(np.einsum("pd,pd->p", a, b).mean())

    @functools.cached_property
    def limits(self) -> tuple[float, float]:
        """What the darkest and the brightest colour stand for."""
        low = float(np.percentile(self.cosine, _DARKEST))
        return low, max(float(self.cosine.max()), low + 1e-3)

    def cosine_of(self, a_frame: int, b_frame: int) -> float:
        """Of two frames."""
        return float(np.clip(self.a.embeddings[a_frame] @ self.b.embeddings[b_frame], -1, 1))


def compare(folder: Path, encoder_digest: str, a_digest: str, b_digest: str) -> Pair:
    """Open two videos of a folder that `core.embed` wrote, and find the path; takes up to some seconds.

    Raises:
        CheckpointError, StorageError: they cannot be opened, or are not there any more.
    """
    opened = {video.digest: video for video in read_embedded(folder, encoder_digest, {a_digest, b_digest})}
    sides = {}
    for digest in (a_digest, b_digest):
        if digest not in opened:
            raise StorageError(f"A video is not in {folder} any more: embed it again.")
        sides[digest] = Side(opened[digest].edges_seconds, np.array(opened[digest].embeddings))
    return pair_of(sides[a_digest], sides[b_digest])


def pair_of(a: Side, b: Side, most_cells: int = MOST_CELLS) -> Pair:
    """Compare two videos, or one with itself where `a` is `b`.

    Args:
        most_cells: of the matrix between them; where it has more, the path stays near the line between its corners.
    """
    if a is b:
        band, alignment = None, Alignment(np.arange(len(a)), np.arange(len(a)), 0.0)
    else:
        band = band_for(len(a), len(b), most_cells)
        alignment = align_embeddings(a.embeddings, b.embeddings, band=band)
    cosine = mean_cosine((b.embeddings, b.edges_seconds, _PIXELS), (a.embeddings, a.edges_seconds, _PIXELS))
    return Pair(a, b, cosine, alignment, band)
