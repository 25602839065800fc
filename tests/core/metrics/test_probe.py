"""The linear probe is scikit-learn's, fitted on labelled frames alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.labels.segments import UNLABELLED
from core.metrics.linear_probe import Probe, fit_probe

GENERATOR = np.random.default_rng(3)
CLIPS = [GENERATOR.normal(size=(length, 6)).astype(np.float32) for length in (20, 35)]


@pytest.mark.parametrize("num_phases", [2, 3, 5])
def test_its_probabilities_are_those_of_scikit_learn(num_phases: int) -> None:
    labels = [np.arange(len(clip)) % num_phases for clip in CLIPS]
    probe = fit_probe(CLIPS, labels, num_phases)
    reference = LogisticRegression(C=1.0, max_iter=10_000).fit(np.concatenate(CLIPS), np.concatenate(labels))
    found = probe.probabilities(CLIPS[1])
    np.testing.assert_allclose(found, reference.predict_proba(CLIPS[1]), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_an_unlabelled_frame_changes_nothing() -> None:
    labels = [np.arange(len(clip)) % 3 for clip in CLIPS]
    labels[0][5:12] = UNLABELLED
    other = CLIPS[0].copy()
    other[5:12] = 100.0
    one, two = (fit_probe([first, CLIPS[1]], labels, 3) for first in (CLIPS[0], other))
    np.testing.assert_array_equal(one.weights, two.weights)
    np.testing.assert_array_equal(one.offsets, two.offsets)


@pytest.mark.parametrize(("label", "num_phases"), [(0, 1), (0, 2), (1, 2)])
def test_one_phase_cannot_be_told_from_nothing(label: int, num_phases: int) -> None:
    with pytest.raises(ValueError, match="at least two phases"):
        fit_probe(CLIPS[:1], [np.full(20, label)], num_phases)


def test_weights_and_offsets_must_fit() -> None:
    with pytest.raises(ValueError, match="with C offsets"):
        Probe(np.zeros((2, 3)), np.zeros(3))
