"""A video that was moved is found again by its content, and plays; the search can be cancelled."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.videos.controller import LibraryController
from core.project import moved
from core.video.content import video_digest
from tests.carl_gui.projects import Stand, new_project, shown, standing, tiny_videos

_WAIT_SECONDS = 10.0


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path) -> Iterator[Stand]:
    project = new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 3), decodes=True)
    with standing(qtbot) as made:
        made.session.open(project)
        yield made


@pytest.fixture
def library(stand: Stand, tmp_path: Path) -> LibraryController:
    """Two of its three videos were moved, one of them renamed too."""
    disk = tmp_path / "disk" / "2024"
    disk.mkdir(parents=True)
    shutil.move(tmp_path / "films" / "clip1.mp4", disk / "clip1.mp4")
    shutil.move(tmp_path / "films" / "clip2.mp4", disk / "renamed.mp4")
    (disk / "decoy.mp4").write_bytes(b"?" * (disk / "renamed.mp4").stat().st_size)
    made = stand.stage(LibraryController)
    stand.qtbot.waitUntil(lambda: made.num_missing == 2)
    return made


def _choose_folder(stand: Stand, library: LibraryController, folder: Path) -> None:
    """As a person does who is asked where to look."""
    stand.qtbot.mouseClick(shown(library.panel, QPushButton, "Find them…"), Qt.MouseButton.LeftButton)
    dialog = stand.findChild(QFileDialog)
    assert dialog.isVisible()
    assert "2 videos" in dialog.windowTitle()
    dialog.fileSelected.emit(str(folder))
    dialog.reject()


def test_what_was_moved_is_found_by_its_content_and_plays(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    assert library.player.is_file_missing
    step = stand.session.require().next_undo()
    _choose_folder(stand, library, tmp_path / "disk")
    stand.qtbot.waitUntil(lambda: library.num_missing == 0)
    assert stand.told == ["Found 2 of 2 videos."]
    assert library.badges[2].file == tmp_path / "disk" / "2024" / "renamed.mp4"
    stand.qtbot.waitUntil(lambda: library.player.view.image is not None)
    assert stand.session.require().next_undo() == step, "where a file lies is no step of the history"
    stand.qtbot.waitUntil(lambda: stand.findChild(QProgressDialog) is None)
    assert not stand.warned


def test_what_is_not_there_stays_missing(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.move(tmp_path / "disk" / "2024" / "clip1.mp4", tmp_path / "elsewhere" / "x.mp4")
    _choose_folder(stand, library, tmp_path / "elsewhere")
    stand.qtbot.waitUntil(lambda: library.num_missing == 1)
    assert stand.told == ["Found 1 of 2 videos."]
    assert library.panel.model.missing() == (2,)


def test_a_folder_that_is_gone_is_a_sentence(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    _choose_folder(stand, library, tmp_path / "unplugged")
    stand.qtbot.waitUntil(lambda: bool(stand.warned))
    assert "There is no folder" in stand.warned[0]
    assert library.num_missing == 2


class Slow:
    """`video_digest` that waits after its first call until it is let go on."""

    def __init__(self) -> None:
        self.is_waiting, self.go_on = threading.Event(), threading.Event()

    def __call__(self, path: Path, image_rate: float) -> str:
        found = video_digest(path, image_rate)
        self.is_waiting.set()
        assert self.go_on.wait(_WAIT_SECONDS)
        return found


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    monkeypatch.setattr(moved, "video_digest", made)
    return made


def test_cancelled_the_search_keeps_what_it_had_found(
    stand: Stand, library: LibraryController, tmp_path: Path, slow: Slow
) -> None:
    _choose_folder(stand, library, tmp_path / "disk")
    stand.qtbot.waitUntil(slow.is_waiting.is_set)
    progress = stand.findChild(QProgressDialog)
    progress.show()  # as it does by itself when it takes longer
    stand.qtbot.mouseClick(shown(progress, QPushButton, "Cancel"), Qt.MouseButton.LeftButton)
    slow.go_on.set()
    stand.qtbot.waitUntil(lambda: stand.told == ["Found 1 of 2 videos."])
    stand.qtbot.waitUntil(lambda: library.num_missing == 1)
    stand.qtbot.waitUntil(lambda: stand.findChild(QProgressDialog) is None)


def test_a_project_that_is_closed_meanwhile_and_the_next_one_are_left_alone(
    stand: Stand, library: LibraryController, tmp_path: Path, slow: Slow
) -> None:
    _choose_folder(stand, library, tmp_path / "disk")
    stand.qtbot.waitUntil(slow.is_waiting.is_set)
    slow.go_on.set()
    stand.session.create(tmp_path / "another")
    stand.qtbot.waitUntil(lambda: stand.findChild(QProgressDialog) is None)
    stand.qtbot.wait(1)  # what the thread said last is delivered by now
    assert stand.told == []
    assert stand.warned == []
