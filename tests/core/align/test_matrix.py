"""The similarity in numbers: what NumPy reads back, and what is held while it is written."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import align_embeddings, matrix, similarity
from core.align.matrix import write_matrix
from core.base.control import Control, Stopped
from core.base.types import Alignment
from core.embedding.embedded_video import EmbeddedVideo


def embedded(frames: int, seed: int, name: str = "clip.mp4", width: int = 8) -> EmbeddedVideo:
    """Of random embeddings and uneven times."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(frames, width)).astype(np.float32)
    edges = np.concatenate([[0.0], np.cumsum(generator.uniform(0.02, 0.06, frames))])
    return EmbeddedVideo(Path(name), f"{seed:032x}", edges, rows / np.linalg.norm(rows, axis=1, keepdims=True))


def read(path: Path) -> dict[str, NDArray[np.generic]]:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def test_all_of_a_small_pair_is_read_back(tmp_path: Path) -> None:
    a, b = embedded(40, 1, "a \udcff.mp4"), embedded(60, 2, "日本.mp4")
    alignment = align_embeddings(a.embeddings, b.embeddings)
    assert write_matrix(tmp_path / "m.npz", a, b, alignment, "e" * 32) == (40, 60)
    found = read(tmp_path / "m.npz")
    np.testing.assert_allclose(found["cosine"], similarity(a.embeddings, b.embeddings), atol=1e-6)
    for side, video, edges in (("a", a, "row"), ("b", b, "column")):
        np.testing.assert_array_equal(found[f"{edges}_edges_seconds"], video.edges_seconds)
        np.testing.assert_array_equal(found[f"{side}_edges_seconds"], video.edges_seconds)
        np.testing.assert_array_equal(found[f"{side}_frames"], getattr(alignment, f"{side}_frames"))
        assert str(found[f"{side}_digest"]) == video.digest
    assert (str(found["a_name"]), str(found["b_name"]), str(found["encoder_digest"])) == (
        "a ?.mp4",
        "日本.mp4",
        "e" * 32,
    )


def test_more_frames_than_wanted_become_means_over_their_time(tmp_path: Path) -> None:
    a, b = embedded(90, 1), embedded(7, 2)
    path = align_embeddings(a.embeddings, b.embeddings)
    assert write_matrix(tmp_path / "m.npz", a, b, path, "", most=30, names=("one", "two")) == (30, 7)
    found = read(tmp_path / "m.npz")
    edges = found["row_edges_seconds"]
    np.testing.assert_allclose(edges, np.linspace(0, a.edges_seconds[-1], 31))
    share = (
        np.clip(
            np.minimum(edges[1:, None], a.edges_seconds[None, 1:])
            - np.maximum(edges[:-1, None], a.edges_seconds[None, :-1]),
            0,
            None,
        )
        / np.diff(edges)[:, None]
    )  # (30, 90) of each row's time, the part that is each frame's
    np.testing.assert_allclose(found["cosine"], share @ similarity(a.embeddings, b.embeddings), atol=1e-5)
    assert (str(found["a_name"]), str(found["b_name"])) == ("one", "two")


def test_a_large_one_is_written_in_parts_and_in_half_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "_SINGLE_CELLS", 1000)
    monkeypatch.setattr(matrix, "_BLOCK_CELLS", 100_000)
    a, b = embedded(3000, 1), embedded(2000, 2)
    straight = Alignment(np.arange(3000), np.minimum(np.arange(3000), 1999), 0.0)
    tracemalloc.start()
    write_matrix(tmp_path / "m.npz", a, b, straight, "")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3000 * 2000 * 2 / 4, "a part of it alone is held"
    found = read(tmp_path / "m.npz")
    assert found["cosine"].dtype == np.float16
    np.testing.assert_allclose(found["cosine"], similarity(a.embeddings, b.embeddings), atol=6e-4)


def test_a_stop_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "_BLOCK_CELLS", 10)
    control, heard = Control(), itertools.count()
    a, b = embedded(40, 1), embedded(60, 2)

    def stop_later(event: object) -> None:
        if next(heard) == 1:
            control.stop()

    monkeypatch.setattr("core.base.progress.time.monotonic", iter(range(10_000)).__next__)
    path = align_embeddings(a.embeddings, b.embeddings)
    with pytest.raises(Stopped):
        write_matrix(tmp_path / "m.npz", a, b, path, "", sink=stop_later, control=control)
    assert list(tmp_path.iterdir()) == []
