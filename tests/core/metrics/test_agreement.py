"""Kappa is scikit-learn's and the one worked by hand; boundaries are matched as brute force matches them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from core.labels.segments import UNLABELLED
from core.metrics.agreement import agreement, boundaries_of, cohen_kappa, confusion, match_boundaries


def test_kappa_by_hand() -> None:
    """Of 50 frames: both up 20, both down 15, A alone up 5, B alone up 10. Observed 0.7; expected 0.5 * 0.6 + 0.5 * 0.4
    = 0.5; kappa (0.7 - 0.5) / 0.5 = 0.4."""
    a = np.array([0] * 25 + [1] * 25)
    b = np.array([0] * 20 + [1] * 5 + [0] * 10 + [1] * 15)
    *_, everything = agreement([(a, b)], 2, 0)
    assert everything.observed == pytest.approx(0.7)
    assert everything.kappa == pytest.approx(0.4)


@pytest.mark.parametrize("seed", range(8))
def test_kappa_is_scikit_learns(seed: int) -> None:
    generator = np.random.default_rng(seed)
    a = generator.integers(UNLABELLED, 4, 300)
    b = np.where(generator.random(300) < 0.6, a, generator.integers(UNLABELLED, 4, 300))
    *by_phase, everything = agreement([(a[:120], b[:120]), (a[120:], b[120:])], 4, 3)
    assert everything.kappa == pytest.approx(cohen_kappa_score(a, b))
    for phase, one in enumerate(by_phase):
        assert one.kappa == pytest.approx(cohen_kappa_score(a == phase, b == phase))
        assert one.num_frames_same == np.sum((a == phase) & (b == phase))
    assert everything.num_frames_same == np.sum((a == b) & (a != UNLABELLED))
    swapped = agreement([(b, a)], 4, 3)[-1]
    assert swapped.kappa == pytest.approx(everything.kappa)


def test_kappa_is_not_defined_where_nothing_could_differ() -> None:
    assert math.isnan(cohen_kappa(confusion(np.zeros(9, np.int64), np.zeros(9, np.int64), 2)))
    assert math.isnan(cohen_kappa(np.zeros((3, 3), np.int64)))


def _best(a: list[int], b: list[int], tolerance: int) -> tuple[int, int]:
    """(number, sum of distances) of the best matching, among all there are."""
    few, many = sorted((a, b), key=len)
    best = (0, 0)
    for chosen in itertools.permutations(many, len(few)):
        near = [abs(x - y) for x, y in zip(few, chosen, strict=True) if abs(x - y) <= tolerance]
        best = min(best, (-len(near), sum(near)))
    return -best[0], best[1]


@pytest.mark.parametrize("seed", range(40))
def test_boundaries_are_matched_as_brute_force_does(seed: int) -> None:
    generator = np.random.default_rng(seed)
    a, b = (sorted(generator.integers(0, 30, generator.integers(0, 6)).tolist()) for _ in range(2))
    tolerance = int(generator.integers(0, 8))
    found = match_boundaries(a, b, tolerance)
    assert (found.num_matched, sum(map(abs, found.offsets))) == _best(a, b, tolerance)
    assert (found.num_a, found.num_b) == (len(a), len(b))


def test_boundaries_by_hand() -> None:
    """A has `up` at 0..10 and 20..30, B at 0..12 and 25..40 of 40 frames: ends 10 and 30 of A, 12 of B (40 is the
    video's); starts 20 and 25."""
    a, b = np.full(40, UNLABELLED), np.full(40, UNLABELLED)
    a[0:10], a[20:30], b[0:12], b[25:40] = 0, 0, 0, 0
    found = boundaries_of(a, b, 0, 5)
    assert sorted(found.offsets) == [2, 5]
    assert (found.num_a, found.num_b, found.num_matched) == (3, 2, 2)
    assert found.quantiles[1] == 3.5
    assert boundaries_of(a, b, 0, 4).offsets == (2,)
    assert all(math.isnan(one) for one in boundaries_of(a, b, 0, 1).quantiles)
