"""Distances of a video's frames from what a right video shows at the same moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.alignable import alignability
from core.align.bounds import band_for
from core.align.confidence import LEAST_CONFIDENCE
from core.align.partial import align_partial
from core.base.types import Alignment


@dataclass(frozen=True, eq=False)
class Held:
    """The S frames of a video compared with the R frames of a right one."""

    distance: NDArray[np.float64]
    """(S,) 1 - cosine of a frame and its partner, 0 to 2; of several partners, the nearest. A frame without a partner
    is as far as the nearest of the frames between which it lies."""
    frames: NDArray[np.int64]
    """(S,) that frame of the right one; never a frame beyond the neighbours' partners."""
    has_partner: NDArray[np.bool_]
    """(S,)"""
    is_missing: NDArray[np.bool_]
    """(R,) frames of the right one without a partner."""
    place_of: NDArray[np.int64]
    """(R,) the frame of the video at which each frame of the right one is, or would lie."""
    alignable_score: float
    """Whether the two show one action, 0 to 1: the alignability (`core.align.alignable`) of the video's median stretch,
    so that a deviation shorter than half of it does not count as another action."""


def hold_against(
    video: NDArray[np.float32],
    right: NDArray[np.float32],
    *,
    least_confidence: float = LEAST_CONFIDENCE,
    strange: NDArray[np.bool_] | None = None,
    strange_right: NDArray[np.bool_] | None = None,
) -> Held:
    """Align a video with a right one and measure each frame.

    Tempo counts for nothing: a frame is as far as it is, however long the other video waits for it.

    Args:
        video: (S, D) rows of norm 1.
        right: (R, D) rows of norm 1.
        least_confidence: see `core.align.align_partial`.
        strange: (S,) frames that show another scene; None: none does.
        strange_right: (R,)
    """
    path = align_partial(
        video,
        right,
        least_confidence=least_confidence,
        band=band_for(len(video), len(right)),
        strange_a=strange,
        strange_b=strange_right,
    )
    distance, frames = _nearest(path, video, right)
    reverse = np.searchsorted(path.b_frames, np.arange(len(right)))  # the step of each frame, or the next one after it
    places = np.append(path.a_frames, len(video) - 1)[np.minimum(reverse, len(path))]
    return Held(
        distance,
        frames,
        path.has_partner_a,
        ~path.has_partner_b,
        places.astype(np.int64),
        float(np.median(alignability(video, right, path).of_a)),
    )


def _nearest(
    path: Alignment, video: NDArray[np.float32], right: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return (S,) the least distance of each frame within the frames that it may be at, and where."""
    every = np.arange(len(video))
    first_step = np.searchsorted(path.a_frames, every, side="left")
    end_step = np.searchsorted(path.a_frames, every, side="right")
    has = end_step > first_step
    bounds = np.concatenate(([0], path.b_frames, [len(right) - 1]))
    low = np.where(has, bounds[np.minimum(first_step + 1, len(bounds) - 1)], bounds[first_step])
    high = np.where(has, bounds[end_step], bounds[end_step + 1])
    distance, frames = np.empty(len(video)), np.empty(len(video), np.int64)
    for frame in range(len(video)):
        cosine = right[low[frame] : high[frame] + 1] @ video[frame]
        best = int(cosine.argmax())
        frames[frame] = low[frame] + best
        distance[frame] = 1 - min(max(float(cosine[best]), -1.0), 1.0)
    return distance, frames
