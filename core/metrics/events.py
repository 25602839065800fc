"""Event error: where an event of one video is found in another, on whole and on randomly cut clips (ours)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings
from core.labels.segments import UNLABELLED, runs_of
from core.metrics.frames import Embeddings, Labels, check_embeddings
from core.metrics.neighbours import nearest_frames

Found = Literal["nearest", "dtw", "diagonal"]
MOST_CUT = 0.35
"""Share of a clip that a random cut takes off either end at most."""
CUTS = 6
"""Random cuts of each clip; their event errors are averaged. DTW is taken of the first."""


def events_of(labels: Labels, num_classes: int) -> NDArray[np.int64]:
    """Return (C,) first frame of each phase: -1 where it is missing, comes in several runs, or begins the clip."""
    events = np.full(num_classes, -1, np.int64)
    runs = runs_of(labels)
    for phase in range(num_classes):
        starts = [start for label, start, _ in runs if label == phase]
        if len(starts) == 1 and starts[0] > 0 and labels[starts[0] - 1] != UNLABELLED:
            events[phase] = starts[0]
    return events


def event_error(
    embeddings: Sequence[Embeddings], events: Sequence[NDArray[np.integer]], *, found: Found = "nearest"
) -> float:
    """Return how far off each event of A is found in B, as a share of B's length: mean over ordered pairs and events
    (ours).

    Taken of whole clips, positions alone do well, since clips of one action are about as long: take it of cut clips too
    (`random_cut`, `cut_events`).

    Args:
        embeddings: (S, D) each.
        events: (E,) frame of each event in each video; -1 where the video lacks it, and then it is not counted.
        found: `nearest`: at the frame of B nearest to A's event; `dtw`: where the DTW path on the cosine cost pairs it
            (the middle of its frames of B); `diagonal`: at the same share of B's length, whatever the embeddings.

    Returns:
        0 is perfect; NaN where no pair of videos has an event in common, as with one video.

    Raises:
        ValueError: no video, lists that do not belong together, not finite, an event beyond its video, or `found` is
            none of the three.
    """
    check_embeddings("embeddings", embeddings)
    _check_events(embeddings, events)
    if found not in ("nearest", "dtw", "diagonal"):
        raise ValueError(f"found must be nearest, dtw or diagonal, not {found!r}")
    errors: list[float] = []
    for i, a in enumerate(embeddings):
        for j, b in enumerate(embeddings):
            both = (events[i] >= 0) & (events[j] >= 0)
            if i != j and both.any():
                places = _places(a, b, events[i][both], found)
                errors.extend(np.abs(places - events[j][both]) / len(b))
    return float(np.mean(errors)) if errors else float("nan")


def _check_events(embeddings: Sequence[Embeddings], events: Sequence[NDArray[np.integer]]) -> None:
    if len(embeddings) != len(events):
        raise ValueError(f"embeddings holds {len(embeddings)} videos and events {len(events)}")
    for index, (video, own) in enumerate(zip(embeddings, events, strict=True)):
        if own.ndim != 1 or len(own) != len(events[0]):
            raise ValueError(f"events[{index}] is ({len(events[0])},), the same events for each video, not {own.shape}")
        if (own >= len(video)).any():
            raise ValueError(f"events[{index}] are frames 0 to {len(video) - 1}, or -1, not {own.max()}")


def _places(a: Embeddings, b: Embeddings, frames: Labels, found: Found) -> NDArray[np.float64]:
    if found == "nearest":
        return nearest_frames(a[frames], b).astype(np.float64)
    if found == "diagonal":
        return frames / max(len(a) - 1, 1) * (len(b) - 1)
    path = align_embeddings(a, b)
    return np.array([np.median(path.b_frames[path.a_frames == frame]) for frame in frames])


def random_cut(num_frames: int, generator: np.random.Generator, *, most_cut: float = MOST_CUT) -> tuple[int, int]:
    """Return (start_frame, end_frame_exclusive) of what is left of a clip when a random share is cut off either end.

    The clip is to be embedded anew from those frames alone: an encoder that saw the rest knows where it is.

    Args:
        most_cut: share of the frames that either end loses at most, below 0.5.

    Raises:
        ValueError: no frame, or `most_cut` is not from 0 to below 0.5.
    """
    if num_frames < 1 or not 0 <= most_cut < 0.5:
        raise ValueError(
            f"a clip must have frames and lose less than half at either end, not {num_frames} and {most_cut}"
        )
    start, stop = (int(generator.uniform(0, most_cut) * num_frames) for _ in range(2))
    return start, num_frames - stop


def cut_events(events: NDArray[np.integer], start_frame: int, end_frame_exclusive: int) -> NDArray[np.int64]:
    """Return (E,) the events of a clip as frames of a part of it; -1 where the event was cut away or was -1 before."""
    kept = (events >= max(start_frame, 0)) & (events < end_frame_exclusive)
    return np.where(kept, events - start_frame, -1).astype(np.int64)


def draw_cuts(lengths: Sequence[int], seed: int) -> list[tuple[int, int]]:
    """Return a `random_cut` of each clip of these lengths, the same for the same seed."""
    generator = np.random.default_rng([seed, 35])
    return [random_cut(length, generator) for length in lengths]
