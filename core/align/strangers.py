"""Leave frames of another scene than the rest of their video (`core.embedding.scenes`) unmatched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.align.path import Block
from core.base.events import Notice, Sink
from core.embedding.embedded_video import EmbeddedVideo

_DEAR = 100.0
"""Added to the cost of their matches: more than any path gains by one."""


def strangers(strange: NDArray[np.bool_] | None, num_frames: int, pinned: Sequence[int] = ()) -> NDArray[np.bool_]:
    """Return (S,) which frames are to have no partner.

    Args:
        strange: (S,) which show another scene; None: none does.
        pinned: those to which a person gave a partner.

    Raises:
        ValueError: `strange` is not about so many frames.
    """
    found = np.zeros(num_frames, np.bool_) if strange is None else np.array(strange, np.bool_)
    if found.shape != (num_frames,):
        raise ValueError(f"expected {num_frames} flags of strange frames, not {found.shape}")
    found[[frame for frame in pinned if 0 <= frame < num_frames]] = False  # others are refused with the anchors
    return found


def own_rows(rows: NDArray[np.float32], strange: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the (N, D) rows of the frames that are not strange; all of them where none is left."""
    return rows if strange.all() or not strange.any() else rows[~strange]


def raise_costs(blocks: Iterable[Block], strange_a: NDArray[np.bool_], strange_b: NDArray[np.bool_]) -> Iterator[Block]:
    """Return the blocks of a cost matrix with matches of strange rows and columns too dear to be taken.

    Args:
        strange_a: (A,) of the matrix's rows.
        strange_b: (B,) of its columns.
    """
    dear_a, dear_b = np.float32(_DEAR) * strange_a, np.float32(_DEAR) * strange_b
    for rows, columns, cost in blocks:
        if strange_a[rows].any() or strange_b[columns].any():
            cost = cost + np.maximum(dear_a[rows, None], dear_b[None, columns])
        yield rows, columns, cost


def strange_in_words(name: str, video: EmbeddedVideo) -> str:
    """Return which frames of a video show another scene, as a sentence; empty where none does.

    Args:
        name: what the video is called: A, or its file's name.
    """
    strange = video.is_strange
    if not strange.any():
        return ""
    edges: NDArray[Any] = np.flatnonzero(np.diff(strange.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    seconds = video.edges_seconds
    spans = ", ".join(f"{seconds[start]:.1f} s to {seconds[end]:.1f} s" for start, end in edges)
    count = int(strange.sum())
    frames, verb, they = ("frame", "looks", "it is") if count == 1 else ("frames", "look", "they are")
    return (
        f"{count} {frames} of {name} ({spans}) {verb} like another scene, so {they} not matched. Pass "
        "--keep-other-scenes to match all frames."
    )


def report_strangers(
    videos: Mapping[str, EmbeddedVideo], sink: Sink, *, keep_other_scenes: bool, least_confidence: float
) -> list[NDArray[np.bool_] | None]:
    """Return which frames of each video are to have no partner, and tell of them.

    Args:
        videos: by what they are called.
        keep_other_scenes: there are none.
        least_confidence: how sure a match must be; 0: every frame gets a partner, and there are none either.
    """
    if keep_other_scenes or not least_confidence:
        return [None] * len(videos)
    for name, video in videos.items():
        if sentence := strange_in_words(name, video):
            sink(Notice(sentence))
    return [video.is_strange for video in videos.values()]
