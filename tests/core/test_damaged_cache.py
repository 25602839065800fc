"""Whatever is damaged in the cache, the next run gives what it gives from a clean one, and says so once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.base import leftovers
from core.base.arrays import load_array
from core.base.disk_cache import COMPLETE, DiskCache
from core.base.errors import CheckpointError, StorageError
from core.base.files import replacing
from core.base.mended import take_damage
from core.embedding.compute import Embedder
from core.embedding.folder import each_embedded, read_card, write_embedded
from core.video.times import edges_of_video
from tests.conftest import VideoWriter
from tests.core.embedding.test_each import saved, waving

pytestmark = pytest.mark.usefixtures("narrow")

Run = Callable[[], list[bytes]]


def _embedding(run: Path, clip: Path) -> list[bytes]:
    """Return the bytes of all that a new embedder gives of a video: its frames, features and embeddings."""
    embedder = Embedder(run, device="cpu")
    ((stored, features),) = embedder.features([clip])
    (video,) = embedder.each([clip])
    assert video.strangeness is not None
    with features:
        rows = np.concatenate(list(features.chunks()))
    pictures = stored.frames_at(range(len(stored))).images
    return [part.tobytes() for part in (pictures, stored.edges_seconds, rows, video.embeddings, video.strangeness)]


@pytest.fixture(params=["images", "pose"])
def run(request: pytest.FixtureRequest, write_video: VideoWriter, tmp_path: Path) -> Run:
    pose = {"backbone__name": "pose", "backbone__weights": "none", "frames__short_side": 160}
    encoder = saved(tmp_path / "run", **(pose if request.param == "pose" else {}))
    clip = write_video("clip.mp4", 5, image=waving, size=(160, 160), fps=5)
    return lambda: _embedding(encoder, clip)


def _published(cache: Path) -> list[Path]:
    return sorted(file for mark in cache.rglob(COMPLETE) for file in mark.parent.iterdir())


def _damage(file: Path, how: str, source: random.Random) -> None:
    data = bytearray(file.read_bytes())
    if how == "delete":
        return file.unlink()
    if how == "flip":
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)
    elif how == "flip in header":
        data[source.randrange(min(len(data), 100))] ^= 1 << source.randrange(8)
    else:
        del data[source.randrange(len(data)) :]
    file.write_bytes(data)
    os.utime(file, ns=(source.randrange(10**18), source.randrange(10**18)))  # the clock may not have moved
    return None


def test_damage_anywhere_changes_no_result(run: Run) -> None:
    """Every file of every kind of entry: frames, features, embeddings, and poses where there are some."""
    cache = Path(os.environ["CARL_CACHE"])
    clean = run()
    source = random.Random(3)
    kinds = {file.relative_to(cache).parts[0] for file in _published(cache)}
    assert kinds >= {"frames", "features", "embeddings"}
    ways = ("truncate", "delete", "flip", "flip in header")
    names = [file.relative_to(cache) for file in _published(cache)]
    for number, name in enumerate(names):
        if "poses" in kinds and name.parts[0] != "poses":
            continue  # as in the run without
        for how in (ways[number % 4], ways[(number + 2) % 4]):
            _damage(cache / name, how, source)
            assert run() == clean, (name, how)
            take_damage()
    assert run() == clean
    assert take_damage() == "", "all is sound"


@pytest.mark.parametrize("name", ["features.npy", "embeddings.npy", "000000.jpegs"])
def test_damage_is_reported_once(run: Run, name: str) -> None:
    clean = run()
    (file, *_) = Path(os.environ["CARL_CACHE"]).rglob(name)
    _damage(file, "flip", random.Random(1))
    assert run() == clean
    sentence = take_damage()
    assert sentence.startswith("Damaged in the cache, and computed again: ")
    assert sentence.count(",") == 1, "one entry"
    assert run() == clean
    assert take_damage() == ""


def test_entries_of_an_earlier_version_are_kept_and_get_checksums(run: Run) -> None:
    cache = Path(os.environ["CARL_CACHE"])
    clean = run()
    marks = list(cache.rglob(COMPLETE))
    for mark in marks:
        mark.write_text(mark.read_text("ascii").split("\n")[0], encoding="ascii")
    made = {file: file.stat().st_mtime_ns for file in _published(cache) if file.name != COMPLETE}
    assert run() == clean
    assert take_damage() == ""
    assert {file: file.stat().st_mtime_ns for file in made} == made, "nothing was computed again"
    assert all("\n" in mark.read_text("ascii") for mark in marks if mark.parent.parent.name != "poses")


def test_a_damaged_chunk_of_a_half_decoded_video_is_decoded_again(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.base.control import Control, Stopped
    from core.video import chunk_writer
    from core.video.frame_store import FrameStore

    monkeypatch.setattr(chunk_writer, "CHUNK_FRAMES", 4)
    path = write_video("clip.mp4", 18)
    (clean,) = FrameStore(tmp_path / "clean", max_bytes=10**8).add([path])
    control = Control()
    real, written = chunk_writer._with_checksums, []

    def stop_after_three(*given: object) -> bytes:
        written.append(given)
        if len(written) == 3:
            control.stop()
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(chunk_writer, "_with_checksums", stop_after_three)
    store = FrameStore(tmp_path / "store", max_bytes=10**8, workers=1)
    with pytest.raises(Stopped):
        store.add([path], control=control)
    (chunk,) = (tmp_path / "store").rglob("000001.jpegs")
    _damage(chunk, "flip", random.Random(0))
    (video,) = store.add([path])
    assert video.frames_at(range(18)).images.tobytes() == clean.frames_at(range(18)).images.tobytes()


def test_damaged_times_are_read_from_the_file_again(write_video: VideoWriter) -> None:
    from core.base.files import content_digest

    path = write_video("clip.mp4", 9)
    digest = content_digest(path)
    clean = edges_of_video(digest, path)
    files = _published(Path(os.environ["CARL_CACHE"], "times"))
    assert len(files) == 3
    for file in files:
        _damage(file, "flip", random.Random(2))
        assert edges_of_video(digest, path).tobytes() == clean.tobytes()


_KILLED = """
import os, signal, sys
from pathlib import Path
from core.base.files import new_folder, replacing
from core.base.leftovers import temporary_folder
out = Path(sys.argv[1])
with replacing(out / "a.npy") as file, new_folder(out / "b") as folder, temporary_folder("c", out) as own:
    file.write_bytes(b"half")
    (folder / "x").write_bytes(b"half")
    (own / "y").write_bytes(b"half")
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="leftovers are not swept on Windows")
def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    own = [".mine.part", ".notes-12.part.npy", "a-1.2.part", f".d-1.1.{'0' * 8}.{'0' * 8}-{'0' * 8}.part"]
    for name in own:
        (out / name).write_text("the user's, or another machine's")
    assert subprocess.run([sys.executable, "-c", _KILLED, out, "die"], check=False).returncode < 0
    assert len(list(out.iterdir())) == len(own) + 3
    alive = subprocess.Popen(
        [sys.executable, "-c", _KILLED, out, "live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert alive.stdout is not None
        alive.stdout.readline()
        assert len(list(out.iterdir())) == len(own) + 3, "the living one swept, and writes three itself"
        leftovers._swept.clear()
        leftovers.sweep(out)
        assert len(list(out.iterdir())) == len(own) + 3
    finally:
        alive.communicate()
    assert sorted(path.name for path in out.iterdir()) == sorted([*own, "a.npy", "b"])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not say when a process started")
def test_a_number_that_another_process_has_by_now_does_not_keep_a_leftover(tmp_path: Path) -> None:
    mine = leftovers._owner(os.getpid())
    pid, started, rest = mine.split(".", 2)
    (tmp_path / f".a-{pid}.{int(started) - 1}.{rest}-00000000.part").touch()
    (tmp_path / f".b-{mine}-00000000.part").touch()
    leftovers.sweep(tmp_path)
    assert [path.name[:2] for path in tmp_path.iterdir()] == [".b"]


def test_what_a_dead_maker_left_in_an_entry_is_swept(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 10**6)
    for key in ("made", "left"):
        (tmp_path / key).mkdir()
        (tmp_path / key / f".features-999-{key}.part.npy").write_bytes(b"half")
    with cache.entry("made") as entry, entry.making():
        assert list(entry.path.iterdir()) == []
        with replacing(entry.path / "features.npy") as partial:
            partial.write_bytes(b"x")
            cache.make_room(10)
            assert partial.exists(), "it is being written"
    assert list((tmp_path / "left").iterdir()) == []


def test_features_and_embeddings_that_are_not_finite_are_refused(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, clip = saved(tmp_path / "run"), write_video("clip.mp4", 5)
    embedder = Embedder(run, device="cpu")
    for bad in (np.nan, np.inf):
        real = embedder.encoder.features_of_changed
        monkeypatch.setattr(
            embedder.encoder, "features_of_changed", lambda *given, real=real, bad=bad: real(*given) * bad
        )
        with pytest.raises(CheckpointError, match="gives NaN or infinity"):
            list(embedder.each([clip]))
        monkeypatch.undo()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_folder_of_embeddings_that_are_not_finite_is_refused(
    write_video: VideoWriter, tmp_path: Path, bad: float
) -> None:
    (video,) = Embedder(saved(tmp_path / "run"), device="cpu").each([write_video("clip.mp4", 5)])
    out = tmp_path / "out"
    write_embedded(out, [video], "encoder")
    rows = load_array(out / "clip.npy")
    rows[3, 1] = bad
    np.save(out / "clip.npy", rows)
    with pytest.raises(StorageError, match=r"clip\.mp4 are not finite in frame \d+ .*Run core\.embed again"):
        list(each_embedded(out, read_card(out).encoder_digest))
