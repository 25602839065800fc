"""Dynamic time warping: the laws that any correct one obeys."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core import align
from core.align import align_embeddings, dtw, similarity, swap, warp_frames, warp_labels
from core.align import path as path_module
from core.base.types import Alignment

Matrix = NDArray[np.float64]

costs = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-3, 9).map(float))
)


def all_paths(rows: int, columns: int) -> Iterator[list[tuple[int, int]]]:
    """Every monotone path from (0, 0) to the last cell."""

    def onwards(done: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        row, column = done[-1]
        if (row, column) == (rows - 1, columns - 1):
            yield done
        for step in ((1, 1), (1, 0), (0, 1)):
            if row + step[0] < rows and column + step[1] < columns:
                yield from onwards([*done, (row + step[0], column + step[1])])

    return onwards([(0, 0)])


def cost_along(cost: Matrix, alignment: Alignment) -> float:
    return float(cost[alignment.a_frames, alignment.b_frames].astype(np.float64).sum())


def assert_valid(alignment: Alignment, rows: int, columns: int) -> None:
    steps = np.stack([np.diff(alignment.a_frames), np.diff(alignment.b_frames)])
    assert (alignment.a_frames[0], alignment.b_frames[0]) == (0, 0)
    assert (alignment.a_frames[-1], alignment.b_frames[-1]) == (rows - 1, columns - 1)
    assert ((steps >= 0) & (steps <= 1)).all()
    assert (steps.sum(axis=0) >= 1).all()


@given(costs)
@settings(deadline=None)
def test_no_path_is_cheaper(cost: Matrix) -> None:
    alignment = dtw(cost)
    assert_valid(alignment, *cost.shape)
    assert alignment.cost == min(sum(cost[cell] for cell in path) for path in all_paths(*cost.shape))
    assert alignment.cost == cost_along(cost, alignment)


@given(costs, st.sampled_from([0.01, 0.2, 0.34, 0.5, 0.8]))
@settings(deadline=None)
def test_no_path_within_the_band_is_cheaper(cost: Matrix, band: float) -> None:
    last_a, last_b = (max(size - 1, 1) for size in cost.shape)
    reach = max(band, 0.5 / min(last_a, last_b)) if min(cost.shape) > 1 else 1.0

    def inside(path: list[tuple[int, int]]) -> bool:
        return all(abs(row / last_a - column / last_b) <= reach + 1e-9 for row, column in path)

    alignment = dtw(cost, band=band)
    assert_valid(alignment, *cost.shape)
    assert alignment.cost == min(sum(cost[cell] for cell in path) for path in all_paths(*cost.shape) if inside(path))
    assert alignment.cost == cost_along(cost, alignment)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32, np.bool_])
def test_every_kind_of_number_gives_the_sum_in_double(dtype: type) -> None:
    cost = (np.random.default_rng(0).random((37, 50)) * 2).astype(dtype)
    alignment = dtw(cost)
    assert alignment.cost == pytest.approx(cost_along(cost, alignment), rel=1e-12)
    assert alignment.cost == dtw(cost.astype(np.float64)).cost


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 9), (2, 2)])
@pytest.mark.parametrize("band", [None, 0.001])
def test_narrow_matrices(shape: tuple[int, int], band: float | None) -> None:
    cost = np.random.default_rng(0).random(shape)
    alignment = dtw(cost, band=band)
    assert_valid(alignment, *shape)
    if 1 in shape:
        assert alignment.cost == pytest.approx(cost.sum())


@pytest.mark.parametrize("band", [None, 0.1, 1e-9])
def test_a_video_with_itself_is_the_diagonal(band: float | None) -> None:
    video = np.random.default_rng(0).normal(size=(301, 16)).astype(np.float32)
    alignment = align_embeddings(video, video, band=band)
    assert (alignment.a_frames == np.arange(301)).all()
    assert (alignment.b_frames == np.arange(301)).all()
    assert alignment.cost == pytest.approx(0, abs=1e-3)


def test_where_steps_tie_the_diagonal_is_taken() -> None:
    assert len(dtw(np.zeros((7, 7)))) == 7
    assert len(dtw(np.zeros((7, 12)))) == 12


@pytest.mark.parametrize("band", [None, 0.07])
def test_swapping_the_videos_swaps_the_path(band: float | None) -> None:
    cost = np.random.default_rng(0).random((83, 131))
    there, back = dtw(cost, band=band), swap(dtw(cost.T, band=band))
    assert there.cost == back.cost
    assert (there.a_frames == back.a_frames).all()
    assert (there.b_frames == back.b_frames).all()


def test_a_wide_band_is_none_and_a_narrow_one_costs() -> None:
    cost = np.random.default_rng(0).random((90, 140))
    by_band = [dtw(cost, band=band).cost for band in (0.001, 0.01, 0.05, 0.2, 0.999, 1.0, 7.0, None)]
    assert by_band == sorted(by_band, reverse=True)
    assert by_band[0] > by_band[-1]
    assert by_band[-2] == by_band[-1]


def test_what_lies_beyond_the_band_is_not_read() -> None:
    cost = np.random.default_rng(0).random((200, 150))
    place = np.abs(np.arange(200)[:, None] / 199 - np.arange(150) / 149)
    holes = np.where(place <= 0.1 + 1e-9, cost, np.nan)
    assert dtw(holes, band=0.1).cost == dtw(cost, band=0.1).cost


def test_parts_of_the_matrix_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(70, 8)).astype(np.float32), rng.normal(size=(110, 8)).astype(np.float32)
    whole = [dtw(1 - similarity(a, b), band=band) for band in (None, 0.1)]
    monkeypatch.setattr(path_module, "_BLOCK_CELLS", 250)
    for band, expected in zip((None, 0.1), whole, strict=True):
        for found in (dtw(1 - similarity(a, b), band=band), align_embeddings(a, b, band=band)):
            assert (found.b_frames == expected.b_frames).all()
            assert found.cost == pytest.approx(expected.cost, rel=1e-6)


def test_backpointers_take_two_bits_a_cell_of_the_band(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    empty = np.empty

    def counting(shape: tuple[int, ...], dtype: type) -> NDArray[np.uint8]:
        made = empty(shape, dtype)
        taken.append(made.nbytes)
        return made

    monkeypatch.setattr(path_module.np, "empty", counting)
    dtw(np.zeros((400, 1000)))
    dtw(np.zeros((400, 1000)), band=0.05)
    assert taken == [400 * 250, 400 * 25]


@pytest.mark.parametrize(
    ("cost", "says"),
    [
        (np.zeros(4), "at least one cell"),
        (np.zeros((0, 4)), "at least one cell"),
        (np.zeros((2, 2, 2)), "at least one cell"),
        (np.zeros((2, 2), complex), "real numbers"),
        (np.array([["a"]]), "real numbers"),
        (np.array([[0, 1], [np.nan, 0]]), "row 1 .* not finite"),
        (np.array([[0, np.inf]]), "row 0 .* not finite"),
        (np.array([[-np.inf]]), "row 0 .* not finite"),
        (np.full((4, 4), 1e308), "too large"),
    ],
)
def test_what_is_no_cost_is_refused(cost: Matrix, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        dtw(cost)


@pytest.mark.parametrize("band", [0.0, -0.1, float("nan")])
def test_a_band_is_a_positive_share(band: float) -> None:
    with pytest.raises(ValueError, match="positive fraction"):
        dtw(np.zeros((4, 4)), band=band)


def test_similarity_is_the_cosine_and_zero_beside_zeros() -> None:
    a = np.array([[3, 4], [0, 0], [-1, 0]], np.float32)
    found = similarity(a, np.array([[6, 8], [1, 0]], np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[1, 0.6], [0, 0], [-0.6, -1]], atol=1e-6)
    with pytest.raises(ValueError, match="embeddings"):
        similarity(a, np.zeros((2, 3), np.float32))


def slow_motion(times: int, frames: int) -> Alignment:
    """A against itself with each frame shown `times` times."""
    frame = np.arange(frames)
    return dtw(np.abs(frame[:, None] - np.repeat(frame, times)).astype(np.float64))


@given(st.integers(1, 5), st.integers(1, 20))
@settings(deadline=None)
def test_frames_carried_to_slow_motion_and_back_are_themselves(times: int, frames: int) -> None:
    alignment = slow_motion(times, frames)
    there, back = warp_frames(alignment), warp_frames(swap(alignment))
    assert (back[there] == np.arange(frames)).all()
    assert (there == np.arange(frames) * times + (times - 1) // 2).all()


@given(costs)
@settings(deadline=None)
def test_carried_frames_are_matched_ones_in_order(cost: Matrix) -> None:
    alignment = dtw(cost)
    pairs = set(zip(alignment.a_frames.tolist(), alignment.b_frames.tolist(), strict=True))
    carried = warp_frames(alignment)
    assert all(pair in pairs for pair in enumerate(carried.tolist()))
    assert (np.diff(carried) >= 0).all()


def test_labels_follow_their_frames() -> None:
    alignment = slow_motion(3, 4)
    assert warp_labels(np.array(["down", "down", "up", "up"]), alignment).tolist() == ["down"] * 6 + ["up"] * 6
    assert warp_labels(np.arange(12) // 3, swap(alignment)).tolist() == [0, 1, 2, 3]
    assert warp_labels(np.eye(4), alignment).shape == (12, 4)
    with pytest.raises(ValueError, match="expected one label per frame, got 3 labels for 4 frames"):
        warp_labels(np.zeros(3), alignment)


def test_the_kernel_compiles_where_nothing_can_be_kept() -> None:
    """A read-only install without a home folder: numba has nowhere to keep machine code."""
    program = (
        "import numba.core.caching as caching; "
        "(getattr(caching, 'CacheImpl', None) or caching._CacheImpl)._locator_classes = []; "
        "import numpy as np; from core.align import dtw; print(dtw(np.ones((3, 4))).cost)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert found.stdout.strip() == "4.0", found.stderr


def test_the_library_needs_no_torch() -> None:
    program = "import sys, core.align, core.pictures; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    assert set(align.__all__) <= set(dir(align))
