"""Videos -> one embedding a frame, with an encoder that was trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import FramesConfig
from core.control import Control
from core.device import choose_device
from core.events import Sink, ignore
from core.features import FeatureCache
from core.model.checkpoint import load_encoder
from core.progress import Meter
from core.video.frame_store import FrameStore, StoredVideo


@dataclass(frozen=True)
class Embedded:
    """A video and what the encoder says of each of its frames."""

    video: StoredVideo
    embeddings: NDArray[np.float32]
    """(S, D), rows of norm 1."""


class Embedder:
    """An encoder with the stores that it reads through.

    Args:
        encoder_file: an `encoder.safetensors`, or the run folder that holds one.
        frames: the frame store's bounds; the short side is the one the encoder was trained with.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        CheckpointError: the encoder cannot be read.
    """

    def __init__(
        self,
        encoder_file: Path,
        *,
        frames: FramesConfig | None = None,
        device: str = "auto",
        sink: Sink = ignore,
        control: Control | None = None,
    ) -> None:
        self._sink, self._control = sink, control or Control()
        self._device = choose_device(device)
        self._encoder, config = load_encoder(encoder_file, device=str(self._device))
        bounds = frames or config.frames
        max_bytes = int(bounds.store_gigabytes * 1e9)
        self._store = FrameStore(short_side=config.frames.short_side, max_bytes=max_bytes, workers=bounds.workers)
        self._cache = FeatureCache(self._encoder, config, self._device, max_bytes=max_bytes)

    def open(self, paths: Sequence[Path]) -> list[StoredVideo]:
        """Decode what is not stored yet. Broken videos are left out with a notice; VideoError if none is left."""
        return self._store.add(paths, self._sink, self._control)

    def embed(self, videos: Sequence[StoredVideo]) -> Iterator[Embedded]:
        """Embed one video after the other, each whole (up to `encoder.max_frames`) and at stride 1.

        Only one video's embeddings, and the features of one piece of it, are in memory at a time.
        """
        meter = Meter(self._sink, "embed", sum(len(video) for video in videos), "frame")
        for video in videos:
            with self._cache.clean(video, self._control, meter) as features:
                pieces = []
                for start, stop in self._encoder.pieces(len(video)):
                    rows = torch.from_numpy(features.rows(np.arange(start, stop))).to(self._device, torch.float32)
                    pieces.append(self._encoder.embed_piece(rows, start, len(video)).float().cpu().numpy())
            yield Embedded(video, np.concatenate(pieces))


def embed_files(
    paths: Sequence[Path],
    encoder_file: Path,
    *,
    device: str = "auto",
    sink: Sink = ignore,
    control: Control | None = None,
) -> list[Embedded]:
    """Embed a few videos at once and keep them all in memory: for pairs. See `Embedder` for what it raises."""
    embedder = Embedder(encoder_file, device=device, sink=sink, control=control)
    return list(embedder.embed(embedder.open(paths)))
