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


def _runs(alignment: Alignment) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last frame of B matched with each frame of A, both (A,)."""
    frames = np.arange(int(alignment.a_frames[-1]) + 1)
    first = alignment.b_frames[np.searchsorted(alignment.a_frames, frames, side="left")]
    last = alignment.b_frames[np.searchsorted(alignment.a_frames, frames, side="right") - 1]
    return first, last
