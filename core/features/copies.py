"""Augmented copies of a video's features, most frames of which skip the backbone (ours).

A copy has one draw for all its frames, and what a draw does to the features changes little from frame to frame. Where
the crop and the flip bring each part of the picture is known from the clean maps (`core.augment.maps`). What the draw
does beside that, such as to colours and sharpness, is looked at in every so many frames, and taken to lie on a straight
line between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1024
"""Frames at once: bounds memory whatever the video's length."""


def key_frames(num_frames: int, stride: int) -> NDArray[np.int64]:
    """Return every `stride`-th frame and the last, ascending: those of a copy that go through the backbone."""
    return np.union1d(np.arange(0, num_frames, stride), [num_frames - 1])


def complete_copy(rows: NDArray[np.float16], keys: NDArray[np.int64], seen: NDArray[np.float16]) -> None:
    """Correct the features of a copy, in place, by those of its frames that went through the backbone.

    Args:
        rows: (S, F), what the clean maps tell; like `seen` it may be mapped from a file.
        keys: (n,) ascending frames, the first and the last of S among them.
        seen: (n, F) features of the augmented key frames; overwritten with what the maps did not tell.
    """
    for part in _chunks(len(keys)):
        seen[part] = seen[part].astype(np.float32) - rows[keys[part]]
    for part in _chunks(len(rows)):
        rows[part] = rows[part] + _lines(keys, seen, np.arange(part.start, part.stop))


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, _CHUNK):
        yield slice(start, min(start + _CHUNK, count))


def _lines(keys: NDArray[np.int64], values: NDArray[np.float16], frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return (len(frames), F) on the straight lines between (n, F) values at the frames `keys`."""
    after = np.searchsorted(keys, frames)
    before = np.maximum(after - 1, 0)
    share = (frames - keys[before]) / np.maximum(keys[after] - keys[before], 1)
    weight = share.astype(np.float32)[:, None]
    result: NDArray[np.float32] = values[before] * (1 - weight) + values[after] * weight
    return result
