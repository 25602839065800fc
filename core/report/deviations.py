"""Judge performances by right videos: `core.align.deviation` for videos with names and times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.alignable import BOUNDARY_SCORE
from core.align.confidence import LEAST_CONFIDENCE
from core.align.deviation import SHARE, SHORTEST_SECONDS, Deviation, Deviations, Norm, deviations_of, norm_of
from core.align.held import Held, hold_against
from core.base.control import Control
from core.base.errors import VideoError
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.report.performances import Performance

_FEWEST_FRAMES = 5
_MOST_KEPT = 64
"""Videos whose alignments are kept for another share."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A performance and its deviations from the right ones."""

    performance: Performance
    rights: tuple[Performance, ...]
    """What it was held against; `Deviation.match_video` counts in them."""
    left_out: tuple[tuple[Performance, float], ...]
    """Right ones that do not align with it, and their alignability, 0 to 1."""
    found: Deviations
    norm: Norm
    only_group: str = ""
    """The group of all that it was held against, where the right videos have several; else empty."""

    @property
    def flagged_share(self) -> float:
        """Of the video's frames, 0 to 1."""
        return float(self.found.deviates.mean())

    def right(self, one: Deviation) -> Performance:
        """Return the right performance with the matching frame."""
        return self.rights[one.match_video]


@dataclass(frozen=True)
class Rated:
    """Agreement of flagged frames with labelled ones; NaN if nothing is flagged or labelled."""

    precision: float
    recall: float
    num_flagged: int
    num_labelled: int


class Right:
    """The right videos, and what is normal among them."""

    def __init__(
        self,
        rights: Sequence[Performance],
        *,
        share: float = SHARE,
        shortest_seconds: float = SHORTEST_SECONDS,
        least_confidence: float = LEAST_CONFIDENCE,
        groups: Sequence[str] | None = None,
        sink: Sink = ignore,
        control: Control | None = None,
    ) -> None:
        """Hold each of them against each other one.

        Args:
            share: of a right video's frames that may be flagged, above 0 and below 1.
            shortest_seconds: how long a flagged stretch lasts at least.
            least_confidence: see `core.align.align_partial`.
            groups: of each, such as the person (`norm_of`); None: not known.

        Raises:
            VideoError: one of them is too short, or its embeddings are not numbers.
            Stopped: `control` asked for it.
        """
        self.rights, self.groups = tuple(rights), groups
        self._share, self._shortest, self._least = share, shortest_seconds, least_confidence
        for one in rights:
            self._check(one, "The right video")
        meter = Meter(sink, "compare the right videos", len(rights) ** 2 - len(rights), "pair")
        self._pairs: list[list[Held | None]] = []
        for one in rights:
            row: list[Held | None] = []
            for other in rights:
                if control is not None:
                    control.obey()
                row.append(None if other is one else self._held(one.video, other.video))
                if other is not one:
                    meter.add()
            self._pairs.append(row)
        self._norms: dict[tuple[int, ...], Norm] = {}
        self._against: dict[int, tuple[EmbeddedVideo, list[Held]]] = {}
        """By identity, the videos that were judged last, held against each right one."""

    def with_share(self, share: float) -> Right:
        """Return the same videos with another share of their frames that may be flagged; nothing is aligned anew."""
        other = copy(self)
        other._share, other._norms = share, {}
        return other

    @property
    def norm(self) -> Norm:
        """Of all of them."""
        return self._norm(tuple(range(len(self.rights))))

    def judge(self, performance: Performance) -> Judged:
        """Return where a performance deviates.

        Raises:
            VideoError: it is one of the right ones, is too short, its embeddings are not numbers, or no right one
                aligns with it.
        """
        self._check(performance, "The video")
        if any(one.video.digest == performance.video.digest for one in self.rights):
            raise VideoError(
                f"{performance.name} is itself one of the right videos, so it would not deviate. Leave it out of them."
            )
        against = self._held_against_all(performance.video)
        chosen = tuple(i for i, held in enumerate(against) if held.alignable_score >= BOUNDARY_SCORE)
        if not chosen:
            best = int(np.argmax([held.alignable_score for held in against]))
            raise VideoError(
                f"{performance.name} aligns with no right video: the best, {self.rights[best].name}, has an "
                f"alignability of {against[best].alignable_score:.2f}, but 0.5 is needed. Choose right videos of the "
                "same action, or an encoder that has learned it."
            )
        norm = self._norm(chosen)
        found = deviations_of(norm, [against[i] for i in chosen], least_frames=self._least_frames(performance))
        out = [(one, against[i].alignable_score) for i, one in enumerate(self.rights) if i not in chosen]
        used = tuple(self.rights[i] for i in chosen)
        return Judged(performance, used, tuple(out), found, norm, self._only_group(chosen))

    def found_in(self, performance: Performance) -> Deviations | None:
        """Return where a performance that is none of the right ones deviates; None where no right one aligns with it.

        Raises:
            VideoError: it is too short, or its embeddings are not numbers.
        """
        self._check(performance, "The video")
        return self._found(performance, dict(enumerate(self._held_against_all(performance.video))))

    def found_in_right(self, place: int) -> Deviations | None:
        """Return where one of the right ones deviates from the others; None where none of these aligns with it."""
        against = {other: held for other, held in enumerate(self._pairs[place]) if held is not None}
        return self._found(self.rights[place], against)

    def _found(self, performance: Performance, against: Mapping[int, Held]) -> Deviations | None:
        chosen = tuple(i for i, held in against.items() if held.alignable_score >= BOUNDARY_SCORE)
        if not chosen:
            return None
        least = self._least_frames(performance)
        return deviations_of(self._norm(chosen), [against[i] for i in chosen], least_frames=least)

    def _only_group(self, chosen: Sequence[int]) -> str:
        groups = self.groups or ()
        left_out = {groups[i] for i in chosen} if groups else set()
        return left_out.pop() if len(chosen) > 1 and len(left_out) == 1 and len(set(groups)) > 1 else ""

    def _norm(self, chosen: tuple[int, ...]) -> Norm:
        if chosen not in self._norms:
            self._norms[chosen] = norm_of(
                [[self._pairs[i][j] for j in chosen] for i in chosen],
                [self.rights[i].video.embeddings for i in chosen],
                share=self._share,
                least_frames=[self._least_frames(self.rights[i]) for i in chosen],
                groups=None if self.groups is None else [self.groups[i] for i in chosen],
            )
        return self._norms[chosen]

    def _least_frames(self, one: Performance) -> int:
        frame_seconds = float(np.median(np.diff(one.video.edges_seconds)))
        return max(1, round(self._shortest / frame_seconds)) if frame_seconds > 0 else 1

    def _held_against_all(self, video: EmbeddedVideo) -> list[Held]:
        _, known = self._against.pop(id(video), (video, None))
        against = known or [self._held(video, one.video) for one in self.rights]
        while len(self._against) >= _MOST_KEPT:
            del self._against[next(iter(self._against))]
        self._against[id(video)] = video, against  # the newest is the last
        return against

    def _held(self, one: EmbeddedVideo, other: EmbeddedVideo) -> Held:
        return hold_against(
            one.embeddings,
            other.embeddings,
            least_confidence=self._least,
            strange=one.is_strange,
            strange_right=other.is_strange,
        )

    def _check(self, one: Performance, what: str) -> None:
        count = len(one.video)
        if count < max(_FEWEST_FRAMES, self._least_frames(one)):
            least = max(_FEWEST_FRAMES, self._least_frames(one))
            raise VideoError(
                f"{what} {one.name} has {count} frames, but at least {least} are needed to find deviations."
            )
        bad = np.flatnonzero(~np.isfinite(one.video.embeddings).all(axis=1))
        if len(bad):
            raise VideoError(f"{what} {one.name} has non-finite embeddings, first at frame {bad[0]}. Embed it again.")


