"""Embeddings in one file: NumPy and pyarrow read back what the run made."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.control import Control
from core.base.errors import StorageError
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_embedded, write_embedded
from core.project import embedding_files
from core.project.embedding_files import write_embeddings_npz, write_embeddings_parquet
from core.project.rows import VideoRow
from tests.carl_gui.videos import row

_ENCODER = "e" * 32
_NAMES = ("take 10.mp4", "take 9.mp4", "gone.mp4")
_FRAMES = (7, 5, 3)

Writing = Callable[[Path, Path, list[VideoRow], Control], int]


def _embedded(frames: int, number: int, width: int = 6) -> EmbeddedVideo:
    rows = np.random.default_rng(number).normal(size=(frames, width)).astype(np.float32)
    edges = np.cumsum([0, *np.linspace(0.02, 0.05, frames)])
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return EmbeddedVideo(Path(f"/films/{_NAMES[number - 1]}"), f"{number:032x}", edges, unit)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three videos; the project knows the first two, under other names than their files'."""
    made = tmp_path / "run-1"
    write_embedded(made, [_embedded(frames, number) for number, frames in enumerate(_FRAMES, 1)], _ENCODER)
    return made


@pytest.fixture
def videos() -> list[VideoRow]:
    return [row(1, "Take 10"), row(2, "Take 9 \udcff")]


def _as_table(path: Path, folder: Path, videos: list[VideoRow], control: Control) -> int:
    return write_embeddings_parquet(path, folder, videos, {}, control)


def test_numpy_reads_every_array(tmp_path: Path, folder: Path, videos: list[VideoRow]) -> None:
    assert write_embeddings_npz(tmp_path / "x.npz", folder, videos, Control(), Path("/p")) == 3
    with np.load(tmp_path / "x.npz", allow_pickle=False) as found:
        assert found["names"].tolist() == ["gone.mp4", "Take 9 ?", "Take 10"]
        assert found["frames"].tolist() == [3, 5, 7]
        assert str(found["encoder_digest"]) == _ENCODER
        originals = {video.digest: video for video in read_embedded(folder, _ENCODER)}
        for place, digest in enumerate(found["digests"].tolist()):
            np.testing.assert_array_equal(found[f"embeddings_{place}"], originals[digest].embeddings)
            np.testing.assert_array_equal(found[f"edges_seconds_{place}"], originals[digest].edges_seconds)


def test_a_table_has_a_row_for_every_frame(
    tmp_path: Path, folder: Path, videos: list[VideoRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_files, "_ROWS", 4)
    spans = {1: (Span("reach", 0, 2), Span("pour", 2, 5)), 2: ()}
    assert write_embeddings_parquet(tmp_path / "x.parquet", folder, videos, spans, Control(), Path("/p")) == 3
    table = pq.read_table(tmp_path / "x.parquet")
    assert table.schema.metadata[b"encoder_digest"].decode() == _ENCODER
    assert table.column_names == ["video", "digest", "frame", "seconds", "phase", "embedding"]
    assert table["video"].to_pylist() == ["gone.mp4"] * 3 + ["Take 9 ?"] * 5 + ["Take 10"] * 7
    assert table["frame"].to_pylist() == [*range(3), *range(5), *range(7)]
    assert table["phase"].to_pylist() == [None] * 8 + ["reach"] * 2 + ["pour"] * 3 + [None] * 2
    originals = {video.digest: video for video in read_embedded(folder, _ENCODER)}
    rows = np.stack(table["embedding"].to_numpy())
    for digest in set(table["digest"].to_pylist()):
        own = np.array(table["digest"].to_pylist()) == digest
        np.testing.assert_array_equal(rows[own], originals[digest].embeddings)
        np.testing.assert_array_equal(np.array(table["seconds"])[own], originals[digest].edges_seconds[:-1])


@pytest.mark.parametrize("write", [write_embeddings_npz, _as_table])
def test_a_stop_leaves_what_was_there(tmp_path: Path, folder: Path, videos: list[VideoRow], write: Writing) -> None:
    control, path = Control(), tmp_path / "out" / "x"
    path.parent.mkdir()
    path.write_text("mine", encoding="utf-8")
    control.stop()
    assert write(path, folder, videos, control) == 0
    assert list(path.parent.iterdir()) == [path]
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("write", [write_embeddings_npz, _as_table])
def test_an_empty_or_a_damaged_folder_is_one_sentence(tmp_path: Path, folder: Path, write: Writing) -> None:
    write_embedded(tmp_path / "none", [], _ENCODER)
    with pytest.raises(StorageError, match="has no embeddings"):
        write(tmp_path / "x", tmp_path / "none", [], Control())
    (folder / "take 9.npy").write_bytes(b"no array")
    with pytest.raises(StorageError, match="cannot be opened"):
        write(tmp_path / "x", folder, [], Control())
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("write", [write_embeddings_npz, _as_table])
def test_many_videos_are_never_held_at_once(tmp_path: Path, write: Writing) -> None:
    one = _embedded(10_000, 1, 64)
    videos = [replace(one, path=Path(f"{number}.mp4"), digest=f"{number:032x}") for number in range(20)]
    write_embedded(tmp_path / "many", videos, _ENCODER)
    write(tmp_path / "warm", tmp_path / "many", [], Control())  # imports
    tracemalloc.start()
    write(tmp_path / "x", tmp_path / "many", [], Control())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(peak, pa.default_memory_pool().max_memory()) < len(videos) * one.embeddings.nbytes / 4
