"""What speaks for a prediction besides the one that made it: whether labels that go along the alignment say the same,
and whether the video can be aligned with labelled ones at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.alignable import BOUNDARY_SCORE, alignability
from core.base.control import Control
from core.base.types import Alignment, Span
from core.label.transfer import transfer_votes
from core.labels.segments import UNLABELLED

AGREEING = 0.5
"""Share of a span's frames with an opinion from which on that opinion agrees with it."""


@dataclass(frozen=True)
class SecondOpinion:
    """The opinion of labelled videos on another one, along their alignments with it."""

    phases: NDArray[np.int64]
    """(S,) place of the phase that most votes are for, `UNLABELLED` where none votes."""
    scores: tuple[float, ...]
    """How far each of them can be aligned with it, 0 to 1 (`core.align.alignable`)."""

    @property
    def is_alignable(self) -> bool:
        """Whether one of them at least can be aligned with it; without any nothing speaks against it."""
        return not self.scores or max(self.scores) >= BOUNDARY_SCORE

    def agrees(self, span: Span, phase: int) -> bool:
        """Return whether the span is not disputed: see `agree`."""
        return agree(self.phases, span, phase)


def agree(phases: NDArray[np.int64], span: Span, phase: int) -> bool:
    """Return whether at least half of the frames of a span on which there is an opinion are of its phase.

    Args:
        phases: (S,) the opinion, `UNLABELLED` where there is none.
        phase: place of the span's phase there.
    """
    labels = phases[span.start_frame : span.end_frame_exclusive]
    known = labels != UNLABELLED
    return not known.any() or float((labels[known] == phase).mean()) >= AGREEING


def second_opinion(
    embeddings: NDArray[np.float32],
    references: Sequence[tuple[NDArray[np.float32], NDArray[np.int64]]],
    num_phases: int,
    control: Control | None = None,
) -> SecondOpinion:
    """Align labelled videos with one, and return what they say of it.

    Args:
        embeddings: (S, D) the video's, rows of norm 1.
        references: embeddings (R, D) and labels (R,), 0 to C - 1 or `UNLABELLED`, of each labelled video.
        num_phases: C.

    Raises:
        Stopped: `control` asked for it.
    """
    scores: list[float] = []

    def judge(index: int, path: Alignment) -> None:
        scores.append(alignability(embeddings, references[index][0], path).score)

    votes = transfer_votes(embeddings, references, num_phases, on_path=judge, control=control)
    phases = np.where(votes.any(axis=1), votes.argmax(axis=1), UNLABELLED).astype(np.int64)
    return SecondOpinion(phases, tuple(scores))
