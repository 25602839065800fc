"""Laws of crops and of the frames drawn from them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.video.sampling import Crop, even_positions, overlapping_crops, random_positions

seeds = st.integers(0, 2**32 - 1)


@st.composite
def lengths(draw: st.DrawFn) -> tuple[int, int, int]:
    shortest = draw(st.integers(1, 60))
    longest = draw(st.integers(shortest, 3 * shortest))
    return draw(st.integers(longest, 20 * longest)), shortest, longest


@given(lengths(), st.floats(0, 1) | st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]), seeds)
def test_both_crops_share_beta_of_their_frames_and_lie_in_the_video(
    sizes: tuple[int, int, int], beta: float, seed: int
) -> None:
    num_frames, shortest, longest = sizes
    first, second = overlapping_crops(num_frames, shortest, longest, beta, np.random.default_rng(seed))
    shared = len(
        set(range(first.start_frame, first.end_frame_exclusive))
        & set(range(second.start_frame, second.end_frame_exclusive))
    )
    assert shared == first.overlap(second)
    for crop in (first, second):
        assert 0 <= crop.start_frame < crop.end_frame_exclusive <= num_frames
        assert shortest <= crop.num_frames <= longest
        assert shared >= beta * crop.num_frames


def test_every_pair_that_keeps_beta_is_drawn() -> None:
    def fits(first: Crop, second: Crop) -> bool:
        return first.overlap(second) >= 0.5 * max(first.num_frames, second.num_frames)

    crops = [Crop(start, length) for length in (2, 3, 4) for start in range(7 - length)]
    possible = {(first, second) for first in crops for second in crops if fits(first, second)}
    generator = np.random.default_rng(0)
    assert {overlapping_crops(6, 2, 4, 0.5, generator) for _ in range(5000)} == possible


def test_beta_holds_where_a_quotient_is_rounded_up() -> None:
    beta = math.nextafter(7 / 17, 1.0)
    assert 7 / beta == 17
    assert beta * 17 > 7
    generator = np.random.default_rng(0)
    pairs = [overlapping_crops(200, 7, 17, beta, generator) for _ in range(2000)]
    assert all(first.overlap(second) >= beta * max(first.num_frames, second.num_frames) for first, second in pairs)


def test_full_overlap_means_the_same_crop() -> None:
    generator = np.random.default_rng(1)
    pairs = [overlapping_crops(1000, 20, 30, 1.0, generator) for _ in range(50)]
    assert all(first == second for first, second in pairs)
    assert len({first for first, _ in pairs}) > 40


def test_without_overlap_the_crops_are_independent() -> None:
    generator = np.random.default_rng(2)
    pairs = [overlapping_crops(10_000, 20, 30, 0.0, generator) for _ in range(300)]
    starts = np.array([(first.start_frame, second.start_frame) for first, second in pairs])
    assert abs(np.corrcoef(starts.T)[0, 1]) < 0.15
    assert any(first.overlap(second) == 0 for first, second in pairs)


@pytest.mark.parametrize("sizes", [(10, 0, 5), (10, 6, 5), (10, 5, 11)])
def test_lengths_that_do_not_nest_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no crops"):
        overlapping_crops(*sizes, 0.2, np.random.default_rng(0))


@given(st.integers(1, 5000), st.integers(1, 300), seeds)
def test_positions_ascend_without_repetition(length: int, count: int, seed: int) -> None:
    for positions in (random_positions, even_positions):
        drawn = positions(length, count, np.random.default_rng(seed))
        assert len(drawn) == min(length, count)
        assert (np.diff(drawn) > 0).all()
        assert 0 <= drawn[0] <= drawn[-1] < length
        assert drawn.dtype == np.int64


@given(st.integers(1, 5000), st.integers(2, 300), seeds)
def test_even_positions_keep_their_distance(length: int, count: int, seed: int) -> None:
    gaps = np.diff(even_positions(length, count, np.random.default_rng(seed)))
    assert (abs(gaps - max(1.0, length / count)) < 1.0 + 1e-9).all()


def test_even_positions_have_a_random_phase_and_reach_every_frame() -> None:
    generator = np.random.default_rng(3)
    drawn = np.concatenate([even_positions(35, 10, generator) for _ in range(2000)])
    shares = np.bincount(drawn, minlength=35) / 2000
    np.testing.assert_allclose(shares, 10 / 35, atol=0.06)
