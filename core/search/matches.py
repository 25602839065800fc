"""Searchable videos, results, and ranges to leave out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Searchable(Protocol):
    """An embedded video: a `core.embedding.embedded_video.EmbeddedVideo`, or anything like it."""

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """(S, D) rows of norm 1, memory-mapped or not."""

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """(S + 1,) start of every frame and end of the last."""


@dataclass(frozen=True, slots=True)
class SearchMatch:
    """A frame found by a search."""

    video_index: int
    """Place of the video among those that were searched."""
    frame: int
    cosine: float

    def __post_init__(self) -> None:
        if self.video_index < 0 or self.frame < 0 or not -1.0 <= self.cosine <= 1.0:
            raise ValueError(f"a match must have a video, a frame and a cosine, not {self}")


@dataclass(frozen=True, slots=True)
class ClipMatch:
    """Consecutive frames found by a search."""

    video_index: int
    """Place of the video among those that were searched."""
    start_frame: int
    end_frame_exclusive: int
    cosine: float
    """Mean over the steps of the warping path."""

    def __post_init__(self) -> None:
        if self.video_index < 0 or not 0 <= self.start_frame < self.end_frame_exclusive:
            raise ValueError(f"a match must have a video and at least one frame, not {self}")
        if not -1.0 <= self.cosine <= 1.0:
            raise ValueError(f"a cosine must be from -1 to 1, not {self.cosine}")

    def __len__(self) -> int:
        return self.end_frame_exclusive - self.start_frame


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Consecutive frames of one of the searched videos, such as those to be left out."""

    video_index: int
    start_frame: int
    end_frame_exclusive: int

    def __post_init__(self) -> None:
        if self.video_index < 0 or not 0 <= self.start_frame < self.end_frame_exclusive:
            raise ValueError(f"a range must have a video and at least one frame, not {self}")


def gaps_by_video(exclude: Iterable[FrameRange]) -> dict[int, list[slice]]:
    """Return the frames to be left out, by the place of their video."""
    gaps: dict[int, list[slice]] = {}
    for stretch in exclude:
        gaps.setdefault(stretch.video_index, []).append(slice(stretch.start_frame, stretch.end_frame_exclusive))
    return gaps


def fill_gaps(values: NDArray[Any], first_frame: int, gaps: Iterable[slice], filling: float) -> None:
    """Overwrite what stands for frames in the gaps; `values` is (C, ...), its first row for `first_frame`."""
    for gap in gaps:
        values[max(gap.start - first_frame, 0) : max(gap.stop - first_frame, 0)] = filling


def is_left_out(num_frames: int, gaps: Iterable[slice]) -> bool:
    """Return whether a single gap covers the whole video, so that it need not be read."""
    return any(gap.start == 0 and gap.stop >= num_frames for gap in gaps)


def directions(query: NDArray[Any], videos: Iterable[Searchable], *, width: int | None = None) -> NDArray[np.float64]:
    """Return (..., D) rows of norm 1 from a query's.

    Args:
        width: of all videos, where it is known.

    Raises:
        ValueError: a row is zero or not finite, so that it has no direction; or a video has rows of another width.
    """
    rows = np.asarray(query, np.float64)
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    if not np.isfinite(norms).all() or not norms.all():
        raise ValueError("a query's embedding must be finite and not zero")
    if width is not None and width != rows.shape[-1]:
        raise ValueError(f"a query of width {rows.shape[-1]} does not fit embeddings of width {width}")
    for video in videos:
        if video.embeddings.shape[1:] != rows.shape[-1:]:
            raise ValueError(f"a query of width {rows.shape[-1]} does not fit embeddings {video.embeddings.shape}")
    unit: NDArray[np.float64] = rows / norms
    return unit
