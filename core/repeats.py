"""Repetitions in a video whose encoder learned from single performances: each is embedded as if it stood alone.

An encoder that sees a whole video puts every frame in the context of all others, at positions that span the video. In a
clip of six repetitions that is a context it never learned: of the frames of joined push-ups, 54 % have a nearest frame
of their own phase then, against 79 % here. So the clip is embedded in windows of several lengths first; the length at
which the reference explains the clip at the least price is that of a repetition. Then each repetition that was found is
embedded alone, which is what the reference was.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.align import align_embeddings, similarity, swapped, warp_frames
from core.align.repetitions import NONE, Prices, Repetitions, find_repetitions, priced
from core.control import Control
from core.embedded import EmbeddedVideo
from core.embedding import Embedder
from core.events import Sink, ignore
from core.model.encoder import Encoder

_LEAST_WINDOW = 12
_RATIO = 2**0.5
"""Of one length of windows to the next."""
_SHORTEST, _LONGEST = 0.25, 2.8
"""Lengths that are tried, as shares of the reference's: how much faster or slower a clip may be."""
_OVERLAP = 4
"""Windows over each frame."""
_BATCH_FRAMES = 4096
"""Of windows that are embedded at once: bounds memory."""
_HEADROOM = 2.5
"""How much faster than the usual one a repetition may be."""


@dataclass(frozen=True, eq=False)
class RepeatedClip:
    """A clip with its repetitions, and embeddings that do not suffer from them."""

    repetitions: Repetitions
    embeddings: NDArray[np.float32]
    """(N, D) rows of norm 1: each repetition embedded alone; outside of all, in windows of about a repetition's length.
    """
    window_frames: int
    """The length that won."""


def find_in_clip(
    encoder: Encoder,
    references: Sequence[NDArray[np.floating]],
    clip: NDArray[np.floating],
    *,
    control: Control | None = None,
) -> RepeatedClip:
    """Find in a clip the repetitions of what each of some references shows once.

    Where there are several references, the one counts that explains the clip best.

    Args:
        references: (M, F) features of one performance each, as `Encoder.embed_features` takes them.
        clip: (N, F) features.

    Raises:
        Stopped: `control` asked for it.
    """
    control = control or Control()
    embedded = [_whole(encoder, rows) for rows in references]
    windows = {}
    for size in window_lengths([len(rows) for rows in references], len(clip)):
        control.raise_if_stopped()
        windows[size] = embed_windows(encoder, clip, size)
    found = [(*_best(rows, windows), rows) for rows in embedded]
    repetitions, size, reference = max(found, key=lambda one: one[0].explained)
    rows = windows[size].copy()
    for span in repetitions.spans:
        control.raise_if_stopped()
        own = slice(span.start_frame, span.end_frame_exclusive)
        rows[own] = _whole(encoder, clip[own])
    return RepeatedClip(_cycle_by_cycle(repetitions, reference, rows), rows, size)


def open_repeated(
    paths: Sequence[Path],
    encoder_file: Path,
    *,
    device: str = "auto",
    sink: Sink = ignore,
    control: Control | None = None,
) -> tuple[tuple[EmbeddedVideo, EmbeddedVideo], Repetitions]:
    """Embed a reference and a video, and find how often the video shows what the reference shows once.

    Args:
        paths: the reference and the video.
        encoder_file: an `encoder.safetensors`, or the run folder that holds one.

    Raises:
        VideoError: one of them cannot be read.
        CheckpointError: the encoder cannot be read.
        Stopped: `control` asked for it.
    """
    embedder = Embedder(encoder_file, device=device, sink=sink, control=control)
    rows, opened = [], []
    for path in paths:
        for video, file in embedder.features([path]):
            with file:
                rows.append(np.concatenate(list(file.chunks())))
            opened.append(video)
    clip = find_in_clip(embedder.encoder, rows[:1], rows[1], control=control)
    a, b = (
        EmbeddedVideo(video.path, video.digest, video.edges_seconds, embedded, video)
        for video, embedded in zip(opened, (_whole(embedder.encoder, rows[0]), clip.embeddings), strict=True)
    )
    return (a, b), clip.repetitions


