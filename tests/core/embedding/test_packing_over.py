"""What lies where embeddings are written in another format is lost only when its successor is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import ConfigError
from core.base.events import Event, Notice
from core.cli import embed
from core.embedding.folder import is_packed, read_card, read_embedded, write_embedded
from core.embedding.merging import merge
from core.embedding.packing import PackedWriter
from core.model.checkpoint import save_encoder
from core.search import find_frames
from tests.conftest import VideoWriter
from tests.core.embedding.packing import rows, run
from tests.core.embedding.test_packed import ENCODER, check_same, video, write
from tests.core.small import small_config, small_encoder
from tests.core.video.test_image_folder import write_images

pytestmark = pytest.mark.usefixtures("narrow")


@pytest.fixture
def clips(tmp_path: Path, write_video: VideoWriter) -> Path:
    for number in range(3):
        write_video(f"clips/v{number}.mp4", 5 + number)
    return tmp_path / "clips"


@pytest.mark.parametrize("form", ["npy", "packed"])
def test_files_that_are_not_of_the_embeddings_stay(clips: Path, encoder: Path, tmp_path: Path, form: str) -> None:
    """A folder may have videos, frames and an index of its own."""
    home = tmp_path / "home"
    for name in ("videos", "frames", "index"):
        (home / name).mkdir(parents=True)
        (home / name / "mine.txt").write_text(name, encoding="utf-8")
    (home / "index.csv").write_text("of,mine\n1,2\n", encoding="utf-8")
    for clip in clips.iterdir():
        shutil.copy(clip, home / "videos")
    for asked in (form, "npy", "packed", "npy"):
        assert run(home / "videos", encoder, home, "--format", asked) == 0
        assert len(rows(home)) == 3
        for name in ("videos", "frames", "index"):
            assert (home / name / "mine.txt").read_text(encoding="utf-8") == name
        assert len(list((home / "videos").glob("*.mp4"))) == 3


def test_a_folder_is_packed_in_place(clips: Path, encoder: Path, tmp_path: Path) -> None:
    assert run(clips, encoder, tmp_path / "out") == 0
    before = rows(tmp_path / "out")
    assert run(tmp_path / "out", encoder, tmp_path / "out", "--format", "packed") == 0
    assert is_packed(tmp_path / "out")
    after = rows(tmp_path / "out")
    assert before.keys() == after.keys()
    for name, embeddings in before.items():
        np.testing.assert_array_equal(after[name], embeddings)
    assert not list((tmp_path / "out").glob("*.npy"))


def test_what_lay_there_in_files_is_packed_too(clips: Path, encoder: Path, tmp_path: Path) -> None:
    assert run(clips / "v0.mp4", encoder, tmp_path / "out") == 0
    assert run(clips / "v1.mp4", encoder, tmp_path / "out", "--format", "packed") == 0
    assert rows(tmp_path / "out").keys() == {"v0.mp4", "v1.mp4"}


@pytest.mark.parametrize("form", ["npy", "packed"])
@pytest.mark.parametrize("is_another", [False, True])
def test_a_run_that_embeds_nothing_loses_nothing(
    clips: Path, encoder: Path, tmp_path: Path, form: str, is_another: bool
) -> None:
    assert run(clips, encoder, tmp_path / "out", "--format", form) == 0
    before = rows(tmp_path / "out")
    other = encoder
    if is_another:
        config = small_config(encoder__layers=2)
        other = tmp_path / "other"
        save_encoder(other / "encoder.safetensors", small_encoder(config), config, {})
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    assert run(tmp_path / "bad.mp4", other, tmp_path / "out", "--format", "packed") == 2
    assert rows(tmp_path / "out").keys() == before.keys()


def test_a_broken_video_ends_neither_a_later_run_nor_a_share(
    clips: Path, encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clips / "bad.mp4").write_bytes(b"no film")
    for _ in range(2):
        assert run(clips, encoder, tmp_path / "out", "--format", "packed") == 0
        assert capsys.readouterr().err.count("bad.mp4") == 1
        assert rows(tmp_path / "out").keys() == {"v0.mp4", "v1.mp4", "v2.mp4"}
    for number in (1, 2):
        assert run(clips / "bad.mp4", encoder, tmp_path / f"{number}", "--shard", f"{number}/2") == 0
    assert capsys.readouterr().err.count("bad.mp4") == 1
    assert embed.main(["--merge", str(tmp_path / "1"), str(tmp_path / "2"), "--out", str(tmp_path / "all")]) == 0
    assert run(clips / "bad.mp4", encoder, tmp_path / "alone", "--format", "packed") == 2


def test_merging_tells_of_what_it_supersedes_in_its_own_folder(tmp_path: Path) -> None:
    write(tmp_path / "all", [video(1)])
    write(tmp_path / "1", [video(1, seed=1)])
    seen: list[Event] = []
    for _ in range(2):
        merge(tmp_path / "all", [tmp_path / "1"], sink=seen.append)
    (notice,) = [event for event in seen if isinstance(event, Notice)]
    assert "v1.mp4; those of the last folder count" in notice.message


def test_a_merge_into_files_is_refused_and_repeated_it_stays_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "1", [video(1), video(2)])
    write(tmp_path / "2", [video(2, seed=1), video(3)])
    sizes = []
    for _ in range(3):
        merge(tmp_path / "all", [tmp_path / "1", tmp_path / "2"])
        sizes.append(sum(file.stat().st_size for file in (tmp_path / "all").rglob("*.arrow")))
    assert len(set(sizes)) == 1
    write_embedded(tmp_path / "files", [video(4)], ENCODER)
    with pytest.raises(ConfigError, match=r"has a file per video\. Choose another folder"):
        merge(tmp_path / "files", [tmp_path / "1"])


def test_rows_of_half_precision_get_the_norm_1_in_single(tmp_path: Path) -> None:
    write(tmp_path / "half", [video(1, 50)], "float16")
    merge(tmp_path / "single", [tmp_path / "half"], "float32")
    (one,) = read_embedded(tmp_path / "single", ENCODER)
    np.testing.assert_allclose(np.linalg.norm(one.embeddings, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("damage", ["missing", "cut off", "list cut off"])
def test_embedding_again_mends_damage(tmp_path: Path, damage: str) -> None:
    videos = [video(number) for number in range(18)]
    write(tmp_path, videos)
    folder = tmp_path / ("videos" if damage == "list cut off" else "frames")
    for file in sorted(folder.iterdir())[1:]:
        if damage == "missing":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:-200])
    with PackedWriter(tmp_path, ENCODER, file_bytes=1000) as writer:
        for one in videos:
            if not writer.holds(one.digest):
                writer.add(one)
    opened = {one.digest: one for one in read_embedded(tmp_path, ENCODER)}
    assert len(opened) == 18
    for one in videos:
        check_same(opened[one.digest], one)


def test_folders_of_images_are_packed_each_at_its_rate(encoder: Path, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images" / "walk", [f"{number:03d}.png" for number in range(6)])
    for rate in ("10", "5"):
        words = ("--frames.image_rate", rate, "--format", "packed")
        assert run(images, encoder, tmp_path / "out", *words) == 0
        (one,) = read_embedded(tmp_path / "out", read_card(tmp_path / "out").encoder_digest)
        assert one.seconds == pytest.approx(len(one) / float(rate))
    merge(tmp_path / "all", [tmp_path / "out"])
    assert rows(tmp_path / "all").keys() == {"walk"}


def test_nothing_is_found_in_no_videos(tmp_path: Path) -> None:
    write(tmp_path, [])
    assert find_frames(np.ones(8, np.float32), read_embedded(tmp_path, ENCODER), k=3) == []
