"""Each video is decoded once, whoever asks, whatever it is called, and however often it was interrupted."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.base.control import Control, Stopped
from core.base.errors import StorageError, VideoError
from core.base.events import Event, Notice, Progress, VideoProgress
from core.base.files import content_digest
from core.base.mended import take_damage
from core.video import chunk_writer as storing
from core.video import file_progress as telling
from core.video import reader
from core.video import store_sizes as short_sides
from core.video.frame_store import FrameStore, StoredVideo, find_stored
from core.video.ingest import Ingest
from core.video.reader import VideoReader
from tests.conftest import VideoWriter, number_of

_ROOM = 1_000_000_000


def _store(folder: Path, **settings: Any) -> FrameStore:
    return FrameStore(folder / "store", **{"max_bytes": _ROOM, "workers": 2, **settings})


def _decoded(events: list[Event]) -> int:
    """Frames that were decoded, by the last word of the progress."""
    done = [event.done for event in events if isinstance(event, Progress) and event.stage == "decode"]
    return int(done[-1]) if done else 0


def _numbers(video: StoredVideo) -> list[int]:
    return [number_of(frame.image) for frame in video]


def test_small_frames_with_the_times_and_the_knowledge_of_the_video(write_video: VideoWriter, tmp_path: Path) -> None:
    times = list(np.cumsum(np.random.default_rng(2).integers(20, 80, 40)) / 1000)
    path = write_video(frames=40, size=(160, 96), times=times)
    (video,) = _store(tmp_path, short_side=48).add([path])
    with VideoReader(path) as full:
        assert video.meta == full.meta
        np.testing.assert_array_equal(video.pts_seconds, full.pts_seconds)
        small = cv2.resize(full[17].image, (80, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(video[17].image - small.astype(float)).mean() < 4
    assert (video.width, video.height, len(video)) == (80, 48, 40)
    assert (video.path, video.digest) == (path, content_digest(path))
    assert _numbers(video) == list(range(40))
    clip = video.frames_at([39, 0, 5, 5, -1])
    assert clip.images.shape == (5, 48, 80, 3)
    assert [number_of(image) for image in clip.images] == [39, 0, 5, 5, 39]
    assert clip.indices.tolist() == [39, 0, 5, 5, 39]
    assert video[-1].index == 39
    with pytest.raises(IndexError, match="frames 0 to 39"):
        video[40]


def test_a_small_video_is_not_made_larger(write_video: VideoWriter, tmp_path: Path) -> None:
    (video,) = _store(tmp_path, short_side=256).add([write_video(frames=2, size=(64, 48))])
    assert (video.width, video.height) == (64, 48)


def test_half_a_frame_is_the_same_frame_at_half_its_size(write_video: VideoWriter, tmp_path: Path) -> None:
    (video,) = _store(tmp_path, short_side=256).add([write_video(frames=5, size=(66, 50))])
    for place in range(5):
        half = video.half(place)
        assert half.shape == (25, 33, 3)
        assert number_of(half) == place
    (odd,) = _store(tmp_path / "odd", short_side=47).add([write_video("odd.mp4", frames=1, size=(158, 94))])
    assert (odd.width, odd.height) == (79, 47)
    assert odd.half(0).shape == (24, 40, 3)
    with pytest.raises(IndexError, match="frames 0 to 4"):
        video.half(5)


def test_what_is_stored_is_not_decoded_again_under_any_name(write_video: VideoWriter, tmp_path: Path) -> None:
    path = write_video(frames=20)
    copy = Path(shutil.copy(path, tmp_path / "copy.mp4"))
    events: list[Event] = []
    first, twin = _store(tmp_path).add([path, copy], events.append)
    assert _decoded(events) == 20
    events.clear()
    moved = path.rename(tmp_path / "moved.mp4")
    videos = _store(tmp_path).add([moved, copy, moved], events.append)
    assert _decoded(events) == 0
    assert [video.path for video in videos] == [moved, copy, moved]
    assert {video.digest for video in [first, twin, *videos]} == {first.digest}
    _store(tmp_path, short_side=32).add([moved], events.append)
    assert _decoded(events) == 20


def test_progress_grows_to_its_total(write_video: VideoWriter, tmp_path: Path) -> None:
    events: list[Event] = []
    paths = [write_video(f"{number}.mkv", 50 + number) for number in range(4)]
    _store(tmp_path).add(paths, events.append)
    told = [event for event in events if isinstance(event, Progress) and event.stage == "decode"]
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert (told[-1].done, told[-1].total, told[-1].unit) == (206, 206, "frame")
    assert all(event.total >= event.done for event in told)


_DIES = """
import os, signal, sys
from pathlib import Path
import core.base.files
from core.video.frame_store import FrameStore
renamed, replace = [], os.replace
def count(source, target):
    replace(source, target)
    renamed.append(target)
    if len(renamed) == int(sys.argv[3]):
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
os.replace = count
FrameStore(Path(sys.argv[1]) / "store", max_bytes=10**9).add([Path(sys.argv[2])])
"""


@pytest.mark.parametrize("renames", [3, 4, 8])
def test_a_killed_decode_goes_on_from_its_last_whole_chunk(
    write_video: VideoWriter, tmp_path: Path, renames: int
) -> None:
    """A chunk is two files: killed between them it is decoded again, after them it is not."""
    num_frames = 4 * storing.CHUNK_FRAMES - 30
    path = write_video(frames=num_frames, codec="mpeg4", gop=50)
    child = subprocess.run([sys.executable, "-c", _DIES, str(tmp_path), str(path), str(renames)], check=False)
    assert child.returncode != 0
    (entry,) = [item for item in (tmp_path / "store").iterdir() if not item.name.startswith(".")]
    kept = {file: file.stat() for file in entry.glob("0*") if file.with_suffix(".npy").exists()}
    chunks = renames // 2
    assert len(kept) == 2 * chunks
    events: list[Event] = []
    (video,) = _store(tmp_path).add([path], events.append)
    assert _decoded(events) == num_frames - min(chunks * storing.CHUNK_FRAMES, num_frames)
    for file, before in kept.items():
        if file.suffix == ".jpegs":
            assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    (whole,) = FrameStore(tmp_path / "other", max_bytes=_ROOM).add([path])
    assert video.meta == whole.meta
    np.testing.assert_array_equal(video._rows, whole._rows)
    for place in range(0, num_frames, 7):
        np.testing.assert_array_equal(video[place].image, whole[place].image)


_ADDS = """
import sys
from pathlib import Path
from core.video.frame_store import FrameStore
print("ready", flush=True)
sys.stdin.readline()
done = 0
def sink(event):
    global done
    if getattr(event, "stage", "") == "decode":
        done = event.done
