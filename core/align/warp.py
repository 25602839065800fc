"""What follows from a path: frames and labels carried over, and how fast one video runs against the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Alignment


def swapped(alignment: Alignment) -> Alignment:
    """The same path seen from B."""
    return Alignment(alignment.b_frames, alignment.a_frames, alignment.cost)


def warp_frames(alignment: Alignment) -> NDArray[np.int64]:
    """(A,) for every frame of A one frame of B: the middle of those that it is matched with. Never decreasing."""
    first, last = _runs(alignment)
    return (first + last) // 2


def warp_labels(labels: NDArray[Any], alignment: Alignment) -> NDArray[Any]:
    """Carry labels of A's frames over to B.

    Args:
        labels: (A, ...) one label a frame of A.

    Returns:
        (B, ...) every frame of B with the label of the middle one of the frames of A that it is matched with.

    Raises:
        ValueError: the number of labels is not the number of A's frames.
    """
    num_a = int(alignment.a_frames[-1]) + 1
    if len(labels) != num_a:
        raise ValueError(f"{len(labels)} labels for {num_a} frames")
    carried: NDArray[Any] = np.asarray(labels)[warp_frames(swapped(alignment))]
    return carried


def tempo(alignment: Alignment, *, window: int = 15) -> NDArray[np.float64]:
    """(A,) frames of B that go by for one frame of A: the least-squares slope of the path.

    Args:
        window: frames of A before and after each frame that count; near the ends those there are. At least 1.

    Raises:
        ValueError: `window` below 1.
    """
    if window < 1:
        raise ValueError(f"a window has at least 1 frame on either side, not {window}")
    first, last = _runs(alignment)
    middle = (first + last) / 2
    place = np.arange(len(middle), dtype=np.float64)
    start = np.maximum(place.astype(np.int64) - window, 0)
    end = np.minimum(place.astype(np.int64) + window + 1, len(middle))

    def over_windows(values: NDArray[np.float64]) -> NDArray[np.float64]:
        running = np.concatenate([[0.0], np.cumsum(values)])
        mean: NDArray[np.float64] = (running[end] - running[start]) / (end - start)
        return mean

    mean_place = over_windows(place)
    spread = over_windows(place**2) - mean_place**2
    together = over_windows(place * middle) - mean_place * over_windows(middle)
    slope: NDArray[np.float64] = together / np.where(spread > 0, spread, 1)
    return slope


def _runs(alignment: Alignment) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last frame of B matched with each frame of A, both (A,)."""
    frames = np.arange(int(alignment.a_frames[-1]) + 1)
    first = alignment.b_frames[np.searchsorted(alignment.a_frames, frames, side="left")]
    last = alignment.b_frames[np.searchsorted(alignment.a_frames, frames, side="right") - 1]
    return first, last
