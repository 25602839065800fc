"""Leaving while jobs go on: asked once, nothing lost unasked, and no child left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.projects.close_guard import SavingDialog
from carl_gui.projects.new_project import NewProjectDialog
from core.base.events import Finished, Notice
from core.project.backups import make_backup, utc_now
from tests.carl_gui.windows import box_of, button, dialog_of, dialogs, open_project, press, reopened, settle
from tests.children import children
from tests.core.project.projects import filled
from training.queue import JobOrder, QueuedJob

_ROOT = Path(__file__).parents[2]
_CHILD = "tests.core.command_child"
_PATIENCE_MS = 60_000

pytestmark = pytest.mark.usefixtures("no_child_left")


@pytest.fixture(autouse=True)
def _where_the_child_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_ROOT)


class Going:
    """Jobs of a window with an open project."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.ready: set[str] = set()
        self.endings: dict[str, object] = {}
        window.jobs.event_received.connect(self._on_job_event)
        window.jobs.finished.connect(lambda job, ending: self.endings.update({job.order.name: ending}))

    def start(self, name: str, *words: str, kind: str = "train", device: str = "cpu", kept: bool = True) -> QueuedJob:
        """Line a stand-in up."""
        return self.window.jobs.submit(JobOrder(kind, name, (_CHILD, *words), device, is_remembered=kept))

    def run(self, name: str, *words: str, kind: str = "train", kept: bool = True) -> QueuedJob:
        """Start one on a device of its own, and wait until it works."""
        job = self.start(name, *words, kind=kind, device=name, kept=kept)
        self.qtbot.waitUntil(lambda: name in self.ready, timeout=_PATIENCE_MS)
        return job

    def wait(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=_PATIENCE_MS)
        settle()

    def _on_job_event(self, job: QueuedJob, event: object) -> None:
        if event == Notice("ready"):
            self.ready.add(job.order.name)


@pytest.fixture
def going(window: MainWindow, project_folder: Path, qtbot: QtBot) -> Iterator[Going]:
    open_project(window, project_folder)
    yield Going(window, qtbot)
    window.jobs.close()


