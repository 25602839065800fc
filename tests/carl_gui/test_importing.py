"""Importing, with the real child: what can be read comes in, what cannot is listed, and all of it is one step."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.videos.controller import LibraryController
from carl_gui.videos.imports import ImportProgressPanel
from core.base.errors import StorageError
from core.base.events import VideoProgress
from core.project.rows import VideoRow
from core.project.store import Project
from core.project.video_edits import SetSplit
from core.video.content import video_digest
from tests.carl_gui.projects import CHILD_MS, Stand, shown, standing, tiny_video, tiny_videos
from tests.core.video.test_image_folder import write_images

_LONG_FRAMES = 4000


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with standing(qtbot) as made:
        made.session.create(tmp_path / "project")
        yield made
    assert not list(temporary.glob("carl-import-*")), "a list of videos was left behind"


@pytest.fixture
def library(stand: Stand) -> LibraryController:
    return stand.stage(LibraryController)


def _panel(library: LibraryController) -> ImportProgressPanel:
    return library.widget.findChild(ImportProgressPanel)


def _said(library: LibraryController) -> str:
    """The sentence at the end, and the files that failed."""
    panel = _panel(library)
    return "\n".join([panel._title.text(), panel.failures_text()])


def _import(stand: Stand, library: LibraryController, given: list[Path]) -> None:
    """As after a drop on the library, to the end."""
    library.panel.add_requested.emit(given)
    _wait_for_end(stand, library)


def _wait_for_end(stand: Stand, library: LibraryController) -> None:
    stand.qtbot.waitUntil(lambda: not library.imports.is_running and not stand.jobs.jobs, timeout=CHILD_MS)


def _rows(stand: Stand) -> dict[str, VideoRow]:
    return {row.name: row for row in stand.session.require().videos()}


def _wait_for_badges(stand: Stand, library: LibraryController, count: int) -> None:
    """Until so many are known to be decoded."""
    stand.qtbot.waitUntil(lambda: sum(one.decoded for one in library.badges.values()) == count, timeout=CHILD_MS)


def test_good_files_come_in_with_their_facts_and_bad_ones_are_listed(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    folder = tmp_path / "from camera"
    names = ["a.mp4", "b c.mp4", "it's 100%.mp4", "übung 🏋.mp4", "sub/d.mp4"]
    names += [] if os.name == "nt" else ['quoted "e" and\nnewline.mp4']
    for number, name in enumerate(names):
        tiny_video(folder, name, number, frames=8 + number)
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("These are words.", encoding="utf-8")
    (folder / "notes.txt").write_text("Not looked at.", encoding="utf-8")
    (tmp_path / "again").mkdir()
    copy = Path(shutil.copy(folder / "a.mp4", tmp_path / "again" / "a.mp4"))  # whichever is looked at first is taken
    _import(stand, library, [folder, folder / "a.mp4", copy])
    rows = _rows(stand)
    assert set(rows) == {Path(name).name for name in names}
    assert [rows[Path(name).name].num_frames for name in names] == [8 + number for number in range(len(names))]
    assert (rows["a.mp4"].fps, rows["a.mp4"].width, rows["a.mp4"].height) == (30.0, 64, 48)
    assert library.videos == {row.id: row for row in rows.values()}, "the library shows what the project has"
    said = _said(library)
    assert said.startswith(f"Added {len(names)} of {len(names) + 3} videos. 1 was already in the project. 2 failed.")
    assert "empty.mp4" in said
    assert "text.mp4" in said
    assert "notes.txt" in said, "what is passed over is named"
    assert all(len(line.split("\t")[1]) > 20 for line in said.splitlines()[1:]), "each says why"
    _wait_for_badges(stand, library, len(names))
    assert all(library.panel.model.badges(row.id).decoded for row in rows.values())
    assert not stand.warned


def test_names_that_are_not_utf8_come_in_as_well(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    video = tiny_video(tmp_path, "good.mp4", 3)
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.mp4"))
    try:
        shutil.move(video, odd)
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    _import(stand, library, [odd])
    (row,) = _rows(stand).values()
    assert (row.name, row.num_frames) == (odd.name, 12)
    _wait_for_badges(stand, library, 1)
    assert library.badges[row.id].file == odd
    stand.qtbot.waitUntil(lambda: library.player.view.image is not None)


def test_one_undo_takes_the_whole_import_back_and_redo_brings_it_again(
    stand: Stand, library: LibraryController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carl_gui.videos.importing._MOST_AT_ONCE", 2)  # so that it comes in several writes
    first = tiny_video(tmp_path, "first.mp4", 50)
    _import(stand, library, [first])
    _import(stand, library, [*tiny_videos(tmp_path, 7), first])
    project = stand.session.require()
    before = {row.name: row for row in project.videos()}
    assert len(before) == 8
    assert project.next_undo().label == "Add 7 videos"
    assert stand.session.undo()
    assert list(_rows(stand)) == list(row.name for row in library.videos.values()) == ["first.mp4"]
    assert stand.session.redo()
    assert _rows(stand) == before, "with frames, times and sizes: nothing is decoded again"
    assert set(library.videos) == {row.id for row in before.values()}
    assert stand.session.undo()
    assert stand.session.undo()
    assert _rows(stand) == {}
    assert project.next_undo() is None


def test_a_video_that_the_project_has_is_not_taken_twice(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    videos = tiny_videos(tmp_path, 2)
    _import(stand, library, videos[:1])
    stand.session.do(SetSplit((next(iter(library.videos)),), "val"))
    before = _rows(stand)["clip1.mp4"]
    _import(stand, library, [tmp_path])
    assert _rows(stand)["clip1.mp4"] == before
    assert len(_rows(stand)) == 2
    assert _said(library).strip() == "Added 1 of 2 videos. 1 was already in the project."


def test_300_videos_at_once(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    for number in range(300):
        tiny_video(tmp_path / "many", f"clip {number}.mp4", number, frames=3, size=(32, 24))
    _import(stand, library, [tmp_path / "many"])
    rows = _rows(stand)
    assert len(rows) == 300
    assert {row.num_frames for row in rows.values()} == {3}
    _wait_for_badges(stand, library, 300)
    assert stand.session.require().next_undo().label == "Add 300 videos"
    assert library.panel.model.num_videos == 300
    stand.session.undo()
    assert library.panel.model.num_videos == 0


def test_cancelled_what_was_taken_in_stays(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    given = [*tiny_videos(tmp_path, 4), tiny_video(tmp_path, "long.mp4", 9, frames=_LONG_FRAMES)]
    is_decoding = []
    stand.jobs.event_received.connect(
        lambda _, event: (
            is_decoding.append(event) if isinstance(event, VideoProgress) and event.path.endswith("long.mp4") else None
        )
    )
    library.panel.add_requested.emit(given)
    stand.qtbot.waitUntil(lambda: bool(is_decoding), timeout=CHILD_MS)
    stand.qtbot.mouseClick(shown(_panel(library), QPushButton, "Cancel"), Qt.MouseButton.LeftButton)
    _wait_for_end(stand, library)
    rows = _rows(stand)
    assert len(rows) == 5, "all were looked at before the first one was decoded"
    assert rows["long.mp4"].num_frames is None
    assert rows["long.mp4"].problem == ""
    assert "Stopped early" in _said(library)
    _import(stand, library, given)
    assert _rows(stand)["long.mp4"].num_frames == _LONG_FRAMES, "the rest comes in at any time"
    _wait_for_badges(stand, library, 5)


def test_of_several_imports_each_waits_for_the_one_before(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    videos = tiny_videos(tmp_path, 3)
    for video in videos:
        library.panel.add_requested.emit([video])
    _wait_for_end(stand, library)
    assert [step.label for step in stand.session.require()._history.steps()] == ["Add 1 video"] * 3
    assert sorted(_rows(stand)) == [video.name for video in videos]


def test_a_folder_without_a_video_is_a_sentence(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    library.panel.add_requested.emit([tmp_path / "nothing"])
    library.panel.add_requested.emit([tmp_path / "no such file.mp4"])
    stand.qtbot.waitUntil(lambda: len(stand.warned) == 2)
    assert "no video in the folder" in stand.warned[0]
    assert "no file or folder" in stand.warned[1]
    assert not library.imports.is_running


def test_cancelled_while_folders_are_searched_nothing_begins(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    library.panel.add_requested.emit([tiny_video(tmp_path, "a.mp4")])
    library.imports.cancel()
    assert not library.imports.is_running
    _import(stand, library, [tiny_video(tmp_path, "b.mp4")])
    assert list(_rows(stand)) == ["b.mp4"], "and the next import goes on as ever"


def test_a_full_disk_is_a_sentence(
    stand: Stand, library: LibraryController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("The disk is full: free some space.")

    with monkeypatch.context() as patch:
        patch.setattr("carl_gui.videos.importing.write_text", refuse)
        library.panel.add_requested.emit([tiny_video(tmp_path, "a.mp4")])
        stand.qtbot.waitUntil(lambda: bool(stand.warned))
    assert stand.warned == ["The disk is full: free some space."]
    _import(stand, library, [tmp_path / "a.mp4"])
    assert list(_rows(stand)) == ["a.mp4"]


def test_a_bug_is_shown_and_leaves_nothing_busy(
    stand: Stand, library: LibraryController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []

    def fail(*_: object) -> None:
        raise ZeroDivisionError("ours")

    with monkeypatch.context() as patch:
        patch.setattr("sys.excepthook", lambda kind, error, traceback: told.append(error))
        patch.setattr("core.project.intake.Intake.hear", fail)
        library.panel.add_requested.emit([tiny_video(tmp_path, "a.mp4")])
        stand.qtbot.waitUntil(lambda: bool(told), timeout=CHILD_MS)
        _wait_for_end(stand, library)
    assert [repr(error) for error in told] == ["ZeroDivisionError('ours')"]
    assert stand.warned == ["A bug in CARL Studio stopped this."]
    assert _said(library).strip() == "A bug in CARL Studio stopped this."
    assert _panel(library)._cancel.isHidden()
    _import(stand, library, [tmp_path / "a.mp4"])
    assert list(_rows(stand)) == ["a.mp4"], "the next one goes on as ever"


def test_a_read_only_project_takes_nothing_and_says_so(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    stand.session.require().read_only = "It is open for reading only."
    library.panel.add_requested.emit([tiny_video(tmp_path, "a.mp4")])
    assert stand.warned == ["It is open for reading only."]
    assert not library.imports.is_running
    assert not stand.jobs.jobs


def test_closed_while_importing_the_project_keeps_what_was_announced(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    folder = stand.session.require().folder
    library.panel.add_requested.emit(
        [*tiny_videos(tmp_path, 3), tiny_video(tmp_path, "long.mp4", 9, frames=_LONG_FRAMES)]
    )
    stand.qtbot.waitUntil(lambda: len(_rows(stand)) >= 3, timeout=CHILD_MS)
    announced = _rows(stand)
    stand.session.close()
    assert not library.imports.is_running
    assert library.panel.model.num_videos == 0
    assert _panel(library).isHidden()
    stand.session.create(tmp_path / "another")
    for job in stand.jobs.jobs:
        stand.jobs.stop(job)
    stand.qtbot.waitUntil(lambda: not stand.jobs.jobs, timeout=CHILD_MS)
    assert _rows(stand) == {}, "what the child still said is no matter of the next project"
    _import(stand, library, [tmp_path / "clip1.mp4"])
    assert list(_rows(stand)) == ["clip1.mp4"]
    with Project.open(folder) as project:
        assert set(announced) <= {row.name for row in project.videos()}


def test_the_clips_of_the_sample_are_split(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    clips = tiny_videos(tmp_path, 5)
    library.import_sample(clips)
    _wait_for_end(stand, library)
    rows = _rows(stand)
    assert [rows[clip.name].split for clip in clips] == ["train", "train", "val", "val", "val"]
    assert {row.action for row in rows.values()} == {"pouring"}
    assert stand.session.require().next_undo().label == "Add 5 videos"


def test_an_edit_in_between_is_a_step_of_its_own(
    stand: Stand, library: LibraryController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carl_gui.videos.importing._MOST_AT_ONCE", 1)
    first = 1
    there: list[int] = []

    def edit() -> None:
        there.extend(library.videos)
        stand.session.do(SetSplit((first,), "train"))

    stand.session.changed.connect(lambda: QTimer.singleShot(0, stand, edit), Qt.ConnectionType.SingleShotConnection)
    library.panel.add_requested.emit(tiny_videos(tmp_path, 9))
    _wait_for_end(stand, library)
    assert len(_rows(stand)) == 9
    assert 1 <= len(there) < 9
    assert library.videos[first].split == "train"
    stand.session.undo()
    assert list(library.videos) == there
    assert library.videos[first].split == "train", "undo never reaches over an edit"


def test_a_folder_of_images_comes_in_as_a_video_and_what_is_passed_over_is_named(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    folder = write_images(tmp_path / "frames" / "0001", [f"{number:06d}.png" for number in range(1, 13)])
    (tmp_path / "frames" / "labels.mat").write_bytes(b"no video")
    _import(stand, library, [tmp_path / "frames"])
    (row,) = _rows(stand).values()
    assert (row.name, row.num_frames, row.fps, row.digest) == ("0001", 12, 25, video_digest(folder))
    said = _said(library)
    assert "Added 1 of 1 video." in said
    assert "labels.mat" in said
    assert f"Read as video at 25 images/s (frames.image_rate): 1 folder of images, {folder}." in said
    _wait_for_badges(stand, library, 1)
    assert library.badges[row.id].file == folder
    stand.qtbot.waitUntil(lambda: library.player.view.image is not None)
