"""`core.embed` on small clips, and what it wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.cli import embed
from core.embedding.folder import read_card, read_embedded


def run(source: Path, encoder: Path, out: Path, *options: str) -> int:
    """Embed on the CPU; returns the exit status."""
    return embed.main([str(source), "--encoder", str(encoder), "--out", str(out), "--device", "cpu", *options])


def rows(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Embeddings by the name of the video."""
    return {one.path.name: np.array(one.embeddings) for one in read_embedded(folder, read_card(folder).encoder_digest)}
