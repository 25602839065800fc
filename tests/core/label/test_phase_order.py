"""The sequence of phases is the best there is, and keeps to changes that were seen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.label.order_kernel import follow
from core.label.phase_order import CHANGE_COST, UNSEEN_COST, best_path, change_costs
from core.labels.segments import UNLABELLED


def gain(path: tuple[int, ...], probabilities: NDArray[np.float64], costs: NDArray[np.float64]) -> float:
    """What `best_path` maximises."""
    size = probabilities.shape[1]
    logs = sum(np.log(0.99 * probabilities[frame, phase] + 0.01 / size) for frame, phase in enumerate(path))
    return float(logs - sum(costs[change] for change in itertools.pairwise(path)))


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 3), st.booleans())
def test_no_sequence_is_better(seed: int, num_frames: int, num_phases: int, some_given: bool) -> None:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.full(num_phases, 0.3), num_frames)
    costs = generator.uniform(0, 5, (num_phases, num_phases)) * (1 - np.eye(num_phases))
    known = np.full(num_frames, UNLABELLED)
    if some_given:
        known[generator.integers(num_frames)] = generator.integers(num_phases)
    path = best_path(probabilities, costs, known)
    possible = [
        one
        for one in itertools.product(range(num_phases), repeat=num_frames)
        if all(k in (UNLABELLED, phase) for k, phase in zip(known, one, strict=True))
    ]
    assert tuple(path) in possible
    free = [(1.0 if k != UNLABELLED else np.nan) for k in known]  # a given frame gains nothing by its phase
    rows = np.where(np.isnan(free)[:, None], probabilities, 1.0)
    best = max(gain(one, rows, costs) for one in possible)
    assert gain(tuple(path), rows, costs) == pytest.approx(best)


SEEN = [np.array([0, 0, 1, UNLABELLED, 2, 2]), np.array([1, 1, UNLABELLED, 1, 2])]


def test_what_follows_what_is_learned_across_gaps() -> None:
    costs = change_costs(SEEN, 3)
    seen = {change for change in itertools.permutations(range(3), 2) if costs[change] == CHANGE_COST}
    assert seen == {(0, 1), (1, 2)}
    assert (costs.diagonal() == 0).all()
    assert costs[2, 0] == UNSEEN_COST


def test_where_nothing_was_seen_every_change_costs_the_same() -> None:
    costs = change_costs([np.array([0, 0, UNLABELLED]), np.array([1])], 2)
    np.testing.assert_array_equal(costs, CHANGE_COST * (1 - np.eye(2)))


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 2**32 - 1))
def test_weak_evidence_never_makes_a_change_that_no_label_shows(seed: int) -> None:
    probabilities = np.random.default_rng(seed).uniform(0.28, 0.38, (30, 3))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    path = best_path(probabilities, change_costs(SEEN, 3))
    changes = {(int(a), int(b)) for a, b in itertools.pairwise(path) if a != b}
    assert changes <= {(0, 1), (1, 2)}


def test_a_single_frame_is_no_evidence_and_many_are() -> None:
    sure = np.eye(3)
    costs = change_costs(SEEN, 3)
    blip = sure[[0] * 5 + [2] + [0] * 5]
    assert best_path(blip, costs).tolist() == [0] * 11
    again = [0] * 20 + [1] * 20 + [0] * 20
    assert best_path(sure[again], costs).tolist() == again


def test_frames_in_doubt_do_not_flicker_between_phases_that_follow_each_other_both_ways() -> None:
    costs = change_costs([np.array([0, 1, 0, 1])], 2)
    probabilities = np.where(np.arange(20)[:, None] % 2 == [0, 1], 0.6, 0.4)
    assert len(set(best_path(probabilities, costs).tolist())) == 1


def test_a_certain_frame_is_passed_through_whatever_it_costs() -> None:
    given_labels = np.full(9, UNLABELLED)
    given_labels[4] = 0
    path = best_path(np.tile([0.0, 0.0, 1.0], (9, 1)), change_costs(SEEN, 3), given_labels)
    assert path[4] == 0
    assert path[8] == 2


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="must fit"):
        best_path(np.ones((4, 2)), np.zeros((3, 3)))


def plain_path(gains: NDArray[np.float64], costs: NDArray[np.float64]) -> list[int]:
    """Viterbi's algorithm, a line each."""
    sums, came_from = gains[0], []
    for row in gains[1:]:
        reached = sums[:, None] - costs
        came_from.append(reached.argmax(axis=0))
        sums = reached.max(axis=0) + row
    path = [int(sums.argmax())]
    for sources in reversed(came_from):
        path.append(int(sources[path[-1]]))
    return path[::-1]


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 12), st.booleans())
def test_the_compiled_loop_gives_the_path_of_the_plain_one_ties_too(
    seed: int, num_frames: int, num_phases: int, has_ties: bool
) -> None:
    generator = np.random.default_rng(seed)
    gains = np.log(generator.dirichlet(np.full(num_phases, 0.3), num_frames) + 1e-3)
    costs = generator.uniform(0, 5, (num_phases, num_phases))
    if has_ties:
        gains, costs = gains.round(), costs.round()
    gains[generator.integers(num_frames), 1:] = -np.inf
    assert follow(gains, costs).tolist() == plain_path(gains, costs)
