"""Search with an index: what it finds, in which order, what it survives and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.control import Control, Stopped
from core.base.errors import CarlError, ConfigError, StorageError
from core.base.events import Event, Notice, Paused, Progress, decode
from core.embedding.card import INDEX
from core.embedding.packed import PackedVideos
from core.search import FrameRange, SearchMatch, find_frames
from core.search.index import frame_index
from core.search.index.building import build_index
from core.search.index.card import SHARDS, TRAINED, IndexCard
from core.search.index.frame_index import FrameIndex
from core.search.index.recall import share_found
from tests.core.search.packed_library import ENCODER, performances, still_cameras, write_packed

pytest.importorskip("faiss", reason="FAISS is not installed (the extra ann)")

WIDTH = 32


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 150 videos of 80 frames, in several files, with its index."""
    folder = tmp_path_factory.mktemp("index") / "library"
    write_packed(folder, performances(150, 80))
    build_index(folder)
    return folder


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return shutil.copytree(made, tmp_path / "library")


def exactly(query: NDArray[np.float32], packed: PackedVideos, **asked: object) -> list[SearchMatch]:
    return find_frames(query, list(packed), **asked)  # type: ignore[arg-type]


def queries(packed: PackedVideos, count: int, seed: int = 3) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    return [packed[int(rng.integers(len(packed)))].embeddings[int(rng.integers(80))] for _ in range(count)]


def test_it_finds_nearly_all_that_the_exact_search_finds(made: Path) -> None:
    packed = PackedVideos.open(made)
    index = FrameIndex.open(packed)
    shares = [
        share_found(exactly(query, packed, k=10, apart_seconds=1.0), index.find_frames(query, k=10, apart_seconds=1.0))
        for query in queries(packed, 60)
    ]
    assert np.mean(shares) >= 0.95
    card = IndexCard.read(made)
    assert card.recall.frames == 200
    assert 0.95 <= card.recall.share <= 1
    assert (card.recall.still_frames, card.recall.still_share) == (0, 1.0)


def test_the_order_is_that_of_the_exact_search(made: Path) -> None:
    packed = PackedVideos.open(made)
    index = FrameIndex.open(packed)
    exclude = [FrameRange(3, 0, 80), FrameRange(5, 10, 60)]
    num_equal = 0
    for query in queries(packed, 40):
        for apart_seconds in (0.0, 0.5):
            exact = exactly(query, packed, k=8, apart_seconds=apart_seconds, exclude=exclude)
            found = index.find_frames(query, k=8, apart_seconds=apart_seconds, exclude=exclude)
            places = {(one.video_index, one.frame): one.cosine for one in exact}
            common = [one for one in found if (one.video_index, one.frame) in places]
            assert [one.cosine for one in common] == [places[one.video_index, one.frame] for one in common]
            assert [one for one in exact if one in common] == common
            assert found == sorted(found, key=lambda one: (-one.cosine, one.video_index, one.frame))
            assert not any(one.video_index == 3 or (one.video_index == 5 and 10 <= one.frame < 60) for one in found)
            num_equal += found == exact
    assert num_equal >= 0.9 * 80


