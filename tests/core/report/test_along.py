"""The curves along a path: where two videos differ, and which one is faster."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import align_embeddings, swap
from core.base.types import Alignment
from core.report.along import AlongPath, along_path


def turning(angles: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def edges(num_frames: int, fps: float = 25.0) -> NDArray[np.float64]:
    return np.arange(num_frames + 1) / fps


def test_the_faster_video_s_tempo_is_above_one() -> None:
    a, b = turning(np.linspace(0, 3, 200)), turning(np.linspace(0, 3, 100))
    found = along_path(align_embeddings(a, b), a, b, edges(200), edges(100))
    middle = slice(len(found.tempo) // 4, 3 * len(found.tempo) // 4)
    assert found.tempo[middle] == pytest.approx(2, abs=0.2)
    back = along_path(align_embeddings(b, a), b, a, edges(100), edges(200))
    assert back.tempo[middle] == pytest.approx(0.5, abs=0.05)


def test_peaks_lie_where_the_two_differ() -> None:
    a = turning(np.linspace(0, 1, 300))
    b = a.copy()
    for start in (60, 200):
        b[start : start + 8] = -b[start : start + 8]
    path = Alignment(np.arange(300), np.arange(300), 0.0)
    found = along_path(path, a, b, edges(300), edges(300))
    assert len(found.peaks) == 2
    assert abs(found.peaks - [63.5, 203.5]).max() <= 1
    assert found.distance[[0, 130, 299]] == pytest.approx(0, abs=1e-6)


def test_swapping_swaps_the_curves() -> None:
    generator = np.random.default_rng(0)
    a, b = (turning(np.cumsum(generator.random(size) / 20)) for size in (150, 90))
    path = align_embeddings(a, b)
    there = along_path(path, a, b, edges(150), edges(90))
    back = along_path(swap(path), b, a, edges(90), edges(150))
    assert there.distance == pytest.approx(back.distance)
    assert (there.a_seconds == back.b_seconds).all()
    assert there.peaks.tolist() == back.peaks.tolist()


def lengths(found: AlongPath) -> set[int]:
    return {len(curve) for curve in (found.distance, found.tempo, found.a_seconds, found.b_seconds)}


@pytest.mark.parametrize(("num_a", "num_b"), [(1, 1), (1, 500), (500, 1), (2, 2)])
def test_very_short_videos_have_curves(num_a: int, num_b: int) -> None:
    a, b = turning(np.linspace(0, 1, num_a)), turning(np.linspace(0, 1, num_b))
    path = align_embeddings(a, b)
    found = along_path(path, a, b, edges(num_a), edges(num_b))
    assert lengths(found) == {len(path)}
    assert np.isfinite(found.distance).all()
