"""The quick search has the same hits as the search over all embeddings, whatever it keeps of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.base.control import Control, Stopped
from core.embedding.embedded_video import EmbeddedVideo
from core.search import FrameRange, SearchMatch, find_frames, quick
from core.search.quick import QuickSearch
from tests.core.search.test_frames import brute_force, libraries, places
from tests.core.search.videos import embedded, random_videos, unit


@pytest.fixture
def _short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small videos take the ways of long ones."""
    monkeypatch.setattr(quick, "_FIRST_LOOK", 2)
    monkeypatch.setattr(quick, "_LOOKS_A_HIT", 0)
    monkeypatch.setattr(quick, "_SAMPLE", 20)
    monkeypatch.setattr(quick, "_MOST_SHARE", 1)
    monkeypatch.setattr(quick, "_BLOCK_FRAMES", 7)
    monkeypatch.setattr(quick, "num_threads", lambda num_frames: max(1, min(3, num_frames // 11)))


@pytest.mark.usefixtures("_short_looks")
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
    found = QuickSearch(videos).find_frames(query, k=k, apart_seconds=apart_seconds, exclude=exclude)
    assert places(found) == brute_force(query, videos, k, apart_seconds, exclude)
    assert found == find_frames(query, videos, k=k, apart_seconds=apart_seconds, exclude=exclude)


@pytest.mark.usefixtures("_short_looks")
@pytest.mark.parametrize("width", [1, 2, 128, 1000])
@pytest.mark.parametrize("apart_seconds", [0.0, 0.5])
def test_equal_to_the_search_over_all_in_any_width(width: int, apart_seconds: float) -> None:
    rng = np.random.default_rng(width)
    videos = [embedded(unit(rng.normal(size=(length, width)))) for length in (300, 1, 70, 200)]
    quick_search = QuickSearch(videos)
    for _ in range(5):
        query = rng.normal(size=width).astype(np.float32)
        expected = find_frames(query, videos, k=7, apart_seconds=apart_seconds)
        assert quick_search.find_frames(query, k=7, apart_seconds=apart_seconds) == expected


@pytest.mark.usefixtures("_short_looks")
@pytest.mark.parametrize("shape", ["axes", "all alike", "nearly alike"])
def test_no_cosine_is_above_its_bound(shape: str) -> None:
    """Also where rounding to a byte is at its worst: one large number among small ones, and rows at the query."""
    rng = np.random.default_rng(3)
    rows = {
        "axes": np.eye(64)[rng.integers(0, 64, 500)] + 1e-3 * rng.normal(size=(500, 64)),
        "all alike": np.ones((500, 64)),
        "nearly alike": 1 + 1e-4 * rng.normal(size=(500, 64)),
    }[shape]
    videos = [embedded(unit(rows))]
    quick_search = QuickSearch(videos)
    for query in (rows[0], rng.normal(size=64), np.eye(64)[3]):
        direction: NDArray[np.float64] = query / np.linalg.norm(query)
        cosines = videos[0].embeddings.astype(np.float64) @ direction
        bounds = quick_search._bounds(direction, ())
        assert (cosines <= bounds).all()
        assert (bounds - cosines).max() < 0.05, "or it rules out nothing"


def test_a_copy_of_a_frame_is_found_in_its_place() -> None:
    videos = random_videos([900, 900])
    assert QuickSearch(videos).find_frames(videos[1].embeddings[17], k=1) == [SearchMatch(1, 17, 1.0)]


def test_it_holds_a_byte_a_number_and_can_be_stopped() -> None:
    videos = random_videos([100, 50])
    width = videos[0].embeddings.shape[1]
    assert QuickSearch(videos).num_bytes == 150 * (width + 8)
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        QuickSearch(videos, control)


def test_nothing_to_search() -> None:
    assert QuickSearch([]).find_frames(np.ones(3, np.float32), k=3) == []


@pytest.mark.parametrize(("k", "apart"), [(0, 0.0), (1, -1.0), (1, np.nan)])
def test_refusals_are_those_of_the_search_over_all(k: int, apart: float) -> None:
    with pytest.raises(ValueError, match="k must be >= 1"):
        QuickSearch(random_videos([3])).find_frames(np.ones(8, np.float32), k=k, apart_seconds=apart)