def test_more_runs_are_proposed_until_no_other_frame_can_be_a_result(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_FIRST_RUNS", "_RUNS_A_HIT"):
        monkeypatch.setattr(frame_index, name, 1)
    packed = PackedVideos.open(made)
    index = FrameIndex.open(packed)
    found = [share_found(exactly(query, packed, k=10), index.find_frames(query, k=10)) for query in queries(packed, 60)]
    assert np.mean(found) >= 0.97


def test_of_equal_frames_the_earliest_come_first(tmp_path: Path) -> None:
    videos = performances(40, 60)
    folder = tmp_path / "library"
    packed = write_packed(folder, [*videos, *videos, *videos])
    build_index(folder)
    index = FrameIndex.open(packed)
    for query in (videos[7][11], videos[30][2]):
        assert index.find_frames(query, k=3) == exactly(query, packed, k=3)
        assert len({one.cosine for one in index.find_frames(query, k=3)}) == 1


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_moving_frames_of_still_cameras_are_found(tmp_path: Path, precision: str) -> None:
    videos, moving = still_cameras(30, 600, 6)
    folder = tmp_path / "library"
    packed = write_packed(folder, [*videos, *performances(40, 60)], precision=precision)
    card = build_index(folder)
    index = FrameIndex.open(packed)
    for video, frame in moving:
        (found,) = index.find_frames(videos[video][frame], k=1)
        assert (found.video_index, found.frame) == (video, frame)
    assert card.recall.still_frames == 200
    assert card.recall.still_share >= 0.95
    entries = sum(len(np.load(shard)) for shard in (folder / INDEX / SHARDS).rglob("*.npy"))
    assert entries < 0.25 * packed.num_frames
    still = videos[4][0]
    assert index.find_frames(still, k=5, apart_seconds=1.0) == exactly(still, packed, k=5, apart_seconds=1.0)


def test_frames_without_direction_are_never_found(tmp_path: Path) -> None:
    videos = performances(30, 80)
    videos[0][5:9], videos[1][0] = np.nan, 0
    packed = write_packed(tmp_path / "library", videos)
    build_index(packed.folder)
    index = FrameIndex.open(packed)
    query = videos[0][4]
    found = index.find_frames(query, k=20)
    assert found[0] == SearchMatch(0, 4, found[0].cosine)
    assert not {(one.video_index, one.frame) for one in found} & {(0, 5), (0, 6), (0, 7), (0, 8), (1, 0)}


def test_where_the_proposals_do_not_suffice_all_frames_are_read(made: Path) -> None:
    packed = PackedVideos.open(made)
    index = FrameIndex.open(packed)
    query = packed[0].embeddings[0]
    wanted = packed.num_frames + 5
    assert index.find_frames(query, k=wanted) == exactly(query, packed, k=wanted)
    exclude = [FrameRange(video, 0, 80) for video in range(149)]
    found = index.find_frames(query, k=3, exclude=exclude)
    assert found == exactly(query, packed, k=3, exclude=exclude)


def test_a_part_of_the_library_is_searched(made: Path) -> None:
    whole = PackedVideos.open(made)
    packed = PackedVideos.open(made, only=[whole.digests[number] for number in range(20, 90)])
    index = FrameIndex.open(packed)
    query = packed[7].embeddings[3]
    assert index.find_frames(query, k=5) == exactly(query, packed, k=5)


def merged_bytes(folder: Path) -> bytes:
    return (folder / INDEX / IndexCard.read(folder).merged).read_bytes()


@pytest.mark.journey
@pytest.mark.parametrize("stage", ["train the index", "index", "merge the index", "search exactly for the recall"])
def test_a_killed_build_goes_on_to_the_same_index(made: Path, tmp_path: Path, stage: str) -> None:
    folder = shutil.copytree(made, tmp_path / "library", ignore=shutil.ignore_patterns(INDEX))
    command = [sys.executable, "-m", "core.index", str(folder), "--events", "--control"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for line in child.stdout:
            event = decode(line.decode())
            if isinstance(event, Progress) and event.stage == stage:
                break
        child.stdin.write(b"pause\n")
        child.stdin.flush()
        for line in child.stdout:
            if decode(line.decode()) == Paused(True):
                break
        child.kill()
    assert merged_or_none(folder) in (None, merged_bytes(made))
    assert build_index(folder) == IndexCard.read(made)
    assert merged_bytes(folder) == merged_bytes(made)
    left = sorted(path.name for path in (folder / INDEX).rglob("*"))
    assert left == sorted(path.name for path in (made / INDEX).rglob("*"))


def merged_or_none(folder: Path) -> bytes | None:
    try:
        return merged_bytes(folder)
    except ConfigError:
        return None


def test_a_stopped_build_keeps_its_shards(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "library", ignore=shutil.ignore_patterns(INDEX))
    control = Control()
    stages: list[str] = []

    def stop_at_the_second_shard(event: Event) -> None:
        if isinstance(event, Progress):
            assert event.total > 0
            stages.append(event.stage)
            if event.stage == "index":
                control.stop()

    with pytest.raises(Stopped):
        build_index(folder, sink=stop_at_the_second_shard, control=control)
    before = {path: path.stat().st_mtime_ns for path in (folder / INDEX / SHARDS).rglob("*.npy")}
    assert len(before) == 1
    build_index(folder)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert merged_bytes(folder) == merged_bytes(made)


def test_what_is_added_later_is_added_to_the_index(library: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (library / INDEX / SHARDS).rglob("*.npy")}
    new = performances(60, 80, seed=9)
    packed = write_packed(library, new, first=150)
    with pytest.raises(StorageError, match=r"lacks \d of \d files of frames\. Update it: python -m core\.index"):
        FrameIndex.open(packed)
    build_index(library)
    after = {path: path.stat().st_mtime_ns for path in (library / INDEX / SHARDS).rglob("*.npy")}
    kept = before.keys() & after.keys()
    assert len(kept) >= len(before) - 1  # of the last file, which was not full
    assert {path: after[path] for path in kept} == {path: before[path] for path in kept}
    found = FrameIndex.open(packed).find_frames(new[8][20], k=1)
    assert [(one.video_index, one.frame) for one in found] == [(158, 20)]


def test_a_video_that_was_embedded_anew_is_not_found_as_it_was(library: Path) -> None:
    old = PackedVideos.open(library)[4].embeddings
    (rows,) = performances(1, 80, seed=21)
    with pytest.raises(StorageError, match="Update it"):
        FrameIndex.open(write_packed(library, [rows], first=4))
    build_index(library)
    packed = PackedVideos.open(library)
    index = FrameIndex.open(packed)
    assert index.find_frames(rows[9], k=1)[0].cosine > 1 - 1e-6
    assert index.find_frames(old[9], k=5) == exactly(old[9], packed, k=5)


def test_an_index_that_is_up_to_date_is_left_as_it_is(library: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (library / INDEX).rglob("*") if path.is_file()}
    notices: list[Event] = []
    card = build_index(library, sink=notices.append)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert notices == [Notice(card.recall.in_words())]


def test_the_index_of_another_encoder_is_refused(library: Path) -> None:
    card = library / INDEX / "index.json"
    card.write_text(card.read_text().replace(ENCODER, "f" * 32))
    with pytest.raises(StorageError, match=r"made for another encoder \(digest ffffffff\)"):
        FrameIndex.open(PackedVideos.open(library))
    build_index(library)
    FrameIndex.open(PackedVideos.open(library))


@pytest.mark.parametrize("damaged", ["index.json", TRAINED, "merged", "sizes", "shards"])
@pytest.mark.parametrize("how", ["cut", "nonsense", "missing"])
def test_a_damaged_index_is_one_sentence_or_made_again(library: Path, damaged: str, how: str) -> None:
    folder = library / INDEX
    lists = folder / IndexCard.read(library).merged
    shard = next((folder / SHARDS).rglob("*.npy"))
    path = {"merged": lists, "sizes": lists.with_suffix(".npy"), "shards": shard}.get(damaged, folder / damaged)
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if how == "cut" else os.urandom(len(content) + 1))
    packed = PackedVideos.open(library)
    if damaged != "shards":
        with pytest.raises(CarlError, match=r"core\.index") as caught:
            FrameIndex.open(packed)
        assert "\n" not in str(caught.value)
    build_index(library)
    query = packed[3].embeddings[4]
    assert FrameIndex.open(packed).find_frames(query, k=4) == exactly(query, packed, k=4)


def test_what_cannot_be_indexed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no packed embeddings"):
        build_index(tmp_path)
    write_packed(tmp_path / "few", performances(2, 50))
    with pytest.raises(ConfigError, match="too few different frames"):
        build_index(tmp_path / "few")
    with pytest.raises(ConfigError, match=r"has no search index\. Build it: python -m core\.index"):
        FrameIndex.open(PackedVideos.open(tmp_path / "few"))


def test_the_sentence_rounds_down(made: Path) -> None:
    recall = IndexCard.read(made).recall
    card = json.loads((made / INDEX / "index.json").read_text())["recall"]
    assert type(recall)(10, 200, 0.9999, 0, 1.0).in_words() == (
        "Approximate results: recall@10 is 0.99 on 200 frames of this library."
    )
    assert type(recall)(10, 200, 1.0, 200, 0.5).in_words() == (
        "Approximate results: recall@10 is 1.00 on 200 frames of this library, and 0.50 on 200 frames of still cameras."
    )
    assert card == {"k": 10, "frames": 200, "share": recall.share, "still_frames": 0, "still_share": 1.0}