(video,) = FrameStore(Path(sys.argv[1]) / "store", max_bytes=10**9).add([Path(sys.argv[2])], sink)
print(int(done), len(video), float(video[len(video) - 1].image.mean()))
"""


def test_two_processes_share_the_work(write_video: VideoWriter, tmp_path: Path) -> None:
    path = write_video(frames=600, codec="mpeg4")
    command = [sys.executable, "-c", _ADDS, str(tmp_path), str(path)]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    answers = [child.communicate()[0].split() for child in children]
    assert sorted(int(done) for done, _, _ in answers) == [0, 600]
    assert answers[0][1:] == answers[1][1:]


def test_a_stop_is_obeyed_and_what_was_decoded_stays(write_video: VideoWriter, tmp_path: Path) -> None:
    num_frames = 3 * storing.CHUNK_FRAMES
    path = write_video(frames=num_frames, codec="mpeg4")
    control = Control()
    seen = storing._Chunks._write

    def stop_after_the_first(self: Any) -> None:
        seen(self)
        control.stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storing._Chunks, "_write", stop_after_the_first)
        patch.setattr("core.video.ingest._POLL_SECONDS", 0.001)
        with pytest.raises(Stopped):
            _store(tmp_path).add([path], control=control)
    events: list[Event] = []
    _store(tmp_path).add([path], events.append)
    assert 0 < _decoded(events) <= num_frames - storing.CHUNK_FRAMES


def test_a_thread_that_decodes_waits_while_it_is_paused(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only whoever asked for it: nothing is decoded behind the pause."""
    num_frames, control = 20, Control()
    caller_waits = threading.Event()
    decoded, waited_after = list[int](), list[int]()
    count, wait = Ingest._count, Control._wait_and_report

    def counting(self: Ingest, done: int = 0, **more: int) -> None:
        count(self, done, **more)
        if done and threading.current_thread().name.startswith("decode"):
            decoded.append(done)
            if len(decoded) == 1:
                control.pause()
                caller_waits.wait(30)
            elif len(decoded) == num_frames:
                control.resume()

    def waiting(self: Control) -> None:
        if self is control:
            caller_waits.set()
        else:
            waited_after.append(len(decoded))
            control.resume()
        wait(self)

    monkeypatch.setattr(Ingest, "_count", counting)
    monkeypatch.setattr(Control, "_wait_and_report", waiting)
    (video,) = _store(tmp_path).add([write_video(frames=num_frames)], control=control)
    assert len(video) == num_frames
    assert waited_after[:1] == [1], "after the frame at hand"


