"""What to label next: where the prediction is least sure, and what is least like anything labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.label.labelling import LabelledVideo
from core.segments import UNLABELLED, runs_of

_UNSURE_MARGIN = 0.5
"""A frame is unsure where the likeliest phase leads by less than this probability."""
_SAMPLE_FRAMES = 256
"""Of a video, evenly spaced, by which it is compared with what is labelled: bounds the work."""
_LABELLED_SAMPLE_FRAMES = 4096
"""Of all labelled frames."""


@dataclass(frozen=True)
class Suggestion:
    """A span worth a person's label."""

    labelled: LabelledVideo
    start_frame: int
    end_frame_exclusive: int
    reason: Literal["unsure", "different"]
    score: float
    """`unsure`: about how many of its frames are wrong; `different`: mean cosine distance of its frames from the
    nearest labelled frame, or from the nearest of the videos suggested before it, 0 to 2."""

    @property
    def doubt(self) -> tuple[str, str]:
        """The two likeliest phases over the span, the likelier one first."""
        mean = self.labelled.probabilities[self.start_frame : self.end_frame_exclusive].mean(axis=0)
        first, second = np.argsort(-mean, kind="stable")[:2]
        return self.labelled.phases[first], self.labelled.phases[second]


def unsure_spans(videos: Sequence[LabelledVideo], count: int) -> list[Suggestion]:
    """The spans in doubt that cost the most: consecutive frames without a label whose two likeliest phases are close.

    Their score is the sum of what the likeliest phase lacks to certainty. The `count` highest, highest first.
    """
    found = []
    for of_video in videos:
        ranked = np.sort(of_video.probabilities, axis=1)
        doubtful = (ranked[:, -1] - ranked[:, -2] < _UNSURE_MARGIN) & (of_video.given == UNLABELLED)
        for _, start, stop in runs_of(np.where(doubtful, 0, UNLABELLED)):
            score = float((1 - ranked[start:stop, -1]).sum())
            found.append(Suggestion(of_video, start, stop, "unsure", score))
    return sorted(found, key=lambda one: -one.score)[:count]


def different_videos(videos: Sequence[LabelledVideo], count: int) -> list[Suggestion]:
    """Videos without any label, the one farthest from every labelled frame first.

    Each further one is the farthest from labels and from those before it, so that no two alike are suggested.
    """
    anchors = _even(
        np.concatenate([v.video.embeddings[v.given != UNLABELLED] for v in videos]), _LABELLED_SAMPLE_FRAMES
    )
    waiting = [v for v in videos if (v.given == UNLABELLED).all()]
    samples = [_even(v.video.embeddings, _SAMPLE_FRAMES) for v in waiting]
    apart = [_distances(rows, anchors) for rows in samples]  # (s,) each
    found: list[Suggestion] = []
    left = list(range(len(waiting)))
    while left and len(found) < count:
        farthest = max(left, key=lambda place: float(apart[place].mean()))
        left.remove(farthest)
        of_video, score = waiting[farthest], float(apart[farthest].mean())
        found.append(Suggestion(of_video, 0, len(of_video.video), "different", score))
        for place in left:
            apart[place] = np.minimum(apart[place], _distances(samples[place], samples[farthest]))
    return found


def _even(rows: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """At most so many rows, evenly spaced."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(np.int64)]


def _distances(rows: NDArray[np.float32], anchors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(s,) cosine distance of each row of norm 1 from the nearest anchor."""
    nearest: NDArray[np.float32] = 1 - (rows @ anchors.T).max(axis=1)
    return np.maximum(nearest, 0)
