"""Two embedded videos compared frame by frame, and which frame of one belongs to which of the other. No Qt."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings, swapped, warp_frames
from core.align.anchored import Anchor, fitting_anchors
from core.align.area import Axis, mean_cosine
from core.align.bounds import MOST_CELLS, band_for
from core.align.repetition import Repetition, repetition
from core.embedded_folder import read_embedded
from core.errors import StorageError
from core.report.along import AlongPath, along_path
from core.types import Alignment

_PIXELS = 256
"""Of the picture's sides: it is drawn while a sharper one is made."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two videos."""

    edges_seconds: NDArray[np.float64]
    """(S + 1,) start of every frame and end of the last, by the medium's clock."""
    embeddings: NDArray[np.float32]
    """(S, D) rows of norm 1, in memory: the files may be written anew at any time."""

    def __len__(self) -> int:
        return len(self.embeddings)

    @property
    def start_seconds(self) -> float:
        """When the first frame begins."""
        return float(self.edges_seconds[0])

    @property
    def end_seconds(self) -> float:
        """When the last frame ends."""
        return float(self.edges_seconds[-1])

    @property
    def duration_seconds(self) -> float:
        return self.end_seconds - self.start_seconds

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
    cosine: NDArray[np.float32]
    """(H, W) mean over each pixel of a coarse picture: A's time to the right, B's downwards."""
    alignment: Alignment
    band: float | None
    """How far apart matched places may lie at most, as a share of the videos; None: anywhere."""
    anchors: tuple[Anchor, ...] = ()
    """Frames that a person pinned together, in order: the path passes through them."""
    repetition: Repetition | None = None
    """Whether a video repeats itself, where it is one against itself."""

    @property
    def is_self(self) -> bool:
        """Whether it is one video against itself: then the path is the diagonal, and says nothing."""
        return self.a is self.b

    @functools.cached_property
    def followers(self) -> NDArray[np.int64]:
        """(A,) the frame of B that goes with each frame of A."""
        return warp_frames(self.alignment)

    @functools.cached_property
    def leaders(self) -> NDArray[np.int64]:
        """(B,) the frame of A that goes with each frame of B."""
        return warp_frames(swapped(self.alignment))

    @functools.cached_property
    def along(self) -> AlongPath:
        """Distance and tempo along the path."""
        a, b = self.a, self.b
        return along_path(self.alignment, a.embeddings, b.embeddings, a.edges_seconds, b.edges_seconds)

    @functools.cached_property
    def mean_cosine(self) -> float:
        """Along the path."""
        a, b = self.a.embeddings[self.alignment.a_frames], self.b.embeddings[self.alignment.b_frames]
        return float(np.einsum("pd,pd->p", a, b).mean())

    def cosine_of(self, a_frame: int, b_frame: int) -> float:
        """Of two frames."""
        return float(np.clip(self.a.embeddings[a_frame] @ self.b.embeddings[b_frame], -1, 1))


def compare(folder: Path, encoder_digest: str, a_digest: str, b_digest: str, anchors: Sequence[Anchor] = ()) -> Pair:
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
    return pair_of(sides[a_digest], sides[b_digest], anchors=anchors)


def pair_of(a: Side, b: Side, most_cells: int = MOST_CELLS, anchors: Sequence[Anchor] = ()) -> Pair:
    """Compare two videos, or one with itself where `a` is `b`.

    Args:
        anchors: through which the path passes; those that do not fit are left out, and so are all of one video with
            itself.
        most_cells: of the matrix between them; where it has more, the path stays near the line between its corners.
    """
    if a is b:
        band, alignment, kept = None, Alignment(np.arange(len(a)), np.arange(len(a)), 0.0), list[Anchor]()
    else:
        band, kept = band_for(len(a), len(b), most_cells), fitting_anchors(anchors, len(a), len(b))
        alignment = align_embeddings(a.embeddings, b.embeddings, band=band, anchors=kept)
    cosine = mean_cosine(Axis(b.embeddings, b.edges_seconds, _PIXELS), Axis(a.embeddings, a.edges_seconds, _PIXELS))
    repeats = repetition(a.embeddings, a.edges_seconds) if a is b else None
    return Pair(a, b, cosine, alignment, band, tuple(kept), repeats)


def aligned_anew(pair: Pair, anchors: Sequence[Anchor]) -> Pair:
    """The same videos with a path through these anchors; those that do not fit are left out."""
    if pair.is_self:
        return pair
    kept = tuple(fitting_anchors(anchors, len(pair.a), len(pair.b)))
    if kept == pair.anchors:
        return pair
    alignment = align_embeddings(pair.a.embeddings, pair.b.embeddings, band=pair.band, anchors=kept)
    return replace(pair, alignment=alignment, anchors=kept)
