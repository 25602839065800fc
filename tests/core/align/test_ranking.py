"""Pairs of videos in the order in which a person should look at them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align.ranking import _choose_pairs, rank_pairs
from core.base.control import Control, Stopped


def _course(times: NDArray[np.float64], noise: float = 0.0, seed: int = 0) -> NDArray[np.float32]:
    """(S, 16) one action, which is at these times of it."""
    drawn = np.random.default_rng(seed).standard_normal((len(times), 16)) * noise
    phases = np.outer(times, np.arange(1, 9))
    rows = np.concatenate([np.cos(phases), np.sin(phases)], axis=1) + drawn
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_best_pair_comes_first_and_shuffled_frames_last() -> None:
    times = np.linspace(0, 3, 40)
    shuffled = np.random.default_rng(1).permutation(times)
    videos = [_course(shuffled), _course(times), _course(times, 0.1), _course(np.linspace(0, 3, 60), seed=2)]
    found = rank_pairs(videos)
    assert {(pair.a, pair.b) for pair in found} == set(itertools.combinations(range(4), 2))
    assert (found[0].a, found[0].b) == (1, 3)
    assert found[0].is_alignable
    assert all(0 in (pair.a, pair.b) for pair in found[-3:])
    assert not any(pair.is_alignable for pair in found[-3:])
    assert [pair.worth for pair in found] == sorted((pair.worth for pair in found), reverse=True)
    assert found == rank_pairs(videos)


def test_videos_of_other_actions_are_no_pair_unless_there_is_no_other() -> None:
    videos = [_course(np.linspace(0, 3, 20), seed=seed) for seed in range(4)]
    found = rank_pairs(videos, actions=["a", "b", "a", ""])
    assert {(pair.a, pair.b) for pair in found} == {(0, 2), (0, 3), (1, 3), (2, 3)}
    assert len(rank_pairs(videos[:2], actions=["a", "b"])) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_videos_are_no_pair(count: int) -> None:
    assert rank_pairs([_course(np.linspace(0, 3, 20))] * count) == []


@pytest.mark.parametrize("count", range(2, 12))
def test_every_pair_is_tried_once_and_every_video_soon(count: int) -> None:
    pairs = _choose_pairs([10] * count, (), 10_000, 10**9)
    assert sorted(pairs) == list(itertools.combinations(range(count), 2))
    assert {place for pair in pairs[:count] for place in pair} == set(range(count))


def test_the_work_is_bounded_and_the_first_pair_is_tried_all_the_same() -> None:
    assert len(_choose_pairs([10] * 30, (), 66, 10**9)) == 66
    assert len(_choose_pairs([1000] * 30, (), 66, 5_000_000)) == 5
    assert _choose_pairs([10**6, 10**6, 10], (), 66, 1) == [(0, 1)]


def test_it_stops_when_asked() -> None:
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        rank_pairs([_course(np.linspace(0, 3, 20))] * 3, control=control)
