"""Repetitions in a video whose encoder was trained on single performances: each is embedded as if it were alone.

An encoder that sees a whole video puts every frame in the context of all others, at positions that span the video. In
a clip of six repetitions that is a context it never learned: of the frames of joined push-ups, 54 % have a nearest
frame of their own phase then, and 74 % where it sees windows of one repetition's length. So the clip is embedded in
windows of several lengths. Each length gives a way to divide the clip; the one counts that the reference explains best,
whose repetitions are most like one another by the fixed features themselves, and whose number most lengths agree on.
Then each repetition is embedded alone, as the reference was, and matched with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.align import align_embeddings, similarity, swap, warp_frames
from core.align.repetitions import NONE, Prices, Repetitions, RepetitionSpan, compute_prices, explain, find_repetitions
from core.base.control import Control
from core.base.events import Sink, ignore
from core.embedding.compute import Embedder
from core.embedding.embedded_video import EmbeddedVideo
from core.model.encoder import Encoder
from core.model.windows import FramesInWindows
from core.video.frame_store import StoredVideo

Features = NDArray[np.floating]
"""(S, F) of the frames of a video, as `Encoder.embed_features` takes them; for the conv3d head (S, C, h, w)."""

_LEAST_WINDOW = 12
_RATIO = 2**0.5
"""Of one length of windows to the next."""
_SHORTEST, _LONGEST = 0.25, 2.8
"""Lengths that are tried, as shares of the reference's: how much faster or slower a clip may be."""
_GENEROUS = 1.0
"""Share that `core.align.repetitions.compute_prices` takes once it is known how many there are: what is at all
like them is theirs."""
_HEADROOM = 2.5
"""How much faster than the usual one a repetition may be."""
_SAMPLES = 400
"""Of a clip, by which its repetitions are compared with one another."""
_NEAR = 12
"""Samples that are neighbours, rather than another repetition of the same."""
_OWN_WEIGHT, _AGREEMENT_WEIGHT = 2.0, 0.6
"""Of how unlike one another a division's repetitions are, and of the share of window lengths that give as many of them;
beside what the reference leaves unexplained. Chosen on 52 joined push-ups, over a wide plateau of values as good."""


@dataclass(frozen=True, eq=False)
class RepeatedClip:
    """A clip with its repetitions, and embeddings that are not affected by them."""

    repetitions: Repetitions
    embeddings: NDArray[np.float32]
    """(N, D) rows of norm 1: each repetition embedded alone; what is outside of all in windows of `window_frames`."""
    window_frames: int
    """The length of windows that won."""


@dataclass(frozen=True, eq=False)
class _Division:
    """The result of windows of one length for a clip."""

    repetitions: Repetitions
    """Of the thinned clip, and of the thinned reference."""
    window_frames: int
    step: int
    """Frames of the clip from one of its samples to the next."""
    unlike: float
    """See `_Own.unlike`."""

    @property
    def unexplained(self) -> float:
        return 1 - self.repetitions.explained


def find_in_clip(
    encoder: Encoder, references: Sequence[Features], clip: Features, *, control: Control | None = None
) -> RepeatedClip:
    """Find in a clip the repetitions of what each of some references shows once.

    Where there are several references, the one counts that explains the clip best.

    Args:
        references: of one performance each.
        clip: with any number of them.

    Raises:
        Stopped: `control` asked for it.
    """
    control = control or Control()
    windows = FramesInWindows(encoder, clip)
    own = _Own(clip)
    found = []
    for features in references:
        control.obey()
        embedded = embed_alone(encoder, features)
        found.append((_divide(windows, embedded, own, control), embedded))
    division, reference = min(found, key=lambda one: one[0].unexplained)
    rows = windows.embedded(min(division.window_frames, len(clip)))
    for span in _full(division, len(clip)):
        control.obey()
        rows[span.start_frame : span.end_frame_exclusive] = embed_alone(
            encoder, clip[span.start_frame : span.end_frame_exclusive]
        )
    return RepeatedClip(_cycle_by_cycle(division, reference, rows), rows, division.window_frames)


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
    reference, video = open_features(embedder, paths)
    clip = find_in_clip(embedder.encoder, [reference.features], video.features, control=control)
    alone = embed_alone(embedder.encoder, reference.features)
    return (reference.embedded(alone), video.embedded(clip.embeddings)), clip.repetitions


@dataclass(frozen=True, eq=False)
class OpenedFeatures:
    """A video and the backbone features of its frames."""

    stored: StoredVideo
    features: Features

    def embedded(self, rows: NDArray[np.float32]) -> EmbeddedVideo:
        """Return the video with these embeddings."""
        stored = self.stored
        return EmbeddedVideo(stored.path, stored.digest, stored.edges_seconds, rows, stored)


def open_features(embedder: Embedder, paths: Sequence[Path]) -> list[OpenedFeatures]:
    """Return the features of each video, in memory.

    Raises:
        VideoError: one of them cannot be read.
        Stopped: asked to.
    """
    found = []
    for path in paths:
        for video, file in embedder.features([path]):
            with file:
                found.append(OpenedFeatures(video, np.concatenate(list(file.chunks()))))
    return found


