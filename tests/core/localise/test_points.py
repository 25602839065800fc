"""The anchor-free detector against plain loops of what its sources say."""

from __future__ import annotations

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.localise.examples import Segments
from core.localise.points import LEVELS, diou_loss, focal_loss, targets

SEGMENTS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 64), st.integers(0, 2)), max_size=4)


def in_loops(segments: list[tuple[float, float, int]], num_steps: int) -> list[tuple[int | None, float, float]]:
    """Class (None: none) and distances of each moment."""
    made: list[tuple[int | None, float, float]] = []
    for level in range(LEVELS):
        for place in range(0, num_steps, 2**level):
            moment = place + 0.5
            low = 0.0 if level == 0 else 2.0 ** (level + 1)
            high = math.inf if level == LEVELS - 1 else 2.0 ** (level + 2)
            best: tuple[float, int, float, float] | None = None
            for start, end, number in segments:
                left, right = moment - start, end - moment
                near = abs(moment - (start + end) / 2) <= 1.5 * 2**level
                fits = min(left, right) > 0 and low <= max(left, right) < high
                if near and fits and (best is None or end - start < best[0]):
                    best = (end - start, number, left, right)
            made.append((None, 0.0, 0.0) if best is None else best[1:])
    return made


@given(SEGMENTS)
def test_targets_are_those_of_plain_loops(drawn: list[tuple[int, int, int]]) -> None:
    segments = [(float(start), float(start + length), number) for start, length, number in drawn]
    own = Segments(
        torch.tensor([one[:2] for one in segments]).reshape(-1, 2), torch.tensor([one[2] for one in segments]).long()
    )
    classes, distances = targets(own, 128, 3)
    expected = in_loops(segments, 128)
    assert len(classes) == len(expected)
    for row, bounds, (number, left, right) in zip(classes, distances, expected, strict=True):
        assert row.tolist() == [float(place == number) for place in range(3)]
        assert bounds.tolist() == [left, right]


def test_every_segment_of_two_steps_or_more_has_a_moment() -> None:
    for start in range(0, 40, 3):
        for length in (2, 3, 5, 9, 17, 40, 88):
            own = Segments(torch.tensor([[float(start), float(start + length)]]), torch.tensor([0]))
            assert targets(own, 128, 1)[0].any(), (start, length)


def test_focal_loss_is_its_formula() -> None:
    for logit in (-3.0, 0.2, 2.0):
        p = 1 / (1 + math.exp(-logit))
        positive = focal_loss(torch.tensor(logit), torch.tensor(1.0)).item()
        negative = focal_loss(torch.tensor(logit), torch.tensor(0.0)).item()
        assert math.isclose(positive, -0.25 * (1 - p) ** 2 * math.log(p), rel_tol=1e-5)
        assert math.isclose(negative, -0.75 * p**2 * math.log(1 - p), rel_tol=1e-5)


@given(st.lists(st.floats(0.1, 50), min_size=4, max_size=4))
def test_diou_is_that_of_the_intervals(drawn: list[float]) -> None:
    left, right, true_left, true_right = drawn
    said = diou_loss(torch.tensor([[left, right]]), torch.tensor([[true_left, true_right]])).item()
    (a, b), (c, d) = (-left, right), (-true_left, true_right)
    iou = (min(b, d) - max(a, c)) / (max(b, d) - min(a, c))
    centres = ((a + b) / 2 - (c + d) / 2) / (max(b, d) - min(a, c))
    assert math.isclose(said, 1 - iou + centres**2, rel_tol=1e-4, abs_tol=1e-5)
