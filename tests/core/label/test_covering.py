"""The videos to label next are those that the others are like."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.base.control import Control, Stopped
from core.embedding.embedded_video import EmbeddedVideo
from core.label.covering import choose_covering, distances
from tests.core.label.clips import clip, embedded

GENERATOR = np.random.default_rng(3)
CENTRES = GENERATOR.normal(size=(3, 12))


def _clouds() -> list[EmbeddedVideo]:
    """Five videos about the first centre, three about the second, one about the third."""
    places = [0] * 5 + [1] * 3 + [2]
    rows = [CENTRES[place] + 0.05 * GENERATOR.normal(size=(20 + number, 12)) for number, place in enumerate(places)]
    return [embedded(f"{number}.mp4", one) for number, one in enumerate(rows)]


def test_distances_are_those_of_the_nearest_frames_both_ways() -> None:
    videos = [clip("a", (9, 9, 9)), clip("b", (20, 5, 9), seed=1), clip("c", (0, 30, 0), seed=2)]
    apart = distances(videos)
    np.testing.assert_array_equal(apart, apart.T)
    assert (apart.diagonal() == 0).all()
    for i, j in ((0, 1), (0, 2), (1, 2)):
        cosines = videos[i].embeddings @ videos[j].embeddings.T
        expected = ((1 - cosines.max(axis=1)).mean() + (1 - cosines.max(axis=0)).mean()) / 2
        assert apart[i, j] == pytest.approx(expected, abs=1e-6)


def test_the_largest_crowd_comes_first_and_no_crowd_twice() -> None:
    apart = distances(_clouds())
    (first, _), (second, _), (third, _) = choose_covering(apart, (), 3)
    assert (first in range(5), second in range(5, 8), third) == (True, True, 8)
    assert first == apart[:5, :5].sum(axis=1).argmin() or first == apart.sum(axis=1).argmin(), "it is the medoid"


def test_what_is_labelled_is_not_named_and_what_is_like_it_comes_last() -> None:
    apart = distances(_clouds())
    found = choose_covering(apart, {0, 6}, 99)
    assert found[0][0] == 8
    assert {place for place, _ in found} == set(range(9)) - {0, 6}
    gains = [gain for _, gain in found]
    assert all(later <= earlier + 1e-6 for earlier, later in itertools.pairwise(gains)), "it is submodular"


def test_nothing_to_choose_from() -> None:
    assert distances([]).shape == (0, 0)
    assert choose_covering(np.zeros((0, 0), np.float32), (), 3) == []
    assert choose_covering(np.zeros((2, 2), np.float32), {0, 1}, 3) == []


def test_it_stops_when_asked() -> None:
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        distances(_clouds(), control)
