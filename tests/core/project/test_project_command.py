"""`python -m core.project`, in real child processes: a project is made, labelled, undone, exported and checked."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.base.files import content_digest, write_text
from core.cli import project as command
from core.project.store import Project
from core.project.video_edits import RenameVideo
from core.video.frame_store import FrameStore
from tests.conftest import numbered_image, write_numbered_video

ROOT = Path(__file__).resolve().parents[3]


def _run(*words: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """A command of `core` as a child, which must end with this status."""
    ended = subprocess.run(
        [sys.executable, "-m", *map(str, words)], capture_output=True, text=True, cwd=ROOT, encoding="utf-8"
    )
    assert ended.returncode == status, ended.stderr
    return ended


def _shown(folder: Path) -> list[dict[str, Any]]:
    videos: list[dict[str, Any]] = json.loads(_run("core.project", "show", folder, "--json").stdout)["videos"]
    return videos


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    return [
        write_numbered_video(tmp_path / "clips", "lift.mp4", 30, fps=10),
        write_numbered_video(tmp_path / "clips", "Übung 2.mp4", 20, fps=10, gop=5),
    ]


@pytest.fixture
def folder(tmp_path: Path, clips: list[Path]) -> Path:
    """Of a project of the clips, made in this process."""
    assert command.main(["new", str(tmp_path / "study"), *map(str, clips)]) == 0
    return tmp_path / "study"


def test_new_import_show_undo_redo_export_in_children(tmp_path: Path, clips: list[Path]) -> None:
    folder, table, out = tmp_path / "study", tmp_path / "labels.csv", tmp_path / "out.csv"
    _run("core.project", "new", folder, clips[0].parent, "--action", "lift")
    rows = "video,phase,start_frame,end_frame_exclusive\nlift.mp4,up,0,12\nlift.mp4,down,15,30\nÜbung 2.mp4,up,3,4\n"
    table.write_text(rows, encoding="utf-8")
    empty = [
        {"name": clip.name, "digest": content_digest(clip), "frames": count, "seconds": count / 10, "spans": []}
        for clip, count in zip(clips, (30, 20), strict=True)
    ]
    assert _shown(folder) == empty
    _run("core.label.importing", folder, table)
    assert _shown(folder) == empty, "nothing is changed without --accept"
    _run("core.label.importing", folder, table, "--accept")
    labelled = _shown(folder)
    assert [[*span.values()] for video in labelled for span in video["spans"]] == [
        ["up", 0, 12, "label"],
        ["down", 15, 30, "label"],
        ["up", 3, 4, "label"],
    ]
    assert [*labelled[0]["spans"][0]] == ["phase", "start_frame", "end_frame_exclusive", "source"]
    assert "Undone: Import" in _run("core.project", "undo", folder).stderr
    assert _shown(folder) == empty
    _run("core.project", "redo", folder)
    assert _shown(folder) == labelled
    _run("core.label.export", folder, "--out", out)
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = [
            (row["phase"], int(row["start_frame"]), int(row["end_frame_exclusive"])) for row in csv.DictReader(file)
        ]
    assert sorted(found) == [("down", 15, 30), ("up", 0, 12), ("up", 3, 4)]
    assert "down" in _run("core.project", "show", folder).stdout
    _run("core.project", "check", folder)


def test_undo_to_the_beginning_and_redo_to_the_end(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["undo", str(folder)]) == 0  # all that `new` added is one step
    with Project.open(folder) as project:
        assert project.videos() == []
    assert command.main(["undo", str(folder)]) == 2
    assert "nothing to undo" in capsys.readouterr().err
    assert command.main(["redo", str(folder)]) == 0
    with Project.open(folder) as project:
        assert len(project.videos()) == 2
    assert command.main(["redo", str(folder)]) == 2
    assert "nothing to redo" in capsys.readouterr().err


def _broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"no video" * 100)
    return path


def test_an_unreadable_video_makes_no_project(
    tmp_path: Path, clips: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "deep" / "study"
    broken = _broken(tmp_path)
    assert command.main(["new", str(folder), *map(str, clips), str(broken)]) == 2
    assert str(broken) in (told := capsys.readouterr().err)
    assert "1 of 3 videos cannot be read" in told
    assert command.main(["new", str(folder), str(broken)]) == 2
    assert command.main(["new", str(folder), str(tmp_path / "none.mp4")]) == 2
    assert not folder.parent.exists()


def test_a_video_without_a_frame_that_decodes_makes_no_project(
    tmp_path: Path, clips: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """It can be opened, so that only decoding tells."""
    data = clips[0].read_bytes()
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    hollow = tmp_path / "hollow.mp4"
    hollow.write_bytes(data[:start] + bytes(end - start) + data[end:])
    assert command.main(["new", str(tmp_path / "study"), str(hollow), str(clips[1])]) == 2
    assert str(hollow) in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_a_folder_with_something_in_it_stays_as_it_is(
    tmp_path: Path, clips: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(clips[0])
    assert command.main(["new", str(clips[0].parent), clip]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert sorted(clips[0].parent.iterdir()) == sorted(clips)
    assert command.main(["new", clip, clip]) == 2
    assert "is a file" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert command.main(["new", str(tmp_path / "empty"), clip]) == 0
    assert command.main(["new", str(tmp_path / "empty"), clip]) == 2
    assert "already holds a project" in capsys.readouterr().err


@pytest.mark.parametrize("act", ["show", "undo", "redo", "check", "add"])
def test_no_project_and_a_locked_one(
    act: str, tmp_path: Path, clips: list[Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = [str(clips[0])] if act == "add" else []
    assert command.main([act, str(tmp_path / "nothing"), *more]) == 2
    assert "is not a project" in capsys.readouterr().err
    assert not (tmp_path / "nothing").exists()
    with Project.open(folder):
        assert command.main([act, str(folder), *more]) == 2
    assert "is open in another window" in capsys.readouterr().err


def test_add_takes_all_or_nothing_and_tells_what_it_has(
    tmp_path: Path, clips: list[Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = write_numbered_video(tmp_path, "third.mp4", 9)
    assert command.main(["add", str(folder), str(new), str(_broken(tmp_path))]) == 2
    with Project.open(folder) as project:
        assert len(project.videos()) == 2
    copy = Path(shutil.copy(new, tmp_path / "copy.mp4"))
    capsys.readouterr()
    assert command.main(["add", str(folder), str(new), str(copy), str(clips[0])]) == 0
    told = capsys.readouterr().err
    assert f"{clips[0]} is already in the project" in told
    assert f"{copy} has the same content as {new}" in told
    assert "Added 1 video." in told
    with Project.open(folder) as project:
        assert [video.name for video in project.videos()] == ["lift.mp4", "Übung 2.mp4", "third.mp4"]
        assert project.videos()[-1].num_frames == 9


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_files_alike_the_first_given_is_kept_whichever_is_read_first(
    tmp_path: Path,
    clips: list[Path],
    first: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [clips[0], Path(shutil.copy(clips[0], tmp_path / "copy.mp4"))]
    given = given[first:] + given[:first]
    add = FrameStore.add

    def last_first(store: FrameStore, paths: Sequence[Path], *more: Any, **named: Any) -> Any:
        return add(store, list(reversed(paths)), *more, **named)

    monkeypatch.setattr(FrameStore, "add", last_first)
    words = ["--frames.decode_workers", "1"]
    assert command.main(["new", str(tmp_path / "twice"), *map(str, given), *words]) == 0
    assert f"{given[1]} has the same content as {given[0]}" in capsys.readouterr().err
    with Project.open(tmp_path / "twice") as project:
        (video,) = project.videos()
    assert (video.name, video.absolute) == (given[0].name, str(given[0]))


def test_a_moved_video_is_found_again(clips: list[Path], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    renamed = clips[1].rename(clips[1].with_name("renamed.mp4"))
    copy = Path(shutil.copy(renamed, renamed.with_name("copy.mp4")))
    capsys.readouterr()
    assert command.main(["add", str(folder), str(renamed), str(copy)]) == 0
    told = capsys.readouterr().err
    assert f"Found Übung 2.mp4 again at {renamed}." in told
    assert f"{renamed} is already in the project" not in told
    assert f"{copy} is already in the project, as 'Übung 2.mp4'." in told
    assert command.main(["add", str(folder), str(renamed)]) == 0
    assert "is already in the project" in capsys.readouterr().err
    with Project.open(folder) as project:
        assert [video.absolute for video in project.videos()] == [str(clips[0]), str(renamed)]


def _complaints(folder: Path, capsys: pytest.CaptureFixture[str], *more: object) -> list[str]:
    """What `check` says, without its last sentence."""
    capsys.readouterr()
    status = command.main(["check", str(folder), "--events", *map(str, more)])
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    said = [event["message"] for event in events if event["event"] == "notice"]
    assert status == (0 if said == ["No problems found."] else 2)
    return [] if not status else said


def test_check_names_what_is_missing_moved_and_replaced(
    tmp_path: Path, clips: list[Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _complaints(folder, capsys) == []
    renamed = clips[0].rename(clips[0].with_name("renamed.mp4"))
    (told,) = _complaints(folder, capsys)
    assert told.startswith("lift.mp4 is missing: it was at")
    assert f"It is now at {renamed}" in told
    assert command.main(["add", str(folder), str(renamed)]) == 0
    assert _complaints(folder, capsys) == []
    far = tmp_path / "far" / "away.mp4"
    far.parent.mkdir()
    renamed.rename(far)
    (told,) = _complaints(folder, capsys)
    assert "check --look-in" in told
    (told,) = _complaints(folder, capsys, "--look-in", tmp_path / "far")
    assert f"It is now at {far}" in told
    shutil.copy(clips[1], renamed)
    (told,) = _complaints(folder, capsys)
    assert told.startswith(f"lift.mp4 was replaced: {renamed} has changed since it was added")
    assert command.main(["add", str(folder), str(far)]) == 0
    assert _complaints(folder, capsys) == []


def test_check_sees_another_content_of_the_same_size(
    clips: list[Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(clips[0].read_bytes())
    data[-1] ^= 1
    clips[0].write_bytes(data)
    (told,) = _complaints(folder, capsys)
    assert told.startswith("lift.mp4 was replaced")


def test_check_names_spans_beyond_the_end_and_videos_never_read(
    tmp_path: Path, clips: list[Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(folder) as project:
        project._db.execute("INSERT INTO phase VALUES (1, 'up', '#ff0000', 0)")
        project._db.execute("INSERT INTO span VALUES (1, 25, 31, 1, 1.0, 'label', '')")
        project._db.execute("UPDATE fact SET num_frames = NULL WHERE digest = ?", (content_digest(clips[1]),))
        project.do(RenameVideo(2, "two"))
    beyond, unread = _complaints(folder, capsys)
    assert beyond.startswith("lift.mp4: its label 'up' 25..31 ends after its last frame, 29.")
    assert unread.startswith("two was never decoded: python -m core.project add")


def test_check_names_faults_of_the_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(folder) as project:
        project._db.execute("PRAGMA foreign_keys = OFF")
        project._db.execute("INSERT INTO span VALUES (77, 0, 1, 88, 1.0, 'label', '')")
    told = _complaints(folder, capsys)
    assert [sentence.partition(":")[0] for sentence in told] == [
        "The database is damaged (a row of span names a phase that does not exist)",
        "The database is damaged (a row of span names a video that does not exist)",
    ]


def test_check_names_stale_embeddings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encoder, embedded = folder / "runs" / "one" / "encoder.safetensors", folder / "embeddings" / "one"
    write_text(encoder, "weights")
    card = {"kind": "carl embeddings", "format_version": 1, "encoder_digest": content_digest(encoder), "videos": []}
    write_text(embedded / "embeddings.json", json.dumps(card))
    assert _complaints(folder, capsys) == []
    write_text(encoder, "other weights")
    (told,) = _complaints(folder, capsys)
    assert told.startswith("The embeddings one are outdated")
    write_text(embedded / "embeddings.json", "{")
    (told,) = _complaints(folder, capsys)
    assert "cannot be opened" in told


def test_a_killed_or_stopped_new_leaves_nothing(tmp_path: Path, clips: list[Path]) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "core.project", "new", str(tmp_path / "study"), *map(str, clips), "--control"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=dict(os.environ),
    )
    child.communicate(b"stop\n")  # read before the first video is
    assert child.returncode == 0
    assert not (tmp_path / "study").exists() or Project.is_project(tmp_path / "study")


def test_a_folder_of_images_is_added_and_checked_as_a_video(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for number in range(5):
        Image.fromarray(numbered_image(number)).save(images / f"{number}.png")
    assert command.main(["add", str(folder), str(images), "--frames.image_rate", "10"]) == 0
    with Project.open(folder) as project:
        assert (project.videos()[-1].num_frames, project.videos()[-1].fps) == (5, 10.0)
    assert _complaints(folder, capsys) == []
    images.rename(tmp_path / "moved")
    (told,) = _complaints(folder, capsys)
    assert f"It is now at {tmp_path / 'moved'}" in told


def test_options_before_and_after_the_act_and_a_misspelt_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    for words in (["--events", "undo", str(folder)], ["redo", "--events", str(folder)]):
        assert command.main(words) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["event"] == "finished"
    assert command.main(["show", str(folder), "--jsn"]) == 2
    assert "--json" in capsys.readouterr().err
