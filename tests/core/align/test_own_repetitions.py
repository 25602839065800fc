"""A clip that repeats itself is divided at its seams; one that does not is left whole."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align.own_repetitions import find_own_repetitions
from core.align.repetitions import NONE


def performance(frames: int, seed: int) -> NDArray[np.float32]:
    """One course in so many frames, with noise of its own, before a background that all frames share."""
    rates = np.random.default_rng(1).uniform(1, 9, 24)
    noise = np.random.default_rng(seed).normal(size=(frames, 24))
    return (3 + np.sin(np.linspace(0, 1, frames)[:, None] * rates) + 0.05 * noise).astype(np.float32)


@pytest.mark.parametrize("lengths", [(40, 40), (40, 25, 60), (30, 44, 36, 60, 33), (300, 420, 260)])
def test_it_is_divided_at_the_seams(lengths: tuple[int, ...]) -> None:
    found = find_own_repetitions(np.concatenate([performance(length, seed) for seed, length in enumerate(lengths, 2)]))
    assert found is not None
    spans, seams = found.repetitions.spans, np.cumsum([0, *lengths])
    assert found.repetitions.count == len(lengths)
    near = max(4, sum(lengths) // 64)
    assert np.abs(np.array([span.start_frame for span in spans]) - seams[:-1]).max() <= near
    assert np.abs(np.array([span.end_frame_exclusive for span in spans]) - seams[1:]).max() <= near
    assert len(found.repetitions.frames) == len(found.repetitions.numbers) == sum(lengths)


def test_the_reference_is_matched_with_itself() -> None:
    lengths = (40, 25, 60)
    found = find_own_repetitions(np.concatenate([performance(length, seed) for seed, length in enumerate(lengths, 2)]))
    assert found is not None
    own = found.repetitions.frames[found.reference_start_frame : found.reference_end_frame_exclusive]
    assert own.tolist() == list(range(found.reference_end_frame_exclusive - found.reference_start_frame))
    assert (found.repetitions.frames[found.repetitions.numbers == 0] == NONE).all()


@pytest.mark.parametrize("frames", [1, 15, 60, 200])
def test_what_shows_its_course_once_has_none(frames: int) -> None:
    assert find_own_repetitions(performance(frames, 2)) is None


def test_noise_has_none() -> None:
    assert find_own_repetitions(np.random.default_rng(1).normal(size=(150, 64)).astype(np.float32)) is None


def test_a_still_scene_has_none() -> None:
    assert find_own_repetitions(np.ones((150, 8), np.float32)) is None