def test_a_full_disk_is_one_sentence_and_loses_nothing(write_video: VideoWriter, tmp_path: Path) -> None:
    num_frames = 3 * storing.CHUNK_FRAMES
    path = write_video(frames=num_frames, codec="mpeg4")
    write = Path.write_bytes

    def fail_late(self: Path, data: bytes) -> int:
        if self.name.startswith(".000001"):
            write(self, data[:100])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_bytes", fail_late)
        with pytest.raises(StorageError, match="The disk is full"):
            _store(tmp_path).add([path])
    assert not list((tmp_path / "store").rglob("*.part*"))
    events: list[Event] = []
    (video,) = _store(tmp_path).add([path], events.append)
    assert _decoded(events) == num_frames - storing.CHUNK_FRAMES
    assert len(video) == num_frames


def test_damaged_and_broken_videos_are_told_of(write_video: VideoWriter, tmp_path: Path) -> None:
    def noise(index: int, width: int, height: int) -> Any:
        return np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)

    damaged, words = write_video("damaged.mp4", 60, size=(160, 120), image=noise), tmp_path / "words.mp4"
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    damaged.write_bytes(data)
    words.write_text("no video")
    events: list[Event] = []
    good = write_video("good.mp4", 10)
    videos = _store(tmp_path).add([words, damaged, good], events.append)
    assert [video.path for video in videos] == [damaged, good]
    lost = videos[0].meta.num_frames_lost
    assert 0 < lost < 30
    told = [event.message for event in events if isinstance(event, Notice)]
    assert len(told) == 2
    assert told[0].startswith(f"Left out: {words} cannot be opened as a video")
    assert told[1] == f"{damaged} is damaged: {lost} of 60 frames could not be decoded."
    with videos[0].reader() as full:
        for place in (0, 20, len(full) - 1):
            assert np.abs(full[place].image - videos[0][place].image.astype(float)).mean() < 12


def test_without_a_watch_nothing_is_told_of_single_files(write_video: VideoWriter, tmp_path: Path) -> None:
    """So the events of training and embedding stay few."""
    words = tmp_path / "words.mp4"
    words.write_text("no video")
    events: list[Event] = []
    _store(tmp_path).add([write_video(), words], events.append)
    assert {type(event) for event in events} == {Progress, Notice}


def test_a_file_is_told_of_five_times_a_second_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(telling.time, "monotonic", lambda: now)
    told: list[Event] = []
    watched = telling.FileProgress(told.append, told.append)
    files = [telling.File(tmp_path / name, total=1000) for name in "ab"]
    with watched.decoding(files[0]), watched.decoding(files[1]):
        for _ in range(100):
            files[0].done += 1
            watched.progress()
            now += 0.05
    watched.progress()
    assert {type(event) for event in told} == {VideoProgress}
    assert {event.path for event in told} == {str(files[0].path)}  # type: ignore[union-attr]
    assert 20 <= len(told) <= 26  # in five seconds


