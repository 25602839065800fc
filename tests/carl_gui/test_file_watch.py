"""What happens to files in the folders that are watched is said, and what happens elsewhere is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from carl_gui.projects.project_place import MOST_FOLDERS, FileWatch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "disk" / "day" / "films"
    made.mkdir(parents=True)
    (made / "a.mp4").write_bytes(b"film")
    return made


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    """What the watch lives with."""
    return QObject()


@pytest.fixture
def watch(owner: QObject, folder: Path) -> FileWatch:
    made = FileWatch(owner)
    made.set_folders([str(folder)])
    return made


_DEEDS: dict[str, Callable[[Path], object]] = {
    "renamed": lambda folder: (folder / "a.mp4").rename(folder / "b.mp4"),
    "deleted": lambda folder: (folder / "a.mp4").unlink(),
    "new": lambda folder: (folder / "b.mp4").write_bytes(b"film"),
    "folder renamed": lambda folder: folder.rename(folder.with_name("away")),
    "one above renamed": lambda folder: folder.parent.rename(folder.parent.with_name("away")),
    "two above renamed": lambda folder: folder.parents[1].rename(folder.parents[1].with_name("away")),
}


@pytest.mark.parametrize("what", list(_DEEDS))
def test_what_happens_to_files_is_said(watch: FileWatch, folder: Path, qtbot: QtBot, what: str) -> None:
    with qtbot.waitSignal(watch.changed):
        _DEEDS[what](folder)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_folder_that_comes_back_is_watched_again(watch: FileWatch, folder: Path, qtbot: QtBot, level: int) -> None:
    moved = (folder, *folder.parents)[level]
    away = moved.with_name("away")
    with qtbot.waitSignal(watch.changed):
        moved.rename(away)
    with qtbot.waitSignal(watch.changed):
        away.rename(moved)
    with qtbot.waitSignal(watch.changed):
        (folder / "a.mp4").unlink()


def test_a_folder_that_is_not_there_yet_is_waited_for(owner: QObject, qtbot: QtBot, tmp_path: Path) -> None:
    watch = FileWatch(owner)
    watch.set_folders([str(tmp_path / "stick" / "films")])
    with qtbot.waitSignal(watch.changed):
        (tmp_path / "stick").mkdir()
    with qtbot.waitSignal(watch.changed):
        (tmp_path / "stick" / "films").mkdir()


def test_what_happens_beside_the_way_is_no_news(watch: FileWatch, folder: Path, qtbot: QtBot) -> None:
    heard: list[str] = []
    watch._watcher.directoryChanged.connect(heard.append)
    said: list[bool] = []
    watch.changed.connect(lambda: said.append(True))
    (folder.parent / "notes.txt").write_text("of another matter", encoding="utf-8")
    qtbot.waitUntil(lambda: str(folder.parent) in heard)
    assert said == []


def test_watches_are_few(watch: FileWatch, tmp_path: Path) -> None:
    for number in range(MOST_FOLDERS + 50):
        (tmp_path / f"{number:04}").mkdir()
    watch.set_folders(str(tmp_path / f"{number:04}") for number in range(MOST_FOLDERS + 50))
    assert len(watch._watcher.directories()) <= MOST_FOLDERS
    watch.set_folders(())
    assert watch._watcher.directories() == []
