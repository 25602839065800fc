"""Deviations of a video from right videos: a limit for each moment, from the spread among the right ones.

A frame is as far as it is from the nearest of the right videos (`core.align.held`). What is usual at its moment is how
far the right videos' own frames are there, each held against the others. The ratio of the two is compared with one
number: of the right videos' own ratios, each video left out in turn, a given share lies above it. Stretches shorter
than a least length are neither flagged nor break a flagged one, and the number is chosen with that done: the share is
what a person will see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.align.confidence import calibrate
from core.align.held import Held
from core.labels.segments import runs_of

SHARE = 0.02
"""Of a right video's frames that may be flagged."""
SHORTEST_SECONDS = 0.2
_EVEN = 0.5
"""Weight of what is usual in the whole action, beside what is usual at the moment: few videos say little of that."""
_MAD = 1.4826
"""Standard deviation of normal numbers by their median distance from the median."""

Kind = Literal["deviates", "added", "missing"]


@dataclass(frozen=True)
class Deviation:
    """A range of frames in which a video deviates."""

    kind: Kind
    """`deviates`: it looks otherwise than at this moment in the right videos. `added`: most of it has no partner in
    most of these. `missing`: a step of the right video `match_video` that this one does not show, and most right ones
    do."""
    start_frame: int
    """Of the video; where something is missing, the frame at which it would lie, as the end."""
    end_frame_exclusive: int
    score: float
    """The highest of its frames; above 1. NaN where something is missing."""
    frame: int
    """Where the score is highest."""
    match_video: int
    """The right video, by its place among them, that is the nearest there."""
    match_frame: int
    """And the frame of it; of what is missing, the first."""
    match_end_frame_exclusive: int
    """One more; of what is missing, its end."""


@dataclass(frozen=True, eq=False)
class Deviations:
    """Scores and flags of the S frames of a video."""

    score: NDArray[np.float64]
    """(S,) how far a frame is, as a multiple of the limit at its moment, without what is too short. Above 1 it
    deviates."""
    distance: NDArray[np.float64]
    """(S,) 1 - cosine to the nearest right video's frame."""
    limit: NDArray[np.float64]
    """(S,) the distance at which a frame deviates."""
    match_video: NDArray[np.int64]
    """(S,) that right video, by its place."""
    match_frame: NDArray[np.int64]
    """(S,) and its frame."""
    spans: tuple[Deviation, ...]
    """In order of time, what is missing after what begins at the same frame."""

    @property
    def deviates(self) -> NDArray[np.bool_]:
        """(S,) which frames are flagged."""
        flagged: NDArray[np.bool_] = self.score > 1
        return flagged


@dataclass(frozen=True, eq=False)
class Norm:
    """The distances of right videos from each other."""

    pairs: tuple[tuple[Held | None, ...], ...]
    """[i][j]: the i-th held against the j-th; None on the diagonal, and within a group."""
    share: float
    threshold: float
    """Multiple of what is usual; NaN: one right video has no spread, and the limit is each video's own."""
    floor: float
    """Below this distance two frames show the same moment, and never deviate."""
    flagged_shares: tuple[float, ...]
    """Of each right video, held against the others: what is flagged of it."""

    @property
    def is_sure(self) -> bool:
        """Whether there are enough right videos for a spread."""
        return len(self.pairs) > 1

    @property
    def model(self) -> int:
        """The right video that is nearest to the others: what is missing is told by it."""
        if not self.is_sure:
            return 0
        means = [np.mean([held.distance.mean() for held in row if held is not None]) for row in self.pairs]
        return int(np.argmin(means))


def norm_of(
    pairs: Sequence[Sequence[Held | None]],
    rights: Sequence[NDArray[np.float32]],
    *,
    share: float = SHARE,
    least_frames: Sequence[int],
    groups: Sequence[object] | None = None,
) -> Norm:
    """Return what is usual among right videos, and the threshold by leaving each of them out.

    Videos of one person are nearer to each other than to anybody else's, and a limit that is made of their distances is
    too low for a person who is not among them. Where it is known who is who, a video is never held against others of
    its group, and left out together with these.

    Args:
        pairs: N rows of N: the i-th right video held against the j-th (`hold_against`); None on the diagonal.
        rights: (S_i, D) their embeddings, rows of norm 1.
        share: of their frames that may deviate, above 0 and below 1.
        least_frames: of each, how many frames a flagged stretch has at least.
        groups: of each, such as the person; None, or all alike: each is one of its own.

    Raises:
        ValueError: there is no right video, or numbers that do not fit.
    """
    if not len(pairs) or not len(pairs) == len(rights) == len(least_frames):
        raise ValueError(
            f"expected one embedding and one length per right video, got {len(pairs)}, {len(rights)} and "
            f"{len(least_frames)}"
        )
    if groups is None or len(set(groups)) < 2:
        groups = range(len(pairs))
    if len(groups) != len(pairs):
        raise ValueError(f"expected one group per right video, got {len(pairs)} and {len(groups)}")
    if not 0 < share < 1:
        raise ValueError(f"a share must be above 0 and below 1, not {share}")
    table = tuple(
        tuple(None if one == other else held for held, other in zip(row, groups, strict=True))
        for row, one in zip(pairs, groups, strict=True)
    )
    floor = min(1 - calibrate(one, one).least_own for one in rights)
    if len(table) == 1:
        return Norm(table, share, float("nan"), floor, (0.0,))
    ratios = []
    for left_out, least in enumerate(least_frames):
        against = {j: held for j, held in enumerate(table[left_out]) if held is not None}
        usual = _usual(table, against, {i for i, group in enumerate(groups) if group == groups[left_out]}, floor)
        ratios.append(without_short(_nearest(against)[0] / usual, least))
    threshold = float(np.quantile(np.concatenate(ratios), 1 - share, method="higher"))
    flagged = tuple(float((ratio > threshold).mean()) for ratio in ratios)
    return Norm(table, share, threshold, floor, flagged)


