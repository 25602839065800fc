"""Recent projects: the latest first, whatever they are called, and nothing but what is still wanted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.settings import RecentProjects
from core.project.store import Project
from tests.carl_gui.windows import box_of, close, open_project, press, reopened
from tests.core.project.projects import filled

_NAMES = ["plain", "two words", 'it\'s "quoted" % , ; = []', "🏃 été", os.fsdecode(b"not \xff UTF-8")]


def _again(settings: QSettings) -> RecentProjects:
    settings.sync()
    return RecentProjects(QSettings(settings.fileName(), QSettings.Format.IniFormat))


@pytest.mark.parametrize("count", [0, 1, 2, len(_NAMES)])
def test_they_are_remembered_the_latest_first(settings: QSettings, tmp_path: Path, count: int) -> None:
    recent = RecentProjects(settings)
    folders = [tmp_path / name for name in _NAMES[:count]]
    for folder in folders:
        recent.add(folder)
    assert _again(settings).folders() == folders[::-1]
    if folders:
        recent.add(folders[0])
        assert _again(settings).folders() == [folders[0], *folders[:0:-1]]


def test_one_is_forgotten(settings: QSettings, tmp_path: Path) -> None:
    recent = RecentProjects(settings)
    for name in _NAMES:
        recent.add(tmp_path / name)
    for name in _NAMES:
        recent.remove(tmp_path / name)
        assert tmp_path / name not in _again(settings).folders()
    recent.remove(tmp_path / "never there")
    assert _again(settings).folders() == []


def test_there_is_an_end_to_them(settings: QSettings, tmp_path: Path) -> None:
    recent = RecentProjects(settings)
    for number in range(40):
        recent.add(tmp_path / str(number))
    assert [folder.name for folder in recent.folders()] == [str(number) for number in range(39, 27, -1)]


def _listed(window: MainWindow) -> list[str]:
    """What the start page lists; a missing one with a word before it."""
    view = window.findChild(QListWidget)
    items = [view.item(row) for row in range(view.count())]
    return [
        ("missing " if "Missing" in item.data(Qt.ItemDataRole.AccessibleTextRole) else "") + item.text()
        for item in items
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system allows no such names")
def test_the_start_page_lists_what_was_open_whatever_its_name(
    window: MainWindow, settings: QSettings, tmp_path: Path
) -> None:
    for name in _NAMES:
        filled(tmp_path / name).close()
        open_project(window, tmp_path / name)
    window.close()
    (tmp_path / "two words").rename(tmp_path / "moved")
    again = reopened(settings)
    again.show()
    shown = ["not \ufffd UTF-8", "🏃 été", _NAMES[2], "missing two words", "plain"]
    assert _listed(again) == shown
    view = again.findChild(QListWidget)
    view.itemClicked.emit(view.item(0))
    assert again.session.require().folder == tmp_path / _NAMES[-1]
    assert again.windowTitle() == "not \ufffd UTF-8 – CARL Studio[*]"
    again.projects.close_project()
    view.itemClicked.emit(view.item(3))
    assert "is not a project" in box_of(again).text()
    press(box_of(again), "OK")
    assert _listed(again) == shown
    close(again)


def test_delete_takes_a_project_off_the_list_and_nothing_else(
    window: MainWindow, settings: QSettings, project_folder: Path, qtbot: QtBot
) -> None:
    open_project(window, project_folder)
    window.projects.close_project()
    view = window.findChild(QListWidget)
    view.setCurrentRow(0)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert _listed(window) == []
    assert _again(settings).folders() == []
    assert Project.is_project(project_folder)


def test_what_cannot_be_opened_is_not_listed(window: MainWindow, tmp_path: Path) -> None:
    window.projects.open(tmp_path)
    press(box_of(window), "OK")
    assert _listed(window) == []


def test_a_disk_that_does_not_answer_keeps_no_window_from_starting(
    settings: QSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RecentProjects(settings).add(tmp_path / "far away")
    stat = os.stat

    def refuse(path: object, **how: object) -> os.stat_result:
        if "far away" in os.fspath(path):  # type: ignore[arg-type]
            raise PermissionError(13, "refused")
        return stat(path, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", refuse)
    window = reopened(settings)
    assert _listed(window) == ["missing far away"]
    close(window)
