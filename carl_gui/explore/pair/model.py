"""Two aligned videos: frames, matches and moments."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carl_gui.explore.alignable import is_doubtful
from core.align import NONE, align_partial, confidences, swap, warp_frames
from core.align.alignable import alignability
from core.align.anchored import Anchor, fitting_anchors
from core.align.area import Axis, mean_cosine
from core.align.bounds import MOST_CELLS, band_for
from core.align.confidence import LEAST_CONFIDENCE
from core.align.repetition import Repetition, repetition
from core.align.tables import every_frame
from core.base.errors import StorageError
from core.base.types import Alignment
from core.embedding.folder import read_embedded
from core.report.along import AlongPath, along_path

_MOST_PEAKS = 12
_LEAST_OF_HIGHEST = 0.1
"""Share of the highest peak above the median; lower peaks are ignored."""


@dataclass(frozen=True, eq=False)
class CycleMoments:
    """The moments of each frame of a video that the other one repeats."""

    side: int
    """The video that is repeated, 0 for A."""
    frame_moments: NDArray[np.int64]
    """(C, S) moment of each of its frames in each repetition."""
    nearest: NDArray[np.int64]
    """(M,) the repetition that each moment lies in or next to, from 0."""

    def moment_of(self, frame: int, near: int) -> int:
        """Return the moment of a frame in the repetition at the moment `near`."""
        frame_moments = self.frame_moments[self.nearest[min(max(near, 0), len(self.nearest) - 1)]]
        return int(frame_moments[min(max(frame, 0), len(frame_moments) - 1)])


@dataclass(frozen=True, eq=False)
class Moments:
    """M moments. Each shows a step of the path, or an unmatched frame while the other video is frozen."""

    a_frames: NDArray[np.int64]
    """(M,) what is shown of A, never decreasing; a frozen frame repeats the one before."""
    b_frames: NDArray[np.int64]
    """(M,)"""
    steps: NDArray[np.int64]
    """(M,) step of the path, or `NONE`."""
    a_plays: NDArray[np.bool_]
    """(M,) whether A shows a frame of its own; otherwise it is frozen, since B's frame has no match."""
    b_plays: NDArray[np.bool_]

    @classmethod
    def of(cls, alignment: Alignment) -> Moments:
        """Return the moments of a path."""
        rows = np.array(list(every_frame(alignment)), np.int64).reshape(-1, 3)
        plays = rows[:, :2] != NONE
        shown = np.maximum.accumulate(rows[:, :2], axis=0).clip(0)
        return cls(shown[:, 0], shown[:, 1], rows[:, 2], plays[:, 0], plays[:, 1])

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def cycles(self) -> CycleMoments | None:
        """Where the frames of one video stand for several moments each."""
        return None

    @property
    def frames(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.a_frames, self.b_frames

    @property
    def plays(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return self.a_plays, self.b_plays

    @functools.cached_property
    def of_step(self) -> NDArray[np.int64]:
        """(P,) the moment of each step of the path."""
        return np.flatnonzero(self.steps != NONE)

    @functools.cached_property
    def frame_moments(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(A,) and (B,): the moment that each frame stands for, the middle one of those in which it plays."""
        return _frame_moments(self.a_frames, self.a_plays), _frame_moments(self.b_frames, self.b_plays)

    def seconds_of(self, side: int, edges_seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (M,) how long each moment takes in a video, 0 for A: a frame's time is divided among its moments."""
        frames, plays = self.frames[side], self.plays[side]
        times = np.bincount(frames[plays], minlength=len(edges_seconds) - 1)
        share: NDArray[np.float64] = np.where(plays, np.diff(edges_seconds)[frames] / np.maximum(times[frames], 1), 0)
        return share

    def solo_stretches(self) -> list[tuple[int, int, int]]:
        """Return every stretch without matches: first moment, end (exclusive), and the side that plays, 0 for A."""
        playing_side = np.where(self.a_plays & self.b_plays, NONE, np.where(self.a_plays, 0, 1))
        boundaries = np.flatnonzero(np.diff(playing_side, prepend=-2, append=-2))
        stretches = zip(boundaries[:-1].tolist(), boundaries[1:].tolist(), strict=True)
        return [(start, end, int(playing_side[start])) for start, end in stretches if playing_side[start] != NONE]


@dataclass(frozen=True, eq=False)
class PairCurves:
    """Curves over the M moments of a pair; NaN where a frame has no match."""

    distance: NDArray[np.float64]
    """(M,) `AlongPath.distance`."""
    tempo: NDArray[np.float64]
    """(M,) `AlongPath.tempo`."""
    peaks: NDArray[np.int64]
    """Moments at which the distance has its highest peaks, in order of time."""


def curves_of(
    alignment: Alignment,
    moments: Moments,
    embeddings: Sequence[NDArray[np.float32]],
    edges_seconds: Sequence[NDArray[np.float64]],
) -> PairCurves:
    """Return the curves of a path, each stretch between two gaps by itself.

    Args:
        embeddings: (A, D) and (B, D), rows of norm 1.
        edges_seconds: (A + 1,) and (B + 1,)
    """
    distance, tempo = np.full((2, len(moments)), np.nan)
    peaks: list[int] = []
    for start, end in matched_stretches(alignment):
        curves = _stretch_curves(alignment, slice(start, end), embeddings, edges_seconds)
        here = moments.of_step[start:end]
        distance[here], tempo[here] = curves.distance, curves.tempo
        peaks += here[curves.peaks].tolist()
    return PairCurves(distance, tempo, _highest(peaks, distance))


def matched_stretches(alignment: Alignment) -> list[tuple[int, int]]:
    """Return first step and end of every stretch of the path without a gap."""
    if not len(alignment):
        return []
    boundaries = [0, *gaps_of(alignment).tolist(), len(alignment)]
    return list(itertools.pairwise(boundaries))


def gaps_of(alignment: Alignment) -> NDArray[np.int64]:
    """Return the steps before which frames of A or B have no partner, or from which on the path restarts (as each
    repetition does); the first step is no gap."""
    moves = np.diff(alignment.a_frames), np.diff(alignment.b_frames)
    return np.flatnonzero(np.any([(one > 1) | (one < 0) for one in moves], axis=0)) + 1


def missing_stretches(has_partner: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first frame and end of every stretch of (S,) frames without a partner."""
    boundaries = np.flatnonzero(np.diff(~has_partner, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in boundaries.reshape(-1, 2)]


def _highest(peaks: Sequence[int], distance: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return those that are peaks of the whole path, not only of their stretch, in order."""
    if not peaks:
        return np.empty(0, np.int64)
    median = float(np.nanmedian(distance))
    threshold = median + _LEAST_OF_HIGHEST * (float(np.nanmax(distance)) - median)
    highest = sorted((peak for peak in peaks if distance[peak] >= threshold), key=lambda peak: -distance[peak])
    return np.array(sorted(highest[:_MOST_PEAKS]), np.int64)


def _stretch_curves(
    alignment: Alignment,
    steps: slice,
    embeddings: Sequence[NDArray[np.float32]],
    edges_seconds: Sequence[NDArray[np.float64]],
) -> AlongPath:
    """Return the curves of some steps without a gap, as if the videos held nothing else."""
    frames = [one[steps] for one in (alignment.a_frames, alignment.b_frames)]
    first, last = [int(one[0]) for one in frames], [int(one[-1]) for one in frames]
    rows = [one[start : end + 1] for one, start, end in zip(embeddings, first, last, strict=True)]
    edges = [one[start : end + 2] for one, start, end in zip(edges_seconds, first, last, strict=True)]
    path = Alignment(frames[0] - first[0], frames[1] - first[1], 0.0)
    return along_path(path, rows[0], rows[1], edges[0], edges[1])


def _frame_moments(frames: NDArray[np.int64], plays: NDArray[np.bool_]) -> NDArray[np.int64]:
    moments = np.flatnonzero(plays)
    frame_indices = np.arange(int(frames[-1]) + 1)
    first = np.searchsorted(frames[moments], frame_indices, side="left")
    beyond = np.searchsorted(frames[moments], frame_indices, side="right")
    found: NDArray[np.int64] = moments[(first + beyond - 1) // 2]
    return found


_LEAST_FRAMES = 8
"""Least number of frames of a video to judge how it changes."""
PIXELS = 256
"""Size of the coarse picture, which is drawn until a sharper one is ready."""


@dataclass(frozen=True, eq=False)
class PairSide:
    """One of the two videos."""

    edges_seconds: NDArray[np.float64]
    """(S + 1,) start of every frame and end of the last, by the medium's clock."""
    embeddings: NDArray[np.float32]
    """(S, D) rows of norm 1, in memory, because the files may be replaced at any time."""
    is_strange: NDArray[np.bool_] | None = None
    """(S,) frames that look like another scene than the rest; None: there are none."""

    def __len__(self) -> int:
        return len(self.embeddings)

    @property
    def start_seconds(self) -> float:
        """The time at which the first frame begins."""
        return float(self.edges_seconds[0])

    @property
    def end_seconds(self) -> float:
        """The time at which the last frame ends."""
        return float(self.edges_seconds[-1])

    @property
    def duration_seconds(self) -> float:
        return self.end_seconds - self.start_seconds

    def frame_at(self, seconds: float) -> int:
        """Return the frame shown at that time; the first or last one beyond the ends."""
        index = int(np.searchsorted(self.edges_seconds, seconds, side="right")) - 1
        return min(max(index, 0), len(self) - 1)

    def middle(self, frame: int) -> float:
        """Return the middle of the time for which a frame is shown, in seconds."""
        return float(self.edges_seconds[frame] + self.edges_seconds[frame + 1]) / 2


@dataclass(frozen=True, eq=False)
class Pair:
    """A and B, and their alignment."""

    a: PairSide
    b: PairSide
    cosine: NDArray[np.float32]
    """(H, W) mean over each pixel of a coarse picture: A's time to the right, B's downwards."""
    alignment: Alignment
    band: float | None
    """The largest distance of matched positions, as a share of the videos; None: unlimited."""
    anchors: tuple[Anchor, ...] = ()
    """The frames pinned together by the user, in order; the path passes through them."""
    repetition: Repetition | None = None
    """The periodicity of a video compared with itself."""
    least_confidence: float = LEAST_CONFIDENCE
    """The least confidence of a match, 0 to 1."""

    def prepare(self) -> None:
        """Compute what the window shows of a pair, in a thread other than the window's."""
        _ = self.followers, self.leaders, self.moments.frame_moments, self.curves
        _ = self.alignable_score, self.mean_confidence, self.mean_cosine

    @property
    def is_self(self) -> bool:
        """Whether it is one video against itself: then the path is the diagonal, and says nothing."""
        return self.a is self.b

    @property
    def is_matched(self) -> bool:
        """Whether any frame has a partner."""
        return len(self.alignment) > 0

    @functools.cached_property
    def followers(self) -> NDArray[np.int64]:
        """(A,) the frame of B to show beside each frame of A: its partner, where it has one."""
        return warp_frames(self.alignment)

    @functools.cached_property
    def leaders(self) -> NDArray[np.int64]:
        """(B,) the frame of A to show beside each frame of B."""
        return warp_frames(swap(self.alignment))

    def followers_at(self, frames: tuple[int, int]) -> NDArray[np.int64]:
        """Return (A,) `followers`; with repetitions, those of the repetition at these frames of A and B."""
        return self.followers

    def leaders_at(self, frames: tuple[int, int]) -> NDArray[np.int64]:
        """Return (B,) `leaders`, as `followers_at`."""
        return self.leaders

    @property
    def clock_side(self) -> int:
        """The side whose time passes evenly under the path, 0 for A: each of its moments is shown once."""
        return 0

    @functools.cached_property
    def has_partner(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(A,) and (B,): which frames have a partner in the other video."""
        return self.alignment.has_partner_a, self.alignment.has_partner_b

    @functools.cached_property
    def confidence(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(A,) and (B,): the confidence of each frame's partner, 0 to 1; 0 without one."""
        return confidences(self.alignment), confidences(swap(self.alignment))

    @functools.cached_property
    def alignable_score(self) -> float:
        """Whether the two change alike along the path, 0 to 1: 0.5 is the boundary."""
        return alignability(self.a.embeddings, self.b.embeddings, self.alignment).score

    @property
    def is_doubtful(self) -> bool:
        """Whether the two may not show the same action: what corresponds then is chance."""
        if self.is_self or min(len(self.a), len(self.b)) < _LEAST_FRAMES:
            return False
        return is_doubtful(self.alignment.matched_share, self.alignable_score)

    @functools.cached_property
    def mean_confidence(self) -> float:
        """The mean over all frames with a partner, 0 to 1; 0 where none has one."""
        confidences = np.concatenate([one[has] for one, has in zip(self.confidence, self.has_partner, strict=True)])
        return float(confidences.mean()) if len(confidences) else 0.0

    @functools.cached_property
    def moments(self) -> Moments:
        """All frames of both, in the order in which they are played along the path."""
        return Moments.of(self.alignment)

    @functools.cached_property
    def curves(self) -> PairCurves:
        """Distance and tempo along the path."""
        a, b = self.a, self.b
        return curves_of(self.alignment, self.moments, (a.embeddings, b.embeddings), (a.edges_seconds, b.edges_seconds))

    @functools.cached_property
    def mean_cosine(self) -> float:
        """The mean cosine along the path; 0 where nothing is matched."""
        a, b = self.a.embeddings[self.alignment.a_frames], self.b.embeddings[self.alignment.b_frames]
        return float(np.einsum("pd,pd->p", a, b).mean()) if self.is_matched else 0.0

    @property
    def tempo(self) -> float | None:
        """B's tempo against A, over the matched frames: above 1, B is the faster; None where nothing is matched."""
        if not self.is_matched:
            return None
        a, b = self._matched_seconds
        return a / b

    @property
    def _matched_seconds(self) -> tuple[float, float]:
        """The seconds of A and of B that pass while both play."""
        a, b = (
            float(np.diff(side.edges_seconds)[has].sum())
            for side, has in zip((self.a, self.b), self.has_partner, strict=True)
        )
        return a, b

    def step_of(self, a_frame: int, b_frame: int) -> int | None:
        """Return the step of the path that matches these two frames; None: they are not matched."""
        path = self.alignment
        first, beyond = np.searchsorted(path.a_frames, (a_frame, a_frame + 1))
        index = int(first) + int(np.searchsorted(path.b_frames[first:beyond], b_frame))
        return index if index < beyond and path.b_frames[index] == b_frame else None

    def cosine_of(self, a_frame: int, b_frame: int) -> float:
        """Return the cosine of two frames."""
        return float(np.clip(self.a.embeddings[a_frame] @ self.b.embeddings[b_frame], -1, 1))


def compare(
    folder: Path,
    encoder_digest: str,
    a_digest: str,
    b_digest: str,
    anchors: Sequence[Anchor] = (),
    least_confidence: float = LEAST_CONFIDENCE,
) -> Pair:
    """Open two videos of a folder that `core.embed` wrote, and find the path, for up to some seconds.

    Raises:
        CheckpointError, StorageError: they cannot be opened, or are not there any more.
    """
    opened = {video.digest: video for video in read_embedded(folder, encoder_digest, {a_digest, b_digest})}
    sides = {}
    for digest in (a_digest, b_digest):
        if digest not in opened:
            raise StorageError(f"A video is no longer in {folder}. Embed it again.")
        video = opened[digest]
        sides[digest] = PairSide(video.edges_seconds, np.array(video.embeddings), video.is_strange)
    return pair_of(sides[a_digest], sides[b_digest], anchors=anchors, least_confidence=least_confidence)


def pair_of(
    a: PairSide,
    b: PairSide,
    most_cells: int = MOST_CELLS,
    anchors: Sequence[Anchor] = (),
    least_confidence: float = LEAST_CONFIDENCE,
) -> Pair:
    """Compare two videos, or one with itself where `a` is `b`.

    Args:
        anchors: through which the path passes; those that do not fit are left out, and so are all of one video with
            itself.
        most_cells: of the matrix between them; where it has more, the path stays near the line between its corners.
        least_confidence: how sure a match must be, see `align_partial`.
    """
    cosine = mean_cosine(Axis(b.embeddings, b.edges_seconds, PIXELS), Axis(a.embeddings, a.edges_seconds, PIXELS))
    if a is b:
        itself = Alignment(np.arange(len(a)), np.arange(len(a)), 0.0)
        repeats = repetition(a.embeddings, a.edges_seconds)
        return Pair(a, b, cosine, itself, None, (), repeats, least_confidence)
    band, kept = band_for(len(a), len(b), most_cells), fitting_anchors(anchors, len(a), len(b))
    alignment = _aligned(a, b, least_confidence, band, kept)
    return Pair(a, b, cosine, alignment, band, tuple(kept), None, least_confidence)


def realign(pair: Pair, anchors: Sequence[Anchor], least_confidence: float | None = None) -> Pair:
    """Return the same videos with a path through these anchors; those that do not fit are left out.

    Args:
        least_confidence: how sure a match must be; None: as before.
    """
    confidence_limit = pair.least_confidence if least_confidence is None else least_confidence
    if pair.is_self:
        return pair
    kept = tuple(fitting_anchors(anchors, len(pair.a), len(pair.b)))
    if (kept, confidence_limit) == (pair.anchors, pair.least_confidence):
        return pair
    alignment = _aligned(pair.a, pair.b, confidence_limit, pair.band, kept)
    return replace(pair, alignment=alignment, anchors=kept, least_confidence=confidence_limit)


def _aligned(
    a: PairSide, b: PairSide, least_confidence: float, band: float | None, anchors: Sequence[Anchor]
) -> Alignment:
    return align_partial(
        a.embeddings,
        b.embeddings,
        least_confidence=least_confidence,
        band=band,
        anchors=anchors,
        strange_a=a.is_strange,
        strange_b=b.is_strange,
    )
