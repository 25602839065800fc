"""Deviations from right videos: what is flagged, how often without cause, and what tempo has to do with it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align.deviation import Deviations, Norm, deviations_of, norm_of, without_short
from core.align.held import Held, hold_against

Rows = NDArray[np.float32]
_LEAST = 5


def unit(rows: NDArray[np.float64]) -> Rows:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def performance(seed: int, count: int = 90, noise: float = 0.12) -> Rows:
    """A movement through a fixed curve, with smooth noise of its own."""
    generator = np.random.default_rng(seed)
    knots = np.random.default_rng(99).normal(size=(8, 16))
    course = np.linspace(0, 7, count) + 0.15 * np.sin(np.linspace(0, 6, count) + seed)
    course = course.clip(0, 7)
    rows = np.stack([np.interp(course, np.arange(8), column) for column in knots.T], axis=1)
    knees = np.linspace(0, count, 20)
    own = np.stack([np.interp(np.arange(count), knees, generator.normal(size=20)) for _ in range(16)], axis=1)
    return unit(rows + noise * own * np.sqrt(16) / 2)


def foreign() -> Rows:
    """20 frames of something else."""
    first, second = np.random.default_rng(5), np.random.default_rng(6)
    return unit(first.normal(size=(1, 16)) + 0.1 * second.normal(size=(20, 16)))


def made(rights: list[Rows], share: float = 0.02, groups: Sequence[object] | None = None) -> Norm:
    table: list[list[Held | None]] = [[None] * len(rights) for _ in rights]
    for i, j in itertools.permutations(range(len(rights)), 2):
        table[i][j] = hold_against(rights[i], rights[j])
    return norm_of(table, rights, share=share, least_frames=[_LEAST] * len(rights), groups=groups)


def judged(video: Rows, rights: list[Rows], norm: Norm | None = None) -> Deviations:
    against = [hold_against(video, right) for right in rights]
    return deviations_of(norm or made(rights), against, least_frames=_LEAST)


@pytest.fixture(scope="module")
def rights() -> list[Rows]:
    return [performance(seed, 80 + 3 * seed) for seed in range(8)]


@pytest.mark.parametrize("copies", [1, 2, 3, 5])
def test_among_copies_of_itself_nothing_departs(copies: int) -> None:
    video = performance(1)
    assert judged(video, [video.copy()] * copies).spans == ()


def test_a_planted_foreign_block_is_the_span_that_is_found(rights: list[Rows]) -> None:
    video = performance(20)
    video[40:60] = foreign()
    found = judged(video, rights)
    longest = max((one for one in found.spans if one.kind != "missing"), key=lambda one: one.score)
    assert abs(longest.start_frame - 40) <= 2
    assert abs(longest.end_frame_exclusive - 60) <= 2
    assert longest.score > 1.5
    assert 0 <= longest.match_video < len(rights)
    assert 0.2 < longest.match_frame / len(rights[longest.match_video]) < 0.8


def test_a_single_right_video_finds_it_too(rights: list[Rows]) -> None:
    video = performance(20)
    video[40:60] = foreign()
    norm = made(rights[:1])
    assert not norm.is_sure
    assert judged(video, rights[:1], norm).deviates[42:58].mean() > 0.9


@pytest.mark.parametrize("times", [2, 3])
def test_tempo_alone_is_no_deviation(rights: list[Rows], times: int) -> None:
    """A frame shown several times is as far as it was: its distance and limit are those of before."""
    video = performance(21)
    slow = np.repeat(video, times, axis=0)
    here, there = judged(video, rights), judged(slow, rights)
    np.testing.assert_allclose(there.distance[::times], here.distance, atol=0.02)
    assert there.deviates.mean() <= here.deviates.mean() + 0.03


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
def test_right_videos_have_the_chosen_share_of_flagged_frames(rights: list[Rows], share: float) -> None:
    norm = made(rights, share)
    frames = np.array([len(one) for one in rights])
    flagged = float((np.array(norm.flagged_shares) * frames).sum() / frames.sum())
    assert flagged <= share
    assert flagged == pytest.approx(share, abs=0.5 * share + 5 / frames.sum())


def test_unseen_right_videos_have_about_that_share(rights: list[Rows]) -> None:
    norm = made(rights, 0.05)
    flagged = [judged(performance(seed), rights, norm).deviates.mean() for seed in range(30, 50)]
    assert np.mean(flagged) < 0.15


def test_a_larger_share_flags_no_fewer_frames(rights: list[Rows]) -> None:
    video = performance(22, noise=0.3)
    few, many = (judged(video, rights, made(rights, share)).deviates for share in (0.01, 0.2))
    assert not (few & ~many).any()


def test_a_step_left_out_is_missing(rights: list[Rows]) -> None:
    video = np.delete(performance(23), slice(30, 55), axis=0)
    found = [one for one in judged(video, rights).spans if one.kind == "missing"]
    assert found
    longest = max(found, key=lambda one: one.match_end_frame_exclusive - one.match_frame)
    assert abs(longest.start_frame - 30) <= 6
    assert np.isnan(longest.score)


@pytest.mark.parametrize("seed", range(4))
def test_without_short_stretches_above_any_level_are_long_enough(seed: int) -> None:
    values = np.random.default_rng(seed).random(60)
    made_of = without_short(values, 4)
    for level in np.unique(made_of)[:-1]:
        turns = np.flatnonzero(np.diff(made_of > level, prepend=False, append=False)).reshape(-1, 2)
        assert all(end - start >= 4 for start, end in turns)


def test_a_video_shorter_than_the_least_length_is_flat() -> None:
    assert set(without_short(np.array([1.0, 5.0, 2.0]), 5)) == {1.0}


def test_a_deviation_shorter_than_half_makes_no_other_action(rights: list[Rows]) -> None:
    video = performance(20)
    video[30:50] = foreign()
    assert hold_against(video, rights[0]).alignable_score > 0.5
    assert hold_against(unit(np.random.default_rng(3).normal(size=(90, 16))), rights[0]).alignable_score < 0.5


def test_numbers_that_do_not_fit_are_refused(rights: list[Rows]) -> None:
    norm = made(rights[:3])
    with pytest.raises(ValueError, match="got 2 and 3"):
        deviations_of(norm, [hold_against(rights[4], one) for one in rights[:2]], least_frames=5)
    with pytest.raises(ValueError, match="above 0 and below 1"):
        made(rights[:3], share=0.0)


def test_groups_of_one_each_change_nothing_and_a_single_group_neither(rights: list[Rows]) -> None:
    plain = made(rights)
    for groups in (list("abcdefgh"), ["one"] * 8):
        grouped = made(rights, groups=groups)
        assert grouped.threshold == plain.threshold
        assert grouped.flagged_shares == plain.flagged_shares


def test_a_right_person_never_seen_is_not_flagged_where_it_is_known_who_is_who() -> None:
    """Each person has a way of their own, and clips that hardly differ."""

    def clips(person: int, count: int = 4) -> list[Rows]:
        way = performance(100 + person, 90, noise=0.25).astype(np.float64)
        return [unit(way + 0.02 * np.random.default_rng([person, i]).normal(size=way.shape)) for i in range(count)]

    people = [clips(person) for person in range(5)]
    unseen, known = people[0], list(itertools.chain.from_iterable(people[1:]))
    by_person = made(known, groups=[i // 4 for i in range(16)])
    apart = made(known)
    flagged = {
        name: float(np.mean([judged(one, known, norm).deviates.mean() for one in unseen]))
        for name, norm in (("grouped", by_person), ("apart", apart))
    }
    assert flagged["apart"] > 0.5
    assert flagged["grouped"] < 0.15
    planted = unseen[0].copy()
    planted[40:60] = foreign()
    assert judged(planted, known, by_person).deviates[42:58].mean() > 0.9


def test_groups_of_another_number_are_refused(rights: list[Rows]) -> None:
    with pytest.raises(ValueError, match="expected one group per right video, got 8 and 2"):
        made(rights, groups=["a", "b"])
