"""Embeddings for tests, made by hand: which frames are alike is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.files import content_digest, write_text
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.embedding.packing import PackedWriter

FPS = 30
_WIDTH = 16


def course(moments: Sequence[float]) -> NDArray[np.float32]:
    """(S, D) rows of norm 1: what is seen at each moment, from 0 to 1, of one and the same movement."""
    centres = np.linspace(0, 1, _WIDTH)
    rows = np.exp(-((np.asarray(moments)[:, None] - centres) ** 2) / 0.005).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def edges(frames: int) -> NDArray[np.float64]:
    """(S + 1,) as tiny videos have them."""
    return np.arange(frames + 1) / FPS


def embed_by_hand(
    project: Path, run: str, videos: Sequence[tuple[Path, NDArray[np.float32]]], *, is_packed: bool = False
) -> None:
    """As if `core.embed` had written them with that run's encoder, which is none."""
    encoder = project / "runs" / run / "encoder.safetensors"
    if not encoder.is_file():
        encoder.parent.mkdir(parents=True, exist_ok=True)
        encoder.write_bytes(b"weights of " + run.encode())
        write_text(encoder.with_suffix(".json"), '{"kind": "carl encoder"}')
    embedded = [EmbeddedVideo(path, content_digest(path), edges(len(rows)), rows) for path, rows in videos]
    folder, digest = project / "embeddings" / run, content_digest(encoder)
    if is_packed:
        with PackedWriter(folder, digest) as writer:
            for video in embedded:
                writer.add(video)
    else:
        write_embedded(folder, embedded, digest)
