"""Predict the phase of every frame from some labels."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.confidence import LEAST_CONFIDENCE
from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.label.phase_order import best_path, change_costs
from core.label.transfer import transfer_votes
from core.labels.segments import METHODS, UNLABELLED, frame_labels, phase_names, runs_of
from core.metrics.linear_probe import Probe, fit_probe


@dataclass(frozen=True)
class LabelledVideo:
    """Labels and predictions of each frame of a video."""

    video: EmbeddedVideo
    phases: tuple[str, ...]
    """Of all videos, C of them."""
    known_labels: NDArray[np.int64]
    """(S,) place in `phases` of what a person said; `UNLABELLED` elsewhere."""
    probabilities: NDArray[np.float64]
    """(S, C) of each phase, whatever comes before and after; rows sum to 1. What was given is certain."""
    spans: tuple[Span, ...]
    """Every frame once, in order: given ones as they were (source `label`, confidence 1), predicted ones between them.

    A predicted span's confidence is the mean probability of its phase over its frames.
    """

    def __repr__(self) -> str:
        labelled = int((self.known_labels != UNLABELLED).sum())
        return (
            f"LabelledVideo({self.video.path.name}, {len(self.spans)} spans over {len(self.video)} frames, "
            f"{labelled} of them labelled)"
        )

    def __post_init__(self) -> None:
        size = len(self.video)
        if self.known_labels.shape != (size,) or self.probabilities.shape != (size, len(self.phases)):
            raise ValueError(
                f"labels and probabilities must fit, not {self.known_labels.shape} and {self.probabilities.shape}"
            )
        edges = [0, *(span.end_frame_exclusive for span in self.spans)]
        if edges[:-1] != [span.start_frame for span in self.spans] or edges[-1] != size:
            raise ValueError(f"the segments of {self.video.path} must cover each of its {size} frames once")


def label_videos(
    videos: Sequence[EmbeddedVideo],
    known_spans: Sequence[Sequence[Span]],
    *,
    method: str = "both",
    order: bool = True,
    least_confidence: float = LEAST_CONFIDENCE,
    cycles: Sequence[Sequence[tuple[int, int]] | None] | None = None,
    sink: Sink = ignore,
    control: Control | None = None,
) -> list[LabelledVideo]:
    """Learn from the labelled frames of all videos, and predict the others. Unlabelled frames are not background.

    Args:
        given: the spans of each video, in order and not overlapping; of two phases or more in all.
        method: `probe`: frame by frame (`core.metrics.linear_probe`). `transfer`: by vote of the other labelled
        videos, along their
            alignments (`core.label.transfer`); it takes every video to show the same course once, or a part of it.
            `both`: votes count half at most, the less the less the matched frames are alike; the probe has the rest.
            Where no video votes, it is the probe.
        order: whether phases keep to changes that labels show, unless there is much evidence
            (`core.label.phase_order`).
        least_confidence: how sure a match must be for a vote, 0 to below 1 (`core.align.align_partial`).
        cycles: start and end (exclusive) of each repetition of the course in each video, in order; None for a video,
            or for all: it shows the course once. Each repetition votes, gets votes and keeps the order for itself.

    Raises:
        ValueError: an unknown method, or fewer than two phases.
        Stopped: `control` asked for it.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, not {method!r}")
    control = control or Control()
    repeated = list(cycles) if cycles is not None else [None] * len(videos)
    phases = phase_names(known_spans)
    labels = [frame_labels(spans, len(video), phases) for video, spans in zip(videos, known_spans, strict=True)]
    labelled = [index for index, spans in enumerate(known_spans) if spans]
    probe = fit_probe([videos[i].embeddings for i in labelled], [labels[i] for i in labelled], len(phases))
    costs = change_costs([labels[i] for i in labelled], len(phases)) if order else None
    meter = Meter(sink, "label", sum(map(len, videos)), "frame")
    made = []
    for index, video in enumerate(videos):
        control.obey()
        votes = None
        if method != "probe" and (labels[index] == UNLABELLED).any():
            references = [
                (videos[i].embeddings[start:end], labels[i][start:end])
                for i in labelled
                if i != index
                for start, end in repeated[i] or [(0, len(videos[i]))]
            ]
            votes = transfer_votes(
                video.embeddings,
                references,
                len(phases),
                cycles=repeated[index],
                cautious=method == "both",
                least_confidence=least_confidence,
                control=control,
            )
        made.append(
            _predict(video, phases, known_spans[index], labels[index], probe, votes, method, costs, repeated[index])
        )
        meter.add(len(video))
    return made


def _predict(
    video: EmbeddedVideo,
    phases: Sequence[str],
    spans: Sequence[Span],
    labels: NDArray[np.int64],
    probe: Probe,
    votes: NDArray[np.float64] | None,
    method: str,
    costs: NDArray[np.float64] | None,
    cycles: Sequence[tuple[int, int]] | None,
) -> LabelledVideo:
    probabilities = probe.probabilities(video.embeddings)
    if votes is not None:
        probabilities = votes + (1 - votes.sum(axis=1, keepdims=True)) * probabilities
    known = np.flatnonzero(labels != UNLABELLED)
    probabilities[known] = np.eye(len(phases))[labels[known]]
    if costs is None:
        path = probabilities.argmax(axis=1)
    else:
        edges = [0, *(start for start, _ in cycles or () if start), len(video)]
        parts = [slice(*edge) for edge in itertools.pairwise(edges)]
        path = np.concatenate([best_path(probabilities[part], costs, labels[part]) for part in parts])
    path[known] = UNLABELLED
    made = [Span(span.phase, span.start_frame, span.end_frame_exclusive) for span in spans]
    for phase, start, stop in runs_of(path):
        confidence = float(probabilities[start:stop, phase].mean().clip(0, 1))
        voted = votes is not None and bool(votes[start:stop].any())
        made.append(Span(phases[phase], start, stop, confidence, method if voted else "probe"))
    made.sort(key=lambda span: span.start_frame)
    return LabelledVideo(video, tuple(phases), labels, probabilities, tuple(made))
