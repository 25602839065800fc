"""Labels carried from labelled videos to another along the paths of dynamic time warping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings, swapped, warp_frames
from core.control import Control
from core.segments import UNLABELLED

_LEAST_COST = 1e-6
"""Of a path: so that an identical video weighs much, but not infinitely much."""


def transferred(
    embeddings: NDArray[np.float32],
    references: Sequence[tuple[NDArray[np.float32], NDArray[np.int64]]],
    num_phases: int,
    *,
    cautious: bool = False,
    control: Control | None = None,
) -> NDArray[np.float64]:
    """How the labelled videos vote on the phase of each frame.

    Each is aligned with the video, and gives every frame the label of the frame that it is matched with. An unlabelled
    frame gives no vote. Videos weigh as the inverse of their path's mean cost, so the nearest one weighs most.

    Args:
        embeddings: (S, D) the video's, rows of norm 1.
        references: embeddings (R, D) and labels (R,), 0 to C - 1 or `UNLABELLED`, of each labelled video.
        num_phases: C.
        cautious: a vote counts half at most: times half the squared cosine of the two frames. The rest is left to
            another opinion.

    Returns:
        (S, C) the weighted share of the votes for each phase. A row sums to 1 (with `cautious` to at most 1/2), or to 0
        where no reference votes.

    Raises:
        Stopped: `control` asked for it.
    """
    costs, trusts, carried = [], [], []
    for rows, labels in references:
        if control:
            control.raise_if_stopped()
        path = align_embeddings(rows, embeddings)
        frames = warp_frames(swapped(path))  # (S,) of the reference
        cosine = np.einsum("sd,sd->s", rows[frames], embeddings).clip(0, 1)
        costs.append(path.cost / len(path))
        trusts.append(cosine**2 / 2 if cautious else np.ones(len(embeddings)))
        carried.append(labels[frames])
    votes = np.zeros((len(embeddings), num_phases))
    weight_cast = np.zeros(len(embeddings))
    for cost, trust, labels in zip(costs, trusts, carried, strict=True):
        voting = np.flatnonzero(labels != UNLABELLED)
        weight = 1 / (cost + _LEAST_COST)
        votes[voting, labels[voting]] += weight * trust[voting]
        weight_cast[voting] += weight
    votes /= np.where(weight_cast > 0, weight_cast, 1)[:, None]
    return votes
