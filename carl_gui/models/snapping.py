"""Positions to which a dragged edge snaps. No Qt."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence

from core.base.types import Span


class SnapTargets:
    """Positions between frames, sorted."""

    def __init__(self, targets: Iterable[int]) -> None:
        self._targets = sorted(set(targets))

    def near(self, position: float, reach: float, lowest: float, highest: float) -> int | None:
        """The nearest target within `reach` frames and from `lowest` to `highest`; None: there is none."""
        place = bisect.bisect_left(self._targets, position)
        around = [target for target in self._targets[max(place - 1, 0) : place + 1] if lowest <= target <= highest]
        nearest = min(around, key=lambda target: abs(target - position), default=None)
        return nearest if nearest is not None and abs(nearest - position) <= reach else None


def edges_of(spans: Sequence[Span]) -> set[int]:
    """Where spans begin and end."""
    return {edge for span in spans for edge in (span.start_frame, span.end_frame_exclusive)}
