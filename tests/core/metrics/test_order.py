"""Kendall's tau, and the nearest frames that it is made of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.metrics import neighbours
from core.metrics.neighbours import nearest_frames
from core.metrics.order import kendalls_tau
from tests.core.metrics.walks import line, walks


def test_nearest_frames_is_the_least_squared_distance() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(13, 5)), generator.normal(size=(17, 5))
    expected = [int(np.argmin([((x - y) ** 2).sum() for y in b])) for x in a]
    assert nearest_frames(a, b).tolist() == expected
    assert nearest_frames(a.astype(np.float32), b.astype(np.float16)).dtype == np.int64


def test_of_equal_frames_the_first_is_nearest_wherever_they_stand() -> None:
    generator = np.random.default_rng(0)
    b = generator.normal(size=(29, 33)).astype(np.float32)
    twice = np.concatenate([b, b[::-1], b])
    assert nearest_frames(b + 1e-4, twice).tolist() == list(range(29))
    assert nearest_frames(np.zeros((3, 2)), np.ones((5, 2))).tolist() == [0, 0, 0]


def test_close_frames_far_from_the_origin_are_told_apart() -> None:
    b = 1e7 + np.arange(5)[:, None] * np.array([[1e-3, 2e-3]])
    assert nearest_frames(b, b).tolist() == [0, 1, 2, 3, 4], "|a|^2 - 2ab + |b|^2 would lose them"


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = walks([40, 37])[0]
    whole = nearest_frames(a, b)
    monkeypatch.setattr(neighbours, "_BLOCK_CELLS", 100)
    assert [rows.stop - rows.start for rows, _ in neighbours.distance_blocks(a, b)] == [2] * 20
    assert (nearest_frames(a, b) == whole).all()


def test_a_video_without_frames_has_no_nearest() -> None:
    with pytest.raises(ValueError, match="without frames"):
        nearest_frames(np.ones((2, 3)), np.ones((0, 3)))


@settings(deadline=None)
@given(
    arrays(
        np.float64, st.tuples(st.integers(1, 6), st.integers(1, 12)), elements=st.sampled_from([0.0, 0.5, 1.0, 7.0])
    ),
    st.integers(1, 12),
)
def test_smallest_columns_is_what_a_stable_sort_gives(distances: np.ndarray, k: int) -> None:
    k = min(k, distances.shape[1])
    expected = np.argsort(distances, axis=1, kind="stable")[:, :k]
    assert (neighbours.smallest_columns(distances, k) == expected).all()


def test_tau_of_videos_in_step_is_one_and_of_a_reversed_one_minus_one() -> None:
    assert kendalls_tau([line(20), line(20), line(20)]) == pytest.approx(1)
    assert kendalls_tau([line(20), line(20, reverse=True)]) == pytest.approx(-1)
    assert kendalls_tau([line(21), line(21)], stride=5) == pytest.approx(1)


def test_tau_takes_every_stride_th_frame() -> None:
    videos = walks([40, 35, 43])[0]
    for stride in (2, 5):
        strided = kendalls_tau([video[::stride] for video in videos])
        assert kendalls_tau(videos, stride=stride) == strided
        assert strided != kendalls_tau(videos)


def test_undefined_pairs_are_dropped() -> None:
    assert math.isnan(kendalls_tau([line(20)]))
    assert math.isnan(kendalls_tau([np.ones((9, 3)), np.ones((7, 3))]))
    assert kendalls_tau([line(9), line(9), np.ones((7, 1))]) == pytest.approx(1), "a constant embedding"
    assert kendalls_tau([line(9), line(9), line(3)], stride=4) == pytest.approx(1), "one strided frame"
    assert kendalls_tau([line(9), line(9), line(0)]) == pytest.approx(1), "no frame"
    assert math.isnan(kendalls_tau([line(9), line(9)], stride=9))


def test_neither_the_order_of_videos_nor_reversing_all_of_them_counts() -> None:
    videos = walks([20, 25, 31, 22])[0]
    expected = kendalls_tau(videos)
    assert 0 < expected < 1
    assert kendalls_tau([videos[i] for i in (2, 0, 3, 1)]) == pytest.approx(expected)
    assert kendalls_tau([video[::-1] for video in videos]) == pytest.approx(expected)


@pytest.mark.parametrize("stride", [0, -1])
def test_a_stride_below_one_is_refused(stride: int) -> None:
    with pytest.raises(ValueError, match="stride must be at least 1"):
        kendalls_tau([line(5), line(5)], stride=stride)
