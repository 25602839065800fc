"""Notes on labels, and another annotator's labels beside one's own, on the page Label."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from carl_gui.label.controller import LabelController
from carl_gui.label.other_annotator import AgreementDialog
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from tests.carl_gui.projects import Stand, new_project, standing, tiny_videos


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path) -> Iterator[Stand]:
    """A project of one video of 40 frames, labelled reach and pour."""
    project = new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 1, 40), decodes=True)
    with standing(qtbot) as made:
        made.session.open(project)
        for name in ("reach", "pour"):
            made.session.do(AddPhase(name))
        made.session.do(ReplaceSpans(1, (Span("reach", 0, 20), Span("pour", 20, 40))))
        yield made


@pytest.fixture
def label(stand: Stand) -> LabelController:
    page = stand.stage(LabelController)
    stand.qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    return page


def test_a_note_is_written_shown_and_undone(stand: Stand, label: LabelController) -> None:
    label.playback.seek(25)
    label.panel.commands["note"].trigger()
    (dialog,) = label.panel.findChildren(QInputDialog)
    dialog.setTextValue("  spilled <b>\nsecond line ")
    dialog.accept()
    written = "spilled <b>\nsecond line"
    assert [span.note for span in stand.session.require().spans(1)] == ["", written]
    assert label.panel.line.startswith("Frame 25: pour   Note: spilled <b> second line")
    timeline = label.panel.timeline
    assert written in timeline.tooltip_at(timeline.x_of(30))
    assert "spilled" not in timeline.tooltip_at(timeline.x_of(5))
    label.panel.commands["split"].trigger()
    assert [span.note for span in stand.session.require().spans(1)] == ["", written, written]
    stand.session.undo()
    stand.session.undo()
    assert [span.note for span in stand.session.require().spans(1)] == ["", ""]
    assert "Note" not in label.panel.line
    stand.session.redo()
    assert label.spans[1].note == written


def test_another_annotators_labels_stand_beside(stand: Stand, label: LabelController, tmp_path: Path) -> None:
    name = stand.session.require().videos()[0].name
    file = tmp_path / "other.csv"
    file.write_text(
        f"video,phase,start_frame,end_frame_exclusive\n{name},reach,0,24\n{name},pour,24,40\n", encoding="utf-8"
    )
    before = stand.session.require().next_undo()
    label.other_annotator.read(file)
    stand.qtbot.waitUntil(lambda: bool(stand.findChildren(AgreementDialog)))
    (dialog,) = stand.findChildren(AgreementDialog)
    # observed 36/40; expected (20 * 24 + 20 * 16) / 1600
    assert [cell.text for cell in dialog.table.rows[0][:4]] == ["All", "0.8", "90 %", "2"]
    dialog.reject()
    other = label.panel.timeline.state.other
    assert other is not None
    assert [(span.phase, span.end_frame_exclusive) for span in other.spans] == [("reach", 24), ("pour", 40)]
    assert "other" in label.panel.timeline.current_layout.rows
    assert stand.session.require().next_undo() == before, "nothing is imported"
