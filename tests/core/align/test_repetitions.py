"""Repetitions are the cheapest explanation of a clip, are counted and numbered in order, and leave gaps unnumbered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.align.repetitions import NONE, Prices, Repetitions, explain, find_repetitions

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


def course(frames: int, generator: np.random.Generator, noise: float = 0.02) -> NDArray[np.float32]:
    """A performance in so many frames: rows of norm 1 along one curve that does not come back to where it was."""
    at = np.linspace(0, 1, frames)[:, None]
    rows = np.concatenate([np.cos(np.pi * at * k) for k in range(1, 5)] + [2 * at - 1], axis=1)
    rows = rows + noise * generator.normal(size=rows.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def foreign(frames: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Rows that lie in none of the course's directions."""
    rows = np.zeros((frames, 10), np.float32)
    rows[:, 5:] = generator.normal(size=(frames, 5))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def joined(
    lengths: list[int], gaps: list[int], generator: np.random.Generator
) -> tuple[NDArray[np.float32], list[int]]:
    """Performances of these lengths, each after so many foreign frames; and for every frame its number, 0 for none."""
    parts, numbers = [], []
    for number, (length, gap) in enumerate(zip(lengths, gaps, strict=True), 1):
        parts += [foreign(gap, generator), np.pad(course(length, generator), ((0, 0), (0, 5)))]
        numbers += [0] * gap + [number] * length
    return np.concatenate(parts), numbers


@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(16, 48), st.sampled_from([0, 0, 3, 20])), min_size=1, max_size=6),
)
def test_repetitions_of_any_tempo_are_counted_and_gaps_have_no_number(seed: int, made: list[tuple[int, int]]) -> None:
    generator = np.random.default_rng(seed)
    clip, numbers = joined([length for length, _ in made], [gap for _, gap in made], generator)
    reference = np.pad(course(30, generator), ((0, 0), (0, 5)))
    found = find_repetitions(reference, clip)
    assert found.count == len(made)
    wrong = np.flatnonzero(found.numbers != numbers)
    assert len(wrong) <= len(made), "a frame beside a seam may fall to either side"
    assert (found.frames[found.numbers == 0] == NONE).all()


@pytest.mark.parametrize("num_foreign", [1, 2, 6])
def test_foreign_frames_within_a_repetition_are_dropped(num_foreign: int) -> None:
    cost = np.ones((10 + num_foreign, 10))
    rows = [*range(5), *range(5 + num_foreign, 10 + num_foreign)]
    cost[rows, range(10)] = 0
    prices = Prices(0.4, 0.5)
    found = explain(cost, prices)
    assert found.numbers.tolist() == [1] * len(cost)
    assert found.frames.tolist() == [*range(5), *[NONE] * num_foreign, *range(5, 10)]
    assert found.spans[0].confidence == pytest.approx(10 / len(cost))
    assert found.cost == pytest.approx(0.4 * num_foreign) == price_of_found(found, cost, prices)


def test_spans_numbers_and_frames_tell_the_same_in_order() -> None:
    generator = np.random.default_rng(3)
    clip, _ = joined([30, 20, 45], [5, 0, 12], generator)
    found = find_repetitions(np.pad(course(30, generator), ((0, 0), (0, 5))), clip)
    assert [span.number for span in found.spans] == [1, 2, 3]
    for span in found.spans:
        own = slice(span.start_frame, span.end_frame_exclusive)
        assert (found.numbers[own] == span.number).all()
        assert (np.diff(found.frames[own][found.frames[own] != NONE]) >= 0).all()
        assert 0.5 < span.confidence <= 1
    assert sum(map(len, found.spans)) == (found.numbers > 0).sum()


def test_a_frame_is_matched_with_its_moment_of_the_reference() -> None:
    generator = np.random.default_rng(4)
    clip, _ = joined([60, 24], [0, 0], generator)
    found = find_repetitions(np.pad(course(40, generator), ((0, 0), (0, 5))), clip)
    truth = np.concatenate([np.linspace(0, 39, 60), np.linspace(0, 39, 24)])
    assert np.abs(found.frames - truth)[found.frames != NONE].mean() < 1.5


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.1, 10))
def test_prices_in_another_unit_change_nothing(seed: int, unit: float) -> None:
    cost = np.random.default_rng(seed).uniform(0, 1, (40, 9))
    one = explain(cost, Prices(0.4, 0.2, 0.1))
    other = explain(cost * unit, Prices(0.4 * unit, 0.2 * unit, 0.1 * unit))
    assert one.frames.tolist() == other.frames.tolist()
    assert other.cost == pytest.approx(one.cost * unit)
    assert [span.confidence for span in other.spans] == pytest.approx([span.confidence for span in one.spans])


def test_a_clip_without_the_course_has_no_repetition() -> None:
    cost = np.full((30, 10), 0.9)
    found = explain(cost, Prices(0.4, 0.4))
    assert (found.count, found.explained) == (0, pytest.approx(0))
    assert (found.frames == NONE).all()
    assert not found.numbers.any()


def test_long_clips_are_read_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    clip, _ = joined([30, 20, 45], [5, 0, 12], generator)
    reference = np.pad(course(30, generator), ((0, 0), (0, 5)))
    whole = find_repetitions(reference, clip)
    monkeypatch.setattr("core.align.repetitions._BLOCK_CELLS", 7 * 30)
    parts = find_repetitions(reference, clip)
    assert parts.frames.tolist() == whole.frames.tolist()
    assert parts.cost == pytest.approx(whole.cost)


@pytest.mark.parametrize(
    ("gap", "skip", "start", "most"), [(0, 0.1, 0, 3), (0.5, -1, 0, 3), (0.5, 0.1, np.inf, 3), (0.5, 0.1, 0, 0)]
)
def test_prices_that_mean_nothing_are_our_bug(gap: float, skip: float, start: float, most: int) -> None:
    with pytest.raises(ValueError, match="not"):
        Prices(gap, skip, start, most)


def test_what_is_no_cost_matrix_is_our_bug() -> None:
    prices = Prices(0.4, 0.4)
    with pytest.raises(ValueError, match="at least one cell"):
        explain(np.empty((0, 3)), prices)
    with pytest.raises(ValueError, match="row 1 "):
        explain([[0.1, 0.2], [np.nan, 0.1]], prices)
    with pytest.raises(ValueError, match="embeddings must be"):
        find_repetitions(np.ones((3, 2), np.float32), np.ones((3, 4), np.float32))
