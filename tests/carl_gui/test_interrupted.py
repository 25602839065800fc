"""What was going on when a window died is offered once, by name; and nothing that a file of somebody else names."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from carl_gui.job_control.recovery import JobRecovery
from carl_gui.main_window import MainWindow
from carl_gui.models.runs import state_text
from carl_gui.session import Session
from core.base.events import Failed, Finished
from core.embedding.folder import write_embedded
from core.learning.run_folder import RunFolder
from core.settings.config import Config
from tests.carl_gui.conftest import step
from tests.carl_gui.projects import shown
from tests.carl_gui.windows import open_project
from training.job import Job
from training.queue import Remembered
from training.run import NO_STEP_YET


def _remember(project: Path, *jobs: tuple[str, str]) -> Path:
    memory = project / "jobs.json"
    memory.write_text(json.dumps({"jobs": [{"kind": kind, "name": name} for kind, name in jobs]}), encoding="utf-8")
    return memory


def _resume(window: MainWindow) -> QPushButton:
    return window.banner.findChild(QPushButton)


def _dismiss(window: MainWindow) -> None:
    window.banner.findChild(QToolButton).click()


@pytest.fixture
def resumed(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[Remembered]:
    """What the training was asked to go on with; nothing is started."""
    wanted: list[Remembered] = []
    monkeypatch.setattr("carl_gui.train.controller.TrainingController.resume_jobs", lambda _, jobs: wanted.extend(jobs))
    return wanted


def test_a_run_that_broke_off_is_offered_with_its_step(
    window: MainWindow, runs: Path, resumed: list[Remembered]
) -> None:
    _remember(runs.parent, ("train", "b"))
    open_project(window, runs.parent)
    assert window.banner.isVisible()
    assert window.banner.sentence == "CARL Studio closed unexpectedly while training b, at step 1 of 100."
    assert (_resume(window).text(), _resume(window).isVisible()) == ("Resume", True)
    assert resumed == []
    _resume(window).click()
    assert resumed == [Remembered("train", "b")]
    assert window.banner.sentence == ""


def test_resuming_shows_the_runs_and_lines_them_up(window: MainWindow, runs: Path, qtbot: QtBot) -> None:
    _remember(runs.parent, ("train", "b"))
    open_project(window, runs.parent)
    _resume(window).click()
    assert window.page_id == "train"
    (job,) = window.jobs.jobs
    assert (job.order.kind, job.order.name, job.order.is_remembered) == ("train", "b", True)
    assert job.order.command[:2] == ("core.train", "--out")
    assert json.loads((runs.parent / "jobs.json").read_text(encoding="utf-8"))["jobs"] == [
        {"kind": "train", "name": "b"}
    ]
    window.jobs.stop(job)
    assert window.jobs.jobs == ()


def test_a_run_that_had_not_begun_and_several(window: MainWindow, runs: Path, resumed: list[Remembered]) -> None:
    RunFolder.create(runs / "new", Config(), []).close()
    (runs / "a" / "encoder.safetensors").write_bytes(b"")
    jobs = [("train", "new"), ("train", "b"), ("embed", "a")]
    _remember(runs.parent, *jobs)
    open_project(window, runs.parent)
    assert window.banner.sentence == "CARL Studio closed unexpectedly while training new. 2 more jobs were waiting."
    _resume(window).click()
    assert resumed == [Remembered(*job) for job in jobs]


@pytest.mark.usefixtures("no_child_left")
def test_a_run_whose_libraries_still_loaded_has_stopped_and_can_be_resumed(
    window: MainWindow, runs: Path, resumed: list[Remembered], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    for name in ("began", "waits"):
        RunFolder.create(runs / name, Config(), []).close()
    command = ("core.train", "--out", str(runs / "began"), "--resume")
    with Job.start(command, log=runs / "began" / "log.txt") as job:
        job.kill()  # as a window takes its children with it
        assert not job.has_spoken, "it is too late for this test"
    _remember(runs.parent, ("train", "began"), ("train", "waits"))
    open_project(window, runs.parent)
    assert window.banner.sentence == (
        "CARL Studio closed unexpectedly while preparing began, before its first step. 1 more job was waiting."
    )
    rows = {row.name: row for row in window.training.rows}
    assert (state_text(rows["began"].state), rows["began"].reason) == ("Stopped", NO_STEP_YET)
    assert (state_text(rows["waits"].state), rows["waits"].reason) == ("Not started", "")
    assert rows["began"].is_resumable
    window.show_page("train")
    window.training.choose("began")
    assert NO_STEP_YET in [label.text() for label in window.training.details.findChildren(QLabel) if label.isVisible()]
    assert shown(window.training.details, QPushButton, "Resume").isEnabled()


def test_an_embedding_is_offered_where_there_is_an_encoder(
    window: MainWindow, runs: Path, resumed: list[Remembered]
) -> None:
    _remember(runs.parent, ("embed", "a"), ("embed", "b"))
    (runs / "a" / "encoder.safetensors").write_bytes(b"")
    open_project(window, runs.parent)
    assert window.banner.sentence == "CARL Studio closed unexpectedly while embedding videos with a."
    _resume(window).click()
    assert resumed == [Remembered("embed", "a")]


def test_a_map_is_offered_where_there_are_embeddings(window: MainWindow, runs: Path) -> None:
    _remember(runs.parent, ("map", "a"), ("map", "b"))
    write_embedded(runs.parent / "embeddings" / "a", [], "digest")
    open_project(window, runs.parent)
    assert window.banner.sentence == "CARL Studio closed unexpectedly while making the map for a."
    _resume(window).click()
    assert window.page_id == "explore"
    (job,) = window.jobs.jobs
    assert (job.order.kind, job.order.name, job.order.is_remembered) == ("map", "a", True)
    assert window.status.title(job) == "Making the map of a"
    window.jobs.stop(job)
    assert window.jobs.jobs == ()


def test_what_is_declined_is_forgotten(window: MainWindow, runs: Path, resumed: list[Remembered]) -> None:
    memory = _remember(runs.parent, ("train", "b"))
    open_project(window, runs.parent)
    _dismiss(window)
    assert (memory.exists(), window.banner.sentence) == (False, "")
    window.projects.close_project()
    open_project(window, runs.parent)
    assert (window.banner.sentence, resumed) == ("", [])
    assert RunFolder.is_run(runs / "b"), "the run itself stays"


def test_what_was_not_answered_is_offered_again(window: MainWindow, runs: Path) -> None:
    memory = _remember(runs.parent, ("train", "b"))
    open_project(window, runs.parent)
    window.projects.close_project()
    assert (memory.exists(), window.banner.sentence) == (True, "")
    open_project(window, runs.parent)
    assert "while training b" in window.banner.sentence


def test_a_warning_on_top_is_no_answer(window: MainWindow, runs: Path) -> None:
    memory = _remember(runs.parent, ("train", "b"))
    open_project(window, runs.parent)
    window.warn("The disk is full.")
    _dismiss(window)
    assert memory.exists()
    assert "while training b" in window.banner.sentence
    _dismiss(window)
    assert not memory.exists()


@pytest.mark.parametrize(
    "job",
    [
        ("train", "a"),
        ("train", "gone"),
        ("train", "notes"),
        ("train", "../runs/b"),
        ("train", "../b"),
        ("train", "x/../b"),
        ("train", ".."),
        ("train", "."),
        ("train", ""),
        ("train", "x" * 300),
        ("train", "b\0"),
        ("train", "\ud800"),
        ("import", "b"),
        ("os.system", "b"),
        ("embed", "b"),
        ("map", "b"),
        ("map", "x" * 300),
        ("map", ".."),
    ],
)
def test_what_cannot_go_on_is_not_offered(window: MainWindow, runs: Path, job: tuple[str, str]) -> None:
    memory = _remember(runs.parent, job)
    open_project(window, runs.parent)
    assert window.banner.sentence == ""
    assert memory.exists()


def test_a_path_of_its_own_is_not_offered(window: MainWindow, runs: Path, tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "elsewhere", Config(), []) as run:
        run.append(step(1, 1.0))
    _remember(runs.parent, ("train", str(tmp_path / "elsewhere")), ("train", "../../elsewhere"))
    open_project(window, runs.parent)
    assert window.banner.sentence == ""


def test_a_run_that_somebody_trains_is_not_offered(window: MainWindow, runs: Path) -> None:
    _remember(runs.parent, ("train", "b"))
    with RunFolder.resume(runs / "b"):
        open_project(window, runs.parent)
        assert window.banner.sentence == ""


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"jobs": 7}', '{"jobs": [{"kind": "train"}]}'])
def test_a_damaged_memory_offers_nothing(window: MainWindow, runs: Path, text: str) -> None:
    (runs.parent / "jobs.json").write_text(text, encoding="utf-8")
    open_project(window, runs.parent)
    assert window.banner.sentence == ""


def test_a_project_that_cannot_be_written_offers_nothing(
    window: MainWindow, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = _remember(runs.parent, ("train", "b"))

    def refuse(self: FileLock, **_: object) -> None:
        raise OSError(errno.EROFS, "refused")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    open_project(window, runs.parent)
    assert window.banner.sentence == window.session.require().read_only
    _dismiss(window)
    assert memory.exists()


@pytest.fixture
def session(runs: Path) -> Iterator[Session]:
    made = Session()
    made.open(runs.parent)
    yield made
    made.close()


def test_only_the_end_of_a_long_run_is_read(session: Session, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunFolder.resume(runs / "b") as run:
        for number in range(2, 60):
            run.append(step(number, 1.0))
    _remember(runs.parent, ("train", "b"))
    monkeypatch.setattr("core.learning.run_folder.RunFolder.events", lambda self: pytest.fail("all of it was read"))
    interrupted, said = JobRecovery(session, session), []
    interrupted.offered.connect(lambda sentence, action: said.append(sentence))
    interrupted.offer()
    assert said == ["CARL Studio closed unexpectedly while training b, at step 59 of 100."]


@pytest.mark.parametrize("ending", [Finished("stopped", ""), Failed("It broke.", is_bug=False), None])
def test_whatever_is_not_done_can_go_on(session: Session, runs: Path, ending: Finished | Failed | None) -> None:
    if ending is not None:
        with RunFolder.resume(runs / "b") as run:
            run.append(ending)
    _remember(runs.parent, ("train", "b"))
    interrupted, said = JobRecovery(session, session), []
    interrupted.offered.connect(lambda sentence, action: said.append(action))
    interrupted.offer()
    assert said == ["Resume"]


def test_answers_without_an_offer_do_nothing(session: Session, runs: Path, qtbot: QtBot) -> None:
    memory = _remember(runs.parent, ("train", "a"))
    interrupted = JobRecovery(session, session)
    interrupted.offer()
    with qtbot.assertNotEmitted(interrupted.resume_requested):
        interrupted.accept()
    interrupted.decline()
    assert memory.exists()
