"""Compare a performance with the reference, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align import NONE, align_partial, partners
from core.align.confidence import LEAST_CONFIDENCE
from core.base.types import Alignment
from core.report.course import Course
from core.report.largest_deviations import Peak, moments_of
from core.report.performances import Performance
from core.report.unmatched import Unmatched, unmatched_of

_LEAST_FRAMES = 5
"""Frames of either video that a window holds at least: in fewer the path's steps show, not the movement."""
_CHUNK_STEPS = 1 << 14
"""Steps of a path whose embeddings are compared at once."""


@dataclass(frozen=True)
class Comparison:
    """The comparison of each of a performance's S frames with the reference, along the cheapest path.

    Of a frame without a partner in the reference it says nothing: it has no distance and no tempo.
    """

    performance: Performance
    reference: Performance
    window_seconds: float
    """Over which tempo is a mean and distance is smoothed: as asked for, but at least 5 frames of either video."""
    course: Course
    reference_frames: NDArray[np.int64]
    """(S,) the middle one of the frames of the reference that a frame is matched with; `NONE`: it has no partner."""
    tempo: NDArray[np.float64]
    """(S,) `Course.tempo`; NaN without a partner and outside the shared part."""
    distance: NDArray[np.float64]
    """(S,) 1 - cosine of matched embeddings, 0 to 2, smoothed over the window (`smooth`); NaN without a partner.

    What counts as far depends on the encoder: compare moments and performances, not encoders.
    """
    contrast: NDArray[np.float64]
    """(S,) how much farther a frame is from the reference half a window before and after the moment it is matched
    with, smoothed alike; NaN without a partner."""
    mean_distance: float
    """Over all frames with a partner, without a window; NaN: there are none."""
    moments: tuple[Peak, ...]
    """Where it deviates most, the farthest first."""
    unmatched: tuple[Unmatched, ...]
    """What only one of the two shows, in the order of the path."""

    @property
    def has_partner(self) -> NDArray[np.bool_]:
        """(S,) which frames have a partner in the reference."""
        has: NDArray[np.bool_] = self.reference_frames != NONE
        return has

    @property
    def is_clear(self) -> NDArray[np.bool_]:
        """(S,) whether the tempo means something: being matched half a window off would more than double the distance.

        It is not clear where both stand still, so that no moment fits better than the next, and where nothing in the
        reference resembles the frame.
        """
        return self.contrast > self.distance

    @property
    def clear_share(self) -> float:
        """Of the time of the frames with a partner, 0 to 1; NaN: there are none."""
        seconds = np.diff(self.performance.video.edges_seconds)[self.has_partner]
        return float(np.average(self.is_clear[self.has_partner], weights=seconds)) if len(seconds) else float("nan")

    @property
    def largest_distance(self) -> float:
        """NaN: no frame has a partner."""
        return float(np.nanmax(self.distance)) if self.has_partner.any() else float("nan")

    @property
    def duration_ratio(self) -> float:
        """How many times as long as the reference the whole video is."""
        return self.performance.seconds / self.reference.seconds

    @property
    def added_seconds(self) -> float:
        """How much of the video has no partner in the reference."""
        return self._unmatched_seconds("added")

    @property
    def missing_seconds(self) -> float:
        """How much of the reference has no partner in the video."""
        return self._unmatched_seconds("missing")

    def owner(self, one: Unmatched) -> Performance:
        """Return the one of the two in which an unmatched stretch lies."""
        return self.performance if one.kind == "added" else self.reference

    def seconds_of(self, one: Unmatched) -> float:
        """Return how long an unmatched stretch lasts."""
        edges = self.owner(one).video.edges_seconds
        return float(edges[one.end_frame_exclusive] - edges[one.start_frame])

    def _unmatched_seconds(self, kind: str) -> float:
        return sum((self.seconds_of(one) for one in self.unmatched if one.kind == kind), 0.0)


def compare(
    performance: Performance,
    reference: Performance,
    *,
    window_seconds: float = 0.5,
    top: int = 3,
    apart_seconds: float = 1.0,
    band: float | None = None,
    least_confidence: float = LEAST_CONFIDENCE,
) -> Comparison:
    """Align a performance with the reference and measure it.

    Args:
        window_seconds: over which tempo is a mean and distance is smoothed.
        top: how many moments of departure to name at most.
        apart_seconds: least time between two of them.
        band: see `core.align.dtw`.
        least_confidence: see `core.align.align_partial`; at 0 every frame has a partner.
    """
    video, other = performance.video, reference.video
    edges = video.edges_seconds
    alignment = align_partial(video.embeddings, other.embeddings, least_confidence=least_confidence, band=band)
    course = Course.of(alignment, edges, other.edges_seconds)
    frame_seconds = max(float(np.median(np.diff(one.edges_seconds))) for one in (video, other))
    window_seconds = max(window_seconds, _LEAST_FRAMES * frame_seconds)
    raw = matched_distance(alignment, video.embeddings, other.embeddings)
    distance = smooth(raw, edges, window_seconds)
    has_partner = alignment.has_partner_a
    rise = _rise(video.embeddings, reference, course, edges, window_seconds / 2)
    rise[~has_partner] = np.nan
    return Comparison(
        performance,
        reference,
        window_seconds,
        course,
        partners(alignment),
        course.tempo(edges, window_seconds),
        distance,
        smooth(rise, edges, window_seconds),
        float(np.average(raw[has_partner], weights=np.diff(edges)[has_partner])) if len(alignment) else float("nan"),
        tuple(moments_of(distance, edges, top=top, apart_seconds=apart_seconds)),
        tuple(unmatched_of(alignment)),
    )


