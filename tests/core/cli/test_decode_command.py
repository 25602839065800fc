"""`core.decode` as a person or the window runs it: every file is told of, and none stops the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.events import (
    Event,
    Failed,
    Finished,
    Notice,
    Progress,
    VideoChecked,
    VideoDecoded,
    VideoEvent,
    VideoProgress,
    VideoRefused,
)
from core.base.events import decode as event_of
from core.base.files import cache_folder, content_digest
from core.cli import decode
from core.video import chunk_writer as storing
from core.video.frame_store import find_stored
from tests.conftest import VideoWriter
from training.job import Job

ROOT = Path(__file__).resolve().parents[3]

Told = Callable[..., list[Event]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs the command in this process and returns its events."""

    def run(*words: object, status: int = 0) -> list[Event]:
        assert decode.main([*map(str, words), "--events"]) == status
        events = [event_of(line) for line in capsys.readouterr().out.splitlines()]
        assert None not in events
        return [event for event in events if event]

    return run


def of_file(events: list[Event], path: Path) -> list[VideoEvent]:
    return [event for event in events if isinstance(event, VideoEvent) and event.path == str(path)]


def test_every_file_is_told_of_in_order(told: Told, write_video: VideoWriter) -> None:
    paths = [write_video(f"clips/{name}", 12 + i, fps=20) for i, name in enumerate(['it\'s "a" 跑步 🏃.mp4', "b.mkv"])]
    events = told(paths[0].parent)
    for path, num_frames in zip(paths, (12, 13), strict=True):
        checked, *progress, decoded = of_file(events, path)
        digest = content_digest(path)
        assert checked == VideoChecked(str(path), digest, path.stat().st_size)
        assert progress[-1] == VideoProgress(str(path), num_frames, num_frames)
        assert [event.done for event in progress] == sorted(event.done for event in progress)  # type: ignore[union-attr]
        assert isinstance(decoded, VideoDecoded)
        assert decoded.fps == pytest.approx(20)
        assert decoded.duration_seconds == pytest.approx(num_frames / 20)
        assert (decoded.digest, decoded.num_frames, decoded.width, decoded.height) == (digest, num_frames, 64, 48)
        assert decoded.num_frames_lost == 0
        assert find_stored(digest, path) is not None
    kinds = [type(event) for event in events]
    assert kinds.index(VideoProgress) > max(place for place, kind in enumerate(kinds) if kind is VideoChecked)
    assert {event.stage for event in events if isinstance(event, Progress)} == {"check", "decode"}
    assert events[-1] == Finished("done", str(cache_folder("frames")))


def test_what_is_there_already_is_told_at_once(told: Told, write_video: VideoWriter) -> None:
    path = write_video("a.mp4")
    first = of_file(told(path), path)
    again = of_file(told(path, write_video("b.mp4", 40)), path)
    assert again == [first[0], first[-1]]


def test_a_broken_file_stops_no_other(told: Told, write_video: VideoWriter, tmp_path: Path) -> None:
    good = write_video("good.mp4")
    empty, words, gone = tmp_path / "empty.mp4", tmp_path / "words.mp4", tmp_path / "gone.mp4"
    empty.touch()
    words.write_text("no video", encoding="utf-8")
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps({"videos": [str(path) for path in (empty, words, gone, tmp_path, good)]}))
    events = told(listed)
    says = {empty: "is empty (0 bytes)", words: "cannot be opened", gone: "There is no file", tmp_path: "is a folder"}
    for path, sentence in says.items():
        (refusal,) = of_file(events, path)
        assert isinstance(refusal, VideoRefused)
        assert sentence in refusal.message
        assert str(path) in refusal.message
    assert isinstance(of_file(events, good)[-1], VideoDecoded)
    assert not [event for event in events if isinstance(event, Notice)]  # each is told once
    assert isinstance(events[-1], Finished)


