"""Nearest frames equal brute force, ties and all, and hold no more than a block in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.embedding.embedded_video import EmbeddedVideo
from core.search import FrameRange, SearchMatch, find_frames
from core.search import frames as searching
from tests.core.search.videos import embedded, random_videos, unit


def brute_force(
    query: NDArray[np.float32],
    videos: Sequence[EmbeddedVideo],
    k: int,
    apart_seconds: float = 0.0,
    exclude: Sequence[FrameRange] = (),
) -> list[tuple[int, int]]:
    """Every frame's cosine in float64, one frame after the other; sorted; then taken unless too near a taken one."""
    direction = query.astype(np.float64) / np.linalg.norm(query.astype(np.float64))
    scored = []
    for index, video in enumerate(videos):
        for frame, row in enumerate(video.embeddings.astype(np.float64)):
            if any(s.video_index == index and s.start_frame <= frame < s.end_frame_exclusive for s in exclude):
                continue
            if np.isfinite(row).all():
                cosine = (row * direction).sum() / (np.sqrt((row * row).sum()) or 1)
                scored.append((-min(max(cosine, -1.0), 1.0), index, frame))
    taken: list[tuple[int, int]] = []
    for _, index, frame in sorted(scored):
        seconds = videos[index].edges_seconds
        if all(i != index or abs(seconds[f] - seconds[frame]) >= apart_seconds - 1e-6 for i, f in taken):
            taken.append((index, frame))
    return taken[:k]


def places(matches: Sequence[SearchMatch]) -> list[tuple[int, int]]:
    return [(match.video_index, match.frame) for match in matches]


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small videos take the ways of long ones."""
    monkeypatch.setattr(searching, "_BLOCK_FRAMES", 7)
    monkeypatch.setattr(searching, "_FEW", 3)
    monkeypatch.setattr(searching, "num_threads", lambda num_frames: max(1, min(3, num_frames // 11)))


@st.composite
def libraries(draw: st.DrawFn) -> list[EmbeddedVideo]:
    """Few different embeddings, so that many tie; some differ by the last bits only; some are zero or not finite."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    palette = unit(rng.integers(-1, 2, size=(6, 3)))
    palette[0] = 0
    videos = []
    for index, length in enumerate(draw(st.lists(st.integers(1, 40), max_size=4))):
        rows = palette[rng.integers(0, 6, size=length)]
        if draw(st.booleans()):
            rows = rows * (1 + 1e-7 * rng.normal(size=rows.shape).astype(np.float32))
        if draw(st.booleans()):
            rows[rng.integers(0, length)] = rng.choice([np.nan, np.inf, -np.inf])
        edges = np.append(0, rng.choice([0.01, 0.1, 0.5], size=length)).cumsum()
        videos.append(embedded(rows, edges=edges, name=str(index)))
    return videos


@pytest.mark.usefixtures("_small_blocks")
@settings(deadline=None, max_examples=150)
@given(
    libraries(),
    st.integers(1, 12),
    st.sampled_from([0.0, 0.1, 0.3, 1.0, np.inf]),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(1, 40)), max_size=3),
)
def test_equal_to_brute_force(
    videos: list[EmbeddedVideo], k: int, apart_seconds: float, gaps: list[tuple[int, int, int]]
) -> None:
    query = np.array([1, 0.5, -0.2], np.float32)
    exclude = [FrameRange(index, start, start + length) for index, start, length in gaps]
    found = find_frames(query, videos, k=k, apart_seconds=apart_seconds, exclude=exclude)
    assert places(found) == brute_force(query, videos, k, apart_seconds, exclude)


@pytest.mark.parametrize("apart_seconds", [0.0, 0.5])
def test_equal_to_brute_force_over_many_blocks(monkeypatch: pytest.MonkeyPatch, apart_seconds: float) -> None:
    monkeypatch.setattr(searching, "_BLOCK_FRAMES", 200)
    videos = random_videos([700, 3, 500, 1, 600])
    for seed in range(4):
        query = np.random.default_rng(seed).normal(size=8).astype(np.float32)
        found = find_frames(query, videos, k=12, apart_seconds=apart_seconds)
        assert places(found) == brute_force(query, videos, 12, apart_seconds)
        assert [match.cosine for match in found] == sorted((match.cosine for match in found), reverse=True)


