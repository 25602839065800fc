"""Nearest clips: the cheapest warping paths with open ends, by brute force over all starts and ends."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.align import dtw
from core.embedding.embedded_video import EmbeddedVideo
from core.search import ClipMatch, FrameRange, find_clips
from core.search import clips as searching
from tests.core.search.videos import embedded, random_videos, unit


def brute_force(
    query: NDArray[np.float32],
    videos: Sequence[EmbeddedVideo],
    k: int,
    max_overlap: float,
    max_tempo: float,
    missing: Sequence[set[int]],
) -> list[tuple[int, int, int, float]]:
    """For every last frame, DTW with every first frame; of those the cheapest; then the best that overlap little."""
    paths = []
    for index, video in enumerate(videos):
        cost = 1 - query.astype(np.float64) @ video.embeddings.astype(np.float64).T
        for stop in range(1, len(video) + 1):
            alignments = []
            for start in reversed(range(stop)):
                if start in missing[index]:
                    break
                alignment = dtw(cost[:, start:stop])
                alignments.append((alignment.cost, start, alignment.cost / len(alignment)))
            if alignments:
                _, start, mean = min(alignments)
                if len(query) / max_tempo <= stop - start <= len(query) * max_tempo:
                    paths.append((mean, index, start, stop))
    taken: list[tuple[int, int, int, float]] = []
    for mean, index, start, stop in sorted(paths):
        shares = (
            (min(stop, other_stop) - max(start, other)) / min(stop - start, other_stop - other)
            for other_index, other, other_stop, _ in taken
            if other_index == index
        )
        if all(share <= max_overlap for share in shares):
            taken.append((index, start, stop, 1 - mean))
    return taken[:k]


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_BLOCK_CELLS", 40)


@pytest.mark.usefixtures("_small_blocks")
@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10**6),
    st.integers(1, 6),
    st.lists(st.integers(1, 16), max_size=3),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from([1.0, 2.0, np.inf]),
    st.booleans(),
)
def test_equal_to_brute_force(
    seed: int, query_length: int, lengths: list[int], k: int, overlap: float, tempo: float, has_gaps: bool
) -> None:
    rng = np.random.default_rng(seed)
    videos = random_videos(lengths, width=3, seed=seed)
    missing: list[set[int]] = [set() for _ in videos]
    exclude = []
    for index, length in enumerate(lengths) if has_gaps else ():
        start, broken = (int(place) for place in rng.integers(0, length, size=2))
        exclude.append(FrameRange(index, start, start + 2))
        videos[index].embeddings[broken] = [rng.choice([np.nan, np.inf, -np.inf]), 0, 0]
        missing[index] = {start, start + 1, broken}
    query = unit(rng.normal(size=(query_length, 3)))
    found = find_clips(query, videos, k=k, max_overlap=overlap, max_tempo=tempo, exclude=exclude)
    clean = [embedded(np.nan_to_num(video.embeddings)) for video in videos]
    expected = brute_force(query, clean, k, overlap, tempo, missing)
    assert [(hit.video_index, hit.start_frame, hit.end_frame_exclusive) for hit in found] == [
        place[:3] for place in expected
    ]
    assert [hit.cosine for hit in found] == pytest.approx([cosine for *_, cosine in expected], abs=1e-6)


def test_a_movement_is_found_at_any_tempo() -> None:
    (walk,) = random_videos([40])
    noise = random_videos([200], seed=1)[0].embeddings
    slow = np.concatenate([noise[:50], walk.embeddings.repeat(2, axis=0), noise[50:90]])
    fast = np.concatenate([noise[90:100], walk.embeddings[::2], noise[100:]])
    videos = [embedded(noise), embedded(slow), embedded(fast), embedded(walk.embeddings)]
    found = find_clips(walk.embeddings, videos, k=3)
    assert sorted(hit.video_index for hit in found[:2]) == [1, 3]  # both are perfect but for rounding
    assert found[2].video_index == 2
    bounds = {hit.video_index: [hit.start_frame, hit.end_frame_exclusive] for hit in found}
    assert bounds[1] == pytest.approx([50, 130], abs=1)  # its first two frames, and its last two, are the same
    assert bounds[2] == [10, 30]
    assert bounds[3] == [0, 40]


def test_of_equal_clips_the_earliest_comes_first() -> None:
    movement = np.eye(4, dtype=np.float32)
    rest = np.tile(-movement[:1], (3, 1))
    video = embedded(np.concatenate([rest, movement, rest, movement]))
    found = find_clips(movement, [video, video], k=4)
    assert found == [
        ClipMatch(0, 3, 7, 1.0),
        ClipMatch(0, 10, 14, 1.0),
        ClipMatch(1, 3, 7, 1.0),
        ClipMatch(1, 10, 14, 1.0),
    ]


def test_where_nothing_moves_a_hit_still_has_the_query_s_length_or_so() -> None:
    rng = np.random.default_rng(0)
    still = embedded(unit(np.ones(8) + 0.01 * rng.normal(size=(120, 8))))
    query = unit(np.ones(8) + 0.01 * rng.normal(size=(40, 8)))
    assert all(20 <= len(hit) <= 80 for hit in find_clips(query, [still], k=5, max_tempo=2.0))
    assert any(len(hit) < 20 for hit in find_clips(query, [still], k=5, max_tempo=np.inf))


@pytest.mark.parametrize("overlap", [0.0, 0.4, 0.9])
def test_hits_of_one_video_share_no_more_than_they_may(overlap: float) -> None:
    (video,) = random_videos([400], width=3)
    found = find_clips(video.embeddings[100:130], [video], k=20, max_overlap=overlap)
    shares = [
        (min(a.end_frame_exclusive, b.end_frame_exclusive) - max(a.start_frame, b.start_frame)) / min(len(a), len(b))
        for place, a in enumerate(found)
        for b in found[:place]
    ]
    assert max(shares) <= overlap
    assert (overlap > 0) == (max(shares) > 0)
    assert (found[0].start_frame, found[0].end_frame_exclusive) == (100, 130)


def test_memory_does_not_grow_with_the_number_of_videos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_BLOCK_CELLS", 10_000)
    videos = random_videos([2000] * 12)
    query = videos[0].embeddings[:50]
    find_clips(query, videos[:1], k=1)  # numba's own memory
    peaks = []
    for count in (2, 12):
        tracemalloc.start()
        find_clips(query, videos[:count], k=5)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ([[1.0, 0.0]], {"k": 0}),
        ([[1.0, 0.0]], {"k": 1, "max_overlap": -0.1}),
        ([[1.0, 0.0]], {"k": 1, "max_overlap": np.nan}),
        ([[1.0, 0.0]], {"k": 1, "max_tempo": 0.5}),
        ([1.0, 0.0], {"k": 1}),
        (np.empty((0, 2)), {"k": 1}),
        ([[1.0, 0.0], [0.0, 0.0]], {"k": 1}),
        ([[1.0, 0.0, 0.0]], {"k": 1}),
    ],
)
def test_what_cannot_be_searched_is_our_mistake(query: list[list[float]], options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be|does not fit"):
        find_clips(np.array(query, np.float32), [embedded(unit([[1, 0], [0, 1]]))], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [(-1, 0, 1, 0.5), (0, 3, 3, 0.5), (0, -1, 3, 0.5), (0, 0, 1, 1.5)])
def test_a_clip_has_frames_and_a_cosine(values: tuple[int, int, int, float]) -> None:
    with pytest.raises(ValueError, match="not"):
        ClipMatch(*values)


@pytest.mark.parametrize("values", [(-1, 0, 1), (0, 3, 3), (0, -1, 3)])
def test_a_stretch_has_frames(values: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="range"):
        FrameRange(*values)
