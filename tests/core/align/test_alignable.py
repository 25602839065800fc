"""Laws of the score that says whether two videos can be aligned."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import align_embeddings, swap
from core.align.alignable import alignability, calibrate_score
from core.base.types import Alignment

Rows = NDArray[np.float32]


def course(num_frames: int, seed: int = 0) -> Rows:
    """(S, 16) a smooth way through the embedding space, the same for every length."""
    generator = np.random.default_rng(seed)
    marks = generator.normal(size=(8, 16))
    at = np.linspace(0, 7, num_frames)
    rows = np.stack([np.interp(at, np.arange(8), marks[:, column]) for column in range(16)], axis=1)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def judged(a: Rows, b: Rows) -> float:
    return alignability(a, b, align_embeddings(a, b)).score


def noisy(num_frames: int) -> Rows:
    return course(num_frames) + np.float32(0.3) * course(num_frames, 5)


def test_a_video_can_be_aligned_with_itself_at_another_tempo() -> None:
    assert judged(course(120), course(120)) > 0.95
    assert judged(course(120), course(75)) > 0.95


def test_unrelated_videos_cannot() -> None:
    scores = [judged(course(120), course(100, seed)) for seed in range(1, 9)]
    assert max(scores) < 0.5


def test_nor_can_one_whose_blocks_are_shuffled() -> None:
    blocks = np.array_split(course(100), 5)
    assert judged(course(120), np.concatenate([blocks[place] for place in (3, 1, 4, 0, 2)])) < 0.5


def test_nor_where_nothing_moves() -> None:
    still = np.repeat(course(2)[:1], 60, axis=0)
    assert judged(still, still) < 0.01
    assert judged(course(80), still) < 0.01


def test_swapping_the_two_changes_nothing() -> None:
    a, b = course(90), noisy(70)
    path = align_embeddings(a, b)
    there, back = alignability(a, b, path), alignability(b, a, swap(path))
    assert there.score == back.score
    np.testing.assert_array_equal(there.of_a, back.of_b)
    np.testing.assert_array_equal(there.of_b, back.of_a)


def test_what_all_frames_share_does_not_count_nor_do_turns_of_the_space() -> None:
    a, b = course(90), noisy(70)
    path = align_embeddings(a, b)
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(16, 16)))[0].astype(np.float32)
    plain = alignability(a, b, path)
    assert alignability(a, b + np.float32(2), path).score == pytest.approx(plain.score, abs=1e-4)
    assert alignability(a @ turn, b @ turn, path).score == pytest.approx(plain.score, abs=1e-4)


def test_a_foreign_stretch_scores_low_and_the_rest_keeps_its_score() -> None:
    a, steps = course(120), np.arange(120)
    b = a.copy()
    b[45:85] = course(40, 4)
    found = alignability(a, b, Alignment(steps, steps, 0.0))
    assert max(found.of_a[60:70].max(), found.of_b[60:70].max()) < 0.5
    assert min(found.of_a[:20].min(), found.of_b[110:].min()) > 0.9


def test_frames_without_a_partner_score_nothing_and_do_not_count() -> None:
    a, b, steps = course(120), course(120), np.arange(20, 100)
    found = alignability(a, b[20:100], Alignment(steps, steps - 20, 0.0))
    assert found.score > 0.95
    assert not found.of_a[[*range(20), *range(100, 120)]].any()
    assert found.of_a[20:100].min() > 0.5
    assert (len(found.of_a), len(found.of_b)) == (120, 80)


def test_a_pair_is_as_good_as_its_worse_side() -> None:
    a, b = course(60), np.concatenate((course(60), course(60, 7)))
    path = Alignment(np.append(np.arange(60), np.full(60, 59)), np.arange(120), 0.0)  # A waits in its last frame
    assert alignability(a, b, path).agreement < 0.6


def test_scores_lie_between_0_and_1_and_grow_with_the_agreement() -> None:
    scores = calibrate_score(np.linspace(-1, 1, 101))
    assert 0 <= scores.min() < scores.max() <= 1
    assert (np.diff(scores) > 0).all()


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_videos_have_a_score(frames: int) -> None:
    found = alignability(course(frames), course(5), align_embeddings(course(frames), course(5)))
    assert 0 <= found.score <= 1
    assert np.isfinite([*found.of_a, *found.of_b]).all()


def test_a_path_of_other_videos_is_refused() -> None:
    path = align_embeddings(course(10), course(12))
    with pytest.raises(ValueError, match="frame 11 of B, which has 9"):
        alignability(course(10), course(9), path)
    with pytest.raises(ValueError, match=r"not \(10, 16\) and \(12, 15\)"):
        alignability(course(10), course(12)[:, :15], path)
