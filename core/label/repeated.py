"""Label videos that repeat what the labelled ones show once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.events import Notice, Sink, ignore
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.repetitions.tables import repetitions_in_words

MOST_REFERENCES = 5
"""Labelled videos that repetitions are looked for with: each costs as much as the first."""

Cycles = list[tuple[int, int]]
"""Start and end (exclusive) of each repetition, in order."""


def with_repetitions(
    videos: Sequence[EmbeddedVideo],
    known_spans: Sequence[Sequence[Span]],
    encoder_file: Path,
    *,
    device: str = "auto",
    sink: Sink = ignore,
    control: Control | None = None,
) -> tuple[list[EmbeddedVideo], list[Cycles | None]]:
    """Find in each video without labels how often it shows what labelled ones show once.

    Args:
        given: the spans of each video; one that has any shows the course once.

    Returns:
        The videos, those with two repetitions or more embedded anew so that these do no harm
        (`core.repetitions.repeats`); and their repetitions, None for all others.

    Raises:
        VideoError: a file is gone: its embeddings alone do not say what its frames are without their context.
        CheckpointError: the encoder cannot be read.
        Stopped: `control` asked for it.
    """
    from core.embedding.compute import Embedder  # torch
    from core.repetitions.repeats import find_in_clip

    embedder = Embedder(encoder_file, device=device, sink=sink, control=control)

    def features(video: EmbeddedVideo) -> NDArray[np.float16]:
        (_, file), *_ = embedder.features([video.path])
        with file:
            return np.concatenate(list(file.chunks()))

    labelled = [video for video, spans in zip(videos, known_spans, strict=True) if spans]
    step = -(-len(labelled) // MOST_REFERENCES)
    references = [features(video) for video in labelled[::step]]
    made: list[EmbeddedVideo] = []
    cycles: list[Cycles | None] = []
    for video, spans in zip(videos, known_spans, strict=True):
        clip = None if spans else find_in_clip(embedder.encoder, references, features(video), control=control)
        if clip is None or clip.repetitions.count < 2:
            made.append(video)
            cycles.append(None)
            continue
        sink(Notice(repetitions_in_words("the labelled videos", video, clip.repetitions)))
        made.append(replace(video, embeddings=clip.embeddings))
        cycles.append(clip.repetitions.cycles)
    return made, cycles
