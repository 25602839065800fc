"""Projects in a real window: begun, opened, left, mended; and what is said where that cannot be."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from PySide6.QtCore import QLocale, QSettings, QStandardPaths, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from core.project import store
from core.project.backup_files import backups_of, made_at
from core.project.backups import DATABASE, make_backup
from core.project.phase_edits import AddPhase
from core.project.store import Project
from core.project.video_edits import SetAction, SetNotes
from tests.carl_gui.windows import box_of, button, close, dialog_of, dialogs, open_project, press, reopened
from tests.core.project.projects import authored, filled

_HOLD = """
import sys
from pathlib import Path
from core.project.store import Project
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def _undo_texts(window: MainWindow) -> tuple[str, str]:
    return window.commands.actions["edit.undo"].text(), window.commands.actions["edit.redo"].text()


def test_undo_and_redo_say_what_they_do_and_survive_a_restart(
    window: MainWindow, settings: QSettings, project_folder: Path
) -> None:
    open_project(window, project_folder)
    assert window.session.do(SetAction((1, 2), "pouring"))
    assert window.session.do(AddPhase("salt & pepper"))
    assert _undo_texts(window) == ("&Undo: Add phase “salt && pepper”", "&Redo")
    window.commands.actions["edit.undo"].trigger()
    assert window.statusBar().currentMessage() == "Undone: Add phase “salt & pepper”"
    assert _undo_texts(window) == ("&Undo: Set action of 2 videos", "&Redo: Add phase “salt && pepper”")
    window.close()
    again = reopened(settings)
    open_project(again, project_folder)
    assert _undo_texts(again) == ("&Undo: Set action of 2 videos", "&Redo: Add phase “salt && pepper”")
    again.commands.actions["edit.redo"].trigger()
    assert again.statusBar().currentMessage() == "Redone: Add phase “salt & pepper”"
    assert [phase.name for phase in again.session.require().phases()] == ["up", "down", "salt & pepper"]
    for _ in range(2):
        again.commands.actions["edit.undo"].trigger()
    assert {video.action for video in again.session.require().videos()} == {""}
    close(again)


def test_all_can_be_undone_and_no_more(window: MainWindow, project_folder: Path) -> None:
    open_project(window, project_folder)
    undo, redo = (window.commands.actions[f"edit.{name}"] for name in ("undo", "redo"))
    for _ in range(3):
        undo.trigger()
    assert (window.session.require().videos(), window.session.require().phases()) == ([], [])
    assert not undo.isEnabled()
    assert redo.isEnabled()
    undo.trigger()
    assert window.page_id == "videos"


def test_closing_frees_the_project(window: MainWindow, project_folder: Path) -> None:
    open_project(window, project_folder)
    window.commands.actions["file.close"].trigger()
    assert window.session.project is None
    assert not window.commands.actions["file.close"].isEnabled()
    Project.open(project_folder).close()


