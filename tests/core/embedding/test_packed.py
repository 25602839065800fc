"""Packed embeddings: what goes in comes out, in files that other programs read, however often a write is cut off."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from numpy.typing import NDArray

from core.base.errors import CheckpointError, ConfigError, StorageError
from core.base.events import Event, Notice
from core.base.files import content_digest
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_card, read_embedded, write_embedded
from core.embedding.library import open_embedded
from core.embedding.merging import merge
from core.embedding.packed import PackedVideos
from core.embedding.packing import Added, PackedWriter

ENCODER = "e" * 32
WIDTH = 8


def video(number: int, num_frames: int = 5, folder: Path = Path("/videos"), seed: int = 0) -> EmbeddedVideo:
    rng = np.random.default_rng((number, seed))
    rows = rng.normal(size=(num_frames, WIDTH))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    edges = np.cumsum(rng.uniform(0.01, 0.1, num_frames + 1))
    strange = None if number % 3 else rng.uniform(0, 2, num_frames).astype(np.float32)
    digest = f"{number:032x}"
    return EmbeddedVideo(folder / f"v{number}.mp4", digest, edges, rows.astype(np.float32), strangeness=strange)


def write(folder: Path, videos: Sequence[EmbeddedVideo], precision: str = "float32", file_bytes: int = 1000) -> None:
    with PackedWriter(folder, ENCODER, precision, file_bytes=file_bytes) as writer:
        for one in videos:
            writer.add(one)


def check_same(found: EmbeddedVideo, one: EmbeddedVideo) -> None:
    assert (found.path, found.digest) == (one.path, one.digest)
    assert found.embeddings.dtype == np.float32
    assert not found.embeddings.flags.writeable
    np.testing.assert_array_equal(found.embeddings, one.embeddings)
    np.testing.assert_array_equal(found.edges_seconds, one.edges_seconds)
    assert (found.strangeness is None) == (one.strangeness is None)
    if one.strangeness is not None:
        np.testing.assert_array_equal(found.strangeness, one.strangeness)


def test_what_goes_in_comes_out_byte_for_byte(tmp_path: Path) -> None:
    videos = [video(number, 1 + number * 7 % 11) for number in range(40)]
    write(tmp_path, videos)
    assert len(list((tmp_path / "frames").iterdir())) > 3, "several files"
    opened = read_embedded(tmp_path, ENCODER)
    assert len(opened) == 40
    for found, one in zip(opened, videos, strict=True):
        check_same(found, one)
    check_same(opened[-1], videos[-1])
    assert read_card(tmp_path).digests == tuple(one.digest for one in videos)
    chosen = read_embedded(tmp_path, ENCODER, {videos[7].digest, videos[30].digest})
    assert [one.digest for one in chosen] == [videos[7].digest, videos[30].digest]


def test_float16_is_one_rounding_and_of_norm_1(tmp_path: Path) -> None:
    videos = [video(number, 9) for number in range(5)]
    write(tmp_path, videos, "float16")
    packed = PackedVideos.open(tmp_path)
    for index, one in enumerate(videos):
        rounded = one.embeddings.astype(np.float16)
        np.testing.assert_array_equal(packed.as_stored(index).embeddings, rounded)
        np.testing.assert_allclose(np.linalg.norm(packed[index].embeddings, axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(packed[index].embeddings, rounded.astype(np.float32), atol=1e-3)


def test_blocks_are_the_frames_in_order_from_anywhere(tmp_path: Path) -> None:
    videos = [video(number, 1 + number % 4) for number in range(60)]
    write(tmp_path, videos)
    packed = PackedVideos.open(tmp_path)
    whole = np.concatenate([one.embeddings for one in videos])
    assert packed.num_frames == len(whole)
    for first, stop in ((0, len(whole)), (3, 4), (17, len(whole) - 5), (40, 40)):
        blocks = list(packed.blocks(first, stop))
        np.testing.assert_array_equal(np.concatenate([whole[:0], *(rows for _, rows in blocks)]), whole[first:stop])
        assert [start for start, _ in blocks] == list(first + np.cumsum([0, *(len(rows) for _, rows in blocks)])[:-1])
    assert len(list(packed.blocks(0, len(whole)))) == len(packed.file_names), "one a file"
    some = PackedVideos.open(tmp_path, {one.digest for one in videos[::2]})
    np.testing.assert_array_equal(
        np.concatenate([rows for _, rows in some.blocks(0, some.num_frames)]),
        np.concatenate([one.embeddings for one in videos[::2]]),
    )


def test_opening_takes_no_files_and_only_what_is_asked_for_is_mapped(tmp_path: Path) -> None:
    write(tmp_path, [video(number) for number in range(300)], file_bytes=200)
    process = psutil.Process()
    before = process.num_fds() if os.name == "posix" else process.num_handles()
    packed = PackedVideos.open(tmp_path)
    assert len(packed.file_names) == 150
    assert [one.digest for one in packed[:]] == list(packed.digests)
    after = process.num_fds() if os.name == "posix" else process.num_handles()
    assert after <= before


def test_later_videos_are_added_and_small_files_go_on(tmp_path: Path) -> None:
    videos = [video(number) for number in range(10)]
    for one in videos:
        write(tmp_path, [one])
    assert len(list((tmp_path / "frames").iterdir())) == 3, "of 1000 bytes, at least half full"
    write(tmp_path, videos)
    opened = read_embedded(tmp_path, ENCODER)
    for found, one in zip(opened, videos, strict=True):
        check_same(found, one)
    table = ds.dataset(tmp_path / "frames", format="arrow").to_table()
    assert len(table) == sum(map(len, videos)), "nothing twice"


def test_a_path_counts_as_it_was_added_last(tmp_path: Path) -> None:
    first, second = video(1), video(2)
    moved = EmbeddedVideo(Path("/videos/moved.mp4"), first.digest, first.edges_seconds, first.embeddings)
    changed = EmbeddedVideo(second.path, "f" * 32, first.edges_seconds, first.embeddings[::-1])
    again = EmbeddedVideo(first.path, first.digest, first.edges_seconds, second.embeddings)
    with PackedWriter(tmp_path, ENCODER) as writer:
        results = [writer.add(one) for one in (first, second, first, moved, changed, again)]
    assert results == [
        Added.NEW, Added.NEW, Added.PRESENT, Added.ANOTHER_PATH, Added.SUPERSEDES, Added.SUPERSEDES,
    ]  # fmt: skip
    opened = {one.path.name: one for one in read_embedded(tmp_path, ENCODER)}
    assert set(opened) == {"v1.mp4", "v2.mp4", "moved.mp4"}
    np.testing.assert_array_equal(opened["v1.mp4"].embeddings, second.embeddings)
    np.testing.assert_array_equal(opened["v2.mp4"].embeddings, first.embeddings[::-1])
    np.testing.assert_array_equal(opened["moved.mp4"].embeddings, first.embeddings)


def test_content_that_comes_back_is_what_it_was(tmp_path: Path) -> None:
    """The path of a first video gets other content; then the first content comes under another path."""
    first, second = video(1), video(2)
    for content in ((first, first.path), (second, first.path), (first, Path("/videos/again.mp4"))):
        with PackedWriter(tmp_path, ENCODER) as writer:
            if writer.holds(content[0].digest):
                writer.add_path(content[1], content[0].digest)
            else:
                writer.add(replace(content[0], path=content[1]))
    opened = {one.path.name: one for one in read_embedded(tmp_path, ENCODER)}
    np.testing.assert_array_equal(opened["v1.mp4"].embeddings, second.embeddings)
    check_same(opened["again.mp4"], replace(first, path=Path("/videos/again.mp4")))


def test_of_a_moved_video_what_is_found_counts(tmp_path: Path) -> None:
    there = tmp_path / "there.mp4"
    there.write_bytes(b"film")
    digest = content_digest(there)
    rows, edges = video(1).embeddings, video(1).edges_seconds
    encoder = tmp_path / "encoder.safetensors"
    encoder.write_bytes(b"encoder")
    with PackedWriter(tmp_path / "emb", content_digest(encoder)) as writer:
        for path in (Path("/gone/there.mp4"), there, Path("/gone/other.mp4")):
            writer.add(EmbeddedVideo(path, digest if path.name == "there.mp4" else "0" * 32, edges, rows))
    opened = open_embedded([tmp_path / "emb"], encoder)
    assert [one.path for one in opened] == [there, Path("/gone/other.mp4")]


def test_a_replaced_video_is_refused_where_it_is_asked_for(tmp_path: Path) -> None:
    films = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for film in films:
        film.write_bytes(film.name.encode())
    encoder = tmp_path / "encoder.safetensors"
    encoder.write_bytes(b"encoder")
    with PackedWriter(tmp_path / "emb", content_digest(encoder)) as writer:
        for number, film in enumerate(films):
            one = video(number)
            writer.add(EmbeddedVideo(film, content_digest(film), one.edges_seconds, one.embeddings))
    films[1].write_bytes(b"another film")
    opened = open_embedded([tmp_path / "emb"], encoder)
    assert opened[0].path == films[0]
    with pytest.raises(StorageError, match=r"b\.mp4 has changed since it was embedded in .* Embed it again"):
        opened[1]


def _damage(folder: Path, what: str) -> None:
    match what:
        case "frames cut off":
            file = max((folder / "frames").iterdir())
            file.write_bytes(file.read_bytes()[:-100])
        case "frames missing":
            max((folder / "frames").iterdir()).unlink()
        case "frames of others":
            files = sorted((folder / "frames").iterdir())
            shutil.copyfile(files[-1], files[0])
        case "videos cut off":
            file = max((folder / "videos").iterdir())
            file.write_bytes(file.read_bytes()[:40])
        case "card without precision":
            card = json.loads((folder / "embeddings.json").read_text(encoding="utf-8"))
            (folder / "embeddings.json").write_text(json.dumps(card | {"precision": "float8"}), encoding="utf-8")
        case "card of a later version":
            card = json.loads((folder / "embeddings.json").read_text(encoding="utf-8"))
            (folder / "embeddings.json").write_text(json.dumps(card | {"format_version": 9}), encoding="utf-8")


@pytest.mark.parametrize(
    "what",
    ["frames cut off", "frames missing", "frames of others", "videos cut off", "card without precision",
     "card of a later version"],
)  # fmt: skip
def test_a_damaged_folder_is_one_sentence(tmp_path: Path, what: str) -> None:
    write(tmp_path, [video(number, 5 + number % 3) for number in range(29)])
    _damage(tmp_path, what)
    with pytest.raises(StorageError, match=r"The embeddings in .* cannot be opened"):
        list(read_embedded(tmp_path, ENCODER))


def test_another_encoder_precision_width_or_writer_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [video(1)])
    with pytest.raises(CheckpointError, match="made with another encoder"):
        read_embedded(tmp_path, "f" * 32)
    with pytest.raises(CheckpointError, match="made with another encoder"), PackedWriter(tmp_path, "f" * 32):
        pass
    with pytest.raises(StorageError, match="are float32, not float16"), PackedWriter(tmp_path, ENCODER, "float16"):
        pass
    wide = EmbeddedVideo(Path("/w.mp4"), "a" * 32, np.arange(3.0), np.eye(2, 9, dtype=np.float32))
    with (
        pytest.raises(StorageError, match="have 9 numbers per frame, those in"),
        PackedWriter(tmp_path, ENCODER) as writer,
    ):
        writer.add(wide)
    with (
        PackedWriter(tmp_path, ENCODER),
        pytest.raises(StorageError, match="is being written by another process"),
        PackedWriter(tmp_path, ENCODER),
    ):
        pass


def test_embeddings_of_another_encoder_give_way_where_that_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, [video(number) for number in range(20)])
    with PackedWriter(tmp_path, "f" * 32, replaces=True) as writer:
        assert not writer.holds(video(3).digest)
        writer.add(video(3))
    (found,) = read_embedded(tmp_path, "f" * 32)
    check_same(found, video(3))
    assert len(ds.dataset(tmp_path / "frames", format="arrow").to_table()) == len(video(3)), "the others are removed"


@pytest.mark.parametrize("num_before", [8, 11, 14])
@pytest.mark.parametrize("goes_on", [False, True])
def test_what_a_killed_writer_leaves_counts_for_nothing_and_goes(
    tmp_path: Path, num_before: int, goes_on: bool
) -> None:
    """The last file is nearly empty, more than half full, or full, when its writer is killed before its lists."""
    videos = [video(number) for number in range(18)]
    lists: dict[Path, bytes] = {}
    with PackedWriter(tmp_path, ENCODER, file_bytes=1000, save_seconds=0.0) as writer:
        for number, one in enumerate(videos):
            if number == num_before:
                lists = {file: file.read_bytes() for file in (tmp_path / "videos").iterdir()}
            writer.add(one)
    for file in (tmp_path / "videos").iterdir():
        if file in lists:
            file.write_bytes(lists[file])
        else:
            file.unlink()
    assert [one.digest for one in read_embedded(tmp_path, ENCODER)] == [one.digest for one in videos[:num_before]]
    write(tmp_path, videos[num_before:] if goes_on else [])
    opened = read_embedded(tmp_path, ENCODER)
    expected = videos if goes_on else videos[:num_before]
    for found, one in zip(opened, expected, strict=True):
        check_same(found, one)
    assert len(ds.dataset(tmp_path / "frames", format="arrow").to_table()) == sum(map(len, expected))


def test_what_was_added_before_an_error_stays(tmp_path: Path) -> None:
    with contextlib.suppress(ZeroDivisionError), PackedWriter(tmp_path, ENCODER) as writer:
        writer.add(video(1))
        raise ZeroDivisionError
    assert len(read_embedded(tmp_path, ENCODER)) == 1


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_other_programs_read_it(tmp_path: Path, precision: str) -> None:
    """By pyarrow here; by polars and DuckDB in `test_packed_elsewhere.py`, where they are installed."""
    videos = [video(number) for number in range(30)]
    write(tmp_path, videos, precision)
    frames = ds.dataset(tmp_path / "frames", format="arrow").to_table()
    assert frames.schema.names == ["digest", "frame", "start_seconds", "end_seconds", "strangeness", "embedding"]
    of_one = frames.filter(pc.equal(frames["digest"].cast(pa.string()), videos[17].digest))
    rows = np.stack(of_one["embedding"].to_numpy())
    np.testing.assert_array_equal(rows, videos[17].embeddings.astype(precision))
    assert of_one["frame"].to_pylist() == list(range(len(videos[17])))
    listed = ds.dataset(tmp_path / "videos", format="arrow").to_table()
    assert listed["frames"].to_pylist() == [len(one) for one in videos]
    assert listed["path"].to_pylist() == [str(one.path) for one in videos]


def rows_by_digest(folder: Path) -> dict[str, NDArray[np.float32]]:
    return {one.digest: np.array(one.embeddings) for one in read_embedded(folder, ENCODER)}


def test_merged_folders_are_what_one_process_writes(tmp_path: Path) -> None:
    videos = [video(number) for number in range(30)]
    write(tmp_path / "1", videos[:12])
    write(tmp_path / "2", videos[8:20], file_bytes=300)
    write_embedded(tmp_path / "3", videos[20:], ENCODER)
    seen: list[Event] = []
    for _ in range(2):  # again, and nothing is doubled
        merge(tmp_path / "all", [tmp_path / name for name in "123"], sink=seen.append)
        for found, one in zip(read_embedded(tmp_path / "all", ENCODER), videos, strict=True):
            check_same(found, one)
    assert not [event for event in seen if isinstance(event, Notice)]
    frames = ds.dataset(tmp_path / "all" / "frames", format="arrow").to_table()
    assert len(frames) == sum(map(len, videos))


def test_merged_float16_is_rounded_once(tmp_path: Path) -> None:
    videos = [video(number) for number in range(6)]
    write(tmp_path / "1", videos[:3], "float16")
    write(tmp_path / "2", videos[3:], "float16")
    merge(tmp_path / "all", [tmp_path / "1", tmp_path / "2"])
    packed = PackedVideos.open(tmp_path / "all")
    for index, one in enumerate(videos):
        np.testing.assert_array_equal(packed.as_stored(index).embeddings, one.embeddings.astype(np.float16))


def test_merging_tells_where_folders_disagree_and_refuses_what_does_not_belong(tmp_path: Path) -> None:
    write(tmp_path / "1", [video(1), video(2)])
    write(tmp_path / "2", [video(2, seed=1)])
    seen: list[Event] = []
    merge(tmp_path / "all", [tmp_path / "1", tmp_path / "2"], sink=seen.append)
    (notice,) = [event for event in seen if isinstance(event, Notice)]
    assert "different embeddings of /videos/v2.mp4; those of the last folder count" in notice.message.replace("\\", "/")
    np.testing.assert_array_equal(rows_by_digest(tmp_path / "all")[video(2).digest], video(2, seed=1).embeddings)
    write_embedded(tmp_path / "other", [video(5)], "f" * 32)
    with pytest.raises(CheckpointError, match="of another encoder"):
        merge(tmp_path / "all", [tmp_path / "1", tmp_path / "other"])
    with pytest.raises(ConfigError, match="has no embeddings"):
        merge(tmp_path / "all", [tmp_path])


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_rows_that_are_read_by_themselves_are_those_of_the_mapped_file(tmp_path: Path, precision: str) -> None:
    write(tmp_path / "p", [video(number, 40) for number in range(3)], precision, 10**6)
    opened = PackedVideos.open(tmp_path / "p").open_file(0)
    rng = np.random.default_rng(0)
    for numbers in ([], [119], [3, 4, 5, 3, 119, 0, 1], rng.integers(120, size=500).tolist()):
        wanted = np.array(numbers, np.int64)
        found = opened.read_rows(wanted)
        assert found.dtype == opened.embeddings.dtype
        np.testing.assert_array_equal(found, np.asarray(opened.embeddings)[wanted])


@pytest.mark.skipif(os.name == "nt", reason="a mapped file cannot be replaced there")
def test_rows_of_a_file_that_was_replaced_or_removed_are_those_that_were_opened(tmp_path: Path) -> None:
    write(tmp_path / "p", [video(1, 40)])
    opened = PackedVideos.open(tmp_path / "p").open_file(0)
    before = np.array(opened.embeddings)
    other = tmp_path / "other"
    other.write_bytes(bytes(opened.path.stat().st_size))
    other.replace(opened.path)
    np.testing.assert_array_equal(opened.read_rows(np.arange(40)), before)
    opened.path.unlink()
    np.testing.assert_array_equal(opened.read_rows(np.arange(40)), before)