def test_a_disk_that_fails_while_it_is_read_is_the_files_fault(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = write_video("good.mp4"), write_video("bad.mp4")

    def digest(path: Path, image_rate: float) -> str:
        if path == bad:
            raise OSError(errno.EIO, "Input/output error")
        return content_digest(path)

    monkeypatch.setattr("core.video.content.video_digest", digest)
    events: list[Event] = []
    (video,) = _store(tmp_path).add([bad, good], events.append)
    assert video.path == good
    assert Notice(f"Left out: {bad} cannot be read (Input/output error). Check the disk, or copy it again.") in events


def test_a_stored_video_is_found_by_its_content_at_its_largest_size(write_video: VideoWriter, tmp_path: Path) -> None:
    path, folder = write_video(size=(160, 96)), tmp_path / "store"
    digest = content_digest(path)
    assert find_stored(digest, path, folder) is None
    assert not folder.exists()
    for short_side, largest in ((32, 32), (64, 64), (48, 64)):
        _store(tmp_path, short_side=short_side).add([path])
        found = find_stored(digest, path, folder)
        assert found is not None
        assert (found.height, found.path, found.digest) == (largest, path, digest)
    path.unlink()
    found = find_stored(digest, path, folder)
    assert found is not None
    assert _numbers(found) == list(range(30))
    assert find_stored("0" * 32, path, folder) is None
    assert find_stored("", path, folder) is None


def test_damaged_half_made_and_dropped_frames_are_not_found(write_video: VideoWriter, tmp_path: Path) -> None:
    path, folder = write_video(), tmp_path / "store"
    for short_side in (24, 48):
        _store(tmp_path, short_side=short_side).add([path])
    digest = content_digest(path)
    found = find_stored(digest, path, folder)
    assert found is not None
    storing.chunk_path(found._entry.path, 0).write_bytes(b"")
    found = find_stored(digest, path, folder)
    assert found is not None
    assert found.height == 24
    (found._entry.path / "complete").unlink()
    assert find_stored(digest, path, folder) is None
    shutil.rmtree(found._entry.path)
    assert find_stored(digest, path, folder) is None


def test_a_store_that_was_copied_is_searched_too(write_video: VideoWriter, tmp_path: Path) -> None:
    path = write_video()
    _store(tmp_path, short_side=48).add([path])
    copied = shutil.copytree(tmp_path / "store", tmp_path / "copy", ignore=shutil.ignore_patterns(".*"))
    assert find_stored(content_digest(path), path, copied) is not None


def test_the_folder_is_listed_again_only_after_a_video_was_begun(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_sides, "_TICK_NS", -1)
    path, folder = write_video(), tmp_path / "store"
    _store(tmp_path).add([path])
    listed: list[Path] = []
    listing = os.listdir
    monkeypatch.setattr(os, "listdir", lambda place: (listed.append(place), listing(place))[1])
    for _ in range(3):
        assert find_stored(content_digest(path), path, folder) is not None
        assert find_stored("0" * 32, path, folder) is None
    assert listed == [folder / ".locks", folder]


def test_the_store_is_read_without_torch() -> None:
    code = "import core.video.frame_store, core.cli.decode, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False).returncode == 0


def test_no_video_left(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"There is no file .*none\.mp4"):
        _store(tmp_path).add([tmp_path / "none.mp4"])
    with pytest.raises(VideoError, match=r"None of 2 videos can be read; the first: There is no file"):
        _store(tmp_path).add([tmp_path / "none.mp4", tmp_path])
    with pytest.raises(VideoError, match="No videos found"):
        _store(tmp_path).add([])
    words = tmp_path / "words.mp4"
    words.write_text("no video")
    with pytest.raises(VideoError, match="cannot be opened as a video"):
        _store(tmp_path).add([words])
    assert not [item for item in (tmp_path / "store").iterdir() if not item.name.startswith(".")]


def test_the_bound_holds_and_what_is_open_stays(write_video: VideoWriter, tmp_path: Path) -> None:
    paths = [write_video(f"{number}.mp4", 100, fps=20 + number) for number in range(4)]
    (video,) = _store(tmp_path).add(paths[:1])
    room = int(video._entry.cache.num_bytes() * 2.5)
    for path in paths[1:]:
        store = _store(tmp_path, max_bytes=room)
        assert len(store.add([path])[0]) == 100
        gc.collect()
        assert store.cache.num_bytes() <= room
    assert _numbers(video)[:50] == list(range(50))
    with pytest.raises(StorageError) as caught:
        _store(tmp_path, max_bytes=room).add(paths)
    for part in ("The frames of 4 videos need about", "frames.cache_size_gb", "frames.short_side", "Raise it"):
        assert part in str(caught.value)


def test_damage_in_the_store_is_mended_or_one_sentence(write_video: VideoWriter, tmp_path: Path) -> None:
    path = write_video(frames=20)
    (video,) = _store(tmp_path).add([path])
    take_damage()  # of tests before this one
    chunk = storing.chunk_path(video._entry.path, 0)
    chunk.write_bytes(chunk.read_bytes()[:2000])
    assert number_of(video[19].image) == 19
    chunk.unlink()
    assert number_of(video[0].image) == 0
    assert take_damage() == f"Damaged in the cache, and computed again: frames of {path.name}."
    found = find_stored(video.digest, path, tmp_path / "store")
    assert found is not None
    data = bytearray(chunk.read_bytes())
    data[len(data) // 2] ^= 1
    chunk.write_bytes(data)
    with pytest.raises(StorageError, match=r"are damaged. Decode it again"):
        found[0]
    assert find_stored(video.digest, path, tmp_path / "store") is None, "it would be used silently"
    (mended,) = _store(tmp_path).add([path])
    assert _numbers(mended) == list(range(20))


def test_many_threads_read_one_video(write_video: VideoWriter, tmp_path: Path) -> None:
    (video,) = _store(tmp_path).add([write_video(frames=100)])
    places = np.random.default_rng(0).integers(0, 100, 400).tolist()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda place: number_of(video[place].image), places)) == places


