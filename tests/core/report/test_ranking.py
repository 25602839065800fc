"""Ranking by deviation: what moves otherwise comes first, and idle ends are left out of what to keep."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core.base.errors import VideoError
from core.report.performances import Performance
from core.report.ranking import HEADER, rank_by_deviation
from tests.core.report.made import performance, video

_NUM_IDLE = 25


def several() -> list[Performance]:
    """Six performances at different tempos."""
    tempos = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
    return [performance(tempo=tempo, name=f"{number}.mp4") for number, tempo in enumerate(tempos)]


def turned(one: Performance, angle: float) -> Performance:
    """The same, but its middle third is turned out of its plane."""
    rows = one.video.embeddings.copy()
    third = slice(len(rows) // 3, 2 * len(rows) // 3)
    rows[third] = rows[third] * np.cos(angle) + np.array([0, 0, np.sin(angle)])
    return dataclasses.replace(one, video=video(one.video.edges_seconds, rows, one.name))


@pytest.mark.parametrize("place", [0, 3, 5])
def test_the_one_that_moves_otherwise_comes_first_with_its_peak_where_it_does(place: int) -> None:
    given = several()
    given[place] = turned(given[place], 0.6)
    ranked = rank_by_deviation(given)
    assert sorted(one.performance.name for one in ranked) == sorted(one.name for one in given)
    assert ranked[0].performance is given[place]
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    row = dict(zip(HEADER, ranked[0].row(1), strict=True))
    count = len(given[place].video)
    assert count // 3 <= row["peak_frame"] < 2 * count // 3  # type: ignore[operator]


def test_right_videos_may_lie_beside_those_that_are_ranked() -> None:
    rights, given = several(), [performance(tempo=1.05, name="good"), turned(performance(name="bad"), 0.6)]
    assert [one.performance.name for one in rank_by_deviation(given, rights)] == ["bad", "good"]


def test_of_idle_ends_one_frame_is_kept_at_most_and_nothing_goes_that_differs() -> None:
    given = several()
    one = given[2].video
    rows = np.concatenate([[one.embeddings[0]] * _NUM_IDLE, one.embeddings, [one.embeddings[-1]] * _NUM_IDLE])
    idle = dataclasses.replace(given[2], video=video(np.arange(len(rows) + 1) / 25, rows.astype(np.float32), "2.mp4"))
    given[2] = idle
    (found,) = [one for one in rank_by_deviation(given) if one.performance is idle]
    start, end = found.keep
    assert start >= _NUM_IDLE
    assert end <= len(rows) - _NUM_IDLE
    assert (rows[:start] @ rows[0]).min() > 0.95
    assert (rows[end:] @ rows[-1]).min() > 0.95


def test_one_video_alone_is_refused_in_a_sentence() -> None:
    with pytest.raises(VideoError, match="is the only right video, and there is no other"):
        rank_by_deviation([performance()])
