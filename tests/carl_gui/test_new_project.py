"""The dialog for a new project: one sentence says what is wrong, and nothing wrong can be created."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.projects.new_project import NewProjectDialog, is_folder_name
from carl_gui.theme import DARK, LIGHT, palette_of
from core.base.errors import StorageError
from core.project.store import Project
from tests.carl_gui.windows import button, close, dialog_of, dialogs, open_project, press, reopened
from tests.core.project.projects import filled


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> NewProjectDialog:
    made = NewProjectDialog(tmp_path, "My project")
    qtbot.addWidget(made)
    made.show()
    return made


def _fields(dialog: NewProjectDialog) -> tuple[QLineEdit, QLineEdit]:
    name, place = dialog.findChildren(QLineEdit)
    return name, place


@pytest.mark.parametrize(
    "name", ["a/b", "a\\b", "a:b", "what?", "*", '"x"', "<x>", "x|y", "x.", "..", ".", "CON", "con.txt", "lpt1", "a\tb"]
)
def test_a_name_that_some_system_refuses_is_said_at_once(dialog: NewProjectDialog, qtbot: QtBot, name: str) -> None:
    field, _ = _fields(dialog)
    field.setText(name)
    assert dialog.sentence == (
        f'{name} is not a valid folder name. Leave out / \\ : * ? " < > | and a final dot.'
        if name.casefold().split(".")[0] not in ("con", "lpt1")
        else f"{name} is reserved by Windows. Choose another name."
    )
    assert not button(dialog, "Create").isEnabled()
    with qtbot.assertNotEmitted(dialog.folder_selected):
        button(dialog, "Create").click()
        field.returnPressed.emit()


@pytest.mark.parametrize("name", ["Tennis", "a b", "été 🏃", "it's", "x.y", ".hidden", "COM10", "console", "100 %"])
def test_any_other_name_will_do(dialog: NewProjectDialog, tmp_path: Path, qtbot: QtBot, name: str) -> None:
    _fields(dialog)[0].setText(f" {name} ")
    assert dialog.sentence == str(tmp_path / name)
    with qtbot.waitSignal(dialog.folder_selected) as chosen:
        button(dialog, "Create").click()
    assert chosen.args == [tmp_path / name]
    assert is_folder_name(name)


def test_a_name_is_needed_and_a_place_too(dialog: NewProjectDialog, tmp_path: Path) -> None:
    name, place = _fields(dialog)
    for text in ("", "   "):
        name.setText(text)
        assert dialog.sentence == "Give the project a name."
        assert not button(dialog, "Create").isEnabled()
    name.setText("x")
    for text in ("", "  ", "relative/path", "~no such person/x"):
        place.setText(text)
        assert dialog.sentence == "Choose a location for the project."
        assert not button(dialog, "Create").isEnabled()
    place.setText(str(tmp_path / "not" / "yet" / "there"))
    assert button(dialog, "Create").isEnabled()


def test_what_is_there_already_is_not_taken(dialog: NewProjectDialog, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "x").mkdir(parents=True)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    name, place = _fields(dialog)
    for text, can in (("empty", True), ("full", False), ("file", False)):
        name.setText(text)
        said = f"{tmp_path / text} already exists. Choose another name." if not can else str(tmp_path / text)
        assert (dialog.sentence, button(dialog, "Create").isEnabled()) == (said, can)
    place.setText(str(tmp_path / "file" / "below"))
    assert dialog.sentence == f"{tmp_path / 'file'} is not a folder. Choose another location."
    assert not button(dialog, "Create").isEnabled()


def test_a_place_that_cannot_be_written_is_said(
    dialog: NewProjectDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path / "kept")
    _fields(dialog)[1].setText(str(tmp_path / "kept" / "below"))
    assert dialog.sentence == f"{tmp_path / 'kept'} is not writable. Choose another location."
    assert not button(dialog, "Create").isEnabled()


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is another one there")
def test_a_name_that_is_too_long_is_said(dialog: NewProjectDialog) -> None:
    _fields(dialog)[0].setText("x" * 300)
    assert "cannot be used (" in dialog.sentence
    assert not button(dialog, "Create").isEnabled()


def test_a_long_name_does_not_widen_the_dialog(dialog: NewProjectDialog) -> None:
    _fields(dialog)[0].setText("x" * 240)
    QApplication.processEvents()
    assert dialog.minimumSizeHint().width() < 700
    assert "x" * 240 in dialog.sentence


def test_browsing_fills_in_the_place(dialog: NewProjectDialog, tmp_path: Path) -> None:
    button(dialog, "Browse").click()
    (browser,) = dialog.findChildren(QFileDialog)
    browser.fileSelected.emit(str(tmp_path / "elsewhere"))
    browser.close()
    assert dialog.sentence == str(tmp_path / "elsewhere" / "My project")


def test_its_sentence_follows_the_look(dialog: NewProjectDialog) -> None:
    said = {label.text().replace("\u200b", ""): label for label in dialog.findChildren(QLabel)}
    sentence = said[dialog.sentence]
    for colours in (DARK, LIGHT):
        dialog.setPalette(palette_of(colours))
        QApplication.sendPostedEvents(dialog, QEvent.Type.PaletteChange.value)
        assert sentence.palette().color(QPalette.ColorRole.WindowText).name() == colours.muted_text


def test_a_project_is_begun_and_its_place_proposed_next_time(
    window: MainWindow, settings: QSettings, tmp_path: Path
) -> None:
    window.commands.actions["file.new"].trigger()
    dialog = dialog_of(window, NewProjectDialog)
    assert [field.text() for field in _fields(dialog)] == ["My project", str(tmp_path / "projects")]
    _fields(dialog)[1].setText(str(tmp_path / "else where"))
    press(dialog, "Create")
    assert dialogs(window, NewProjectDialog) == []
    assert window.session.require().folder == tmp_path / "else where" / "My project"
    assert window.page_id == "videos"
    window.close()
    again = reopened(settings)
    again.show()
    again.projects.ask_for_new()
    fields = _fields(dialog_of(again, NewProjectDialog))
    assert [field.text() for field in fields] == ["My project-2", str(tmp_path / "else where")]
    close(again)


def test_what_the_disk_refuses_is_said_in_the_dialog_and_the_open_project_stays(
    window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_project(window, project_folder)
    window.projects.ask_for_new()
    dialog = dialog_of(window, NewProjectDialog)

    def refuse(folder: Path) -> Project:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(Project, "create", refuse)
    press(dialog, "Create")
    assert dialog.isVisible()
    assert dialog.sentence == "The disk is full."
    assert window.session.require().folder == project_folder
    press(dialog, "Cancel")
    assert dialogs(window, NewProjectDialog) == []
    assert window.session.require().folder == project_folder


def test_somebody_else_was_quicker(window: MainWindow, tmp_path: Path) -> None:
    window.projects.ask_for_new()
    dialog = dialog_of(window, NewProjectDialog)
    filled(tmp_path / "projects" / "My project").close()
    press(dialog, "Create")
    assert "already exists" in dialog.sentence
    assert window.session.project is None