def test_the_full_video_opens_without_another_decode(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (video,) = _store(tmp_path, short_side=24).add([write_video(frames=40, size=(160, 96))])
    monkeypatch.setattr(reader, "scan", None)
    with video.reader() as full:
        assert full.meta == video.meta
        assert full[33].image.shape == (96, 160, 3)
        assert [number_of(full[place].image) for place in (33, 2, 34)] == [33, 2, 34]


def test_memory_does_not_grow_with_the_length(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A longer video may add its rows (200 bytes a frame), not its frames (5000 bytes each as JPEG).

    Each is measured twice, since the interpreter's table of interned names may grow by megabytes at any moment.
    """
    monkeypatch.setattr(storing, "CHUNK_FRAMES", 64)
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)

    def peak(path: Path, num_frames: int, folder: str) -> int:
        tracemalloc.start()
        (video,) = _store(tmp_path / folder, workers=1).add([path])
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert video.num_bytes > 5000 * num_frames
        return most

    peaks = []
    for num_frames in (300, 1300):
        path = write_video(f"{num_frames}.avi", num_frames, codec="mpeg4", size=(128, 96), image=lambda *_: noise)
        peaks.append(min(peak(path, num_frames, folder) for folder in ("first", "second")))
    assert peaks[1] - peaks[0] < 200 * 1000


def test_a_raw_dv_stream_counts_its_progress_by_its_own_rate(write_video: VideoWriter, tmp_path: Path) -> None:
    """Its header seems to say 60,000 frames a second, and so 180,000 frames where there are 75."""
    path = write_video("tape.dv", 75, codec="dvvideo", fps=25, size=(720, 576), options={})
    events: list[Event] = []
    (video,) = _store(tmp_path).add([path], events.append)
    assert (len(video), video.meta.fps) == (75, 25)
    assert max(event.total for event in events if isinstance(event, Progress) and event.stage == "decode") <= 76
