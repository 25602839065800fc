"""Labels carried from labelled videos to another along the paths of dynamic time warping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings, swapped, warp_frames
from core.align.anchored import Anchor
from core.control import Control
from core.segments import UNLABELLED, frame_places, runs_of
from core.types import Alignment, Span

TRANSFER = "transfer"
"""The source of spans that came along a path."""
_LEAST_COST = 1e-6
"""Of a path: so that an identical video weighs much, but not infinitely much."""


def transferred(
    embeddings: NDArray[np.float32],
    references: Sequence[tuple[NDArray[np.float32], NDArray[np.int64]]],
    num_phases: int,
    *,
    cycles: Sequence[tuple[int, int]] | None = None,
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
        cycles: start and end (exclusive) of each repetition, where the video shows the course several times: the
            labelled videos are aligned with each of them, and frames outside get no vote. None: it shows it once.
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
        said = np.full(len(embeddings), UNLABELLED, np.int64)
        trust, total, steps = np.ones(len(embeddings)), 0.0, 0
        for start, end in [(0, len(embeddings))] if cycles is None else cycles:
            path = align_embeddings(rows, embeddings[start:end])
            frames, cosine = _matched(rows, embeddings[start:end], path)
            said[start:end] = labels[frames]
            trust[start:end] = cosine**2 / 2 if cautious else 1.0
            total, steps = total + path.cost, steps + len(path)
        costs.append(total / max(steps, 1))
        trusts.append(trust)
        carried.append(said)
    votes = np.zeros((len(embeddings), num_phases))
    weight_cast = np.zeros(len(embeddings))
    for cost, trust, labels in zip(costs, trusts, carried, strict=True):
        voting = np.flatnonzero(labels != UNLABELLED)
        weight = 1 / (cost + _LEAST_COST)
        votes[voting, labels[voting]] += weight * trust[voting]
        weight_cast[voting] += weight
    votes /= np.where(weight_cast > 0, weight_cast, 1)[:, None]
    return votes


@dataclass(frozen=True)
class Carried:
    """What one labelled video says of another."""

    spans: tuple[Span, ...]
    """In order of time; their source is `transfer`, their confidence the mean cosine of the matched frames."""
    mean_cost: float
    """Of the path, a step: 0 where each matched pair is the same, at most 2."""


def carry(
    spans: Sequence[Span],
    reference: NDArray[np.float32],
    embeddings: NDArray[np.float32],
    anchors: Sequence[Anchor] = (),
) -> Carried:
    """The spans of one video on the frames of another that its own are matched with (`core.align.warp_labels`).

    Args:
        spans: of the reference, in order and not overlapping. Two of one phase that touch stay two.
        reference: (R, D) its embeddings, rows of norm 1.
        embeddings: (S, D) of the other.
        anchors: frames of the reference and of the other through which the path goes.

    Raises:
        ValueError: a span ends after the reference, or anchors are none (`core.align.align_embeddings`).
    """
    path = align_embeddings(reference, embeddings, anchors=anchors)
    frames, cosine = _matched(reference, embeddings, path)
    places = frame_places(spans, len(reference))[frames]
    carried = [
        Span(spans[place].phase, start, stop, float(cosine[start:stop].mean()), TRANSFER)
        for place, start, stop in runs_of(places)
    ]
    return Carried(tuple(carried), path.cost / len(path))


def _matched(
    reference: NDArray[np.float32], embeddings: NDArray[np.float32], path: Alignment
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(S,) the frame of the reference that each frame is matched with, and their cosine, 0 to 1."""
    frames = warp_frames(swapped(path))
    return frames, np.einsum("sd,sd->s", reference[frames], embeddings).clip(0, 1)
