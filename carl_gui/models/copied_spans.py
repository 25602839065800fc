"""Copied labels, by time, so that their distances in seconds are the same wherever they are pasted. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span


@dataclass(frozen=True, slots=True)
class CopiedSpan:
    """One label; seconds count from the start of the first copied label."""

    phase_id: int
    start_seconds: float
    end_seconds: float


def copied(spans: Sequence[Span], phase_ids: Mapping[str, int], edges_seconds: NDArray[np.float64]) -> list[CopiedSpan]:
    """Of a video whose frames begin and end at these (S + 1,) times; what lies past its end is left out."""
    inside = [span for span in spans if span.end_frame_exclusive < len(edges_seconds)]
    first = float(edges_seconds[inside[0].start_frame]) if inside else 0.0
    return [
        CopiedSpan(
            phase_ids[span.phase],
            float(edges_seconds[span.start_frame]) - first,
            float(edges_seconds[span.end_frame_exclusive]) - first,
        )
        for span in inside
    ]


def pasted(
    copies: Sequence[CopiedSpan], place: int, names: Mapping[int, str], edges_seconds: NDArray[np.float64]
) -> list[Span]:
    """As labels of another video, from frame `place` on: the frames whose middle lies in them.

    Those of phases that are gone, and those without a frame of the video, are left out.

    Args:
        names: of the phases that there are, by id.
        edges_seconds: (S + 1,) of that video.
    """
    middles, began = (edges_seconds[:-1] + edges_seconds[1:]) / 2, float(edges_seconds[place])
    made = []
    for one in copies:
        start, stop = np.searchsorted(middles, (began + one.start_seconds, began + one.end_seconds))
        if one.phase_id in names and start < stop:
            made.append(Span(names[one.phase_id], int(start), int(stop)))
    return made
