"""Phases in the order of the labels: the cheapest sequence of phases, where changes never seen in a label cost more."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.labels.segments import UNLABELLED, runs_of

CHANGE_COST = 1.0
"""Of a change that was seen, in nats: frames in doubt between two phases do not flicker."""
UNSEEN_COST = 10.0
"""Of a change that was not: as much as evidence of about 22,000 to 1 in favour. More measured no better."""
_DOUBT = 0.01
"""Share of every probability that is spread over all phases: no single frame forces a change that was not seen."""


def change_costs(labels: Iterable[NDArray[np.int64]], num_phases: int) -> NDArray[np.float64]:
    """Return the cost of changing from one phase (row) to another (column), from the changes in labelled videos.

    A phase follows another where it comes next among a video's labels, whether or not unlabelled frames lie between.
    Where no video shows any change, nothing is known of the order, and every change costs the same.

    Args:
        labels: (S,) each: 0 to C - 1, or `UNLABELLED`.

    Returns:
        (C, C) nats; 0 to stay.
    """
    seen = np.zeros((num_phases, num_phases), bool)
    for of_video in labels:
        for (phase, *_), (following, *_) in itertools.pairwise(runs_of(of_video)):
            seen[phase, following] = True
    np.fill_diagonal(seen, False)
    costs = np.where(seen | (not seen.any()), CHANGE_COST, UNSEEN_COST)
    np.fill_diagonal(costs, 0.0)
    return costs


def best_path(
    probabilities: NDArray[np.float64], costs: NDArray[np.float64], fixed: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the sequence of phases with the greatest sum of log-probabilities less the costs of its changes (Viterbi,
    1967).

    Args:
        probabilities: (S, C) of each phase at each frame.
        costs: (C, C) finite, of going from one phase to another.
        given: (S,) frames whose phase is known, `UNLABELLED` elsewhere: the path goes through them.

    Returns:
        (S,) phases; where paths tie, phases of lower number.

    Raises:
        ValueError: the shapes do not fit.
    """
    num_frames, num_phases = probabilities.shape
    if costs.shape != (num_phases, num_phases) or (fixed is not None and fixed.shape != (num_frames,)):
        raise ValueError(f"probabilities, costs and given phases must fit, not {probabilities.shape} and {costs.shape}")
    gains = np.log((1 - _DOUBT) * probabilities + _DOUBT / num_phases)
    if fixed is not None:
        known = np.flatnonzero(fixed != UNLABELLED)
        gains[known] = -np.inf
        gains[known, fixed[known]] = 0.0
    from core.label.order_kernel import follow  # numba takes a third of a second to import

    path: NDArray[np.int64] = follow(gains, np.ascontiguousarray(costs, np.float64))
    return path
