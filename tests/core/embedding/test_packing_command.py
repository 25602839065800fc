"""`core.embed` with packed embeddings: as the npy files, whole or in shares, from the start or gone on with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.base.files import content_digest
from core.cli import decode, embed
from core.cli import embed as command
from core.embedding.compute import Embedder
from core.embedding.folder import is_packed, read_card
from core.embedding.library import open_embedded
from core.video import content
from core.video.frame_store import FrameStore
from core.video.shards import Shard
from tests.conftest import VideoWriter
from tests.core.embedding.packing import rows, run

pytestmark = pytest.mark.usefixtures("narrow")


@pytest.fixture
def clips(tmp_path: Path, write_video: VideoWriter) -> Path:
    for number in range(7):
        write_video(f"clips/v{number}.mp4", 5 + number)
    return tmp_path / "clips"


def check_same(one: Path, other: Path) -> None:
    first, second = rows(one), rows(other)
    assert first.keys() == second.keys()
    for name, embeddings in first.items():
        np.testing.assert_array_equal(embeddings, second[name])


def test_packed_are_the_embeddings_of_the_npy_files(clips: Path, encoder: Path, tmp_path: Path) -> None:
    assert run(clips, encoder, tmp_path / "npy") == 0
    assert run(clips, encoder, tmp_path / "packed", "--format", "packed") == 0
    assert not is_packed(tmp_path / "npy")
    assert is_packed(tmp_path / "packed")
    check_same(tmp_path / "npy", tmp_path / "packed")
    for one, other in zip(
        open_embedded([tmp_path / "npy"], encoder), open_embedded([tmp_path / "packed"], encoder), strict=True
    ):
        np.testing.assert_array_equal(one.edges_seconds, other.edges_seconds)
        np.testing.assert_array_equal(one.is_strange, other.is_strange)
        assert other.frames([2])[0].pts_seconds == one.frames([2])[0].pts_seconds


def test_shares_merged_are_the_embeddings_of_one_process(clips: Path, encoder: Path, tmp_path: Path) -> None:
    assert run(clips, encoder, tmp_path / "whole") == 0
    for number in (2, 3, 1):
        assert run(clips, encoder, tmp_path / f"share{number}", "--shard", f"{number}/3") == 0
    held = [rows(tmp_path / f"share{number}").keys() for number in (1, 2, 3)]
    assert sorted(name for names in held for name in names) == [f"v{number}.mp4" for number in range(7)]
    assert sum(bool(names) for names in held) > 1
    shares = [str(tmp_path / f"share{number}") for number in (1, 2, 3)]
    for _ in range(2):
        assert embed.main(["--merge", *shares, "--out", str(tmp_path / "all")]) == 0
        check_same(tmp_path / "whole", tmp_path / "all")


def test_a_share_depends_on_content_alone(clips: Path, encoder: Path, tmp_path: Path) -> None:
    assert run(clips, encoder, tmp_path / "before", "--shard", "1/2") == 0
    os.renames(clips / "v3.mp4", tmp_path / "elsewhere" / "renamed.mp4")
    (clips / "v5.mp4").unlink()
    assert run(tmp_path, encoder, tmp_path / "after", "--shard", "1/2") == 0
    digests = [set(read_card(tmp_path / name).digests) for name in ("before", "after")]
    assert digests[1] <= digests[0]
    assert len(digests[0] - digests[1]) <= 1, "the one that was deleted, if it was of this share"
    shares = [Shard(number, 5) for number in range(1, 6)]
    assert all(sum(share.holds(f"{one:032x}") for share in shares) == 1 for one in range(100))


def test_what_is_held_is_not_embedded_again(
    clips: Path, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(clips / "v1.mp4", encoder, tmp_path / "packed", "--format", "packed") == 0
    asked: list[str] = []
    each = Embedder.each

    def noted(self: Embedder, paths: Sequence[Path]) -> object:
        asked.extend(path.name for path in paths)
        return each(self, paths)

    monkeypatch.setattr(Embedder, "each", noted)
    assert run(clips, encoder, tmp_path / "packed") == 0
    assert asked == [f"v{number}.mp4" for number in (0, 2, 3, 4, 5, 6)]
    assert len(rows(tmp_path / "packed")) == 7


def test_files_that_are_known_are_not_read_again(
    clips: Path, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(clips, encoder, tmp_path / "packed", "--format", "packed") == 0
    (clips / "v2.mp4").write_bytes((clips / "v3.mp4").read_bytes())
    read: list[str] = []
    content._digest_of.cache_clear()
    monkeypatch.setattr(content, "content_digest", lambda path: read.append(path.name) or content_digest(path))
    assert run(clips, encoder, tmp_path / "packed") == 0
    assert read == ["v2.mp4"], "its size or time of change is another"
    found = rows(tmp_path / "packed")
    np.testing.assert_array_equal(found["v2.mp4"], found["v3.mp4"])


def test_digests_of_a_list_choose_the_share_without_reading(
    clips: Path, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = {path.name: content_digest(path) for path in sorted(clips.iterdir())}
    lines = [f"clips/{name},{digest}" for name, digest in digests.items()]
    (tmp_path / "list.csv").write_text("\n".join(["video,digest", *lines]), encoding="utf-8")
    read: list[str] = []
    content._digest_of.cache_clear()
    monkeypatch.setattr(content, "content_digest", lambda path: read.append(path.name) or content_digest(path))
    assert run(tmp_path / "list.csv", encoder, tmp_path / "share", "--shard", "2/3") == 0
    own = {name for name, digest in digests.items() if Shard(2, 3).holds(digest)}
    assert set(read) == set(rows(tmp_path / "share")) == own


def test_of_many_videos_packed_embeddings_are_written(
    clips: Path, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr(command, "_MOST_FILES", 7)
    assert run(clips, encoder, out) == 0
    assert not is_packed(out)
    monkeypatch.setattr(command, "_MOST_FILES", 6)
    assert run(clips, encoder, out) == 0
    assert sorted(path.name for path in out.iterdir()) == [".lock", "embeddings.json", "frames", "videos"]
    monkeypatch.setattr(command, "_MOST_FILES", 1000)
    assert run(clips, encoder, out) == 0
    assert is_packed(out), "as it was"
    assert run(clips, encoder, out, "--format", "npy") == 0
    assert sorted(path.name for path in out.glob("*.npy")) == [f"v{number}.npy" for number in range(7)]
    assert not (out / "frames").exists()


def test_a_broken_video_is_named_by_one_share(
    clips: Path, encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clips / "broken.mp4").write_bytes(b"no film")
    for number in (1, 2):
        assert run(clips, encoder, tmp_path / f"{number}", "--shard", f"{number}/2") == 0
    assert capsys.readouterr().err.count("broken.mp4") == 1
    assert sum(len(rows(tmp_path / f"{number}")) for number in (1, 2)) == 7


def test_broken_videos_alone_are_no_failure_of_a_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    for number in (1, 2):
        assert decode.main([str(tmp_path / "broken.mp4"), "--shard", f"{number}/2"]) == 0
    assert capsys.readouterr().err.count("broken.mp4") == 1
    assert decode.main([str(tmp_path / "broken.mp4")]) == 2


def test_shares_are_decoded_each_once(clips: Path, tmp_path: Path) -> None:
    stored = set[str]()
    for number in (1, 2, 3):
        assert decode.main([str(clips), "--shard", f"{number}/3", "--frames.short_side", "32"]) == 0
        folder = FrameStore(short_side=32, max_bytes=0).cache.folder
        now = {entry.name for entry in folder.iterdir() if (entry / "complete").is_file()}
        assert stored <= now
        stored = now
    assert len(stored) == 7


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--shard", "0/3"], "'0/3' is not a share. Write I/N with I from 1 to N, such as 2/8."),
        (["--shard", "4/3"], "'4/3' is not a share."),
        (["--shard", "x"], "'x' is not a share."),
        (["--shard", "1/2", "--format", "npy"], "--shard is for packed embeddings. Leave it or --format npy out."),
        (["--precision", "float16", "--format", "npy"], "--precision is for packed embeddings."),
    ],
)
def test_wrong_options_are_one_sentence(
    options: list[str], sentence: str, encoder: Path, clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = run(clips, encoder, tmp_path / "out", *options)
    except SystemExit as error:
        status = int(str(error.code))
    assert status == 2
    assert sentence in capsys.readouterr().err