def window_lengths(references: Sequence[int], num_frames: int) -> list[int]:
    """Lengths of windows to try, in frames, given those of the references; none is longer than the clip."""
    low, high = _SHORTEST * min(references), _LONGEST * max(references)
    lengths = (round(_LEAST_WINDOW * _RATIO**step) for step in itertools.count())
    kept = itertools.takewhile(lambda length: length <= high * _RATIO**0.5, lengths)
    return sorted({min(length, num_frames) for length in kept if length * _RATIO**0.5 >= low}) or [num_frames]


def embed_windows(encoder: Encoder, features: NDArray[np.floating], window_frames: int) -> NDArray[np.float32]:
    """Embed a clip in overlapping windows, each as if it were a video of its own; the mean of them, rows of norm 1.

    Frames near a window's ends, which see little of what surrounds them, count less. O(N) time and memory.

    Args:
        features: (N, F).
        window_frames: of each; a clip that is shorter is embedded whole.

    Raises:
        ValueError: a window is less than a frame.
    """
    if window_frames < 1:
        raise ValueError(f"a window has a frame or more, not {window_frames}")
    num_frames, size = len(features), min(window_frames, len(features))
    count = 1 + -(-(num_frames - size) * _OVERLAP // size)
    starts = np.unique(np.linspace(0, num_frames - size, count).astype(np.int64))
    weights = (np.hanning(size + 2)[1:-1] + 1e-3).astype(np.float32)[:, None]
    total: NDArray[np.float32] | None = None
    for first in range(0, len(starts), max(1, _BATCH_FRAMES // size)):
        some = starts[first : first + max(1, _BATCH_FRAMES // size)]
        made = _embed_alike(encoder, np.stack([features[start : start + size] for start in some]))  # (B, size, D)
        total = np.zeros((num_frames, made.shape[2]), np.float32) if total is None else total
        for start, rows in zip(some, made, strict=True):
            total[start : start + size] += weights * rows
    assert total is not None, "there is a window"
    norms = np.linalg.norm(total, axis=1, keepdims=True)
    return (total / np.where(norms > 0, norms, 1)).astype(np.float32)


def _best(reference: NDArray[np.float32], windows: dict[int, NDArray[np.float32]]) -> tuple[Repetitions, int]:
    """The windows in which the reference explains the clip at the least price, the same prices for all."""
    costs = {size: 1 - similarity(_thinned(rows), reference) for size, rows in windows.items()}
    match = min(float(np.median(cost.min(axis=1))) for cost in costs.values())
    prices = priced(match, float(np.mean([cost.mean() for cost in costs.values()])))
    del costs
    found = [
        (find_repetitions(reference, rows, prices=_for_tempo(prices, len(reference), size)), size)
        for size, rows in windows.items()
    ]
    return min(found, key=lambda one: one[0].cost)


def _thinned(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return rows[:: -(-len(rows) // 1024)]


def _for_tempo(prices: Prices, reference_frames: int, window_frames: int) -> Prices:
    from core.align.repetitions_kernel import FASTEST

    most = int(np.clip(np.ceil(_HEADROOM * reference_frames / window_frames), 2, FASTEST))
    return Prices(prices.gap, prices.skip, prices.start, most)


def _cycle_by_cycle(repetitions: Repetitions, reference: NDArray[np.float32], rows: NDArray[np.float32]) -> Repetitions:
    """Match each repetition anew, from its better embeddings; the frames that were dropped within it stay so."""
    frames = repetitions.frames.copy()
    for span in repetitions.spans:
        own = np.arange(span.start_frame, span.end_frame_exclusive)
        own = own[frames[own] != NONE]
        low, high = int(frames[own[0]]), int(frames[own[-1]])
        path = align_embeddings(reference[low : high + 1], rows[own])
        frames[own] = low + warp_frames(swapped(path))
    return Repetitions(repetitions.spans, frames, repetitions.numbers, repetitions.cost, repetitions.prices)


def _whole(encoder: Encoder, features: NDArray[np.floating]) -> NDArray[np.float32]:
    return encoder.embed_features(_tensor(encoder, features)).float().cpu().numpy()


@torch.no_grad()
def _embed_alike(encoder: Encoder, features: NDArray[np.floating]) -> NDArray[np.float32]:
    """(B, T, F) -> (B, T, D), rows of norm 1."""
    return np.stack([_whole(encoder, one) for one in features])


def _tensor(encoder: Encoder, features: NDArray[np.floating]) -> Tensor:
    device = next(encoder.head.parameters()).device
    return torch.from_numpy(np.asarray(features, dtype=np.float32)).to(device)
