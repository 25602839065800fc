"""A video that repeats itself is known by its period, and one that does not is not said to."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import similarity
from core.align.repetition import repetition

FPS = 25.0


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _edges(count: int) -> NDArray[np.float64]:
    return np.arange(count + 1) / FPS


def _there_and_back(phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """(S,) phases from 0 to 1 of a movement -> (S, 16) what is seen."""
    moments = 1 - np.abs(1 - 2 * (phase % 1))
    return np.exp(-((moments[:, None] - np.linspace(0, 1, 16)) ** 2) / 0.02)


def _smooth(rng: np.random.Generator, count: int, width: int, frames: float) -> NDArray[np.float64]:
    """Noise that is related over so many frames, and repeats nothing."""
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(rng.normal(size=(count, width)), frames, axis=0)


@pytest.mark.parametrize("period", [12, 30, 61])
@pytest.mark.parametrize("times", [2, 2.5, 3, 6, 20])
@pytest.mark.parametrize("noise", [0.0, 0.25])
def test_the_period_is_found(period: int, times: float, noise: float) -> None:
    rng = np.random.default_rng(0)
    rows = _there_and_back(np.arange(int(times * period)) / period)
    found = repetition(_unit(rows + noise * rng.normal(size=rows.shape)), _edges(len(rows)))
    assert found.period_seconds == pytest.approx(period / FPS, abs=1.01 / FPS)


def test_an_uneven_tempo_is_still_a_repetition() -> None:
    rng = np.random.default_rng(3)
    lengths = (30 * (1 + 0.08 * rng.normal(size=12))).astype(int)
    phase = np.concatenate([np.arange(length) / length for length in lengths])
    found = repetition(_unit(_there_and_back(phase)), _edges(len(phase)))
    assert found.period_seconds == pytest.approx(30 / FPS, rel=0.15)


def test_times_between_frames_may_be_uneven() -> None:
    """As of a camera with a variable rate: what counts is the clock."""
    rng = np.random.default_rng(1)
    edges = np.append(0, rng.uniform(0.02, 0.06, size=400).cumsum())
    found = repetition(_unit(_there_and_back(edges[:-1] / 2.0)), edges)
    assert found.period_seconds == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("width", [2, 3, 16])
@pytest.mark.parametrize("kind", ["once", "walk", "slow", "quick", "white", "still"])
def test_what_does_not_repeat_is_not_said_to(seed: int, width: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(60, 900))
    rows = {
        "once": lambda: _there_and_back(np.linspace(0, 0.5, count)),
        "walk": lambda: rng.normal(size=(count, width)).cumsum(axis=0) + 10,
        "slow": lambda: _smooth(rng, count, width, count / 10),
        "quick": lambda: _smooth(rng, count, width, 2.0),
        "white": lambda: rng.normal(size=(count, width)),
        "still": lambda: np.ones((count, width)),
    }[kind]()
    assert repetition(_unit(rows), _edges(count)).period_seconds is None


def test_what_comes_back_by_chance_is_no_repetition() -> None:
    """In two directions much is alike again, as high as in a video that repeats itself, but not as sharply timed."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        rows = _smooth(rng, 400, 2, float(rng.uniform(5, 40)))
        assert repetition(_unit(rows), _edges(400)).period_seconds is None


def test_the_profile_is_the_mean_over_the_diagonals() -> None:
    rows = _unit(np.random.default_rng(0).normal(size=(50, 7)))
    found, matrix = repetition(rows, _edges(50)), similarity(rows, rows)
    assert len(found.lags_seconds) == len(found.cosine) == 26
    np.testing.assert_allclose(found.cosine, [np.diagonal(matrix, lag).mean() for lag in range(26)], atol=1e-5)
    np.testing.assert_allclose(found.lags_seconds, np.arange(26) / FPS)


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 8, 9])
def test_few_frames_repeat_nothing(frames: int) -> None:
    found = repetition(_unit(np.random.default_rng(0).normal(size=(frames, 4))), _edges(frames))
    assert found.period_seconds is None
    assert found.cosine[0] == pytest.approx(1)


def test_long_videos_are_thinned_out() -> None:
    rows = _unit(_there_and_back(np.arange(40_000) / 200))
    found = repetition(rows, _edges(40_000))
    assert len(found.cosine) == 8193
    assert found.period_seconds == pytest.approx(200 / FPS, rel=0.01)
