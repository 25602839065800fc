"""An embedding that another window left running is shown, and steered, as one of this window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.recovery import followed_in
from carl_gui.main_window import MainWindow
from core.base.errors import StorageError
from core.base.events import Finished, Notice
from core.base.files import write_text
from core.learning.run_folder import RunFolder
from tests.carl_gui.projects import CHILD_MS, new_project, shown, tiny_config, tiny_videos
from tests.carl_gui.windows import dialogs, open_project
from training.job import Job

pytestmark = pytest.mark.usefixtures("no_child_left")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two videos, and a run that is done."""
    films = tiny_videos(tmp_path / "films", 2)
    folder = new_project(tmp_path / "project", films)
    with RunFolder.create(folder / "runs" / "run-1", tiny_config(), films) as run:
        run.append(Finished("done", ""))
        run.encoder_file.touch()
    return folder


@pytest.fixture(params=["embed", "map"])
def kind(request: pytest.FixtureRequest) -> str:
    """What was left running."""
    kind: str = request.param
    return kind


@pytest.fixture
def left(project: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    """A stand-in for it."""
    monkeypatch.chdir(Path(__file__).parents[2])
    job = Job.start(("tests.core.command_child", "--followed-in", str(followed_in(project, kind, "run-1"))))
    assert next(job.follow()) == Notice("ready")
    job.detach()
    yield job
    job.kill()
    job.wait(60)


def _button(window: MainWindow, text: str) -> QAbstractButton:
    seen = window.page("explore").widget
    (found,) = [one for one in seen.findChildren(QAbstractButton) if one.text() == text and one.isVisible()]
    return found


@pytest.mark.parametrize("kind", ["embed"], indirect=True)
def test_it_is_shown_paused_resumed_and_stopped(left: Job, window: MainWindow, project: Path, qtbot: QtBot) -> None:
    open_project(window, project)
    qtbot.waitUntil(window.status.chip.isVisible, timeout=CHILD_MS)
    assert "Embedding with run-1" in window.status.chip.text()
    window.show_page("explore")
    qtbot.waitUntil(lambda: window.page("explore").embedding.is_running, timeout=CHILD_MS)
    qtbot.mouseClick(_button(window, "Pause"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "paused" in window.status.chip.text(), timeout=CHILD_MS)
    qtbot.mouseClick(_button(window, "Resume"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.jobs.jobs[0].state == "running", timeout=CHILD_MS)
    (job,) = window.jobs.jobs
    assert JobFactory(window._app_context()).embed("run-1") is job, "it is not done twice"
    window.page("explore").embedding._box.cancel_requested.emit()
    assert "stopping" in window.status.chip.text()
    qtbot.waitUntil(lambda: not window.jobs.jobs, timeout=CHILD_MS)
    assert not window.status.chip.isVisible()
    assert left.wait(60) == 0


def test_it_is_not_offered_as_interrupted_and_outlives_this_window(
    left: Job, kind: str, window: MainWindow, project: Path, qtbot: QtBot
) -> None:
    write_text(project / "jobs.json", f'{{"jobs": [{{"kind": "{kind}", "name": "run-1"}}]}}')
    open_project(window, project)
    qtbot.waitUntil(lambda: bool(window.jobs.jobs), timeout=CHILD_MS)
    assert window._banner.isHidden()
    assert [job.order.kind for job in window.jobs.jobs] == [kind]
    window.projects.close_project()
    assert window.session.project is None, "nobody is asked"
    assert window.jobs.jobs == ()
    open_project(window, project)
    qtbot.waitUntil(lambda: bool(window.jobs.jobs), timeout=CHILD_MS)  # it is found again
    window.close()
    assert dialogs(window, QMessageBox) == []
    assert not window.isVisible()
    assert left.returncode is None, "it goes on"


@pytest.mark.parametrize("kind", ["embed"], indirect=True)
def test_in_a_read_only_project_the_buttons_say_why_they_cannot_be_pressed(
    left: Job, kind: str, window: MainWindow, project: Path, qtbot: QtBot
) -> None:
    open_project(window, project)
    window.session.require().read_only = "The folder cannot be written."
    window.show_page("explore")
    qtbot.waitUntil(lambda: window.page("explore").embedding.is_running, timeout=CHILD_MS)
    for text in ("Pause", "Cancel"):
        button = _button(window, text)
        assert not button.isEnabled()
        assert "Another window left this running" in button.toolTip()
        assert "The folder cannot be written." in button.toolTip()
    assert window.jobs.find(kind, "run-1").state == "running"
    assert left.returncode is None


@pytest.mark.parametrize("kind", ["embed"], indirect=True)
@pytest.mark.parametrize("text", ["Pause", "Cancel"])
def test_where_it_cannot_be_told_anything_one_sentence_says_so(
    left: Job, kind: str, text: str, window: MainWindow, project: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("The disk is full: free some space.")

    open_project(window, project)
    window.show_page("explore")
    qtbot.waitUntil(lambda: window.page("explore").embedding.is_running, timeout=CHILD_MS)
    monkeypatch.setattr("training.left_job.write_text", refuse)
    qtbot.mouseClick(_button(window, text), Qt.MouseButton.LeftButton)
    assert window.banner.sentence == "The disk is full: free some space."
    assert window.jobs.find(kind, "run-1").state == "running", "nobody has told it to pause or stop"
    assert _button(window, text).isEnabled(), "it can be asked again"
    assert left.returncode is None


@pytest.mark.parametrize("text", ["Pause", "Stop"])
def test_a_run_of_another_process_that_cannot_be_told_anything_is_a_sentence(
    text: str, window: MainWindow, runs: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("b/control cannot be written.")

    with RunFolder.resume(runs / "b"):
        open_project(window, runs.parent)
        window.show_page("train")
        window.training.choose("b")
        monkeypatch.setattr("training.run.write_text", refuse)
        qtbot.mouseClick(shown(window.training.details, QPushButton, text), Qt.MouseButton.LeftButton)
        assert window.banner.sentence == "b/control cannot be written."
        assert window.training.run_state == "running", "nobody has told it to pause or stop"


@pytest.mark.parametrize("kind", ["embed"], indirect=True)
def test_one_that_is_left_while_the_project_is_open_is_found(
    kind: str, window: MainWindow, project: Path, qtbot: QtBot, request: pytest.FixtureRequest
) -> None:
    open_project(window, project)
    assert window.jobs.jobs == ()
    request.getfixturevalue("left")
    qtbot.waitUntil(lambda: window.jobs.find(kind, "run-1") is not None, timeout=CHILD_MS)