def deviations_of(norm: Norm, against: Sequence[Held], *, least_frames: int) -> Deviations:
    """Return where a video deviates.

    Args:
        norm: of the right videos.
        against: the video held against each of them, in their order.
        least_frames: how many frames a flagged stretch has at least.

    Raises:
        ValueError: not one for each right video.
    """
    if len(against) != len(norm.pairs):
        raise ValueError(f"expected one alignment per right video, got {len(against)} and {len(norm.pairs)}")
    held = dict(enumerate(against))
    distance, match_video = _nearest(held)
    if norm.is_sure:
        limit = np.maximum(norm.threshold * _usual(norm.pairs, held, set(), norm.floor), norm.floor)
    else:
        limit = np.full(len(distance), max(_own_limit(distance, norm.share), norm.floor))
    score = without_short(distance / limit, least_frames)
    match_frame = np.stack([one.frames for one in against])[match_video, np.arange(len(distance))]
    spans = [*_flag(score, against, match_video, match_frame), *_missing(norm, against, least_frames)]
    spans.sort(key=lambda span: (span.start_frame, span.kind == "missing"))
    return Deviations(score, distance, limit, match_video, match_frame, tuple(spans))


def without_short(values: NDArray[np.float64], least: int) -> NDArray[np.float64]:
    """Return (S,) values in which, above any level, gaps and then stretches shorter than `least` frames are gone.

    A video of fewer frames has nothing above any level but its least value.
    """
    if least <= 1:
        return values.astype(np.float64)
    if len(values) < least:
        return np.full(len(values), values.min())
    closed = -_grey_opening(-values, least)
    return _grey_opening(closed, least)


def _grey_opening(values: NDArray[np.float64], least: int) -> NDArray[np.float64]:
    """Return grey-scale opening: the greatest of the least values of all windows that hold a frame."""
    lowest = np.lib.stride_tricks.sliding_window_view(values, least).min(axis=1)  # (S - least + 1,)
    wide = np.concatenate((np.full(least - 1, -np.inf), lowest, np.full(least - 1, -np.inf)))
    highest: NDArray[np.float64] = np.lib.stride_tricks.sliding_window_view(wide, least).max(axis=1)
    return highest


def _nearest(against: dict[int, Held]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return (S,) distance to the nearest right video, and (S,) which that is."""
    numbers = np.array(list(against))
    distances = np.stack([held.distance for held in against.values()])  # (N, S)
    best = distances.argmin(axis=0)
    return distances.min(axis=0), numbers[best]


def _usual(
    pairs: tuple[tuple[Held | None, ...], ...], against: dict[int, Held], left_out: set[int], floor: float
) -> NDArray[np.float64]:
    """Return (S,) how far right videos are from the others at the moment of each frame; those `left_out` have no say in
    it."""
    means, here = [], []
    for number, held in against.items():
        others = {j: one for j, one in enumerate(pairs[number]) if one is not None and j not in left_out}
        if not others:  # two right videos, or groups: each is measured by the other, and no moment by itself
            continue
        usual = _nearest(others)[0]
        means.append(float(usual.mean()))
        here.append(usual[held.frames])
    count = len(next(iter(against.values())).distance)
    if len(pairs) == 2 or not here:
        every = [one.distance.mean() for row in pairs for one in row if one is not None]
        return np.full(count, max(float(np.mean(every)), floor))
    even = float(np.mean(means))
    usual_here: NDArray[np.float64] = np.median(here, axis=0)
    blended: NDArray[np.float64] = np.maximum((1 - _EVEN) * usual_here + _EVEN * even, floor)
    return blended


def _own_limit(distance: NDArray[np.float64], share: float) -> float:
    """Return a limit from one video's own distances, as if their logarithms were normal but for what deviates."""
    logs = np.log(np.maximum(distance, 1e-9))
    median = float(np.median(logs))
    spread = _MAD * float(np.median(np.abs(logs - median)))
    return float(np.exp(median + NormalDist().inv_cdf(1 - share) * spread))


def _flag(
    score: NDArray[np.float64],
    against: Sequence[Held],
    match_video: NDArray[np.int64],
    match_frame: NDArray[np.int64],
) -> list[Deviation]:
    alone = np.mean([~held.has_partner for held in against], axis=0) > 0.5  # (S,)
    found = []
    for _, start, end in runs_of(np.where(score > 1, 0, -1)):
        peak = start + int(score[start:end].argmax())
        kind: Kind = "added" if alone[start:end].mean() > 0.5 else "deviates"
        video, frame = int(match_video[peak]), int(match_frame[peak])
        found.append(Deviation(kind, start, end, float(score[peak]), peak, video, frame, frame + 1))
    return found


def _missing(norm: Norm, against: Sequence[Held], least_frames: int) -> list[Deviation]:
    """Return stretches of the model that have no partner in the video, and have one in most other right videos."""
    model = norm.model
    held = against[model]
    others = [row[model] for index, row in enumerate(norm.pairs) if index != model]
    shown = [~one.is_missing for one in others if one is not None]
    is_missing = held.is_missing & (np.mean(shown, axis=0) > 0.5 if shown else np.ones_like(held.is_missing))
    found = []
    for _, start, end in runs_of(np.where(is_missing, 0, -1)):
        if end - start >= least_frames:
            place = int(held.place_of[start])
            found.append(Deviation("missing", place, place, float("nan"), place, model, start, end))
    return found
