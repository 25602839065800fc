"""How far a video has come: the time of each frame's partner in a reference that shows the action once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.align.confidence import calibrate
from core.align.many import match


def idle_ends(unit: NDArray[np.float32]) -> tuple[int, int]:
    """Return the first frame to keep of a video, and the one after the last: before and after, nothing changes.

    Frames at the start go while they and all before them show the same moment as the first; the last of these stays. So
    at the end. A video in which nothing changes is kept whole.

    Args:
        unit: (S, D) rows of norm 1.
    """
    unit = np.asarray(unit, np.float32)
    least = calibrate(unit, unit).least_own
    start = _num_alike(unit, least) - 1
    end = len(unit) - _num_alike(unit[::-1], least) + 1
    return (start, end) if start < end else (0, len(unit))


def _num_alike(unit: NDArray[np.float32], least: float) -> int:
    """Return how many of the first frames are alike the first; at least 1."""
    other = np.flatnonzero(unit @ unit[0] < least)
    return max(1, int(other[0]) if len(other) else len(unit))


def progress_along(reference: NDArray[np.float32], video: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (S,) progress of each frame, 0 to 1, never decreasing: where its partner lies in the reference.

    0 and 1 are where the reference begins and ends to move (`idle_ends`). A frame without a partner has that of the
    frame beside which it is shown.

    Args:
        reference: (R, D) rows of norm 1.
        video: (S, D) rows of norm 1.
    """
    start, end = idle_ends(reference)
    itself = reference.shape == video.shape and np.array_equal(reference, video)
    frames = np.arange(len(video)) if itself else match(video, reference).frames
    return np.clip((frames - start) / max(1, end - 1 - start), 0.0, 1.0)