def window_lengths(reference_frames: int, num_frames: int) -> list[int]:
    """Return the lengths of windows to try, in frames, given the reference's; none is longer than the clip."""
    low, high = _SHORTEST * reference_frames, _LONGEST * reference_frames
    lengths = (round(_LEAST_WINDOW * _RATIO**step) for step in itertools.count())
    kept = list(itertools.takewhile(lambda length: length < high * _RATIO, lengths))
    return sorted({min(length, num_frames) for length in kept if length * _RATIO > low} or {num_frames})


def _divide(windows: FramesInWindows, reference: NDArray[np.float32], own: _Own, control: Control) -> _Division:
    """Return the best of what windows of all lengths say."""
    samples = windows.encoder.train_frames
    thin = reference[:: max(1, len(reference) // samples)]
    rows: dict[int, tuple[int, NDArray[np.float32]]] = {}
    for length in window_lengths(len(reference), windows.num_frames):
        control.obey()
        step = max(1, length // samples)
        rows[length] = step, windows.embedded(length, step)
    costs = [1 - similarity(made, thin) for _, made in rows.values()]
    match = min(float(np.median(cost.min(axis=1))) for cost in costs)
    any_two = float(np.mean([cost.mean() for cost in costs]))
    prices = compute_prices(match, any_two)
    divisions = []
    for length, (step, made) in rows.items():
        found = find_repetitions(thin, made, prices=_for_tempo(prices, len(thin), length / step))
        divisions.append(_Division(found, length, step, own.unlike(found.spans, step)))
    best = min(divisions, key=lambda one: _doubt(one, divisions))
    generous = compute_prices(match, any_two, share=_GENEROUS)
    step, made = rows[best.window_frames]
    fuller = find_repetitions(thin, made, prices=_for_tempo(generous, len(thin), best.window_frames / step))
    return replace(best, repetitions=fuller) if fuller.count == best.repetitions.count else best


def _doubt(division: _Division, all_of_them: Sequence[_Division]) -> float:
    """Return the cost of a division; lower is better."""
    count = division.repetitions.count
    agreement = sum(one.repetitions.count == count for one in all_of_them if count) / len(all_of_them)
    return division.unexplained + _OWN_WEIGHT * division.unlike - _AGREEMENT_WEIGHT * agreement


class _Own:
    """Similarity of a clip's frames to each other, by their features alone, without misleading context.

    Args:
        clip: the features; what all its frames share is taken off.
    """

    def __init__(self, clip: Features) -> None:
        self._step = max(1, -(-len(clip) // _SAMPLES))
        flat = np.asarray(clip[:: self._step], np.float32).reshape(-1, int(np.prod(clip.shape[1:])))
        flat = flat - flat.mean(axis=0)
        self._cost = 1 - similarity(flat, flat)
        at = np.arange(len(flat))
        apart = np.abs(at[:, None] - at) >= _NEAR
        nearest = np.where(apart, self._cost, 2).min(axis=1)
        self._prices = compute_prices(float(np.median(nearest)), float(self._cost.mean()))

    def unlike(self, spans: Sequence[RepetitionSpan], step: int) -> float:
        """Return 0..1: the share of the clip that its repetitions leave unexplained, when one of them stands for all.

        That one is not explained itself: so a division into a few long ones, or a single one, gains nothing by it.

        Args:
            step: frames of the clip in a frame of the spans.
        """
        size = len(self._cost)
        least = 1.0
        for span in spans:
            start = span.start_frame * step // self._step
            end = min(max(span.end_frame_exclusive * step // self._step, start + 2), size)
            if start + 1 < end:
                found = explain(self._cost[:, start:end], self._prices)
                least = min(least, 1 - found.explained + (end - start) / size)
        return least


def _for_tempo(prices: Prices, reference_frames: int, repetition_frames: float) -> Prices:
    from core.align.repetitions_kernel import FASTEST

    most = int(np.clip(np.ceil(_HEADROOM * reference_frames / repetition_frames), 2, FASTEST))
    return Prices(prices.gap, prices.skip, prices.start, most)


def _full(division: _Division, num_frames: int) -> list[RepetitionSpan]:
    """Return the repetitions in frames of the whole clip."""
    return [
        RepetitionSpan(
            span.number,
            span.start_frame * division.step,
            min(span.end_frame_exclusive * division.step, num_frames),
            span.confidence,
        )
        for span in division.repetitions.spans
    ]


def _cycle_by_cycle(division: _Division, reference: NDArray[np.float32], rows: NDArray[np.float32]) -> Repetitions:
    """Match each repetition anew, from its own embeddings; frames that were dropped within it stay so."""
    found = division.repetitions
    frames = np.full(len(rows), NONE, np.int64)
    numbers = np.zeros(len(rows), np.int64)
    is_matched = np.repeat(found.frames != NONE, division.step)[: len(rows)]
    spans = _full(division, len(rows))
    for span in spans:
        own = np.arange(span.start_frame, span.end_frame_exclusive)
        numbers[own] = span.number
        own = own[is_matched[own]]
        frames[own] = warp_frames(swap(align_embeddings(reference, rows[own])))
    return Repetitions(tuple(spans), frames, numbers, found.cost * division.step, found.prices)


def embed_alone(encoder: Encoder, features: Features) -> NDArray[np.float32]:
    """Return (S, D) embeddings of frames that are seen as a whole video, rows of norm 1."""
    device = next(encoder.head.parameters()).device
    rows = torch.from_numpy(np.asarray(features, dtype=np.float32)).to(device)
    return encoder.embed_features(rows).float().cpu().numpy()
