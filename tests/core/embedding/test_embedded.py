"""Embeddings on disk: made once, memory-mapped, refused where another encoder made them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.base.errors import CheckpointError, StorageError, VideoError
from core.base.events import Event, Notice
from core.cli import embed
from core.embedding.compute import Embedder
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_card, read_embedded, write_embedded
from core.embedding.library import open_embedded
from core.model.checkpoint import save_encoder
from tests.conftest import VideoWriter
from tests.core.small import small_config, small_encoder

pytestmark = pytest.mark.usefixtures("narrow")

TIMES = [1 + i / 30 + (0.5 if i > 4 else 0) for i in range(9)]


@pytest.fixture
def clips(tmp_path: Path, write_video: VideoWriter) -> Path:
    write_video("clips/a.mp4", 12)
    write_video("clips/b.mkv", 9, times=TIMES)
    return tmp_path / "clips"


def test_embeddings_are_made_once_and_memory_mapped(
    clips: Path, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_embedded([clips], encoder, device="cpu")
    assert [(video.path.name, video.embeddings.shape) for video in first] == [("a.mp4", (12, 8)), ("b.mkv", (9, 8))]
    assert all(isinstance(video.embeddings, np.memmap) for video in first)
    assert not any(video.embeddings.flags.writeable for video in first)
    monkeypatch.setattr(Embedder, "_embed", lambda *_: pytest.fail("embedded again"))
    again = open_embedded([clips / "b.mkv", clips / "a.mp4"], encoder / "encoder.safetensors", device="cpu")
    np.testing.assert_array_equal(again[1].embeddings, first[0].embeddings)
    np.testing.assert_array_equal(again[0].embeddings, first[1].embeddings)


def test_times_count_from_the_first_frame(clips: Path, encoder: Path) -> None:
    (video,) = open_embedded([clips / "b.mkv"], encoder, device="cpu")
    np.testing.assert_allclose(video.edges_seconds[:-1], np.array(TIMES) - 1, atol=1e-3)
    assert video.edges_seconds[-1] == pytest.approx(TIMES[-1] - 1 + 1 / 30, abs=2e-3)


def test_a_folder_of_embeddings_stands_for_its_videos(clips: Path, encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "embedded"
    assert embed.main([str(clips), "--encoder", str(encoder), "--out", str(out), "--device", "cpu"]) == 0
    made = open_embedded([clips], encoder, device="cpu")
    read = open_embedded([out], encoder)
    assert [video.path for video in read] == [video.path for video in made]
    for one, other in zip(made, read, strict=True):
        np.testing.assert_array_equal(one.embeddings, other.embeddings)
        np.testing.assert_array_equal(one.edges_seconds, other.edges_seconds)
        assert one.digest == other.digest
        assert isinstance(other.embeddings, np.memmap)
        assert other.frames([3])[0].pts_seconds == one.frames([3])[0].pts_seconds
    assert len(open_embedded([out, clips], encoder, device="cpu")) == 2, "no video twice"
    (clips / "a.mp4").unlink()
    with pytest.raises(VideoError):
        open_embedded([out], encoder)[0].frames([0])


def test_opening_a_folder_of_embeddings_needs_no_torch(clips: Path, encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "embedded"
    assert embed.main([str(clips), "--encoder", str(encoder), "--out", str(out), "--device", "cpu"]) == 0
    program = (
        "import sys; from pathlib import Path; from core.embedding.library import open_embedded\n"
        "print(len(open_embedded([Path(sys.argv[1])], Path(sys.argv[2]))), 'torch' in sys.modules)"
    )
    words = [sys.executable, "-c", program, str(out), str(encoder)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.split() == ["2", "False"]


def test_embeddings_of_another_encoder_are_refused(clips: Path, encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "embedded"
    assert embed.main([str(clips), "--encoder", str(encoder), "--out", str(out), "--device", "cpu"]) == 0
    config = small_config(encoder__layers=2)
    save_encoder(tmp_path / "other" / "encoder.safetensors", small_encoder(config), config, {})
    with pytest.raises(CheckpointError, match=r"embeddings.json: these embeddings were made with another encoder"):
        open_embedded([out], tmp_path / "other")
    with pytest.raises(CheckpointError, match="There is no encoder"):
        open_embedded([out], tmp_path / "none.safetensors")


def _cut_short(folder: Path) -> None:
    file = folder / "a.npy"
    file.write_bytes(file.read_bytes()[:-40])


def _forget_the_card(folder: Path) -> None:
    (folder / "embeddings.json").unlink()


def _spoil_the_card(folder: Path) -> None:
    card = json.loads((folder / "embeddings.json").read_text(encoding="utf-8"))
    (folder / "embeddings.json").write_text(json.dumps({**card, "videos": 3}), encoding="utf-8")


@pytest.mark.parametrize("damage", [_cut_short, _forget_the_card, _spoil_the_card])
def test_a_damaged_folder_is_one_sentence(damage: object, clips: Path, encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "embedded"
    assert embed.main([str(clips), "--encoder", str(encoder), "--out", str(out), "--device", "cpu"]) == 0
    damage(out)  # type: ignore[operator]
    with pytest.raises(StorageError, match=r"cannot be opened .* Run core.embed again, or name the videos themselves"):
        open_embedded([out], encoder)


def test_videos_that_share_a_name_keep_files_of_their_own(
    clips: Path, encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], write_video: VideoWriter
) -> None:
    write_video("more/a.mp4", 7)
    out, said = tmp_path / "embedded", list[Event]()
    words = [str(clips), str(tmp_path / "more"), "--encoder", str(encoder), "--out", str(out), "--device", "cpu"]
    assert embed.main(words) == 0
    assert capsys.readouterr().err.count("has the same name as another video") == 2
    lengths = sorted(len(video) for video in open_embedded([out], encoder, sink=said.append))
    assert lengths == [7, 9, 12]
    assert not any(isinstance(event, Notice) for event in said)


def test_more_videos_than_files_may_be_open_are_opened(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="the limit on open files is Unix's")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    rows = np.eye(2, dtype=np.float32)
    videos = [EmbeddedVideo(Path(f"{number}.mp4"), str(number), np.arange(3.0), rows) for number in range(200)]
    write_embedded(tmp_path, videos, "digest")
    open_now = psutil.Process().num_fds()  # tests before this one have left some open: a pin for each of their caches
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 100, hard))
    try:
        assert len(read_embedded(tmp_path, "digest")) == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_some_videos_of_a_folder_are_opened_and_its_card_read(clips: Path, encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "embedded"
    assert embed.main([str(clips), "--encoder", str(encoder), "--out", str(out), "--device", "cpu"]) == 0
    card = read_card(out)
    both = read_embedded(out, card.encoder_digest)
    assert card.digests == tuple(video.digest for video in both)
    (second,) = read_embedded(out, card.encoder_digest, {card.digests[1]})
    np.testing.assert_array_equal(second.embeddings, both[1].embeddings)
    np.testing.assert_array_equal(second.edges_seconds, both[1].edges_seconds)
    assert read_embedded(out, card.encoder_digest, ()) == []
    (out / "embeddings.json").write_text('{"kind": "other", "format_version": 1}', encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be opened"):
        read_card(out)
