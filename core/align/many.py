"""Alignment of many videos with one reference: the frame of every video at each frame of the reference."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.alignable import alignability
from core.align.bounds import band_for
from core.align.confidence import LEAST_CONFIDENCE
from core.align.partial import align_partial
from core.align.warp import confidences, warp_frames
from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.progress import Meter

THREADS = min(4, os.cpu_count() or 1)
"""Alignments at once: of long videos each holds 100 MB while it is searched."""


@dataclass(frozen=True, eq=False)
class AlignedVideo:
    """The alignment of one video with the reference."""

    frames: NDArray[np.int32]
    """(R,) for every frame of the reference the one of this video to show beside it; never decreasing."""
    has_partner: NDArray[np.bool_]
    """(R,) whether that is its partner; else it has none."""
    confidence: NDArray[np.float32]
    """(R,) how sure the partner is, 0 to 1; 0 where there is none."""
    mean_cosine: float
    """Of the matched frames: the lower, the less it does what the reference does; 0 where none is matched."""
    matched_share: float
    """Of both videos' frames, those with a partner."""
    alignable_score: float
    """Whether the two change alike along the path, 0 to 1; below 0.5 they may not show one action
    (`core.align.alignable`)."""
    alignability: NDArray[np.float32]
    """(R,) the same of the stretch around each frame of the reference; 0 where it has no partner."""
    band: float | None
    """How far apart matched places may lie at most, as a share of the videos; None: anywhere."""


def match(
    reference: NDArray[np.float32],
    other: NDArray[np.float32],
    *,
    least_confidence: float = LEAST_CONFIDENCE,
    band: float | None = None,
    strange_reference: NDArray[np.bool_] | None = None,
    strange: NDArray[np.bool_] | None = None,
) -> AlignedVideo:
    """Align one video with the reference.

    Args:
        reference: (R, D) rows of norm 1.
        other: (S, D) rows of norm 1.
        least_confidence: see `align_partial`.
        band: see `align_embeddings`; None: anywhere, for long videos as far as `band_for` says.
        strange_reference: (R,) frames of the reference that show another scene and so have no partner; None: none.
        strange: (S,) of the other.
    """
    if band is None:
        band = band_for(len(reference), len(other))
    alignment = align_partial(
        reference,
        other,
        least_confidence=least_confidence,
        band=band,
        strange_a=strange_reference,
        strange_b=strange,
    )
    changing = alignability(reference, other, alignment)
    along = np.einsum("pd,pd->p", reference[alignment.a_frames], other[alignment.b_frames])
    return AlignedVideo(
        warp_frames(alignment).astype(np.int32),
        alignment.has_partner_a,
        confidences(alignment),
        float(np.clip(along.mean(), -1, 1)) if len(along) else 0.0,
        alignment.matched_share,
        changing.score,
        changing.of_a,
        band,
    )


def match_many(
    reference: NDArray[np.float32],
    others: Sequence[NDArray[np.float32]],
    *,
    least_confidence: float = LEAST_CONFIDENCE,
    band: float | None = None,
    strange_reference: NDArray[np.bool_] | None = None,
    strange: Sequence[NDArray[np.bool_] | None] | None = None,
    threads: int = THREADS,
    sink: Sink = ignore,
    control: Control | None = None,
) -> Iterator[AlignedVideo]:
    """Align each of the others with the reference, several at once; they come in order, as soon as they are known.

    Args:
        others: (S, D) each, memory-mapped or not: each is read into memory only while it is aligned.
        strange_reference: see `match`.
        strange: of each of the others; None: none.

    Raises:
        Stopped: `control` asked for it.
    """
    fixed, control = np.array(reference), control or Control()

    def one(other: NDArray[np.float32], strange_other: NDArray[np.bool_] | None) -> AlignedVideo:
        control.obey()
        return match(
            fixed,
            np.array(other),
            least_confidence=least_confidence,
            band=band,
            strange_reference=strange_reference,
            strange=strange_other,
        )

    meter = Meter(sink, "align", len(others), "video")
    pool = ThreadPoolExecutor(max(1, threads), thread_name_prefix="align")
    try:
        for found in pool.map(one, others, strange or [None] * len(others)):
            control.obey()
            meter.add()
            yield found
    finally:
        pool.shutdown(cancel_futures=True)
