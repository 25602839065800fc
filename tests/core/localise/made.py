"""Small videos with segments, for tests of localisation."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo

CLASSES = ("bow", "jump")
_DIRECTIONS = np.random.default_rng(3).normal(size=(len(CLASSES) + 1, 12))
"""Of the classes, and of what lies between."""


def rows_and_spans(seed: int) -> tuple[NDArray[np.float32], list[Span]]:
    """(S, 12) rows of norm 1, with two or three segments of either class and background around each."""
    generator = np.random.default_rng(seed)
    places: list[int] = []
    spans = []
    for _ in range(int(generator.integers(2, 4))):
        places += [len(CLASSES)] * int(generator.integers(3, 9))
        number, length = int(generator.integers(len(CLASSES))), int(generator.integers(4, 14))
        spans.append(Span(CLASSES[number], len(places), len(places) + length))
        places += [number] * length
    places += [len(CLASSES)] * 4
    rows = _DIRECTIONS[places] + 0.3 * generator.normal(size=(len(places), 12))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), spans


def video(name: str, seed: int, fps: float = 10.0) -> tuple[EmbeddedVideo, list[Span]]:
    """An embedded video and its true segments."""
    rows, spans = rows_and_spans(seed)
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return EmbeddedVideo(Path("/videos", name), digest, np.arange(len(rows) + 1) / fps, rows), spans
