"""Use a path: carry over frames and labels, and find the unmatched frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.types import Alignment

NONE = -1
"""In place of a frame: there is no partner."""


def swap(alignment: Alignment) -> Alignment:
    """Return the same path seen from B."""
    return Alignment(
        alignment.b_frames,
        alignment.a_frames,
        alignment.cost,
        alignment.num_b,
        alignment.num_a,
        alignment.confidence,
    )


def partners(alignment: Alignment) -> NDArray[np.int64]:
    """Return (A,) for every frame of A its frame of B, the middle of those that it is matched with; else `NONE`."""
    found = np.full(alignment.num_a, NONE)
    has = alignment.has_partner_a
    first, last = _runs(alignment, np.flatnonzero(has))
    found[has] = (first + last) // 2
    return found


def warp_frames(alignment: Alignment) -> NDArray[np.int64]:
    """Return (A,) for every frame of A the frame of B to show beside it (`shown_frames`)."""
    return shown_frames(partners(alignment))


def shown_frames(partners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (A,) what to show beside every frame, never decreasing.

    It is the partner; for a frame without one, that of the last frame before which has one, else of the first after.
    Where no frame has a partner it is frame 0.

    Args:
        partners: (A,) frames, or `NONE`.
    """
    has = np.flatnonzero(partners != NONE)
    if not len(has):
        return np.zeros(len(partners), np.int64)
    before = np.searchsorted(has, np.arange(len(partners)), side="right") - 1
    return partners[has[np.maximum(before, 0)]]


def confidences(alignment: Alignment) -> NDArray[np.float32]:
    """Return (A,) how sure each frame's partner is, 0 to 1: of several steps the surest; 0 where there is none."""
    found = np.zeros(alignment.num_a, np.float32)
    steps = np.ones(len(alignment), np.float32) if alignment.confidence is None else alignment.confidence
    np.maximum.at(found, alignment.a_frames, steps)
    return found


def warp_labels(labels: NDArray[Any], alignment: Alignment, missing: Any = None) -> NDArray[Any]:
    """Carry labels of A's frames over to B.

    Args:
        labels: (A, ...) one label a frame of A.
        missing: what a frame of B without a partner gets; None: the label that goes with the frame to show beside it
            (`warp_frames`).

    Returns:
        (B, ...) every frame of B with the label of the middle one of the frames of A that it is matched with.

    Raises:
        ValueError: the number of labels is not the number of A's frames.
    """
    if len(labels) != alignment.num_a:
        raise ValueError(
            "expected one label per frame, got expected one label per frame, got expected one label per frame, "
            "got expected one label per frame, got expected one label per frame, got expected one label per "
            f"frame, got expected one label per frame, got {len(labels)} labels for {alignment.num_a} frames"
        )
    carried: NDArray[Any] = np.array(np.asarray(labels)[warp_frames(swap(alignment))])
    if missing is not None:
        carried[~alignment.has_partner_b] = missing
    return carried


def _runs(alignment: Alignment, frames: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and last frame of B matched with each of these frames of A, which all have a match."""
    first = alignment.b_frames[np.searchsorted(alignment.a_frames, frames, side="left")]
    last = alignment.b_frames[np.searchsorted(alignment.a_frames, frames, side="right") - 1]
    return first, last
