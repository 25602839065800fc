"""A copy is exact at the frames that were looked at, and follows from them in between."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.features import copies
from core.features.copies import complete_copy, key_frames

FRAMES, WIDTH = 50, 6


@pytest.fixture
def told() -> NDArray[np.float16]:
    """(FRAMES, WIDTH), as the maps might tell."""
    return np.random.default_rng(0).normal(2, 1, (FRAMES, WIDTH)).astype(np.float16)


@pytest.fixture
def truth(told: NDArray[np.float16]) -> NDArray[np.float16]:
    return np.random.default_rng(1).normal(0, 1, (FRAMES, WIDTH)).astype(np.float16) + told * np.float16(0.7)


def completed(told: NDArray[np.float16], truth: NDArray[np.float16], keys: NDArray[np.int64]) -> NDArray[np.float32]:
    rows = told.copy()
    complete_copy(rows, keys, truth[keys])
    return rows.astype(np.float32)


def test_key_frames_are_evenly_spaced_and_end_with_the_last() -> None:
    assert key_frames(10, 4).tolist() == [0, 4, 8, 9]
    assert key_frames(9, 4).tolist() == [0, 4, 8]
    assert key_frames(3, 100).tolist() == [0, 2]
    assert key_frames(1, 4).tolist() == [0]
    assert key_frames(5, 1).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("stride", [1, 4, 7, 100])
def test_key_frames_are_what_was_seen(told: NDArray[np.float16], truth: NDArray[np.float16], stride: int) -> None:
    keys = key_frames(FRAMES, stride)
    np.testing.assert_allclose(completed(told, truth, keys)[keys], truth[keys], rtol=0, atol=5e-3)


def test_what_the_maps_do_not_tell_is_a_straight_line_between_key_frames(
    told: NDArray[np.float16], truth: NDArray[np.float16]
) -> None:
    keys = key_frames(FRAMES, 7)
    untold = truth[keys].astype(np.float32) - told[keys]
    lines = np.stack([np.interp(np.arange(FRAMES), keys, untold[:, i]) for i in range(WIDTH)], axis=1)
    np.testing.assert_allclose(completed(told, truth, keys), told + lines, rtol=0, atol=5e-3)


def test_chunks_change_nothing(
    told: NDArray[np.float16], truth: NDArray[np.float16], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = key_frames(FRAMES, 3)
    at_once = completed(told, truth, keys)
    monkeypatch.setattr(copies, "_CHUNK", 4)
    np.testing.assert_allclose(completed(told, truth, keys), at_once, rtol=0, atol=5e-3)


def test_a_single_frame_is_no_problem() -> None:
    one = np.ones((1, WIDTH), np.float16)
    np.testing.assert_array_equal(completed(one, one * 3, key_frames(1, 16)), one * 3)
