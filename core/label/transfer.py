"""Transfer labels from labelled videos to another along their alignments; unmatched frames get none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align import NONE, align_partial, confidences, partners, swap
from core.align.alignable import alignability
from core.align.anchored import Anchor
from core.align.confidence import LEAST_CONFIDENCE
from core.base.control import Control
from core.base.types import Alignment, Span
from core.labels.segments import UNLABELLED, frame_places, runs_of

TRANSFER = "transfer"
"""The source of spans that came along a path."""
_LEAST_COST = 1e-6
"""Of a path: so that an identical video weighs much, but not infinitely much."""


def transfer_votes(
    embeddings: NDArray[np.float32],
    references: Sequence[tuple[NDArray[np.float32], NDArray[np.int64]]],
    num_phases: int,
    *,
    cycles: Sequence[tuple[int, int]] | None = None,
    cautious: bool = False,
    least_confidence: float = LEAST_CONFIDENCE,
    on_path: Callable[[int, Alignment], None] | None = None,
    control: Control | None = None,
) -> NDArray[np.float64]:
    """Return the votes of the labelled videos on the phase of each frame.

    Each is aligned with the video, and gives every frame the label of its partner. Where that has no label, or there is
    no partner, it gives no vote. Videos weigh by how sure their matches are, the mean confidence over the video's
    frames, 0 where there is no partner; divided by the mean cost of a match, so that the nearest one weighs most.

    Args:
        embeddings: (S, D) the video's, rows of norm 1.
        references: embeddings (R, D) and labels (R,), 0 to C - 1 or `UNLABELLED`, of each labelled video.
        num_phases: C.
        cycles: start and end (exclusive) of each repetition, where the video shows the course several times: the
            labelled videos are aligned with each of them, and frames outside get no vote. None: it shows it once.
        cautious: a vote counts half at most: times half the squared cosine of the two frames. The rest is left to
            another opinion.
        least_confidence: see `core.align.align_partial`.
        on_path: is given the place of each reference and the path from the video, or from each cycle, to it.

    Returns:
        (S, C) the weighted share of the votes for each phase. A row sums to 1 (with `cautious` to at most 1/2), or to 0
        where no reference votes.

    Raises:
        Stopped: `control` asked for it.
    """
    votes = np.zeros((len(embeddings), num_phases))
    weight_cast = np.zeros(len(embeddings))
    for index, (rows, labels) in enumerate(references):
        if control:
            control.obey()
        for start, end in [(0, len(embeddings))] if cycles is None else cycles:
            part = embeddings[start:end]
            path = swap(align_partial(rows, part, least_confidence=least_confidence))
            if on_path is not None:
                on_path(index, path)
            frames = partners(path)
            voting = np.flatnonzero(np.where(frames == NONE, UNLABELLED, labels[frames]) != UNLABELLED)
            weight = float(confidences(path).mean()) / (_mean_cost(part, rows, path) + _LEAST_COST)
            trust = _cosine(rows, part, frames)[voting] ** 2 / 2 if cautious else 1.0
            votes[start + voting, labels[frames[voting]]] += weight * trust
            weight_cast[start + voting] += weight
    votes /= np.where(weight_cast > 0, weight_cast, 1)[:, None]
    return votes


@dataclass(frozen=True)
class Carried:
    """The labels transferred from one labelled video to another."""

    spans: tuple[Span, ...]
    """In order of time; their source is `transfer`, their confidence the mean of `Alignment.confidence` over their
    frames, of several matches the surest."""
    mean_cost: float
    """Of the matched pairs: 0 where each pair is the same, at most 2; 2 where nothing is matched."""
    num_unmatched: int
    """Frames of the other without a partner: no span lies on them."""
    alignable_score: float = 1.0
    """How far the two can be aligned, 0 to 1 (`core.align.alignable`); of several repetitions, the best one's."""


def carry(
    spans: Sequence[Span],
    reference: NDArray[np.float32],
    embeddings: NDArray[np.float32],
    anchors: Sequence[Anchor] = (),
    *,
    cycles: Sequence[tuple[int, int]] | None = None,
    least_confidence: float = LEAST_CONFIDENCE,
) -> Carried:
    """Return the spans of one video on the frames of another that its own are matched with (`core.align.warp_labels`).

    A span ends where a frame without a partner comes, and goes on after it as another one.

    Args:
        spans: of the reference, in order and not overlapping. Two of one phase that touch stay two.
        reference: (R, D) its embeddings, rows of norm 1.
        embeddings: (S, D) of the other.
        anchors: frames of the reference and of the other through which the path goes; with `cycles`, that of the cycle
            in which it lies.
        cycles: start and end (exclusive) of each repetition, where the other shows the course several times: the spans
            are carried to each of them, and frames outside have no partner. None: it shows it once.
        least_confidence: see `core.align.align_partial`.

    Raises:
        ValueError: a span ends after the reference, or anchors are none (`core.align.align_partial`).
    """
    indices, carried = frame_places(spans, len(reference)), []
    costs, num_matched, num_pairs, score = 0.0, 0, 0, 0.0
    for start, end in [(0, len(embeddings))] if cycles is None else cycles:
        part = embeddings[start:end]
        pins = [(a_frame, b_frame - start) for a_frame, b_frame in anchors if start <= b_frame < end]
        path = swap(align_partial(reference, part, anchors=pins, least_confidence=least_confidence))
        frames, sure = partners(path), confidences(path)
        for index, first, stop in runs_of(np.where(frames == NONE, UNLABELLED, indices[frames])):
            confidence = float(sure[first:stop].mean())
            carried.append(Span(spans[index].phase, start + first, start + stop, confidence, TRANSFER))
        score = max(score, alignability(part, reference, path).score)
        num_matched += int((frames != NONE).sum())
        costs, num_pairs = costs + len(path) * _mean_cost(part, reference, path), num_pairs + len(path)
    mean_cost = costs / num_pairs if num_pairs else 2.0
    return Carried(tuple(carried), mean_cost, len(embeddings) - num_matched, score)


def _mean_cost(a: NDArray[np.float32], b: NDArray[np.float32], path: Alignment) -> float:
    """Return 1 - cosine over the steps of the path, 0 to 2; 2 where it has none."""
    if not len(path):
        return 2.0
    return float(1 - np.einsum("pd,pd->p", a[path.a_frames], b[path.b_frames]).clip(-1, 1).mean())


def _cosine(
    reference: NDArray[np.float32], embeddings: NDArray[np.float32], frames: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return (S,) cosine of each frame with that frame of the reference, 0 to 1; of no meaning beside `NONE`."""
    cosine: NDArray[np.float32] = np.einsum("sd,sd->s", reference[frames], embeddings).clip(0, 1)
    return cosine
