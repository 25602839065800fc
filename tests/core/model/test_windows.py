"""A window is embedded as if it were a video of its own, whatever the head; and windows join to the whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.model.windows import FramesInWindows
from tests.core.small import small_config, small_encoder

HEADS = [{}, {"encoder__temporal": "none"}, {"encoder__delta_lag": 2}, {"encoder__rescale_positions": False}]


def features(frames: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(frames, 512)).astype(np.float16)


@pytest.mark.parametrize("changed", HEADS)
def test_one_window_is_the_video_embedded_whole(changed: dict[str, object]) -> None:
    encoder = small_encoder(small_config(**changed)).eval()
    rows = features(23)
    whole = encoder.embed_features(torch.from_numpy(rows.astype(np.float32))).numpy()
    for window_frames in (23, 500):
        np.testing.assert_allclose(FramesInWindows(encoder, rows).embedded(window_frames), whole, atol=1e-5)


@pytest.mark.parametrize("changed", HEADS)
def test_a_frame_is_the_weighted_mean_of_its_windows(changed: dict[str, object]) -> None:
    encoder = small_encoder(small_config(**changed)).eval()
    rows = features(30)
    made = FramesInWindows(encoder, rows).embedded(20)
    starts = np.unique(np.linspace(0, 10, 3).astype(int))  # at least four over each frame, evenly
    total = np.zeros_like(made)
    for start in starts:
        window = encoder.embed_features(torch.from_numpy(rows[start : start + 20].astype(np.float32))).numpy()
        total[start : start + 20] += (np.hanning(22)[1:-1, None] + 1e-3) * window
    np.testing.assert_allclose(made, total / np.linalg.norm(total, axis=1, keepdims=True), atol=1e-5)


def test_every_nth_frame_is_a_video_of_those_frames() -> None:
    encoder = small_encoder(small_config()).eval()
    rows = features(61)
    made = FramesInWindows(encoder, rows).embedded(24, step=3)
    assert len(made) == 21
    np.testing.assert_allclose(made, FramesInWindows(encoder, rows[::3]).embedded(8), atol=1e-5)


def test_what_lies_beyond_a_window_changes_nothing() -> None:
    encoder = small_encoder(small_config()).eval()
    rows = features(60)
    other = rows.copy()
    other[40:] = 0
    one, two = (FramesInWindows(encoder, some).embedded(12) for some in (rows, other))
    np.testing.assert_array_equal(one[:28], two[:28])
    assert not np.allclose(one[40:], two[40:])


def test_the_encoder_keeps_its_mode() -> None:
    encoder = small_encoder(small_config()).train()
    FramesInWindows(encoder, features(12)).embedded(6)
    assert encoder.training


def test_a_window_without_frames_is_our_bug() -> None:
    encoder = small_encoder(small_config()).eval()
    with pytest.raises(ValueError, match="window of 2 frames"):
        FramesInWindows(encoder, features(12)).embedded(2, step=3)