def test_what_float32_cannot_tell_apart_is_told_apart() -> None:
    rng = np.random.default_rng(0)
    query = unit(rng.normal(size=(1, 128)))[0]
    rows = unit(query + 3e-5 * rng.normal(size=(3000, 128)))  # cosines that differ by less than float32 adds up to
    videos = [embedded(rows[:1000]), embedded(rows[1000:])]
    assert places(find_frames(query, videos, k=20)) == brute_force(query, videos, 20)


@pytest.mark.usefixtures("_small_blocks")
def test_of_equal_frames_the_earliest_comes_first() -> None:
    alike = unit(np.ones((50, 3)))
    assert places(find_frames(alike[0], [embedded(alike)] * 2, k=4)) == [(0, 0), (0, 1), (0, 2), (0, 3)]
    found = find_frames(alike[0], [embedded(alike)] * 2, k=4, apart_seconds=0.8)
    assert places(found) == [(0, 0), (0, 24), (0, 48), (1, 0)]


def test_frames_that_lie_apart_by_just_so_much_are_apart() -> None:
    rows = unit(np.ones((3001, 2)))
    video = embedded(rows, edges=1234.567 + np.arange(3002) / 30)
    assert [match.frame for match in find_frames(rows[0], [video], k=101, apart_seconds=1.0)] == list(
        range(0, 3001, 30)
    )


def test_frames_that_are_not_finite_are_never_found_and_zeros_have_cosine_zero() -> None:
    rows = unit([[1, 0], [0, 0], [-1, 0]])
    rows = np.concatenate([rows, np.array([[np.nan, 1], [np.inf, 0], [-np.inf, 0]], np.float32)])
    found = find_frames(rows[0], [embedded(rows)], k=9)
    assert [(match.frame, match.cosine) for match in found] == [(0, 1.0), (1, 0.0), (2, -1.0)]


def test_the_query_s_norm_does_not_matter() -> None:
    (video,) = random_videos([300])
    query = video.embeddings[17]
    assert find_frames(query, [video], k=5) == find_frames(1024 * query, [video], k=5)
    assert find_frames(query, [video], k=1) == [SearchMatch(0, 17, 1.0)]


def test_nothing_to_search_nothing_found() -> None:
    (video,) = random_videos([10])
    assert find_frames(video.embeddings[0], [], k=5) == []
    assert find_frames(video.embeddings[0], [video], k=5, exclude=[FrameRange(0, 0, 10)]) == []


@pytest.mark.parametrize("apart_seconds", [0.0, 0.5])
def test_memory_does_not_grow_with_the_library(tmp_path: Path, apart_seconds: float) -> None:
    """Beside the mapped pages; one long video, so that neither blocks nor their candidates may pile up."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "long.npy", unit(rng.normal(size=(120_000, 16))))
    rows = np.load(tmp_path / "long.npy", mmap_mode="r")
    peaks = []
    for length in (40_000, 120_000):
        video = embedded(rows[:length])
        tracemalloc.start()
        find_frames(rows[5], [video], k=10, apart_seconds=apart_seconds)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < 0.2 * rows.nbytes


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ([1.0, 0.0], {"k": 0}),
        ([1.0, 0.0], {"k": 1, "apart_seconds": -1.0}),
        ([1.0, 0.0], {"k": 1, "apart_seconds": np.nan}),
        ([0.0, 0.0], {"k": 1}),
        ([np.nan, 0.0], {"k": 1}),
        ([1.0, 0.0, 0.0], {"k": 1}),
    ],
)
def test_what_cannot_be_searched_is_our_mistake(query: list[float], options: dict[str, float]) -> None:
    video = embedded(unit([[1, 0], [0, 1]]))
    with pytest.raises(ValueError, match=r"must be|does not fit"):
        find_frames(np.array(query, np.float32), [video], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [(-1, 0, 0.5), (0, -1, 0.5), (0, 0, 1.5), (0, 0, np.nan)])
def test_a_match_has_a_place_and_a_cosine(values: tuple[int, int, float]) -> None:
    with pytest.raises(ValueError, match="match"):
        SearchMatch(*values)
