"""The frame: start page and steps, layout, the question for the device; all of it within reach of the keyboard."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QSplitter,
    QTabBar,
    QToolBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from carl_gui.device import DeviceQuestion
from carl_gui.main_window import MainWindow
from carl_gui.steps import STEPS
from tests.carl_gui.windows import close, open_project, reopened

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
)
_PARTS = (QComboBox, QAbstractSpinBox, QAbstractItemView, QTabBar, QLineEdit)
"""What they are made of belongs to them."""


def test_a_project_has_steps_and_the_start_page_has_none(
    window: MainWindow, project_folder: Path, qtbot: QtBot
) -> None:
    bars = [window.findChild(QToolBar, name) for name in ("steps", "tools")]
    pages = [window.commands.actions[f"view.page_{name}"] for name in ("videos", "train")]
    assert (window.page_id, window.windowTitle()) == ("", "CARL Studio[*]")
    assert not any(bar.isVisible() for bar in bars)
    assert not any(page.isEnabled() or page.isChecked() for page in pages)
    open_project(window, project_folder)
    assert (window.page_id, window.windowTitle()) == ("videos", "a 'project' 🏃 – CARL Studio[*]")
    assert all(bar.isVisible() for bar in bars)
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.page_id == "train"
    assert [page.isChecked() for page in pages] == [False, True]
    pages[0].trigger()
    assert [page.isChecked() for page in pages] == [True, False]
    assert window.library.widget.isVisible()
    window.commands.actions["file.close"].trigger()
    assert (window.page_id, window.windowTitle()) == ("", "CARL Studio[*]")
    assert not any(bar.isVisible() for bar in bars)
    assert not any(page.isEnabled() or page.isChecked() for page in pages)


def test_the_pages_of_a_project_show_the_next_one(window: MainWindow, runs: Path, tmp_path: Path) -> None:
    open_project(window, runs.parent)
    pages = window.library, window.training
    window.show_page("train")
    assert (len(pages[0].videos), pages[1].run_count) == (3, 2)
    window.session.create(tmp_path / "empty")
    assert window.page_id == "videos"
    assert (window.library, window.training) == pages
    assert (len(pages[0].videos), pages[1].run_count, pages[1].run_index) == (0, 0, None)
    open_project(window, runs.parent)
    assert (len(pages[0].videos), pages[1].run_count) == (3, 2)


def test_layout_and_theme_survive_a_restart_and_reset(
    window: MainWindow, settings: QSettings, project_folder: Path, qtbot: QtBot
) -> None:
    open_project(window, project_folder)
    first = _divided(window)
    window.resize(798, 640)
    window.findChild(QSplitter, "videos").setSizes([800, 1])
    window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, window.findChild(QToolBar, "tools"))
    window.apply_theme("dark")
    left = _divided(window)
    assert all(one != other for one, other in zip(left, first, strict=True))
    window.close()
    again = reopened(settings)
    again.show()
    open_project(again, project_folder)
    assert _divided(again) == left
    assert again.toolBarArea(again.findChild(QToolBar, "tools")) == Qt.ToolBarArea.BottomToolBarArea
    assert again.commands.actions["view.theme_dark"].isChecked()
    again.commands.actions["view.reset_layout"].trigger()
    assert _divided(again) == first
    assert again.toolBarArea(again.findChild(QToolBar, "tools")) == Qt.ToolBarArea.TopToolBarArea
    assert again.findChild(QToolBar, "tools").isVisible()
    close(again)


def test_a_window_closed_on_the_start_page_shows_the_bars_of_the_next_project(
    window: MainWindow, settings: QSettings, project_folder: Path
) -> None:
    window.close()
    again = reopened(settings)
    again.show()
    assert not again.findChild(QToolBar, "steps").isVisible()
    again.commands.actions["view.reset_layout"].trigger()
    assert not again.findChild(QToolBar, "steps").isVisible()
    open_project(again, project_folder)
    assert again.findChild(QToolBar, "steps").isVisible()
    close(again)


def _divided(window: MainWindow) -> list[int]:
    """Width and height of the window, and the width of the library in it."""
    QApplication.processEvents()
    return [window.width(), window.height(), window.findChild(QSplitter, "videos").sizes()[0]]


def test_a_damaged_settings_file_gives_the_first_layout(settings_path: Path, qtbot: QtBot) -> None:
    settings_path.parent.mkdir()
    settings_path.write_text(
        "theme=pink\nrecent_projects=%ZZ, 7\n[layout]\ngeometry=@ByteArray(nonsense)\nstate=7\n",
        encoding="utf-8",
    )
    window = MainWindow(QSettings(str(settings_path), QSettings.Format.IniFormat))
    qtbot.addWidget(window)
    assert window.commands.actions["view.theme_system"].isChecked()
    assert window.width() > 400


@pytest.mark.parametrize("size", [(900, 600), (2560, 1440)])
@pytest.mark.parametrize("page", ["", *(step.id for step in STEPS)])
def test_every_page_fits_the_window(
    window: MainWindow, runs: Path, page: str, size: tuple[int, int], qtbot: QtBot
) -> None:
    if page:
        open_project(window, runs.parent)
        window.show_page(page)
    window.resize(*size)
    QApplication.processEvents()
    assert (window.width(), window.height()) == size, "something needs more room"


_SEEN: dict[str, Callable[[MainWindow, Path], None]] = {
    "start page": lambda window, folder: window.projects.show_recent(),
    "banner": lambda window, folder: window.banner.show_message("Something is offered.", action="Do it"),
    "shortcuts": lambda window, folder: window.show_shortcuts(),
    "editor": lambda window, folder: window.edit_shortcuts(),
    "new project": lambda window, folder: window.projects.ask_for_new(),
    "box": lambda window, folder: window.projects.open(folder.parent),
    "about": lambda window, folder: window.show_about(),
}


def _see(window: MainWindow, folder: Path, seen: str) -> None:
    if seen in _SEEN:
        _SEEN[seen](window, folder)
    else:
        window.projects.open(folder)
        window.show_page(seen)


@pytest.mark.parametrize("seen", [*_SEEN, *(step.id for step in STEPS)])
def test_every_control_is_reached_by_tab_and_has_a_name(window: MainWindow, runs: Path, seen: str) -> None:
    open_project(window, runs.parent)
    window.projects.close_project()
    _see(window, runs.parent, seen)
    QApplication.processEvents()
    top = QApplication.activeModalWidget() or window
    reached, at = [], top.nextInFocusChain()
    while at is not top:
        if at.isVisible() and at.isEnabled() and at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.append(at)
        at = at.nextInFocusChain()
    nameless = [(one, one.parent()) for one in reached if one.focusProxy() is None and not _name(one)]
    assert nameless == []
    wanted = [one for one in top.findChildren(QWidget) if isinstance(one, _CONTROLS) and _is_control(one, top)]
    assert len(wanted) > 0
    assert [(one.parent(), _name(one)) for one in wanted if one not in reached] == [], "out of reach"


def _is_control(widget: QWidget, top: QWidget) -> bool:
    above, at = [], widget.parentWidget()
    while at is not None and at is not top:
        above.append(at)
        at = at.parentWidget()
    is_part = isinstance(widget, QHeaderView | QScrollBar) or any(isinstance(one, _PARTS) for one in above)
    is_internal = widget.objectName() == "qt_toolbar_ext_button"
    return widget.isVisible() and widget.isEnabled() and not is_part and not is_internal


def _name(widget: QWidget) -> str:
    told = QAccessible.queryAccessibleInterface(widget)
    return str(told.text(QAccessible.Text.Name)) if told else ""


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print('some noise'); print('GPU 7 (GPU found by torch)')", "GPU 7 (GPU found by torch)"),
        ("print('half an answer'); raise SystemExit(3)", "unknown"),
        ("pass", "unknown"),
    ],
)
def test_the_window_says_what_the_child_says(
    window: MainWindow, project_folder: Path, qtbot: QtBot, code: str, shown: str
) -> None:
    with qtbot.waitSignal(window.device_answered):
        window.findChild(DeviceQuestion).ask((sys.executable, "-c", code))
    said = f"Training will use: {shown}"
    assert any(label.text() == said and label.isVisible() for label in window.findChildren(QLabel))
    assert window.device_line() == ("" if shown == "unknown" else shown)
    open_project(window, project_folder)
    assert window.status.device_line() == said


def test_a_child_that_cannot_start_leaves_the_device_unknown(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.device_answered) as answered:
        window.findChild(DeviceQuestion).ask(("no-such-program",))
    assert answered.args == [""]


def test_the_question_for_the_device_is_a_child_that_ends_with_the_window(window: MainWindow) -> None:
    window.ask_device()
    window.close()
    assert window.findChild(DeviceQuestion).findChildren(object)[0].state().name == "NotRunning"


def test_a_window_that_is_closed_at_once_begins_nothing(qtbot: QtBot, settings: QSettings) -> None:
    window = MainWindow(settings)
    qtbot.addWidget(window)
    with qtbot.assertNotEmitted(window.painted, wait=20):
        window.show()
        window.grab()
        window.close()
