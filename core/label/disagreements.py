"""Disagreements about the phase of a frame, between labels, probe, and transfer along DTW."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.label.covering import distances
from core.label.cross_validation import CrossValidation
from core.label.labelling import LabelledVideo
from core.label.transfer import transfer_votes
from core.labels.segments import UNLABELLED, frame_labels, runs_of

_MOST_REFERENCES = 5
"""Labelled videos that vote on one video, the most alike ones: bounds the work."""


@dataclass(frozen=True)
class Disagreement:
    """A maximal run of frames in which every source is constant, and the sources disagree."""

    place: int
    """Of the video."""
    start_frame: int
    end_frame_exclusive: int
    label: str | None
    """What a person said; None: nothing."""
    probe: str | None
    """Of a labelled frame: learned from other videos alone. None: they show fewer than two phases."""
    transfer: str | None
    """The vote of other labelled videos; None: none votes here."""

    def __len__(self) -> int:
        return self.end_frame_exclusive - self.start_frame


def disagreements(
    labelled: Sequence[LabelledVideo], checked: CrossValidation, control: Control | None = None
) -> list[Disagreement]:
    """Return all disagreements, longest first. Transfer assumes that every video shows the action once.

    Args:
        labelled: what the probe says, of all videos (`core.label.labelling.label_videos`).
        checked: of the same videos and labels, by the probe.

    Raises:
        ValueError: these are of other phases.
        Stopped: `control` asked for it.
    """
    phases = labelled[0].phases if labelled else checked.phases
    if phases != checked.phases:
        raise ValueError(f"the check was for the phases {checked.phases}, not {phases}")
    apart = distances([one.video for one in labelled], control)
    teachers = [index for index, one in enumerate(labelled) if (one.known_labels != UNLABELLED).any()]
    found: list[Disagreement] = []
    for place, one in enumerate(labelled):
        nearest = sorted((other for other in teachers if other != place), key=lambda other: float(apart[place, other]))
        references = [(labelled[i].video.embeddings, labelled[i].known_labels) for i in nearest[:_MOST_REFERENCES]]
        votes = transfer_votes(one.video.embeddings, references, len(phases), control=control)
        carried = np.where(votes.any(axis=1), votes.argmax(axis=1), UNLABELLED)
        sources = np.stack([one.known_labels, _probe(one, checked.predicted.get(place)), carried])  # (3, S)
        found += [Disagreement(place, *run) for run in _runs(sources, phases)]
    return sorted(found, key=lambda one: -len(one))


def _probe(one: LabelledVideo, by_others: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return (S,) what the probe says where it was not told."""
    predicted = frame_labels(one.spans, len(one.video), one.phases)
    is_known = one.known_labels != UNLABELLED
    predicted[is_known] = UNLABELLED if by_others is None else by_others[is_known]
    return predicted


def _runs(
    sources: NDArray[np.int64], phases: Sequence[str]
) -> list[tuple[int, int, str | None, str | None, str | None]]:
    known = sources != UNLABELLED
    most = np.where(known, sources, UNLABELLED).max(axis=0)
    least = np.where(known, sources, len(phases)).min(axis=0)
    base = len(phases) + 1
    codes = ((sources[0] + 1) * base + sources[1] + 1) * base + sources[2] + 1  # UNLABELLED is -1
    names = [None, *phases]
    return [
        (start, stop, names[code // base**2], names[code // base % base], names[code % base])
        for code, start, stop in runs_of(np.where(least < most, codes, UNLABELLED))
    ]
