"""A map as data: the position of every frame of some videos."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.embedding.embedded_video import EmbeddedVideo

MapMethod = Literal["pca", "umap"]
MAP_METHODS: tuple[MapMethod, ...] = get_args(MapMethod)


@dataclass(frozen=True, eq=False)
class FrameMap:
    """Two coordinates for every frame, and which embeddings they belong to, so that outdated maps can be detected."""

    method: MapMethod
    encoder_digest: str
    digests: tuple[str, ...]
    """Of the videos, in order."""
    num_frames: tuple[int, ...]
    """Of each."""
    positions: NDArray[np.float32]
    """(N, 2) of the videos' frames one after the other; NaN where an embedding is not finite."""
    shares: tuple[float, float] | None = None
    """PCA: how much of the variance lies along each axis, 0 to 1."""
    num_landmarks: int = 0
    """UMAP: frames that were laid out; the others lie among those they are like."""
    trustworthiness: float | None = None
    """UMAP: how far neighbours on the map are neighbours indeed, 0 to 1 (Venna and Kaski 2001), of a sample."""

    def __post_init__(self) -> None:
        if len(self.digests) != len(self.num_frames) or self.positions.shape != (sum(self.num_frames), 2):
            raise ValueError(f"positions and videos must fit, not {self.positions.shape} and {len(self.digests)}")

    def lacks(self, digest: str, num_frames: int) -> bool:
        """Return whether the map was made without this video, or with another number of its frames."""
        return (digest, num_frames) not in set(zip(self.digests, self.num_frames, strict=True))

    def of(self, videos: Sequence[tuple[str, int]]) -> NDArray[np.float32]:
        """Return (N, 2) positions of the frames of these videos (digest and number of frames); NaN where it lacks
        them."""
        ends = list(itertools.accumulate(self.num_frames, initial=0))
        places = {
            (digest, frames): start
            for digest, frames, start in zip(self.digests, self.num_frames, ends[:-1], strict=True)
        }
        found = np.full((sum(frames for _, frames in videos), 2), np.nan, np.float32)
        at = 0
        for video in videos:
            if (start := places.get(video)) is not None:
                found[at : at + video[1]] = self.positions[start : start + video[1]]
            at += video[1]
        return found


def keys_of(videos: Sequence[EmbeddedVideo]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return digests and numbers of frames."""
    return tuple(video.digest for video in videos), tuple(len(video) for video in videos)