def rate_segments(judged: Judged, labelled: Sequence[Span]) -> Rated:
    """Return precision and recall of the flagged frames, by spans that are labelled as deviations.

    Frames of `missing` steps lie in a right video and count for neither.
    """
    truth = np.zeros(len(judged.performance.video), np.bool_)
    for span in labelled:
        truth[span.start_frame : span.end_frame_exclusive] = True
    return rate_frames([judged.found.deviates], [truth])


def rate_frames(flagged: Sequence[NDArray[np.bool_]], truth: Sequence[NDArray[np.bool_]]) -> Rated:
    """Return precision and recall over the frames of some videos, (S,) each."""
    both = sum(int((one & other).sum()) for one, other in zip(flagged, truth, strict=True))
    num_flagged, num_true = (sum(int(one.sum()) for one in many) for many in (flagged, truth))
    return Rated(
        both / num_flagged if num_flagged else math.nan,
        both / num_true if num_true else math.nan,
        num_flagged,
        num_true,
    )


def notices(judged: Sequence[Judged], labelled: dict[str, Rated]) -> Iterator[str]:
    """Yield what a person should read: how sure the limit is, a line a video, and what was left out.

    Args:
        labelled: by name, of videos whose deviations are labelled.
    """
    for one in judged:
        yield f"  {_line(one)}{_rating(labelled.get(one.performance.name))}"
        if one.only_group:
            yield (
                f"  The right videos used for {one.performance.name} are all of group {one.only_group!r}, so videos "
                "of other groups are flagged more. Name right videos of other groups."
            )
        for right, score in one.left_out:
            yield (
                f"  {right.name} was not used for {one.performance.name}: their alignability is {score:.2f}, "
                "below 0.5. Choose right videos of the same action."
            )


def norm_notice(norm: Norm) -> str:
    """Return how sure the limit is."""
    count = len(norm.pairs)
    if count == 1:
        return (
            "With one right video, frames are flagged where the pair itself differs unusually, which is less "
            "reliable. Name more right videos."
        )
    shares = ", ".join(f"{share:.1%}" for share in sorted(norm.flagged_shares)[-3:][::-1])
    few = " So few say little about what is normal. Name three or more." if count == 2 else ""
    return f"Against {count} right videos. Frames flagged at most when each is left out in turn: {shares}.{few}"


def _line(one: Judged) -> str:
    counts = [(kind, sum(span.kind == kind for span in one.found.spans)) for kind in ("deviates", "added", "missing")]
    message = ", ".join(f"{kind} {count}" for kind, count in counts if count)
    if not message:
        return f"{one.performance.name}: no deviation"
    return f"{one.performance.name}: {one.flagged_share:.1%} of the frames flagged; ranges: {message}"


def _rating(one: Rated | None) -> str:
    if one is None:
        return ""
    precision, recall = ("no frame" if math.isnan(value) else f"{value:.3f}" for value in (one.precision, one.recall))
    return f"; compared with the labels: precision {precision}, recall {recall}"