def _rise(
    embeddings: NDArray[np.float32],
    reference: Performance,
    course: Course,
    edges_seconds: NDArray[np.float64],
    shift_seconds: float,
) -> NDArray[np.float64]:
    """Return (S,) by how much the distance grows where each frame's moment in the reference is shifted, either way.

    Near the reference's ends only the way that stays within counts; 0 where neither does.
    """
    frames = np.arange(len(embeddings))
    edges = reference.video.edges_seconds
    moments = course.reference_at((edges_seconds[:-1] + edges_seconds[1:]) / 2)

    def distance_at(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        there = np.clip(np.searchsorted(edges, seconds, side="right") - 1, 0, len(edges) - 2)
        return matched_distance(Alignment(frames, there, 0.0), embeddings, reference.video.embeddings)

    here = distance_at(moments)
    total, ways = np.zeros(len(frames)), np.zeros(len(frames))
    for shifted in (moments - shift_seconds, moments + shift_seconds):
        is_within = (shifted >= edges[0]) & (shifted < edges[-1])
        total += np.where(is_within, distance_at(shifted) - here, 0.0)
        ways += is_within
    rise: NDArray[np.float64] = total / np.maximum(ways, 1)
    return rise


def matched_distance(alignment: Alignment, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (A,) 1 - cosine of each frame of A and what it is matched with, the mean where that is several frames.

    NaN where it has no partner.

    Args:
        a: (A, D) rows of norm 1.
        b: (B, D)
    """
    total, steps = (
        np.bincount(alignment.a_frames, weights, alignment.num_a)
        for weights in (path_distance(alignment, a, b), np.ones(len(alignment)))
    )
    return np.where(steps > 0, total / np.maximum(steps, 1), np.nan)


def path_distance(alignment: Alignment, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (P,) 1 - cosine at each step of the path, 0 to 2; (A, D) and (B, D) rows of norm 1."""
    cosine = np.empty(len(alignment))
    for start in range(0, len(alignment), _CHUNK_STEPS):
        steps = slice(start, start + _CHUNK_STEPS)
        cosine[steps] = np.einsum("pd,pd->p", a[alignment.a_frames[steps]], b[alignment.b_frames[steps]])
    distance: NDArray[np.float64] = 1 - cosine.clip(-1, 1)
    return distance


def smooth(
    values: NDArray[np.float64], edges_seconds: NDArray[np.float64], window_seconds: float
) -> NDArray[np.float64]:
    """Return `windowed_mean` over half the window, twice: the middle of a window counts most, so that what is shorter
    than a window has its peak where it is, not anywhere nearby."""
    once = windowed_mean(values, edges_seconds, window_seconds / 2)
    return windowed_mean(once, edges_seconds, window_seconds / 2)


def windowed_mean(
    values: NDArray[np.float64], edges_seconds: NDArray[np.float64], window_seconds: float
) -> NDArray[np.float64]:
    """Map (S,) one value a frame -> (S,) their means over a window around each frame's middle, cut at the video's
    ends.

    Every value counts for as long as its frame is shown. NaN counts for nothing, and stays NaN.
    """
    is_known = np.isfinite(values)
    if not is_known.any():
        return values.copy()
    seconds = np.diff(edges_seconds)
    middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2
    ends = edges_seconds[0], edges_seconds[-1]
    start, end = (np.clip(middles + half, *ends) for half in (-window_seconds / 2, window_seconds / 2))

    def area(of_frames: NDArray[np.float64]) -> NDArray[np.float64]:
        running = np.append(0.0, np.cumsum(of_frames * seconds))
        passed: NDArray[np.float64] = np.interp(end, edges_seconds, running) - np.interp(start, edges_seconds, running)
        return passed

    known = np.where(is_known, values, 0.0)
    counted = end - start if is_known.all() else area(is_known.astype(float))
    mean = (area(known) / np.where(is_known, counted, 1)).clip(values[is_known].min(), values[is_known].max())
    return np.where(is_known, mean, np.nan)
