"""Embedded videos made of numbers: no encoder, no footage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.embedding.embedded_video import EmbeddedVideo


def unit(rows: ArrayLike) -> NDArray[np.float32]:
    """(S, D) float32 rows of norm 1; zeros stay."""
    given = np.asarray(rows, np.float64)
    norms = np.linalg.norm(given, axis=1, keepdims=True)
    return (given / np.where(norms > 0, norms, 1)).astype(np.float32)


def embedded(
    rows: NDArray[np.float32], *, fps: float = 30.0, name: str = "v.mp4", digest: str = "", edges: ArrayLike = ()
) -> EmbeddedVideo:
    times = np.asarray(edges, np.float64) if len(np.asarray(edges)) else np.arange(len(rows) + 1) / fps
    return EmbeddedVideo(Path("/videos", name), digest or name, times, rows)


def random_videos(lengths: Sequence[int], width: int = 8, seed: int = 0) -> list[EmbeddedVideo]:
    """Random walks on the sphere, so that neighbouring frames are alike."""
    rng = np.random.default_rng(seed)
    return [
        embedded(unit(rng.normal(size=width) + np.cumsum(rng.normal(size=(length, width)), axis=0)), name=f"{i}.mp4")
        for i, length in enumerate(lengths)
    ]
