"""Embeddings of many videos, one block at a time, as they may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError
from core.embedding.embedded_video import EmbeddedVideo

_BLOCK_FRAMES = 1 << 12


def blocks(
    videos: Sequence[EmbeddedVideo], most_frames: int = _BLOCK_FRAMES
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the place of the first frame, counted through all videos, and (B, D) rows from there on, B at most
    `most_frames`."""
    first_row = 0
    for video in videos:
        rows = np.asarray(video.embeddings)  # the same memory without `memmap`'s slow ways
        for start in range(0, len(rows), most_frames):
            yield first_row + start, rows[start : start + most_frames]
        first_row += len(rows)


def is_finite(rows: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Map (B, D) -> (B,): whether all of a row is."""
    with np.errstate(all="ignore"):
        finite: NDArray[np.bool_] = np.isfinite(np.vecdot(rows, rows))
    return finite


def width_of(videos: Sequence[EmbeddedVideo]) -> int:
    """Return D. ConfigError: there is no frame, or encoders of different widths made them."""
    widths = {video.embeddings.shape[1] for video in videos}
    if not sum(len(video) for video in videos):
        raise ConfigError("There are no embedded frames to draw. Embed some videos first.")
    if len(widths) > 1:
        raise ConfigError(
            f"Embeddings of {sorted(widths)} numbers per frame cannot share a map. Embed all videos again."
        )
    return int(widths.pop())


def rows_at(videos: Sequence[EmbeddedVideo], places: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return (P, D) rows of these frames, counted through all videos, in ascending order."""
    found = np.empty((len(places), width_of(videos)), np.float32)
    for first_row, rows in blocks(videos):
        first, last = np.searchsorted(places, [first_row, first_row + len(rows)])
        found[first:last] = rows[places[first:last] - first_row]
    return found


def spread(total: int, count: int) -> NDArray[np.int64]:
    """Return at most `count` of `total` indices, evenly spread, ascending."""
    count = min(count, total)
    return np.arange(count, dtype=np.int64) * total // max(count, 1)


def finite_places(videos: Sequence[EmbeddedVideo]) -> NDArray[np.int64]:
    """Return (F,) the frames that can be placed, counted through all videos."""
    return np.concatenate([first_row + np.flatnonzero(is_finite(rows)) for first_row, rows in blocks(videos)])
