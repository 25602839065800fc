"""The start page: what it offers, which projects it lists, and the sample's progress."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.projects.start_page import RecentProject, StartPage
from tests.carl_gui.drops import drag_enter, drop


@pytest.fixture
def page(qtbot: QtBot) -> StartPage:
    made = StartPage()
    qtbot.addWidget(made)
    made.resize(1000, 640)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def _button(page: StartPage, text: str) -> QPushButton:
    (found,) = [one for one in page.findChildren(QPushButton) if one.text().replace("&", "").startswith(text)]
    return found


def _list(page: StartPage) -> QListWidget:
    return page.findChild(QListWidget)


def test_every_button_says_what_is_wanted(page: StartPage, qtbot: QtBot) -> None:
    for text, signal in (
        ("New project", page.new_requested),
        ("Open project", page.open_requested),
        ("Try the sample", page.sample_requested),
    ):
        with qtbot.waitSignal(signal):
            _button(page, text).click()


def test_no_project_was_open_yet(page: StartPage) -> None:
    page.set_recent([])
    assert not _list(page).isVisible()
    assert any("are listed here" in label.text() and label.isVisible() for label in page.findChildren(QLabel))


def test_projects_are_listed_in_their_order_and_a_missing_one_is_said(page: StartPage) -> None:
    folders = [Path("/a/one"), Path('/b/it\'s "two" 🏃'), Path("/c/not \udcff UTF-8"), Path("/d/" + "x" * 250)]
    page.set_recent([RecentProject(folder, folder.name != "one") for folder in folders])
    items = [_list(page).item(row) for row in range(_list(page).count())]
    assert [item.text() for item in items] == ["one", 'it\'s "two" 🏃', "not \ufffd UTF-8", "x" * 250]
    told = [item.data(Qt.ItemDataRole.AccessibleTextRole) for item in items]
    assert "Missing" in told[0]
    assert "Missing" not in told[1]
    assert [item.toolTip() for item in items][3] == str(folders[3])
    assert _list(page).horizontalScrollBar().maximum() == 0
    page.grab()


def test_a_click_or_enter_chooses_once_and_delete_forgets(page: StartPage, qtbot: QtBot) -> None:
    folders = [Path("/a/one"), Path("/c/not \udcff UTF-8")]
    page.set_recent([RecentProject(folder, True) for folder in folders])
    chosen, forgotten = [], []
    page.recent_selected.connect(chosen.append)
    page.recent_removed.connect(forgotten.append)
    place = _list(page).visualItemRect(_list(page).item(1)).center()
    qtbot.mouseClick(_list(page).viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [folders[1]]
    _list(page).setFocus()
    qtbot.keyClick(_list(page), Qt.Key.Key_Up)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        qtbot.keyClick(_list(page), key)
    assert chosen == [folders[1], folders[0], folders[0]]
    qtbot.keyClick(_list(page), Qt.Key.Key_Delete)
    assert forgotten == [folders[0]]


def test_keys_in_an_empty_list_do_nothing(page: StartPage, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(page.recent_selected), qtbot.assertNotEmitted(page.recent_removed):
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Delete):
            qtbot.keyClick(_list(page), key)


def test_setters_announce_nothing(page: StartPage, qtbot: QtBot) -> None:
    signals = (
        page.recent_selected,
        page.recent_removed,
        page.sample_requested,
        page.sample_cancelled,
        page.new_requested,
    )
    with qtbot.assertNotEmitted(signals[0]), qtbot.assertNotEmitted(signals[1]), qtbot.assertNotEmitted(signals[2]):
        page.set_recent([RecentProject(Path("/a"), True)])
        page.set_device("CPU")
        page.set_sample_progress(0.5, "Drawing")
        page.set_sample_progress(None, "")


def test_while_the_sample_is_drawn_it_can_be_cancelled_but_not_begun_again(page: StartPage, qtbot: QtBot) -> None:
    bar = page.findChild(QProgressBar)
    assert not bar.isVisible()
    page.set_sample_progress(0.25, "Drawing the sample…")
    assert bar.isVisible()
    assert bar.value() == bar.maximum() / 4
    assert not _button(page, "Try the sample").isEnabled()
    with qtbot.waitSignal(page.sample_cancelled):
        _button(page, "Cancel").click()
    page.set_sample_progress(None, "")
    assert not bar.isVisible()
    assert _button(page, "Try the sample").isEnabled()


@pytest.mark.parametrize(("name", "taken"), [("folder", True), ("file", False)])
def test_a_folder_that_is_dropped_is_opened(page: StartPage, tmp_path: Path, name: str, taken: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    dropped = []
    page.folder_dropped.connect(dropped.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
    entered = drag_enter(page.rect().center(), data)
    entered.ignore()
    QApplication.sendEvent(page, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(page, drop(page.rect().center(), data))
    assert dropped == ([tmp_path / name] if taken else [])
