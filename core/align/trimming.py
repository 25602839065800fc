"""Trim the ends of a path: frames that are matched only because the other video has ended.

Where B is cut, its last frame is still much like the frames of A that follow the true partner, so that the cheapest
path matches it with all of them. One frame is the partner of several only where these show the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.int64]
Rows = NDArray[np.float32]


def kept_steps(
    a_frames: Frames,
    b_frames: Frames,
    unit_a: Rows,
    unit_b: Rows,
    least_own: float,
    anchors: Iterable[tuple[int, int]] = (),
) -> NDArray[np.bool_]:
    """Return (P,) which steps of a path to keep.

    At either end of every stretch without a gap, the steps that hold the other video's outermost frame are looked at:
    beyond the one that is most alike, frames go whose own cosine with it is below `least_own`.

    Args:
        a_frames, b_frames: (P,) the path.
        unit_a, unit_b: (A, D) and (B, D) rows of norm 1.
        least_own: how alike two frames of one video are that show the same moment.
        anchors: cells of the path that stay, and so does what lies between them and the stretch's middle.
    """
    kept = np.ones(len(a_frames), np.bool_)
    fixed = set(anchors)
    breaks = np.flatnonzero((np.diff(a_frames) > 1) | (np.diff(b_frames) > 1)) + 1
    for steps in np.split(np.arange(len(a_frames)), breaks):
        if not len(steps):
            continue
        a, b = a_frames[steps], b_frames[steps]
        cosine = np.einsum("pd,pd->p", unit_a[a], unit_b[b])
        held = np.array([cell in fixed for cell in zip(a.tolist(), b.tolist(), strict=True)])
        first = max(_too_many(a, b, unit_b, cosine, least_own), _too_many(b, a, unit_a, cosine, least_own))
        last = max(
            _too_many(a[::-1], b[::-1], unit_b, cosine[::-1], least_own),
            _too_many(b[::-1], a[::-1], unit_a, cosine[::-1], least_own),
        )
        inside = np.flatnonzero(held)
        if len(inside):
            first, last = min(first, int(inside[0])), min(last, len(steps) - 1 - int(inside[-1]))
        kept[steps[:first]] = False
        kept[steps[len(steps) - last :]] = False
    return kept


def _too_many(waiting: Frames, moving: Frames, unit: Rows, cosine: NDArray[np.float32], least_own: float) -> int:
    """Return how many of the first steps to trim, on which one video waits at its first frame while the other moves."""
    stay = int(np.argmax(waiting != waiting[0])) if (waiting != waiting[0]).any() else len(waiting)
    best = int(cosine[:stay].argmax())
    own = unit[moving[:best]] @ unit[moving[best]]
    other = np.flatnonzero(own < least_own)
    return int(other[-1]) + 1 if len(other) else 0
