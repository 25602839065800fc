"""Suggest what to label next: where the prediction is least confident, and which videos are most representative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.base.control import Control
from core.label.covering import choose_covering, distances
from core.label.labelling import LabelledVideo
from core.labels.segments import UNLABELLED, runs_of

_UNSURE_MARGIN = 0.5
"""A frame is unsure where the likeliest phase leads by less than this probability."""


@dataclass(frozen=True)
class Suggestion:
    """A range of frames worth labelling."""

    labelled: LabelledVideo
    start_frame: int
    end_frame_exclusive: int
    reason: Literal["unsure", "covering"]
    score: float
    """`unsure`: about how many of its frames are wrong; `covering`: by how much it lowers the mean
    distance of all videos from the nearest labelled one, or one suggested before it, 0 to 2."""

    @property
    def doubt(self) -> tuple[str, str]:
        """The two likeliest phases over the span, the likelier one first."""
        mean = self.labelled.probabilities[self.start_frame : self.end_frame_exclusive].mean(axis=0)
        first, second = np.argsort(-mean, kind="stable")[:2]
        return self.labelled.phases[first], self.labelled.phases[second]


def unsure_spans(videos: Sequence[LabelledVideo], count: int) -> list[Suggestion]:
    """Return the spans in doubt that cost the most: consecutive frames without a label whose two likeliest phases are
    close.

    Their score is the sum of what the likeliest phase lacks to certainty. The `count` highest, highest first.
    """
    found = []
    for of_video in videos:
        ranked = np.sort(of_video.probabilities, axis=1)
        doubtful = (ranked[:, -1] - ranked[:, -2] < _UNSURE_MARGIN) & (of_video.known_labels == UNLABELLED)
        for _, start, stop in runs_of(np.where(doubtful, 0, UNLABELLED)):
            score = float((1 - ranked[start:stop, -1]).sum())
            found.append(Suggestion(of_video, start, stop, "unsure", score))
    return sorted(found, key=lambda one: -one.score)[:count]


def covering_videos(videos: Sequence[LabelledVideo], count: int, control: Control | None = None) -> list[Suggestion]:
    """Return unlabelled videos, first the one whose label brings all others nearest to a labelled one.

    Each further one takes those before it for labelled (`core.label.covering`). At most `count`.

    Raises:
        Stopped: `control` asked for it.
    """
    labelled = {index for index, one in enumerate(videos) if (one.known_labels != UNLABELLED).any()}
    found = choose_covering(distances([one.video for one in videos], control), labelled, count)
    return [Suggestion(videos[index], 0, len(videos[index].video), "covering", gain) for index, gain in found]