def test_a_project_stays_open_where_the_next_one_cannot_be_opened(
    window: MainWindow, project_folder: Path, tmp_path: Path
) -> None:
    open_project(window, project_folder)
    window.show_page("train")
    window.projects.open(tmp_path / "none")
    assert "is not a project" in box_of(window).text()
    press(box_of(window), "OK")
    assert (window.session.require().folder, window.page_id) == (project_folder, "train")
    assert window.session.do(SetNotes("still there"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_the_open_project_opened_again_by_any_path_is_as_it_was(
    window: MainWindow, project_folder: Path, tmp_path: Path
) -> None:
    open_project(window, project_folder)
    window.show_page("train")
    (tmp_path / "link").symlink_to(project_folder)
    for path in (project_folder, tmp_path / "link", project_folder / ".." / project_folder.name):
        window.projects.open(path)
        assert dialogs(window, QMessageBox) == []
        assert (window.session.require().folder, window.page_id) == (project_folder, "train")


@pytest.mark.parametrize("name", ["[*]", "a [*] b", "<b>x", "x" * 200])
@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_the_title_says_the_folder_s_name(window: MainWindow, tmp_path: Path, name: str) -> None:
    filled(tmp_path / name).close()
    open_project(window, tmp_path / name)
    assert (
        window.windowTitle().replace("[*][*]", "\0").replace("[*]", "").replace("\0", "[*]") == f"{name} – CARL Studio"
    )


def test_a_folder_that_is_no_project_is_said(window: MainWindow, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    window.projects.open(tmp_path)
    box = box_of(window)
    assert box.windowTitle() == "The project cannot be opened"
    assert box.text() == f"{tmp_path} is not a project (it has no {DATABASE}). Choose another folder."
    press(box, "OK")
    assert dialogs(window, QMessageBox) == []
    assert window.session.project is None
    assert sorted(tmp_path.iterdir()) == before


def test_a_newer_version_s_project_is_left_alone(window: MainWindow, project_folder: Path) -> None:
    make_backup(project_folder, datetime.now(UTC))
    with closing(sqlite3.connect(project_folder / DATABASE)) as db:
        db.execute("PRAGMA user_version = 99")
    before = (project_folder / DATABASE).read_bytes()
    window.projects.open(project_folder)
    box = box_of(window)
    assert "was made by a newer version of CARL Studio (its format is 99" in box.text()
    assert [one.text().replace("&", "") for one in box.buttons()] == ["OK"]
    press(box, "OK")
    assert window.session.project is None
    assert (project_folder / DATABASE).read_bytes() == before


def _foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE recipes (name)")


_DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda file: file.write_bytes(b""), "it is empty"),
    "truncated": (lambda file: os.truncate(file, file.stat().st_size // 2 + 100), "it is truncated"),
    "another program's": (_foreign, "it belongs to another program"),
    "missing": (Path.unlink, "it is missing"),
}


@pytest.fixture(params=list(_DAMAGES))
def damaged(request: pytest.FixtureRequest, project_folder: Path) -> tuple[Path, str]:
    """A damaged project with an older and a newer backup, and what is wrong with it."""
    with Project.open(project_folder) as project:
        project.do(SetNotes("older"))
    make_backup(project_folder, datetime.now(UTC) - timedelta(days=1))
    with Project.open(project_folder) as project:
        project.do(SetNotes("in the newest backup"))
    make_backup(project_folder, datetime.now(UTC))
    with Project.open(project_folder) as project:
        project.do(SetNotes("lost"))
    for backup in backups_of(project_folder / "backups")[2:]:
        backup.unlink()
    damage, reason = _DAMAGES[request.param]
    damage(project_folder / DATABASE)
    return project_folder, reason


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}


def test_a_damaged_project_offers_its_newest_backup_by_its_time(window: MainWindow, damaged: tuple[Path, str]) -> None:
    folder, reason = damaged
    newest = backups_of(folder / "backups")[0]
    window.projects.open(folder)
    box = box_of(window)
    assert reason in box.text()
    local = made_at(newest).astimezone().replace(tzinfo=None)
    time = QLocale().toString(local, QLocale.FormatType.ShortFormat)
    assert button(box, "Restore").text().replace("&", "") == f"Restore the backup of {time}"
    assert box.defaultButton() is button(box, "Restore")
    press(box, "Restore")
    assert dialogs(window, QMessageBox) == []
    project = window.session.require()
    assert (project.folder, project.notes()) == (folder, "in the newest backup")
    assert window.page_id == "videos"
    assert window.session.do(SetNotes("goes on"))
    assert newest.exists()


@pytest.mark.parametrize("leave", [lambda box: press(box, "Cancel"), QMessageBox.reject, QMessageBox.close])
def test_a_damaged_project_that_is_not_restored_is_left_as_it_is(
    window: MainWindow, damaged: tuple[Path, str], leave: Callable[[QMessageBox], object]
) -> None:
    folder, _ = damaged
    before = _contents(folder)
    window.projects.open(folder)
    leave(box_of(window))
    assert (window.session.project, window.page_id) == (None, "")
    assert _contents(folder) == before


def test_a_damaged_project_without_a_backup_is_said(window: MainWindow, project_folder: Path) -> None:
    shutil.rmtree(project_folder / "backups")
    (project_folder / DATABASE).write_bytes(b"")
    window.projects.open(project_folder)
    assert "it is empty" in box_of(window).text()
    assert [one.text().replace("&", "") for one in box_of(window).buttons()] == ["OK"]


def test_a_backup_that_is_damaged_too_offers_itself_but_once(window: MainWindow, project_folder: Path) -> None:
    shutil.rmtree(project_folder / "backups")
    backup = make_backup(project_folder, datetime.now(UTC))
    backup.write_bytes(b"")
    (project_folder / DATABASE).write_bytes(b"")
    window.projects.open(project_folder)
    press(box_of(window), "Restore")
    assert len(dialogs(window, QMessageBox)) == 1
    press(box_of(window), "Cancel")
    assert window.session.project is None


def test_one_goes_back_to_a_backup_and_what_was_there_is_set_aside(window: MainWindow, project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        project.do(SetNotes("then"))
    backup = make_backup(project_folder, datetime.now(UTC))
    open_project(window, project_folder)
    window.session.do(SetNotes("now"))
    window.commands.actions["file.restore"].trigger()
    dialog = dialog_of(window, QFileDialog)
    assert Path(dialog.directory().absolutePath()) == project_folder / "backups"
    dialog.fileSelected.emit(str(backup))
    assert window.session.require().notes() == "then"
    aside = list((project_folder / "backups").glob(f"replaced-*/{DATABASE}"))
    assert len(aside) == 1
    with closing(sqlite3.connect(aside[0])) as db:
        assert db.execute("SELECT notes FROM project").fetchone() == ("now",)


def test_a_project_without_a_backup_says_so(window: MainWindow, tmp_path: Path) -> None:
    with Project.create(tmp_path / "new"):
        pass
    shutil.rmtree(tmp_path / "new" / "backups", ignore_errors=True)
    open_project(window, tmp_path / "new")
    window.session.require().backups.wait()
    shutil.rmtree(tmp_path / "new" / "backups", ignore_errors=True)
    window.commands.actions["file.restore"].trigger()
    assert "No backups yet" in window.banner.sentence
    assert dialogs(window, QFileDialog) == []


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Another process has the project open."""
    words = [sys.executable, "-c", _HOLD, str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline().strip() == b"open"
        yield
        other.stdin.close()


def test_a_project_open_in_another_window_is_said_and_opened_once_that_is_closed(
    window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_LOCK_PATIENCE_SECONDS", 0.05)
    with _held(project_folder):
        window.projects.open(project_folder)
        sentence = f"The project {project_folder} is open in another window. Continue there, or close it first."
        assert box_of(window).text() == sentence
        press(box_of(window), "OK")
        assert window.session.project is None
    open_project(window, project_folder)


@pytest.fixture
def read_only(project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder that cannot be written, whoever asks."""

    def refuse(self: FileLock, **_: object) -> None:
        raise OSError(errno.EROFS, "refused")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    return project_folder


def test_a_folder_that_cannot_be_written_is_shown_and_said(window: MainWindow, read_only: Path) -> None:
    before = _contents(read_only)
    open_project(window, read_only)
    window.show_page("train")
    window.show_page("videos")
    assert window.banner.sentence == window.session.require().read_only
    assert "read-only. To edit it, copy its folder" in window.banner.sentence
    actions = window.commands.actions
    window.library.panel.set_chosen(1)
    editing = ("edit.undo", "edit.redo", "file.restore", "run.new", "videos.add_files", "videos.add_folder")
    on_videos = ("videos.edit_cell", "videos.rename", "videos.set_action", "videos.remove")
    assert [name for name in (*editing, *on_videos) if actions[name].isEnabled()] == []
    assert actions["file.close"].isEnabled()
    assert len(window.library.videos) == 3
    window.close()
    assert _contents(read_only) == before


def test_a_full_disk_is_said_and_nothing_is_lost(window: MainWindow, project_folder: Path) -> None:
    project = open_project(window, project_folder)
    before = authored(project_folder)
    pages = project._db.execute("PRAGMA page_count").fetchone()[0]
    project._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says what it says of a full disk
    assert not window.session.do(SetNotes("x" * 1_000_000))
    sentence = f"The disk is full. {project_folder / DATABASE} keeps everything saved so far. "
    assert window.banner.sentence == sentence + "Free some space and try again."
    assert authored(project_folder) == before
    assert _undo_texts(window)[0] == "&Undo: Add phase “down”"
    project._db.execute("PRAGMA max_page_count = 1000000")
    window.commands.actions["edit.undo"].trigger()
    assert [phase.name for phase in project.phases()] == ["up"]
    assert window.session.do(SetNotes("goes on"))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_disk_that_refuses_to_be_read_is_one_sentence(
    window: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def refuse(file: Path) -> None:
        raise OSError(error, os.strerror(error), str(file))

    monkeypatch.setattr(store, "check_file", refuse)
    window.projects.open(project_folder)
    sentence = box_of(window).text()
    assert str(project_folder / DATABASE) in sentence
    assert sentence.endswith(".")
    assert "Errno" not in sentence
    assert window.session.project is None


def test_a_project_that_was_opened_is_chosen_by_enter_next_time(
    window: MainWindow, settings: QSettings, project_folder: Path, qtbot: QtBot
) -> None:
    open_project(window, project_folder)
    window.close()
    again = reopened(settings)
    with qtbot.waitActive(again):
        again.show()
        again.activateWindow()
    while QApplication.focusWidget() is None or QApplication.focusWidget().accessibleName() != "Recent projects":
        qtbot.keyClick(QApplication.focusWidget() or again, Qt.Key.Key_Tab)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert again.session.require().folder == project_folder
    close(again)


def test_ones_own_videos_are_looked_for_in_a_folder_that_there_is(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system names a folder of films whether it is there or not, and the one of last time may be gone."""
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(tmp_path / "Videos"))
    window._settings.setValue("videos_place", str(tmp_path / "gone"))
    window.projects.ask_for_videos()
    dialog = dialog_of(window, QFileDialog)
    assert Path(dialog.directory().absolutePath()) == Path.home()
    assert dialog.selectedFiles() == [str(Path.home())], "not one that there is not"
    dialog.reject()
    (tmp_path / "Videos").mkdir()
    window.projects.ask_for_videos()
    assert Path(dialogs(window, QFileDialog)[-1].directory().absolutePath()) == tmp_path / "Videos"
    dialogs(window, QFileDialog)[-1].reject()
