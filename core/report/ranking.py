"""Rank videos of one action by how far they deviate from the others, and propose what to trim of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.align.deviation import Deviations
from core.align.progress import idle_ends
from core.base.control import Control
from core.base.errors import VideoError
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.report.deviations import Right
from core.report.performances import Performance

MOST_RIGHT = 24
"""Videos that all are held against, where nobody names right ones: each with each other takes minutes beyond."""

HEADER = (
    "rank",
    "video",
    "score",
    "flagged_fraction",
    "peak_score",
    "peak_frame",
    "peak_seconds",
    "keep_start_frame",
    "keep_end_frame_exclusive",
    "keep_start_seconds",
    "keep_end_seconds",
    "remark",
    "digest",
)


@dataclass(frozen=True, eq=False)
class Ranked:
    """A video, how far it deviates, and what to keep of it."""

    performance: Performance
    found: Deviations | None
    """None: it aligns with none of the others."""
    keep: tuple[int, int]
    """The first frame that is not idle, and the one after the last."""

    @property
    def score(self) -> float:
        """Mean over its frames of their distance as a multiple of the limit; infinite where nothing aligns."""
        return math.inf if self.found is None else float(self.found.score.mean())

    def row(self, rank: int) -> tuple[object, ...]:
        """Return its line under `HEADER`."""
        video, (start, end) = self.performance.video, self.keep
        edges, found = video.edges_seconds, self.found
        kept = (start, end, f"{edges[start]:.6f}", f"{edges[end]:.6f}")
        if found is None:
            judged: tuple[object, ...] = ("", "", "", "", "")
            remark = "aligns with none of the others"
        else:
            peak = int(found.score.argmax())
            share = f"{found.deviates.mean():.4f}"
            judged = (f"{self.score:.4f}", share, f"{found.score[peak]:.4f}", peak, f"{edges[peak]:.6f}")
            remark = ""
        return (rank, self.performance.name, *judged, *kept, remark, video.digest)


def rank_by_deviation(
    performances: Sequence[Performance],
    rights: Sequence[Performance] = (),
    *,
    sink: Sink = ignore,
    control: Control | None = None,
) -> list[Ranked]:
    """Return the videos, the one that deviates most first; those that align with no other before all.

    Args:
        performances: of one action.
        rights: the right ones among them or beside them; none: all of them, or `MOST_RIGHT` spread over them. One that
            is judged itself is held against the others alone.

    Raises:
        VideoError: there are too few videos, or one is too short.
        Stopped: `control` asked for it.
    """
    control = control or Control()
    if not rights:
        chosen = np.unique(
            np.linspace(0, len(performances) - 1, min(len(performances), MOST_RIGHT)).round().astype(int)
        )
        rights = [performances[place] for place in chosen]
    if len(rights) < 2 and any(one.video.digest == rights[0].video.digest for one in performances):
        raise VideoError(f"{rights[0].name} is the only right video, and there is no other. Name at least two videos.")
    norm = Right(rights, sink=sink, control=control)
    place_of = {one.video.digest: place for place, one in enumerate(rights)}
    meter = Meter(sink, "rank", len(performances), "video")
    found = []
    for one in performances:
        control.obey()
        place = place_of.get(one.video.digest)
        deviations = norm.found_in(one) if place is None else norm.found_in_right(place)
        found.append(Ranked(one, deviations, idle_ends(one.video.embeddings)))
        meter.add()
    return sorted(found, key=lambda ranked: -ranked.score)
