"""The list of phases: moved by drag and keys, merged with their labels, many of them, and long names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QInputDialog, QListView, QMessageBox
from pytestqt.qtbot import QtBot

from carl_gui.label.controller import LabelController
from carl_gui.label.phases import PhaseView
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from tests.carl_gui.projects import Stand, new_project, standing, tiny_videos
from tests.core.project.projects import authored

LONG = "a phase whose name goes on and on, as people write them who want to be understood by everybody, " * 3
NAMES = ["reach", "pour", "rest", LONG.strip()]


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path) -> Iterator[Stand]:
    with standing(qtbot) as made:
        made.session.open(new_project(tmp_path / "p", tiny_videos(tmp_path / "films", 2, 30), decodes=True))
        for name in NAMES:
            made.session.do(AddPhase(name))
        made.session.do(ReplaceSpans(1, (Span("reach", 0, 5), Span("pour", 5, 9))))
        made.session.do(ReplaceSpans(2, (Span("pour", 2, 4),)))
        yield made


@pytest.fixture
def page(stand: Stand) -> LabelController:
    return stand.stage(LabelController)


def _names(page: LabelController) -> list[str]:
    return [phase.name for phase in page._app_context.session.require().phases()]


def _middle(view: PhaseView, row: int) -> QPoint:
    return view.visualRect(view.model().index(row, 0)).center()


def _drag(qtbot: QtBot, view: PhaseView, row: int, end: QPoint) -> None:
    start = _middle(view, row)
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.7, 1.0):
        qtbot.mouseMove(view.viewport(), start + (end - start) * share)
    view.grab()
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)


def test_a_drag_moves_a_phase(page: LabelController, qtbot: QtBot) -> None:
    view, height = page.panel.phases.view, page.panel.phases.view.sizeHintForRow(0)
    _drag(qtbot, view, 0, _middle(view, 2) + QPoint(0, height // 3))
    assert _names(page) == ["pour", "rest", "reach", NAMES[3]]
    assert page.panel.phases.chosen.name == "reach", "the one that was moved is chosen"
    _drag(qtbot, view, 3, _middle(view, 0) - QPoint(0, height // 3))
    assert _names(page) == [NAMES[3], "pour", "rest", "reach"]
    _drag(qtbot, view, 1, _middle(view, 1) + QPoint(0, height // 3))
    assert _names(page) == [NAMES[3], "pour", "rest", "reach"], "dropped where it was"
    _drag(qtbot, view, 1, QPoint(20, view.viewport().height() - 2))
    assert _names(page)[-1] == "pour", "below the last one"
    for _ in range(3):
        page._app_context.session.undo()
    assert _names(page) == NAMES


def test_alt_and_an_arrow_move_a_phase(page: LabelController, qtbot: QtBot) -> None:
    view = page.panel.phases.view
    view.setCurrentIndex(view.model().index(1, 0))
    for key, names in (
        (Qt.Key.Key_Up, ["pour", "reach", "rest"]),
        (Qt.Key.Key_Up, ["pour", "reach", "rest"]),
        (Qt.Key.Key_Down, ["reach", "pour", "rest"]),
        (Qt.Key.Key_Down, ["reach", "rest", "pour"]),
    ):
        qtbot.keyClick(view, key, Qt.KeyboardModifier.AltModifier)
        assert _names(page)[:3] == names
        assert page.panel.phases.chosen.name == "pour"


def test_escape_drops_nothing_and_read_only_phases_stay(page: LabelController, qtbot: QtBot) -> None:
    view = page.panel.phases.view
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=_middle(view, 0))
    qtbot.mouseMove(view.viewport(), _middle(view, 2))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=_middle(view, 2))
    assert _names(page) == NAMES
    page.panel.set_read_only(True)
    _drag(qtbot, view, 0, _middle(view, 2))
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert _names(page) == NAMES


def test_a_merged_phase_keeps_its_labels_under_the_other_name(page: LabelController, stand: Stand) -> None:
    project = stand.session.require()
    before = authored(project.folder)
    page.panel.phases.choose(2)
    page.panel.phases.buttons["merge"].click()
    (dialog,) = [one for one in page.panel.findChildren(QInputDialog) if one.isVisible()]
    assert "Merge “pour” and its 2 labels" in dialog.labelText()
    assert "pour" not in dialog.comboBoxItems()
    dialog.findChild(QListView).setCurrentIndex(dialog.findChild(QListView).model().index(1, 0))
    assert dialog.textValue() == "rest"
    dialog.accept()
    assert [(s.phase, s.start_frame, s.end_frame_exclusive) for s in project.spans(1)] == [
        ("reach", 0, 5),
        ("rest", 5, 9),
    ]
    assert [span.phase for span in project.spans(2)] == ["rest"]
    assert _names(page) == ["reach", "rest", NAMES[3]]
    stand.session.undo()
    assert authored(project.folder) == before


def test_thirty_phases_and_long_names(page: LabelController, stand: Stand, qtbot: QtBot) -> None:
    for number in range(5, 31):
        stand.session.do(AddPhase(f"phase {number}"))
    phases = page.panel.phases
    assert phases.model.rowCount() == 30
    assert len({phase.colour for phase in phases.model.rows[:17]}) == 17
    page.panel.resize(900, 500)
    phases.grab()
    assert phases.view.horizontalScrollBar().maximum() == 0
    phases.choose(4)
    assert QFontMetrics(phases.view.font()).horizontalAdvance(NAMES[3]) > phases.view.width()
    assert phases.model.data(phases.model.index(3, 0), Qt.ItemDataRole.ToolTipRole) == NAMES[3]
    stand.session.do(ReplaceSpans(1, (Span(NAMES[3], 0, 5),)))
    phases.buttons["remove"].click()
    (box,) = [one for one in page.panel.findChildren(QMessageBox) if one.isVisible()]
    assert "…" in box.text()
    assert "and its 1 label?" in box.text()
    box.close()
    view = phases.view
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    _drag(qtbot, view, 29, _middle(view, 29) - QPoint(0, view.sizeHintForRow(0) * 2))
    assert _names(page)[27] == "phase 30"
