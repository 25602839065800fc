"""Hidden pages do nothing for a change, and are up to date in the event that shows them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.export.controller import ExportController
from carl_gui.guide.next_step import NextStepBar
from carl_gui.guide.step_bar import StepBar
from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.session import Session
from carl_gui.widgets.when_shown import WhenShown
from core.base.types import Span
from core.learning.run_folder import RunFolder
from core.project.changes import Changes
from core.project.phase_edits import AddPhase
from core.project.span_edits import PaintSpan
from core.project.video_edits import RenameVideo
from core.settings.config import Config
from tests.carl_gui.conftest import step
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.windows import open_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two decoded videos and a phase; no labels."""
    folder = new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 2), decodes=True)
    session = Session()
    session.open(folder)
    session.do(AddPhase("reach"))
    session.close()
    return folder


@pytest.fixture
def known(window: MainWindow, project: Path, qtbot: QtBot) -> MainWindow:
    """A window whose library knows the disk."""
    open_project(window, project)
    window.show()
    window.library.scan_disk()
    qtbot.waitUntil(lambda: len(window.library.badges) == 2)
    return window


def _label(window: MainWindow, video: int = 1) -> None:
    assert window.session.do(PaintSpan(video, Span("reach", 2, 6)))


def _state(window: MainWindow, video: int = 1) -> str:
    """What the library's row says of the video's labels, as it is shown."""
    model = window.library.panel.model
    row = model.shown.index(video)
    badge = model.badges(video)
    assert badge is not None
    assert row >= 0
    return "predicted" if badge.predicted else "labelled" if badge.labelled else "not labelled"


def test_what_is_hidden_refreshes_once_in_the_event_that_shows_it(qtbot: QtBot) -> None:
    stack, page, other = QStackedWidget(), QWidget(), QWidget()
    qtbot.addWidget(stack)
    for one in (page, other):
        stack.addWidget(one)
    stack.show()
    seen: list[bool] = []
    when_shown = WhenShown(page, lambda: seen.append(page.isVisible()))
    when_shown.refresh()
    assert seen == [True]
    stack.setCurrentWidget(other)
    for _ in range(3):
        when_shown.refresh()
    assert (seen, when_shown.is_stale) == ([True], True)
    stack.setCurrentWidget(page)  # no turn of the loop
    assert (seen, when_shown.is_stale) == ([True, True], False)
    for one in (other, page):
        stack.setCurrentWidget(one)
    assert seen == [True, True]
    stack.setCurrentWidget(other)
    when_shown.refresh()
    when_shown.clear()
    stack.setCurrentWidget(page)
    assert seen == [True, True]


def test_a_change_is_announced_to_who_shows_its_kind_and_once(project: Path) -> None:
    session = Session()
    session.open(project)
    heard: dict[str, list[Changes]] = {"videos": [], "labels": [], "anchors": [], "any": []}
    session.changes_of("videos").connect(heard["videos"].append)
    session.changes_of("spans", "phases").connect(heard["labels"].append)
    session.changes_of("anchors").connect(heard["anchors"].append)
    session.changed.connect(heard["any"].append)

    def told() -> list[int]:
        return [len(one) for one in heard.values()]

    session.do(PaintSpan(1, Span("reach", 2, 6)))
    assert told() == [0, 1, 0, 1]
    session.do(RenameVideo(1, "other"))
    assert told() == [1, 1, 0, 2]
    session.undo()
    assert told() == [2, 1, 0, 3]
    assert session.changes_of("phases", "spans") == session.changes_of("spans", "phases")
    session.close()


def test_a_label_reaches_the_hidden_library_once_it_is_shown(known: MainWindow) -> None:
    window, model = known, known.library.panel.model
    told: list[object] = []
    model.dataChanged.connect(lambda *_: told.append(True))
    window.show_page("label")
    told.clear()
    _label(window)
    assert (told, window.library.videos[1].num_spans) == ([], 1)
    window.show_page("videos")
    assert told
    assert _state(window) == "labelled"
    window.session.undo()  # it is visible now
    assert _state(window) == "not labelled"
    window.show_page("label")
    window.session.redo()
    window.session.do(RenameVideo(2, "other"))  # a change that it shows at once brings the labels along
    assert _state(window) == "labelled"


def test_what_is_always_visible_follows_labels_at_once(known: MainWindow, qtbot: QtBot) -> None:
    window = known
    steps, bar = window.findChild(StepBar), window.findChild(NextStepBar)
    window.show_page("label")
    assert steps.note("label") == ""
    _label(window)
    assert steps.note("label") == "1 labelled"
    assert window.guide._now.num_labelled == 1
    window.session.undo()
    assert (steps.note("label"), window.guide._now.num_labelled) == ("", 0)
    said = bar.sentence
    window.show_page("explore")
    assert (window.guide._now.page, window.guide._now) == ("explore", window.guide._situation())
    window.show_page("label")
    assert bar.sentence == said
    assert window.commands.actions["edit.redo"].isEnabled()


def test_the_export_page_is_up_to_date_when_it_is_shown(known: MainWindow) -> None:
    window = known
    window.show_page("export")
    page = cast("ExportController", window.page("export"))
    assert not page.panel.commands["phases"].isEnabled()
    window.show_page("label")
    _label(window)
    assert not page.panel.commands["phases"].isEnabled()
    window.show_page("export")
    assert page.panel.commands["phases"].isEnabled()


def test_labels_that_came_while_the_page_was_hidden_are_listed_when_it_is_shown(known: MainWindow) -> None:
    window = known
    window.show_page("label")
    page = cast("LabelController", window.page("label"))
    window.show_page("videos")
    before = page.panel.timeline.state.manual.spans
    _label(window)
    assert page.panel.timeline.state.manual.spans == before
    window.show_page("label")
    assert [(span.start_frame, span.end_frame_exclusive) for span in page.panel.timeline.state.manual.spans] == [(2, 6)]


def test_a_step_reaches_the_hidden_page_of_training_once_it_is_shown(known: MainWindow, project: Path) -> None:
    window, training = known, known.training
    runs = project / "runs"
    with RunFolder.create(runs / "a", Config(), []) as run:
        run.append(step(1, 4.0))
    training.poll(lists=True)
    window.show_page("train")
    assert training.curves.accessibleDescription().endswith("at step 1")
    window.show_page("videos")
    with RunFolder.resume(runs / "a") as run:
        run.append(step(2, 3.0))
        training.poll(lists=True)
        assert (training.rows[0].step, len(training.elsewhere)) == (2, 1)
        assert training.curves.accessibleDescription().endswith("at step 1")
        window.show_page("train")
        assert training.curves.accessibleDescription().endswith("at step 2")


def test_a_look_with_nothing_new_shows_and_tells_nothing(
    known: MainWindow, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, training = known, known.training
    with RunFolder.create(project / "runs" / "a", Config(), []) as run:
        run.append(step(1, 4.0))
    window.show_page("train")
    for _ in range(3):
        training.poll(lists=True)
    shown: list[object] = []
    told: list[object] = []
    monkeypatch.setattr(training.list, "set_runs", lambda *given: shown.append(given))
    training.changed.connect(lambda: told.append(True))
    for lists in (True, False):
        training.poll(lists=lists)
    assert (shown, told) == ([], [])
    run.log_file.write_text("a word\n", encoding="utf-8")  # its log and its embeddings are no events of its own
    training.poll()
    assert ("a word" in training.log.text, shown) == (True, [])
    with RunFolder.resume(project / "runs" / "a") as run:
        run.append(step(2, 3.0))
    training.poll(lists=True)
    assert (len(shown), told) == (1, [])
