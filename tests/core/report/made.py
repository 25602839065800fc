"""Performances made of embeddings alone: a movement whose every moment looks different, at any tempo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.report import Performance

SECONDS = 4.0
"""How long the movement lasts at its own tempo."""


def looks(progress: NDArray[np.float64]) -> NDArray[np.float32]:
    """(S,) how far the movement is, 0 to 1 -> (S, 3) rows of norm 1; a third dimension stays free."""
    angle = progress * np.pi
    return np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1).astype(np.float32)


def video(edges_seconds: NDArray[np.float64], embeddings: NDArray[np.float32], name: str = "a.mp4") -> EmbeddedVideo:
    return EmbeddedVideo(Path("/videos", name), name, edges_seconds, embeddings)


def performance(
    *, fps: float = 25.0, tempo: float = 1.0, name: str = "a.mp4", spans: tuple[Span, ...] = ()
) -> Performance:
    """The whole movement at a steady frame rate and tempo."""
    count = round(SECONDS / tempo * fps)
    edges = np.arange(count + 1) / fps
    middles = (edges[:-1] + edges[1:]) / 2
    return Performance(name, video(edges, looks(middles * tempo / SECONDS), name), spans)


def changing(count: int, seed: int) -> NDArray[np.float32]:
    """(S, 48) rows of norm 1: frames near one another are alike, all others are not, and none of another seed's."""
    noise = np.random.default_rng(seed).normal(size=(count + 12, 48))
    kernel = np.exp(-((np.arange(13) - 6) ** 2) / 8.0)
    rows = np.stack([np.convolve(column, kernel, mode="valid") for column in noise.T], axis=1)
    made: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return made
