"""Small embedded clips of one course of phases, for tests of labels."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo

PHASES = ("rest", "lift", "lower")
_DIRECTIONS = np.random.default_rng(7).normal(size=(len(PHASES) + 1, 12))
"""Where each phase begins in the space of embeddings, and where the last one ends."""


def clip(name: str, lengths: Sequence[int], *, seed: int = 0, noise: float = 0.05) -> EmbeddedVideo:
    """So many frames of each of the `PHASES`, in order, at 10 frames a second; embeddings (S, 12)."""
    rows = [
        _DIRECTIONS[place] + (_DIRECTIONS[place + 1] - _DIRECTIONS[place]) * np.linspace(0, 1, length, False)[:, None]
        for place, length in enumerate(lengths)
    ]
    return embedded(name, np.concatenate(rows) + noise * np.random.default_rng(seed).normal(size=(sum(lengths), 12)))


def embedded(name: str, rows: NDArray[np.float64]) -> EmbeddedVideo:
    """A video with these embeddings, made of norm 1."""
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return EmbeddedVideo(
        Path("/videos", name), hashlib.sha256(name.encode()).hexdigest()[:32], np.arange(len(rows) + 1) / 10, unit
    )


def spans(lengths: Sequence[int]) -> list[Span]:
    """The labels of a clip."""
    edges = np.cumsum([0, *lengths]).tolist()
    return [Span(*one) for one in zip(PHASES, edges[:-1], edges[1:], strict=True) if one[1] < one[2]]
