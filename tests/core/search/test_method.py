"""Whether a search reads all frames or uses an index: by the number of frames, or as it is asked for."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.base.errors import ConfigError
from core.base.events import Event, Notice
from core.base.files import content_digest
from core.cli import index as index_command
from core.cli import search as search_command
from core.embedding.packed import PackedVideos
from core.search import method
from core.search.asking import Asked
from core.search.index import engine
from core.search.method import open_index
from tests.core.search.packed_library import performances, write_packed


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    path = tmp_path / "encoder.safetensors"
    path.write_bytes(b"an encoder")
    return path


@pytest.fixture
def packed(tmp_path: Path, encoder: Path) -> PackedVideos:
    return write_packed(tmp_path / "library", performances(60, 60), encoder=content_digest(encoder))


@pytest.fixture
def very_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a library of some thousand frames count as very large."""
    monkeypatch.setattr(method, "EXACT_FRAMES", 1000)


def told(videos: Sequence[object], how: str = "auto") -> list[Event]:
    events: list[Event] = []
    assert open_index(videos, how, events.append) is None  # type: ignore[arg-type]
    return events


def test_few_frames_are_read_without_a_word(packed: PackedVideos) -> None:
    assert told(packed) == told(list(packed)) == told(packed, "exact") == []


@pytest.mark.usefixtures("very_large")
def test_without_faiss_all_frames_are_read(packed: PackedVideos, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (method, engine):
        monkeypatch.setattr(module, "has_faiss", lambda: False)
    sentence = 'This search reads all 3,600 frames. An index takes seconds instead: pip install "carl-gui[ann]"'
    assert told(packed) == [Notice(sentence)]
    assert told(packed, "exact") == []


@pytest.mark.usefixtures("very_large")
def test_without_an_index_all_frames_are_read(packed: PackedVideos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method, "has_faiss", lambda: True)
    (notice,) = told(packed)
    assert notice == Notice(
        f"This search reads all 3,600 frames. {packed.folder} has no search index. Build it: python -m core.index "
        f"{packed.folder}"
    )
    with pytest.raises(ConfigError, match="has no search index"):
        told(packed, "approximate")
    with pytest.raises(ConfigError, match="Only a single folder of packed embeddings"):
        told(list(packed), "approximate")


def test_clips_have_no_index() -> None:
    with pytest.raises(ConfigError, match="--method approximate is for single frames"):
        Asked(span=(0, 5), method="approximate").check()


def test_the_command_searches_the_index_and_reports_its_recall(
    packed: PackedVideos, encoder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("faiss", reason="FAISS is not installed (the extra ann)")
    assert index_command.main([str(packed.folder)]) == 0
    recall = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Approximate results")]
    tables = []
    for how in ("exact", "approximate"):
        out = tmp_path / f"{how}.csv"
        words = ["7.mp4", "--frame", "11", "--library", str(packed.folder), "--encoder", str(encoder)]
        assert search_command.main([*words, "--method", how, "--out", str(out), "--exclude-video"]) == 0
        shown = capsys.readouterr().err
        assert [line in shown for line in recall] == [how == "approximate"]
        with out.open(newline="") as file:
            tables.append(list(csv.DictReader(file)))
    assert tables[0] == tables[1]
    assert len(tables[0]) == 5
