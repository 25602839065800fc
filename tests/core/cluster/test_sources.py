"""Videos and embeddings at URLs, by an S3 server of the tests; no Ray."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.errors import ConfigError, StorageError, VideoError
from core.base.files import content_digest
from core.cli import embed as command
from core.cluster.out_folder import open_out
from core.cluster.sources import Source, find_sources
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.packed import PackedVideos
from core.embedding.packing import PackedWriter
from core.video.urls import full_name, local_path, url_of
from tests.core.cluster.material import make_videos
from tests.core.cluster.s3 import NEEDED, serving


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for module in NEEDED:
        pytest.importorskip(module, reason=f"{module} is not installed: it serves S3 to the tests")
    with serving() as (environment, system):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield system


def test_a_path_remembers_that_it_was_a_url() -> None:
    assert url_of(Path("s3://bucket/a/b.mp4")) == "s3://bucket/a/b.mp4"
    assert url_of(Path("C:/videos/b.mp4")) == url_of(Path("/videos/s3:/b.mp4")) == url_of(Path("file:///b.mp4")) == ""
    assert local_path(Path("file:///videos/b.mp4")) == Path("/videos/b.mp4")
    assert full_name(Path("s3://bucket/b.mp4")) == "s3://bucket/b.mp4"
    assert full_name(Path("b.mp4")) == str(Path.cwd() / "b.mp4")


def test_files_here_are_found_as_ever(tmp_path: Path) -> None:
    clips = make_videos(tmp_path / "clips", 2)
    found = find_sources([clips, Path(f"file://{clips}")])
    assert [source.name for source in found] == [str(clips / "clip0.mp4"), str(clips / "clip1.mp4")]
    assert found[0].num_bytes == (clips / "clip0.mp4").stat().st_size
    with pytest.raises(ConfigError, match="No videos were given"):
        find_sources([])


def test_videos_in_a_bucket_are_found_and_read(s3: Any, tmp_path: Path) -> None:
    clips = make_videos(tmp_path / "clips", 2)
    for key in ("videos/clip10.mp4", "videos/deep/clip9.mp4", "videos/.hidden/clip.mp4", "videos/notes.txt"):
        s3.put_file(str(clips / "clip0.mp4"), f"bucket/{key}")
    s3.put_file(str(clips / "clip1.mp4"), "bucket/videos/clip2.mp4")
    found = find_sources([Path("s3://bucket/videos"), Path("s3://bucket/videos/clip2.mp4")])
    assert [source.name.removeprefix("s3://bucket/videos/") for source in found] == [
        "clip2.mp4",
        "clip10.mp4",
        "deep/clip9.mp4",
    ]
    assert all(source.num_bytes and source.modified_ns for source in found)
    with found[0].read(30.0) as (file, digest):
        assert (file.name, digest) == ("clip2.mp4", content_digest(clips / "clip1.mp4"))
    assert not file.exists(), "what was fetched is removed"
    s3.put_file(str(clips / "clip1.mp4"), "bucket/texts/notes.txt")
    with pytest.raises(ConfigError, match=r"There is no video in the folder s3://bucket/texts\."):
        find_sources([Path("s3://bucket/texts")])
    for missing in ("s3://bucket/none", "s3://other/none"):
        with pytest.raises(ConfigError, match=f"There is no file or folder {missing}. Check its name."):
            find_sources([Path(missing)])
    with pytest.raises(VideoError, match="There is no file or folder"), Source("s3://bucket/x.mp4", 0, 0).read(30.0):
        pass


def test_a_packed_folder_in_a_bucket_grows_as_one_here(s3: Any, tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    videos = [_embedded(f"s3://bucket/clip{number}.mp4", f"{number:032x}", generator) for number in range(6)]
    out = Path("s3://bucket/embeddings")
    for part in (videos[:2], videos[2:5], videos[5:]):
        with open_out(out) as opened, PackedWriter(opened.folder, "e" * 32, file_bytes=2000) as writer:
            assert [writer.holds(video.digest) for video in part] == [False] * len(part)
            for video in part:
                writer.add(video, {"fps": 30.0})
    s3.get("bucket/embeddings", str(tmp_path / "read"), recursive=True)
    read = PackedVideos.open(tmp_path / "read")
    assert [entry["path"] for entry in read.entries()] == [f"s3://bucket/clip{number}.mp4" for number in range(6)]
    for made, found in zip(videos, read, strict=True):
        np.testing.assert_array_equal(found.embeddings, made.embeddings)
    assert len(read.file_names) > 1


def test_a_folder_that_cannot_be_written_is_one_sentence(s3: Any) -> None:
    with (
        pytest.raises(StorageError, match=r"There is no file or folder s3://other/out\. Check its name\."),
        open_out(Path("s3://other/out")) as out,
        PackedWriter(out.folder, "e" * 32) as writer,
    ):
        writer.add(_embedded("/clip.mp4", "0" * 32, np.random.default_rng(0)), {"fps": 30.0})


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ConfigError, match=r's3://bucket/a needs fsspec.*pip install "carl-gui\[cluster\]"'):
        find_sources([Path("s3://bucket/a")])
    assert command.main(["s3://bucket/a", "--encoder", "e", "--out", "o"]) == 2
    assert "s3://bucket/a can be used with --cluster only. Add --cluster auto." in capsys.readouterr().err
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ray" else find_spec(name))
    here = str(Path(__file__))
    assert command.main([here, "--encoder", here, "--out", "o", "--cluster", "auto"]) == 2
    assert '--cluster needs Ray, which is not installed. Install it: pip install "carl-gui[cluster]"' in (
        capsys.readouterr().err
    )


def _embedded(path: str, digest: str, generator: np.random.Generator) -> EmbeddedVideo:
    rows = generator.normal(size=(10, 8)).astype(np.float32)
    return EmbeddedVideo(Path(path), digest, np.arange(11) / 30, rows, strangeness=np.zeros(10, np.float32))
