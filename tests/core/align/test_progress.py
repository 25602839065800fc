"""Progress goes from where the reference begins to move to where it ends, in any tempo; idle ends are found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.align.progress import idle_ends, progress_along


def _course(moments: NDArray[np.float64]) -> NDArray[np.float32]:
    angles = moments[:, None] * np.arange(1, 9)[None] * 0.7
    rows = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_idle_frames_at_both_ends_are_found() -> None:
    moments = np.concatenate([np.zeros(20), np.linspace(0, 2, 60), np.full(15, 2.0)])
    start, end = idle_ends(_course(moments))
    assert 19 <= start <= 23
    assert 76 <= end <= 81
    assert idle_ends(_course(np.zeros(10))) == (0, 10)


def test_progress_is_where_the_partner_lies() -> None:
    reference, moments = _course(np.linspace(0, 2, 60)), np.linspace(0, 1, 90) ** 1.5
    progress = progress_along(reference, _course(2 * moments))
    assert (np.diff(progress) >= 0).all()
    np.testing.assert_allclose(progress, moments, atol=0.08)
    np.testing.assert_allclose(progress_along(reference, reference)[[0, -1]], [0, 1])
