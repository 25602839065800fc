"""From a table of labels and embedded videos to every frame's phase: what `python -m core.label` and a notebook do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.align.confidence import LEAST_CONFIDENCE
from core.base.colours import MORE_PHASES, PHASES
from core.base.control import Control
from core.base.events import Notice, Sink, ignore
from core.embedding.embedded_video import EmbeddedVideo
from core.label.labelling import LabelledVideo, label_videos
from core.label.repeated import with_repetitions
from core.label.suggestions import Suggestion, covering_videos, unsure_spans
from core.labels.segments import Segment, of_other_contents, spans_of
from core.labels.tracks import Labels, Track

_MOST_SUGGESTIONS = 10
"""Of each kind."""


def predict_phases(
    segments: Sequence[Segment],
    videos: Sequence[EmbeddedVideo],
    encoder: Path,
    *,
    method: str = "both",
    order: bool = True,
    least_confidence: float = LEAST_CONFIDENCE,
    repetitions: bool = False,
    device: str = "auto",
    sink: Sink = ignore,
    control: Control | None = None,
) -> list[LabelledVideo]:
    """Return the phase of every frame of these videos.

    Args:
        segments: the labels, as `core.label.tables.read_labels` gives them.
        encoder: that embedded the videos.
        method, order, least_confidence: as of `core.label.labelling.label_videos`.
        repetitions: whether videos without labels may show several times what the labelled ones show once
            (`core.label.repeated`).
        sink: told which labels were made for another file of that name.

    Raises:
        LabelError: a label's video is not among them, or it does not fit it (`core.labels.segments.spans_of`).
        VideoError, CheckpointError: as `core.label.repeated.with_repetitions`.
        Stopped: `control` asked for it.
    """
    known_spans = spans_of(segments, videos)
    for sentence in of_other_contents(segments, videos):
        sink(Notice(sentence))
    cycles = None
    if repetitions:
        videos, cycles = with_repetitions(videos, known_spans, encoder, device=device, sink=sink, control=control)
    return label_videos(
        videos,
        known_spans,
        cycles=cycles,
        method=method,
        order=order,
        least_confidence=least_confidence,
        sink=sink,
        control=control,
    )


def suggest(
    labelled: Sequence[LabelledVideo], control: Control | None = None
) -> tuple[list[Suggestion], list[Suggestion]]:
    """Return what to label next: spans in doubt, and videos that many others are like; ten of each at most.

    Raises:
        Stopped: `control` asked for it.
    """
    return unsure_spans(labelled, _MOST_SUGGESTIONS), covering_videos(labelled, _MOST_SUGGESTIONS, control)


def as_labels(labelled: Sequence[LabelledVideo], address_prefix: str = "") -> Labels:
    """Return what `core.labels.formats` write, in the colours that a new project would give the phases."""
    tracks = [
        Track(one.video.path, one.video.edges_seconds, one.spans, one.video.digest, features=one.video.embeddings)
        for one in labelled
    ]
    phases = labelled[0].phases
    colours = tuple(zip(phases, (*PHASES, *MORE_PHASES), strict=False))
    return Labels(phases, tuple(tracks), address_prefix=address_prefix, colours=colours)
