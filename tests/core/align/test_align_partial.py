"""Alignment in which a frame may have no partner: exact, symmetric, and a table that tells the same."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.align import NONE, align_embeddings, align_partial, confidences, partners, swap, warp_frames, warp_labels
from core.align.alignable import alignability
from core.align.confidence import Calibration, calibrate
from core.align.many_tables import Follower, read_followers, write_followers
from core.align.messages import alignable_in_words
from core.align.partial import partial_dtw
from core.align.tables import every_frame, read_path, write_path
from core.base.errors import LabelError
from core.base.types import Alignment
from core.embedding.embedded_video import EmbeddedVideo

_CALIBRATION = Calibration(0.8, 0.05)


def least_cost(
    cost: NDArray[np.float64], price: float, opening: float, *, is_start_free: bool, is_end_free: bool
) -> float:
    """Every chain of matches, tried one after the other; less what it costs that no frame has a partner."""

    @functools.cache
    def ending(row: int, column: int) -> float:
        begins = is_start_free or (row, column) == (0, 0)
        least = 2 * (cost[row, column] - price) if begins else np.inf
        for above in range(row + 1):
            for left in range(column + 1):
                down, right = row - above, column - left
                if (down, right) == (0, 0) or min(down, right) == 0 < max(down, right) - 1:
                    continue
                frames = 1 if min(down, right) == 0 else 2
                gap = opening if max(down, right) > 1 else 0.0
                least = min(least, ending(above, left) + gap + 2 * cost[row, column] - frames * price)
        return float(least)

    if not is_end_free:
        return ending(cost.shape[0] - 1, cost.shape[1] - 1)
    found = min(ending(row, column) for row in range(cost.shape[0]) for column in range(cost.shape[1]))
    return min(0.0, found) if is_start_free else found


_MATRICES = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10**6)).map(
    lambda drawn: np.random.default_rng(drawn[2]).integers(0, 9, drawn[:2]) / 4
)


@given(_MATRICES, st.integers(0, 7), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_no_chain_of_matches_costs_less(cost: NDArray[np.float64], price: int, opening: int) -> None:
    found = partial_dtw(cost, price / 4 + 0.01, opening=opening / 2)
    least = least_cost(cost, price / 4 + 0.01, opening / 2, is_start_free=True, is_end_free=True)
    assert found.cost == pytest.approx(least + (price / 4 + 0.01) * sum(cost.shape))


@given(_MATRICES, st.integers(0, 7), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_nor_through_an_anchor(cost: NDArray[np.float64], price: int, opening: int) -> None:
    row, column = cost.shape[0] // 2, cost.shape[1] // 3
    paid, opened = price / 4 + 0.01, opening / 2
    found = partial_dtw(cost, paid, opening=opened, anchors=[(row, column)])
    assert (row, column) in zip(found.a_frames.tolist(), found.b_frames.tolist(), strict=True)
    before = least_cost(cost[: row + 1, : column + 1], paid, opened, is_start_free=True, is_end_free=False)
    after = least_cost(cost[row:, column:], paid, opened, is_start_free=False, is_end_free=True)
    both = before + after - 2 * (cost[row, column] - paid)
    assert found.cost == pytest.approx(both + paid * sum(cost.shape))


@given(_MATRICES, st.integers(0, 7), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_the_videos_may_swap(cost: NDArray[np.float64], price: int, opening: int) -> None:
    costs = [partial_dtw(matrix, price / 4, opening=opening / 2).cost for matrix in (cost, cost.T)]
    assert costs[1] == pytest.approx(costs[0])


def test_a_dearer_frame_without_partner_never_leaves_more_of_them() -> None:
    cost = np.random.default_rng(3).random((40, 50))
    shares = [partial_dtw(cost, price, opening=0.1).matched_share for price in (0.05, 0.2, 0.4, 0.8, 2.5)]
    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert shares[-1] == 1


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_costs_are_finite(wrong: float) -> None:
    cost = np.ones((3, 3))
    cost[1, 2] = wrong
    with pytest.raises(ValueError, match="row 1"):
        partial_dtw(cost, 0.5)
    with pytest.raises(ValueError, match="prices"):
        partial_dtw(np.ones((3, 3)), -1)


def turning(moments: NDArray[np.float64], seed: int = 0) -> NDArray[np.float32]:
    """(S, 8) rows of norm 1: what is seen at each moment from 0 to 1; a tenth apart, the cosine is about 0.5."""
    phases = moments[:, None] * np.array([3.0, 7.0, 10.0, 13.0]) + np.arange(4)
    rows = np.concatenate([np.cos(phases), np.sin(phases)], axis=1) / 2
    moved: NDArray[np.float32] = rows.astype(np.float32)
    return moved


def foreign(count: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(9).normal(size=(count, 8)).astype(np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def aligned(a: NDArray[np.float32], b: NDArray[np.float32], **options: object) -> Alignment:
    return align_partial(a, b, calibration=_CALIBRATION, **options)  # type: ignore[arg-type]


def test_frames_of_something_else_have_no_partner() -> None:
    whole = turning(np.linspace(0, 1, 60))
    found = aligned(np.concatenate([whole[:25], foreign(30), whole[25:]]), turning(np.linspace(0, 1, 80)))
    has = found.has_partner_a
    assert not has[27:53].any()
    assert has[:23].all()
    assert has[57:].all()
    assert found.has_partner_b.mean() > 0.95


def test_a_part_is_not_stretched_over_the_whole() -> None:
    found = aligned(turning(np.linspace(0, 1, 90)), turning(np.linspace(1 / 3, 2 / 3, 40)))
    has = np.flatnonzero(found.has_partner_a)
    assert 24 <= has[0] <= 31
    assert 58 <= has[-1] <= 66
    assert found.has_partner_b.all()


def test_what_is_surer_counts_as_sure() -> None:
    a, b = turning(np.linspace(0, 1, 90)), turning(np.linspace(0.2, 1, 70) ** 1.1)
    found = aligned(a, b)
    assert found.confidence is not None
    cosine = np.einsum("pd,pd->p", a[found.a_frames], b[found.b_frames])
    order = np.argsort(cosine)
    assert (np.diff(found.confidence[order]) >= 0).all()
    shares = [aligned(a, b, least_confidence=least).matched_share for least in (0, 0.2, 0.5, 0.9, 0.999)]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)
    with pytest.raises(ValueError, match="below 1"):
        aligned(a, b, least_confidence=1.0)


def test_a_part_that_ends_early_is_no_partner_of_all_that_follows() -> None:
    a, b = turning(np.linspace(0, 1, 90)), turning(np.linspace(0, 0.5, 45))
    lenient = Calibration(0.3, 0.1)
    whole = partial_dtw(1 - a @ b.T, lenient.price(0.5))
    assert np.flatnonzero(whole.has_partner_a)[-1] > 48  # the cheapest path goes on while B waits on its last frame
    found = align_partial(a, b, calibration=lenient)
    assert 42 <= np.flatnonzero(found.has_partner_a)[-1] <= 47
    pinned = align_partial(a, b, calibration=lenient, anchors=[(60, 44)])
    assert pinned.has_partner_a[60]


def test_where_both_stand_still_all_frames_go_together() -> None:
    still = np.concatenate([np.zeros(30), np.linspace(0, 1, 60)])
    found = align_partial(turning(still), turning(np.concatenate([np.zeros(5), np.linspace(0, 1, 60)])))
    assert found.matched_share > 0.95


def test_the_calibration_depends_on_each_video_and_not_on_how_they_go_together() -> None:
    a, b = turning(np.linspace(0, 1, 60)), turning(np.linspace(0, 1, 80))
    mirrored = b[:, ::-1].copy()
    assert calibrate(a, b).boundary == pytest.approx(calibrate(a, mirrored).boundary, abs=1e-6)
    chance = float((a @ a.T).mean())
    assert calibrate(a, a).boundary == pytest.approx((1 + chance) / 2, abs=1e-6)
    assert calibrate(np.ones((5, 1), np.float32), np.ones((5, 1), np.float32)).boundary == 0.95


def test_price_and_confidence_say_the_same() -> None:
    for least in (0.1, 0.5, 0.9):
        cosine = 1 - _CALIBRATION.price(least)
        assert _CALIBRATION.confidence(np.array([cosine]))[0] == pytest.approx(least)


def partial(a_frames: list[int], b_frames: list[int], num_a: int, num_b: int) -> Alignment:
    sure = np.linspace(0.5, 0.9, len(a_frames)).astype(np.float32)
    return Alignment(np.array(a_frames, np.int64), np.array(b_frames, np.int64), 0.0, num_a, num_b, sure)


_PATHS = [
    partial([1, 2, 2, 5], [0, 1, 2, 4], 7, 6),
    partial([0, 1, 2], [0, 1, 2], 3, 3),
    partial([], [], 2, 3),
    partial([0], [2], 1, 3),
]


def test_partners_and_what_is_shown_beside() -> None:
    path = _PATHS[0]
    assert partners(path).tolist() == [NONE, 0, 1, NONE, NONE, 4, NONE]
    assert warp_frames(path).tolist() == [0, 0, 1, 1, 1, 4, 4]
    assert warp_frames(_PATHS[2]).tolist() == [0, 0]
    assert partners(swap(path)).tolist() == [1, 2, 2, NONE, 5, NONE]
    assert confidences(path).tolist() == pytest.approx([0, 0.5, 0.7666667, 0, 0, 0.9, 0])
    assert path.matched_share == pytest.approx(7 / 13)


def test_labels_go_with_partners_alone() -> None:
    labels = np.arange(7) * 10
    assert warp_labels(labels, _PATHS[0], missing=-1).tolist() == [10, 20, 20, -1, 50, -1]
    assert warp_labels(labels, _PATHS[0]).tolist() == [10, 20, 20, 20, 50, 50]


@pytest.mark.parametrize("path", _PATHS)
def test_every_frame_of_both_comes_once_at_least_and_in_order(path: Alignment) -> None:
    told = list(every_frame(path))
    for place, count in ((0, path.num_a), (1, path.num_b)):
        frames = [one[place] for one in told if one[place] != NONE]
        assert frames == sorted(frames)
        assert set(frames) == set(range(count))
    assert [step for *_, step in told if step != NONE] == list(range(len(path)))


def embedded(count: int) -> EmbeddedVideo:
    return EmbeddedVideo(Path(f"{count}.mp4"), "0", np.arange(count + 1) / 10, turning(np.linspace(0, 1, count)))


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_table_tells_partners_and_who_has_none(tmp_path: Path, path: Alignment, suffix: str) -> None:
    file = tmp_path / f"path{suffix}"
    write_path(file, embedded(path.num_a), embedded(path.num_b), path)
    read = read_path(file)
    assert (read.a_frames.tolist(), read.b_frames.tolist()) == (path.a_frames.tolist(), path.b_frames.tolist())
    assert (read.num_a, read.num_b) == (path.num_a, path.num_b)
    if len(path):
        assert read.confidence == pytest.approx(path.confidence, abs=1e-4)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("0,\n0,\n", "line 3: a path must start"),
        ("0,\n2,0\n", "line 3: a path must start"),
        (",\n", "has no path"),
        ("0,\n1,\n", "only one video"),
        ("0,0\n1,x\n", "line 3: b_frame must be a number"),
    ],
)
def test_a_table_that_leaves_frames_out_is_refused(tmp_path: Path, lines: str, says: str) -> None:
    (tmp_path / "p.csv").write_text("a_frame,b_frame\n" + lines, encoding="utf-8")
    with pytest.raises(LabelError, match=says):
        read_path(tmp_path / "p.csv")


def test_the_table_of_many_tells_who_has_no_partner(tmp_path: Path) -> None:
    itself = Follower("a.mp4", np.arange(3))
    has, sure = np.array([False, True, False]), np.array([0, 0.75, 0], np.float32)
    other = Follower("b.mp4", np.array([2, 2, 2]), partners=has, confidence=sure)
    write_followers(tmp_path / "t.csv", [itself, other], [embedded(3), embedded(5)])
    first, second = read_followers(tmp_path / "t.csv")
    assert first.has_partner.all()
    assert (second.frames.tolist(), second.has_partner.tolist()) == ([2, 2, 2], has.tolist())
    assert second.confidence is not None
    assert second.confidence.tolist() == sure.tolist()


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"num_a": 3}, "ends at frame 5"), ({"confidence": np.zeros(2, np.float32)}, "one per step")],
)
def test_a_path_is_checked(changed: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(_PATHS[0], **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_where_every_frame_has_a_partner_it_is_plain_dynamic_time_warping(seed: int) -> None:
    generator = np.random.default_rng(seed)
    a, b = (turning(np.sort(generator.random(size))) for size in (50, 70))
    plain, found = align_embeddings(a, b), align_partial(a, b, least_confidence=0)
    assert found.cost == pytest.approx(2 * plain.cost, rel=1e-5)
    assert found.matched_share == 1


def test_where_frames_look_alike_both_videos_go_on() -> None:
    generator = np.random.default_rng(4)
    a, b = (turning(np.linspace(0, 0.1, 80)) + generator.normal(scale=0.1, size=(80, 8)) for _ in range(2))
    assert len(aligned(a.astype(np.float32), b.astype(np.float32))) < 1.35 * 80


def test_whether_a_path_is_to_be_believed_is_told() -> None:
    moments = np.linspace(0, 1, 60)
    a, b = turning(moments), turning(moments**1.2)
    other = turning(np.random.default_rng(0).permutation(6).repeat(10) / 6 + np.tile(np.arange(10) / 60, 6))
    alike, unlike = (alignability(a, one, align_partial(a, one)) for one in (b, other))
    assert alignable_in_words(alike).startswith("Both change in step along the path (score ")
    assert "may not show the same action" in alignable_in_words(unlike)