def _ways(window: MainWindow, other: Path) -> dict[str, tuple[Callable[[], object], Callable[[], bool]]]:
    """Every way out: what the person does, and whether it came about."""
    session = window.session
    return {
        "the window": (window.close, lambda: not window.isVisible()),
        "quit": (window.commands.actions["file.quit"].trigger, lambda: not window.isVisible()),
        "the project": (window.commands.actions["file.close"].trigger, lambda: session.project is None),
        "another": (lambda: window.projects.open(other), lambda: session.has(other)),
        "sample": (window.projects.try_sample, lambda: session.project is None),
    }


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another project to go to."""
    with filled(tmp_path / "other") as project:
        return project.folder


_WAYS = ["the window", "quit", "the project", "another", "sample"]


@pytest.mark.parametrize("way", _WAYS)
def test_every_way_out_asks_and_cancel_changes_nothing(
    going: Going, project_folder: Path, other: Path, way: str
) -> None:
    job = going.run("a <b> run", "--do", "count")
    leave, came_about = _ways(going.window, other)[way]
    leave()
    box = box_of(going.window)
    assert box.text() == "“a <b> run” is still running."
    assert box.textFormat() == Qt.TextFormat.PlainText
    assert not came_about()
    press(box, "Cancel")
    assert dialogs(going.window, QMessageBox) == []
    assert going.window.isVisible()
    assert going.window.session.has(project_folder)
    assert (job.state, going.window.jobs.jobs) == ("running", (job,))
    leave()
    box_of(going.window).close()
    assert (job.state, came_about()) == ("running", False), "closing the box is no answer"
    leave()
    assert len(dialogs(going.window, QMessageBox)) == 1, "it is asked again"
    press(box_of(going.window), "Cancel")


@pytest.mark.parametrize("way", _WAYS[:-1])
def test_stop_and_save_waits_for_what_is_saved(
    going: Going, project_folder: Path, other: Path, tmp_path: Path, way: str
) -> None:
    saved = tmp_path / "saved.txt"
    going.run("first", "--saved", str(saved))
    leave, came_about = _ways(going.window, other)[way]
    leave()
    assert box_of(going.window).defaultButton() is button(box_of(going.window), "Stop and save")
    press(box_of(going.window), "Stop and save")
    saving = dialog_of(going.window, SavingDialog)
    assert not came_about()
    going.qtbot.keyClick(saving, Qt.Key.Key_Escape)
    saving.close()
    assert saving.isVisible(), "the work goes on behind it"
    going.wait(came_about)
    assert saved.read_text(encoding="utf-8") == "saved"
    assert going.endings == {"first": Finished("stopped", str(saved))}
    assert dialogs(going.window, SavingDialog) == []
    assert not (project_folder / "jobs.json").exists(), "it was asked to end: nothing is offered again"
    assert going.window.jobs.jobs == ()


def test_several_jobs_are_named_and_all_of_them_end(going: Going) -> None:
    going.run("first")
    going.run("embeds", kind="embed")
    going.start("waits", device="first")
    going.window.projects.close_project()
    assert box_of(going.window).text() == "“first” and 2 more jobs are still running."
    press(box_of(going.window), "Stop and save")
    going.wait(lambda: going.window.session.project is None)
    assert {name: ending.reason for name, ending in going.endings.items()} == dict.fromkeys(
        ("first", "embeds", "waits"), "stopped"
    )


def test_jobs_that_only_wait_need_no_waiting(going: Going, other: Path) -> None:
    going.start("waits")
    going.window.projects.open(other)
    press(box_of(going.window), "Stop and save")
    assert going.window.session.has(other)
    assert dialogs(going.window, SavingDialog) == []


def test_what_is_not_remembered_is_stopped_without_a_question(going: Going, other: Path, tmp_path: Path) -> None:
    going.run("import", "--saved", str(tmp_path / "saved"), kind="import", kept=False)
    going.window.projects.open(other)
    assert dialogs(going.window, QMessageBox) == []
    going.wait(lambda: going.window.session.has(other))
    assert (tmp_path / "saved").exists()


def test_a_job_that_ends_while_the_question_stands(going: Going) -> None:
    job = going.run("first", "--do", "count")
    going.window.projects.close_project()
    box = box_of(going.window)
    going.window.jobs.stop(job)
    going.wait(lambda: not going.window.jobs.jobs)
    press(box, "Stop and save")
    assert going.window.session.project is None
    assert dialogs(going.window, SavingDialog) == []


def test_a_job_that_comes_while_others_save_ends_too(going: Going) -> None:
    going.run("first", "--do", "count")
    going.window.projects.close_project()
    press(box_of(going.window), "Stop and save")
    going.start("late", device="another")
    going.wait(lambda: going.window.session.project is None)
    assert set(going.endings) == {"first", "late"}


def test_asked_twice_it_asks_once(going: Going, other: Path) -> None:
    going.run("first")
    going.window.projects.close_project()
    going.window.projects.open(other)
    going.window.close()
    assert len(dialogs(going.window, QMessageBox)) == 1
    press(box_of(going.window), "Stop and save")
    assert len(dialogs(going.window, SavingDialog)) == 1
    going.window.close()
    assert len(dialogs(going.window, SavingDialog)) == 1
    going.wait(lambda: not going.window.isVisible())


def test_what_never_saves_can_be_ended(going: Going) -> None:
    going.run("deaf", "--do", "deaf")
    going.window.projects.close_project()
    press(box_of(going.window), "Stop and save")
    assert going.window.session.project is not None
    press(dialog_of(going.window, SavingDialog), "Close without saving")
    going.wait(lambda: going.window.session.project is None)
    assert dialogs(going.window, SavingDialog) == []


def test_a_new_project_asks_over_its_dialog(going: Going, tmp_path: Path) -> None:
    going.run("first")
    going.window.projects.ask_for_new()
    dialog = dialog_of(going.window, NewProjectDialog)
    dialog.findChildren(QLineEdit)[0].setText("next")
    press(dialog, "Create")
    box = box_of(going.window)
    assert box.parent() is dialog, "or the dialog could be closed below it"
    press(box, "Cancel")
    assert dialog.isVisible()
    press(dialog, "Create")
    press(box_of(going.window), "Stop and save")
    going.wait(lambda: going.window.session.has(tmp_path / "projects" / "next"))
    assert dialogs(going.window, NewProjectDialog) == []


def _obey(control: Path, word: str) -> None:
    control.write_text(word, encoding="utf-8")


@pytest.mark.parametrize("way", ["the window", "the project", "another"])
def test_what_is_kept_running_outlives_the_window(
    going: Going, settings: QSettings, project_folder: Path, other: Path, tmp_path: Path, way: str
) -> None:
    control, saved = tmp_path / "control", tmp_path / "saved"
    job = going.run("first", "--do", "chatter", "--watch", str(control), "--saved", str(saved))
    going.run("import", "--do", "chatter", kind="import", kept=False)
    going.start("waits", device="first")
    assert job.process is not None
    child = psutil.Process(job.process.pid)
    leave, came_about = _ways(going.window, other)[way]
    leave()
    press(box_of(going.window), "Keep running")
    assert came_about()
    assert going.window.jobs.jobs == ()
    assert not (project_folder / "jobs.json").exists(), "it still runs: there is nothing to offer"
    going.wait(lambda: children() == [child])
    going.window.jobs.close()
    assert child.is_running()
    assert not saved.exists()
    _obey(control, "stop")
    with suppress(psutil.NoSuchProcess):
        child.wait(60)
    assert saved.read_text(encoding="utf-8") == "saved"


def test_what_dies_with_its_window_is_remembered(going: Going, project_folder: Path) -> None:
    going.run("first")
    going.start("second", device="first")
    listed = json.loads((project_folder / "jobs.json").read_text(encoding="utf-8"))
    assert listed == {"jobs": [{"kind": "train", "name": "first"}, {"kind": "train", "name": "second"}]}


def test_a_project_that_is_open_already_asks_nothing(going: Going, project_folder: Path) -> None:
    job = going.run("first")
    going.window.projects.open(project_folder)
    assert dialogs(going.window, QMessageBox) == []
    assert job.state == "running"


def test_a_window_without_jobs_asks_nothing(window: MainWindow, settings: QSettings, project_folder: Path) -> None:
    open_project(window, project_folder)
    window.close()
    assert not window.isVisible()
    again = reopened(settings)
    open_project(again, project_folder)
    again.close()
    again.deleteLater()
    settle()


def _file_dialog(window: MainWindow) -> QFileDialog:
    return dialog_of(window, QFileDialog)


def _choose(qtbot: QtBot, dialog: QFileDialog, path: Path) -> None:
    """As a person does: its path is typed, and Enter pressed; the dialog closes, and is gone."""
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    line.setText(str(path))
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    settle()


@pytest.mark.parametrize("kind", ["another", "backup"])
@pytest.mark.parametrize("answer", ["Cancel", "Stop and save"])
def test_the_question_outlives_the_file_dialog_that_brought_it(
    going: Going, other: Path, kind: str, answer: str
) -> None:
    window = going.window
    job = going.run("first", "--do", "count")
    if kind == "another":
        window.commands.actions["file.open"].trigger()
        _choose(going.qtbot, _file_dialog(window), other)
    else:
        backup = make_backup(window.session.require().folder, utc_now())
        window.commands.actions["file.restore"].trigger()
        _choose(going.qtbot, _file_dialog(window), backup)
    assert dialogs(window, QFileDialog) == []
    assert box_of(window).parent() is window
    press(box_of(window), answer)
    if answer == "Cancel":
        assert job.state == "running"
        window.close()
        press(box_of(window), "Stop and save")
        going.wait(lambda: not window.isVisible())
    else:
        going.wait(lambda: not window.jobs.jobs)
        assert window.session.project is not None
        assert window.session.has(other) is (kind == "another")


def test_a_question_that_is_gone_is_asked_again(going: Going) -> None:
    going.run("first")
    going.window.close()
    box_of(going.window).deleteLater()
    settle()
    assert dialogs(going.window, QMessageBox) == []
    going.window.close()
    press(box_of(going.window), "Stop and save")
    going.wait(lambda: not going.window.isVisible())
