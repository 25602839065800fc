"""Repetitions are the cheapest explanation of a clip, are counted and numbered in order, and leave gaps unnumbered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.align.repetitions import Prices, Repetitions, explain

Explanation = list[tuple[str, int]]
"""Of each frame: `out`, `begin` or `go on` with a frame of the reference, or `drop` within a repetition."""


def explanations(frames: int, reference: int, most: int) -> Iterator[Explanation]:
    """Every way to explain a clip, by plain recursion."""

    def grow(made: Explanation, at: int | None, is_dropped: bool) -> Iterator[Explanation]:
        if len(made) == frames:
            if not is_dropped:  # a repetition ends with a match
                yield made
            return
        if not is_dropped:
            yield from grow([*made, ("out", -1)], None, False)
            for place in range(reference):
                yield from grow([*made, ("begin", place)], place, False)
        if at is not None:
            yield from grow([*made, ("drop", -1)], at, True)
            steps = [1] if is_dropped else range(most + 1)
            for place in (at + step for step in steps if at + step < reference):
                yield from grow([*made, ("go on", place)], place, False)

    return grow([], None, False)


def price_of(explanation: Explanation, cost: NDArray[np.float64], prices: Prices) -> float:
    """What an explanation costs, by its definition."""
    total, last = 0.0, cost.shape[1] - 1
    at: int | None = None
    for row, (kind, place) in enumerate(explanation):
        if kind in ("out", "begin") and at is not None:
            total += prices.skip * (last - at)
            at = None
        if kind == "begin":
            total += prices.start + prices.skip * place
        total += prices.gap if kind in ("out", "drop") else cost[row, place]
        at = place if kind in ("begin", "go on") else at
    return total + (prices.skip * (last - at) if at is not None else 0.0)


def price_of_found(found: Repetitions, cost: NDArray[np.float64], prices: Prices) -> float:
    explained: Explanation = []
    for row, (frame, number) in enumerate(zip(found.frames, found.numbers, strict=True)):
        begins = number > 0 and (row == 0 or found.numbers[row - 1] != number)
        kind = "out" if number == 0 else "drop" if frame < 0 else "begin" if begins else "go on"
        explained.append((kind, int(frame)))
    return price_of(explained, cost, prices)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    st.integers(0, 10_000),
    st.integers(1, 5),
    st.integers(1, 4),
    st.floats(0.1, 0.9),
    st.floats(0, 0.5),
    st.integers(1, 3),
)
def test_no_explanation_is_cheaper(seed: int, frames: int, reference: int, gap: float, skip: float, most: int) -> None:
    cost = np.random.default_rng(seed).uniform(0, 1, (frames, reference))
    prices = Prices(gap, skip, start=0.05, most=most)
    found = explain(cost, prices)
    least = min(price_of(one, cost, prices) for one in explanations(frames, reference, most))
    assert found.cost == pytest.approx(least, abs=1e-9)
    assert price_of_found(found, cost, prices) == pytest.approx(least, abs=1e-9)
