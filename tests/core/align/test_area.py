"""The similarity as a picture: a pixel is the mean over its area, of the whole videos or of a stretch of each."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import similarity
from core.align.area import Axis, mean_cosine, over_time


def _rows(count: int, seed: int, width: int = 8) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _edges(count: int, seed: int) -> NDArray[np.float64]:
    """At uneven times."""
    return np.append(0, np.random.default_rng(seed).uniform(0.01, 0.2, size=count).cumsum())


def _shares(edges: NDArray[np.float64], start: float, end: float, pixels: int) -> NDArray[np.float64]:
    """(pixels, S) by brute force: which share of each pixel's time every frame is shown."""
    times = np.linspace(start, end, pixels + 1)
    shared = np.minimum(times[1:, None], edges[None, 1:]) - np.maximum(times[:-1, None], edges[None, :-1])
    return np.maximum(shared, 0) / np.diff(times)[:, None]


@pytest.mark.parametrize("pixels", [1, 12, 200])
@pytest.mark.parametrize("stretch", [(0.0, 1.0), (0.0, 0.37), (0.3, 0.31), (0.61, 1.0)])
@pytest.mark.parametrize("frames", [(40, 23), (1, 60), (1, 1)])
def test_a_pixel_is_the_mean_over_its_area(frames: tuple[int, int], stretch: tuple[float, float], pixels: int) -> None:
    rows = [_rows(count, seed) for seed, count in enumerate(frames)]
    edges = [_edges(count, seed) for seed, count in enumerate(frames)]
    (start, end), other = stretch, (0.2, 0.9)
    spans = (start * edges[0][-1], end * edges[0][-1]), (other[0] * edges[1][-1], other[1] * edges[1][-1])
    down, across = (Axis(*of, pixels, *span) for *of, span in zip(rows, edges, spans, strict=True))
    wanted = _shares(edges[0], *spans[0], pixels) @ similarity(*rows) @ _shares(edges[1], *spans[1], pixels).T
    np.testing.assert_allclose(mean_cosine(down, across), wanted, atol=2e-6)


def test_the_whole_is_the_stretch_from_start_to_end() -> None:
    rows, edges = _rows(50, 0), _edges(50, 0)
    np.testing.assert_array_equal(over_time(rows, edges, 30), over_time(rows, edges, 30, 0.0, float(edges[-1])))


def test_frames_beyond_the_stretch_are_not_read() -> None:
    rows, edges = _rows(50, 0), _edges(50, 0)
    spoilt = rows.copy()
    spoilt[:20], spoilt[31:] = np.nan, np.nan
    stretch = float(edges[20]), float(edges[31])
    np.testing.assert_array_equal(over_time(rows, edges, 7, *stretch), over_time(spoilt, edges, 7, *stretch))


@pytest.mark.parametrize("stretch", [(-0.1, 0.2), (0.2, 0.2), (0.3, 0.1), (9.0, 10.0)])
def test_no_stretch_of_the_video_is_refused(stretch: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="a range of a video"):
        over_time(_rows(4, 0), np.arange(5) / 10, 3, *stretch)