def test_a_file_that_breaks_while_it_is_decoded_is_refused(
    told: Told, write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, broken = write_video("good.mp4"), write_video("broken.mp4", 40)

    def lose_or_store(wanted: storing.DecodeRequest, *arguments: Any, **settings: Any) -> None:
        if wanted.path == broken:
            broken.unlink()
        storing.store(wanted, *arguments, **settings)

    monkeypatch.setattr("core.video.ingest.store", lose_or_store)
    events = told(broken, good)
    assert [type(event) for event in of_file(events, broken)] == [VideoChecked, VideoRefused]
    assert isinstance(of_file(events, good)[-1], VideoDecoded)


def test_where_none_is_left_each_refusal_comes_before_the_failure(told: Told, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.mp4" for number in range(3)]
    for path in paths:
        path.touch()
    events = told(*paths, status=2)
    assert {event.path for event in events[:-1] if isinstance(event, VideoRefused)} == {str(path) for path in paths}
    assert isinstance(events[-1], Failed)
    assert not events[-1].is_bug
    assert events[-1].message.startswith("None of 3 videos can be read; the first: ")


def test_bad_input_is_one_sentence(told: Told, tmp_path: Path, write_video: VideoWriter) -> None:
    path, listed = write_video("a.mp4"), tmp_path / "list.json"
    listed.write_text("{")

    def refused(*words: object) -> str:
        (failure,) = told(*words, status=2)
        assert isinstance(failure, Failed)
        assert not failure.is_bug
        return failure.message

    assert "There is no file or folder" in refused(tmp_path / "gone.mp4")
    assert "it is not JSON" in refused(listed)
    assert "did you mean 'quick'?" in refused(path, "--recipe", "quikc")
    assert "frames.short_side must be" in refused(path, "--frames.short_side", "1")
    assert "INPUT" in refused()


def test_the_frames_are_those_that_a_recipe_will_look_for(told: Told, write_video: VideoWriter, tmp_path: Path) -> None:
    path, recipe = write_video("a.mp4", size=(160, 96)), tmp_path / "mine.toml"
    recipe.write_text("[frames]\nshort_side = 32\n", encoding="utf-8")
    told(path, "--recipe", recipe)
    small = find_stored(content_digest(path), path)
    assert small is not None
    assert small.height == 32
    told(path, "--recipe", recipe, "--frames.short_side", 48)
    larger = find_stored(content_digest(path), path)
    assert larger is not None
    assert larger.height == 48


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name")
@pytest.mark.parametrize("as_list", [True, False])
def test_a_name_that_is_not_utf_8(write_video: VideoWriter, tmp_path: Path, as_list: bool) -> None:
    good, empty = tmp_path / os.fsdecode(b"gut \xff\xe4.mp4"), tmp_path / os.fsdecode(b"leer \xe4.mp4")
    write_video("a.mp4").rename(good)
    empty.touch()
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps({"videos": [str(good), str(empty)]}), encoding="ascii")
    with Job.start(["core.decode", *([str(listed)] if as_list else [str(good), str(empty)])]) as job:
        events = list(job.follow())
    assert isinstance(of_file(events, good)[-1], VideoDecoded)
    assert isinstance(of_file(events, empty)[-1], VideoRefused)
    assert isinstance(events[-1], Finished)


def test_a_person_reads_a_bar_and_the_refusals(write_video: VideoWriter, tmp_path: Path) -> None:
    good, broken = write_video("good.mp4"), tmp_path / "broken 跑步.mp4"
    broken.touch()
    ended = subprocess.run(
        [sys.executable, "-m", "core.decode", str(good), str(broken)],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
        timeout=60,
    )
    assert ended.returncode == 0
    assert ended.stdout == b""
    said = ended.stderr.decode()
    assert said.count("broken 跑步.mp4 is empty") == 1
    assert "decode: 100%" in said
    assert said.rstrip().splitlines()[-1].startswith("done: ")
    assert "Video" not in said


def test_a_stop_keeps_what_was_decoded_and_the_next_run_goes_on(told: Told, write_video: VideoWriter) -> None:
    done = write_video("done.mp4", 20)
    long = write_video("long.mp4", 3000, codec="mpeg4", size=(320, 240), image=noise)
    with Job.start(["core.decode", str(done), str(long), "--frames.decode_workers", "1"]) as job:
        events = []
        for event in job.follow():
            events.append(event)
            if isinstance(event, VideoProgress) and event.path == str(long) and event.done >= 300:
                job.stop()
    assert events[-1] == Finished("stopped", "")
    assert job.returncode == 0
    assert not [event for event in of_file(events, long) if isinstance(event, VideoDecoded)]
    again = told(done, long)
    assert [type(event) for event in of_file(again, done)] == [VideoChecked, VideoDecoded]  # nothing to decode
    progress = [event for event in of_file(again, long) if isinstance(event, VideoProgress)]
    assert progress[-1] == VideoProgress(str(long), 3000, 3000)
    decoded = [event.done for event in again if isinstance(event, Progress) and event.stage == "decode"]
    assert decoded[-1] <= 3000 - 256  # a chunk at least lay there


def noise(index: int, width: int, height: int) -> np.ndarray:
    """(H, W, 3)"""
    return np.random.default_rng(index % 4).integers(0, 256, (height, width, 3), np.uint8)


def test_three_hundred_files_at_once(told: Told, write_video: VideoWriter) -> None:
    paths = [write_video(f"many/{number}.avi", 2, fps=10 + number, codec="mpeg4") for number in range(300)]
    (paths[0].parent / "broken.mp4").touch()
    events = told(paths[0].parent)
    decoded = [event for event in events if isinstance(event, VideoDecoded)]
    assert {event.path for event in decoded} == {str(path) for path in paths}
    assert len({event.digest for event in decoded}) == 300
    assert sum(isinstance(event, VideoRefused) for event in events) == 1
    assert isinstance(events[-1], Finished)
