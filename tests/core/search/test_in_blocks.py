"""Search in packed embeddings finds what it finds in the videos one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.files import content_digest
from core.cli import search
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.embedding.packed import PackedVideos
from core.embedding.packing import PackedWriter
from core.search import frames as frames_module
from core.search.frames import find_frames
from core.search.in_blocks import best_cosines, slack_of
from core.search.matches import FrameRange, gaps_by_video

ENCODER = "e" * 32
WIDTH = 16


def library(seed: int, num_videos: int, kind: str) -> list[EmbeddedVideo]:
    """Videos of 1 to 40 frames; `still`: nearly all frames are the same; `spoilt`: some rows are zero or not finite."""
    rng = np.random.default_rng(seed)
    still = rng.normal(size=WIDTH)
    videos = []
    for number in range(num_videos):
        rows = rng.normal(size=(int(rng.integers(1, 40)), WIDTH))
        if kind == "still":
            rows[rng.random(len(rows)) < 0.9] = still
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        if kind == "spoilt":
            rows[rng.random(len(rows)) < 0.1] = rng.choice([0, np.nan, np.inf])
        edges = np.cumsum(rng.uniform(0.01, 0.1, len(rows) + 1))
        videos.append(EmbeddedVideo(Path(f"/v{number}.mp4"), f"{number:08x}" * 4, edges, rows.astype(np.float32)))
    return videos


def packed(folder: Path, videos: Sequence[EmbeddedVideo], precision: str) -> PackedVideos:
    with PackedWriter(folder, ENCODER, precision, file_bytes=5000) as writer:
        for video in videos:
            writer.add(video)
    return PackedVideos.open(folder)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    num_videos=st.integers(1, 60),
    kind=st.sampled_from(["any", "still", "spoilt"]),
    precision=st.sampled_from(["float32", "float16"]),
    k=st.sampled_from([1, 3, 10, 200]),
    apart=st.sampled_from([0.0, 0.3]),
    excludes=st.booleans(),
)
def test_the_same_is_found_as_in_videos_one_by_one(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    num_videos: int,
    kind: str,
    precision: str,
    k: int,
    apart: float,
    excludes: bool,
) -> None:
    videos = packed(tmp_path_factory.mktemp("packed"), library(seed, num_videos, kind), precision)
    rng = np.random.default_rng(seed)
    query = rng.normal(size=WIDTH).astype(np.float32)
    if kind == "still":
        last = videos[len(videos) - 1].embeddings
        query = last[len(last) // 2]
    exclude = [FrameRange(0, 0, 50), FrameRange(num_videos - 1, 1, 30)] if excludes else []
    expected = find_frames(query, videos[:], k=k, apart_seconds=apart, exclude=exclude)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames_module, "_VIDEOS_AT_ONCE", 7)
        patch.setattr(frames_module, "_SHARE_FRAMES", 100)
        found = find_frames(query, videos, k=k, apart_seconds=apart, exclude=exclude)
    assert found == expected


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("threads", [1, 3])
def test_each_videos_best_is_near_the_exact_one(tmp_path: Path, precision: str, threads: int) -> None:
    videos = packed(tmp_path, library(1, 50, "spoilt"), precision)
    direction = np.random.default_rng(2).normal(size=WIDTH)
    direction /= np.linalg.norm(direction)
    gaps = gaps_by_video([FrameRange(3, 0, 100), FrameRange(20, 2, 4)])
    found = best_cosines(direction, videos, gaps, threads)
    for index, video in enumerate(videos):
        with np.errstate(all="ignore"):
            exact = video.embeddings.astype(np.float64) @ direction
        for gap in gaps.get(index, []):
            exact[gap] = -np.inf
        exact = exact[np.isfinite(exact)]
        best = exact.max() if len(exact) else -np.inf
        assert found[index] == pytest.approx(best, abs=slack_of(WIDTH))


def test_few_videos_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    videos = packed(tmp_path, library(3, 400, "any"), "float32")
    query = videos[123].embeddings[0]
    opened = []
    one = PackedVideos.__getitem__
    monkeypatch.setattr(PackedVideos, "__getitem__", lambda self, key: opened.append(key) or one(self, key))
    (best,) = find_frames(query, videos, k=1)
    assert (best.video_index, best.frame) == (123, 0)
    assert opened == [123]


def test_the_command_finds_and_names_as_in_a_folder_of_files(tmp_path: Path) -> None:
    encoder = tmp_path / "encoder.safetensors"
    encoder.write_bytes(b"encoder")
    videos = library(5, 30, "any")
    videos = [replace(one, path=Path(f"/day{number % 3}/v{number // 3}.mp4")) for number, one in enumerate(videos)]
    write_embedded(tmp_path / "npy", videos, content_digest(encoder))
    with PackedWriter(tmp_path / "packed", content_digest(encoder)) as writer:
        for video in videos:
            writer.add(video)
    for options in (["--frame", "0"], ["--frame", "0", "--exclude-video"], ["--span", "0", "1", "-k", "9"]):
        for query in ("day1/v7.mp4", "/day1/v7.mp4"):
            found = []
            for name in ("npy", "packed"):
                words = [query, "--library", str(tmp_path / name), "--encoder", str(encoder), *options]
                assert search.main([*words, "--out", str(tmp_path / f"{name}.csv")]) == 0
                found.append((tmp_path / f"{name}.csv").read_text(encoding="utf-8"))
            assert found[0] == found[1]
            assert found[0].count("\n") > 5


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("v7.mp4", "v7.mp4 may be /day0/v7.mp4 or /day1/v7.mp4. Write more of its path."),
        ("day1/w7.mp4", "There is no video day1/w7.mp4"),
    ],
)
def test_a_query_that_is_unclear_is_one_sentence(
    query: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = tmp_path / "encoder.safetensors"
    encoder.write_bytes(b"encoder")
    with PackedWriter(tmp_path / "packed", content_digest(encoder)) as writer:
        for number, one in enumerate(library(5, 30, "any")):
            writer.add(replace(one, path=Path(f"/day{number % 3}/v{number // 3}.mp4")))
    words = [query, "--library", str(tmp_path / "packed"), "--encoder", str(encoder), "--frame", "0"]
    assert search.main([*words, "--out", str(tmp_path / "out.csv")]) == 2
    assert sentence in capsys.readouterr().err.replace("\\", "/")
