"""One run's curves, ready to draw: gaps, the smoothed line, and as many points as the screen has."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from carl_gui.models.curve_data import Floats, Smoothed, averaged, decimate, stretch
from carl_gui.models.runs import RunCurves, figure_names

Kind = Literal["loss", "smooth", "learning_rate"]
_Asked = tuple[Floats, int, int, int]
_NONE = np.zeros(0)


class CurveLine:
    """Follows the curves of one run incrementally."""

    def __init__(self) -> None:
        self._curves: RunCurves | None = None
        self._smoothing = 0.0
        self._smoother = Smoothed(0.0)
        self.steps = self.loss = self.smooth = self.learning_rate = _NONE
        """(N,), (N,), (N,), (N,): not finite values are NaN; `smooth` is `loss` where nothing is smoothed."""
        self._seen: dict[Kind, tuple[_Asked, tuple[Floats, Floats]]] = {}
        self._figures: dict[str, tuple[Floats, Floats]] = {}

    def follow(self, curves: RunCurves, smoothing: float) -> bool:
        """Take these from now on; returns whether they differ from the last ones."""
        if curves is self._curves and smoothing == self._smoothing:
            return False
        if curves is not self._curves:
            loss = _with_gaps(curves.loss)
            if not _begins_with(loss, self.loss):
                self._smoother = Smoothed(smoothing)
            self.steps, self.loss = curves.steps.astype(np.float64), loss
            self.learning_rate = _with_gaps(curves.learning_rate)
            self._curves, self._figures = curves, {}
        if smoothing != self._smoothing:
            self._smoother, self._smoothing = Smoothed(smoothing), smoothing
        self.smooth = self._smoother.grown(self.loss) if smoothing > 0 else self.loss
        return True

    @property
    def figures(self) -> list[str]:
        """Names of the figures of the evaluations, in order of appearance."""
        return [] if self._curves is None else figure_names(values for _, values in self._curves.evaluations)

    def place(self, step: float) -> int | None:
        """The place of the nearest step; None where the run has none or ends before."""
        if not len(self.steps) or not self.steps[0] - 0.5 <= step <= self.steps[-1] + 0.5:
            return None
        place = int(np.searchsorted(self.steps, step))
        if place and (place == len(self.steps) or step - self.steps[place - 1] < self.steps[place] - step):
            place -= 1
        return place

    def seen(self, kind: Kind, low: float, high: float, buckets: int) -> tuple[Floats, Floats]:
        """Steps and values from step `low` to `high`, and one beyond each, in so many stretches at most.

        The same arrays again where nothing of it changed.
        """
        values: Floats = getattr(self, kind)
        first = max(int(np.searchsorted(self.steps, low)) - 1, 0)
        end = min(int(np.searchsorted(self.steps, high, "right")) + 1, len(self.steps))
        if end - first > 2 * buckets:  # stretches begin at the same places wherever one looks
            size = stretch(end - first, buckets)
            first = first // size * size
        asked = (values, first, end, buckets)
        held = self._seen.get(kind)
        if held is None or held[0][0] is not values or held[0][1:] != asked[1:]:
            shorten = averaged if kind == "smooth" and values is not self.loss else decimate
            held = self._seen[kind] = (asked, shorten(self.steps[first:end], values[first:end], buckets))
        return held[1]

    def figure(self, name: str) -> tuple[Floats, Floats]:
        """Steps and values of one figure of the evaluations, finite ones alone."""
        if name not in self._figures:
            told = () if self._curves is None else self._curves.evaluations
            found = [(step, values[name]) for step, values in told if math.isfinite(values.get(name, math.nan))]
            steps, values = np.array(found, np.float64).reshape(-1, 2).T
            self._figures[name] = steps, values
        return self._figures[name]


def _with_gaps(values: Floats) -> Floats:
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, np.nan)


def _begins_with(values: Floats, start: Floats) -> bool:
    """Bit by bit, so that a gap equals a gap."""
    head = np.ascontiguousarray(values[: len(start)])
    return len(head) == len(start) and np.array_equal(head.view(np.int64), np.ascontiguousarray(start).view(np.int64))
