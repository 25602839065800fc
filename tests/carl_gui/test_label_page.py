"""The step Label: what is marked and pressed is in the project, what the project holds is on the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QInputDialog, QLineEdit, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.label.controller import LabelController
from carl_gui.label.panel import LabelPanel
from carl_gui.label.timeline import PhaseTimeline
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from core.project.video_edits import RemoveVideos
from tests.carl_gui.projects import Stand, new_project, shown, standing, tiny_videos
from tests.carl_gui.windows import press, settle
from tests.conftest import number_of

_I, _O = Qt.Key.Key_I, Qt.Key.Key_O
_FRAMES = 40


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three videos in the frame store; frame i of clip N shows 13 N + i."""
    return new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 3, _FRAMES), decodes=True)


@pytest.fixture
def stand(qtbot: QtBot, project: Path) -> Iterator[Stand]:
    """With the phases reach and pour."""
    with standing(qtbot) as made:
        made.session.open(project)
        for name in ("reach", "pour"):
            made.session.do(AddPhase(name))
        yield made


@pytest.fixture
def label(stand: Stand) -> LabelController:
    """With the first video open, and the keys at its player."""
    page = stand.stage(LabelController)
    stand.activateWindow()
    stand.qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    page.first.setFocus()
    return page


def _key(page: LabelController, key: Qt.Key, frame: int | None = None) -> None:
    """Press a key in the player, at that frame."""
    if frame is not None:
        page.playback.seek(frame)
    page._app_context.window.qtbot.keyClick(page.panel.player.view, key)


def _number(page: LabelController) -> int:
    """What is read in the image of the player; -1 where there is none."""
    image = page.panel.player.view.image
    return -1 if image is None else number_of(np.asarray(image))


def _spans(stand: Stand, video_id: int = 1) -> list[tuple[str, int, int]]:
    return [(s.phase, s.start_frame, s.end_frame_exclusive) for s in stand.session.require().spans(video_id)]


def _drawn(page: LabelController) -> list[tuple[str, int, int]]:
    return [(s.phase, s.start_frame, s.end_frame_exclusive) for s in page.panel.timeline.state.manual.spans]


def _phases(page: LabelController) -> list[tuple[str, str, int]]:
    return [(phase.name, phase.colour, phase.num_spans) for phase in page.panel.phases.model.rows]


def _dialog(page: LabelController, kind: type[QWidget]) -> QWidget:
    (found,) = [one for one in page.panel.findChildren(kind) if one.isVisible()]
    return found


def test_a_marked_stretch_gets_the_phase_of_the_number_key(stand: Stand, label: LabelController) -> None:
    _key(label, _I, 5)
    _key(label, _O, 9)
    assert label.marked_range == (5, 10)
    _key(label, Qt.Key.Key_2)
    assert _spans(stand) == _drawn(label) == [("pour", 5, 10)]
    assert label.marked_range is None
    assert label.panel.line == "Frame 9: pour   Frames 5 to 9 are now “pour”."
    assert label.panel.videos.model.rows[0].note == "12 %"
    assert [phase[2] for phase in _phases(label)] == [0, 1]
    _key(label, _O, 7)
    _key(label, _I, 3)
    _key(label, Qt.Key.Key_1)
    assert _drawn(label) == [("reach", 3, 8), ("pour", 8, 10)], "it lies over what was there"
    stand.session.undo()
    assert _drawn(label) == [("pour", 5, 10)]
    stand.session.undo()
    assert _spans(stand) == _drawn(label) == []
    assert label.panel.videos.model.rows[0].note == ""
    stand.session.redo()
    assert _drawn(label) == [("pour", 5, 10)]


def test_one_mark_is_enough_the_other_end_is_where_one_is(stand: Stand, label: LabelController) -> None:
    _key(label, _I, 20)
    label.playback.seek(24)
    assert label.marked_range == label.panel.timeline.state.marked_range == (20, 25)
    label.playback.seek(12)
    assert label.marked_range == label.panel.timeline.state.marked_range == (12, 21), "it may lie before the mark"
    _key(label, Qt.Key.Key_1)
    assert _spans(stand) == [("reach", 12, 21)]
    _key(label, _O, 30)
    _key(label, Qt.Key.Key_Escape)
    assert label.marked_range is None
    _key(label, _I, 30)
    label.panel.videos.view.setCurrentIndex(label.panel.videos.model.index(1, 0))
    assert (label.chosen, label.marked_range) == (2, None), "marks are of one video"
    stand.qtbot.waitUntil(lambda: _number(label) == 26)
    assert _drawn(label) == []


def test_without_a_mark_nothing_is_labelled(stand: Stand, label: LabelController) -> None:
    before = stand.session.require().next_undo()
    _key(label, Qt.Key.Key_2, 4)
    assert "Phase 2 is “pour”" in label.panel.line
    assert label.panel.phases.chosen.name == label.panel.timeline.state.brush == "pour", "it is chosen"
    label.panel.phases.label_requested.emit(1)
    assert "Mark frames first" in label.panel.line
    _key(label, _I)
    _key(label, Qt.Key.Key_7)
    assert "There is no phase 7" in label.panel.line
    assert label.marked_range == (4, 5)
    assert stand.session.require().next_undo() == before
    label.playback.seek(5)
    assert "There is no phase" not in label.panel.line


def test_a_double_click_or_return_on_a_phase_labels(stand: Stand, label: LabelController) -> None:
    view, model = label.panel.phases.view, label.panel.phases.model
    _key(label, _I, 2)
    spot = view.visualRect(model.index(1, 0)).center()
    stand.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert _spans(stand) == [], "one click only chooses"
    stand.qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert _spans(stand) == [("pour", 2, 3)]
    _key(label, _I, 8)
    view.setCurrentIndex(model.index(0, 0))
    view.setFocus()
    stand.qtbot.keyClick(view, Qt.Key.Key_Return)
    assert _spans(stand) == [("pour", 2, 3), ("reach", 8, 9)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_the_span_at_the_cursor_is_erased(stand: Stand, label: LabelController, key: Qt.Key) -> None:
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5), Span("pour", 5, 9), Span("reach", 20, 30))))
    _key(label, key, 15)
    assert label.panel.line == "Frame 15: not labelled   Frame 15 has no label."
    assert len(_spans(stand)) == 3
    _key(label, key, 5)
    assert _spans(stand) == _drawn(label) == [("reach", 0, 5), ("reach", 20, 30)]
    stand.session.undo()
    assert len(_drawn(label)) == 3


def test_phases_are_added_renamed_coloured_and_ordered(stand: Stand, label: LabelController) -> None:
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5),)))
    buttons = label.panel.phases.buttons
    buttons["add"].click()
    dialog = _dialog(label, QInputDialog)
    dialog.setTextValue("  ")
    dialog.accept()
    assert len(_phases(label)) == 2, "a name of blanks is none"
    label.panel.commands["add_phase"].trigger()
    dialog = _dialog(label, QInputDialog)
    stand.qtbot.keyClicks(dialog.findChild(QLineEdit), "rest 2")
    assert label.marked_range is None, "a number that is typed is no label"
    dialog.accept()
    assert [phase[0] for phase in _phases(label)] == ["reach", "pour", "rest 2"]
    assert label.panel.phases.chosen.name == "rest 2", "the new one is at hand"
    buttons["up"].click()
    buttons["up"].click()
    assert [phase[0] for phase in _phases(label)] == ["rest 2", "reach", "pour"]
    assert (buttons["up"].isEnabled(), buttons["down"].isEnabled()) == (False, True)
    buttons["down"].click()
    settle()
    buttons["rename"].click()
    _dialog(label, QInputDialog).setTextValue("pour")
    _dialog(label, QInputDialog).accept()
    assert "There is already a phase 'pour'" in stand.warned[-1]
    label.panel.phases.view.setCurrentIndex(label.panel.phases.model.index(0, 0))
    settle()
    buttons["rename"].click()
    _dialog(label, QInputDialog).setTextValue("grasp")
    _dialog(label, QInputDialog).accept()
    assert _drawn(label) == [("grasp", 0, 5)]
    buttons["colour"].click()
    dialog = _dialog(label, QColorDialog)
    dialog.setCurrentColor(QColor("#123456"))
    dialog.accept()
    assert _phases(label)[0][:2] == ("grasp", "#123456")
    assert label.panel.timeline.state.colours["grasp"] == "#123456"
    for _ in range(5):
        stand.session.undo()
    assert [phase[0] for phase in _phases(label)] == ["reach", "pour", "rest 2"]


def test_a_phase_with_labels_is_removed_only_when_the_person_says_so(stand: Stand, label: LabelController) -> None:
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5), Span("pour", 5, 9))))
    phases = label.panel.phases
    phases.view.setCurrentIndex(phases.model.index(0, 0))
    phases.buttons["remove"].click()
    box = _dialog(label, QMessageBox)
    assert "“reach” and its 1 label?" in box.text()
    press(box, "Cancel")
    assert len(_phases(label)) == 2
    phases.buttons["remove"].click()
    press(_dialog(label, QMessageBox), "Remove")
    assert [phase[0] for phase in _phases(label)] == ["pour"]
    assert _drawn(label) == [("pour", 5, 9)]
    stand.session.undo()
    assert _drawn(label) == [("reach", 0, 5), ("pour", 5, 9)]
    stand.session.do(ReplaceSpans(1, ()))
    phases.view.setCurrentIndex(phases.model.index(0, 0))
    phases.buttons["remove"].click()
    assert [phase[0] for phase in _phases(label)] == ["pour"], "without labels nothing is asked"


def test_the_timeline_leads_to_its_frames(stand: Stand, label: LabelController, qtbot: QtBot) -> None:
    timeline = label.panel.timeline
    for frame in (0, 17, _FRAMES - 1):
        middle = round((timeline.x_of(frame) + timeline.x_of(frame + 1)) / 2)
        qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(middle, 20))
        assert label.playback.frame_index == frame
        qtbot.waitUntil(lambda frame=frame: _number(label) == 13 + frame)
    for x, frame in ((-50, 0), (timeline.width() + 50, _FRAMES - 1)):
        assert timeline.frame_at(x) == frame


def test_a_removed_video_gives_way_to_the_first_one(stand: Stand, label: LabelController) -> None:
    label.choose(2)
    stand.session.do(RemoveVideos((2,)))
    assert label.chosen == 1
    stand.session.do(RemoveVideos((1, 3)))
    assert label.chosen is None
    assert "Add some videos" in label.panel.empty.sentence
    shown(label.panel, QPushButton, "Add videos").click()
    assert stand.pages == ["videos"]
    stand.session.undo()
    assert label.chosen == 1
    assert label.panel.timeline.isVisible()


def test_a_video_that_is_missing_says_so_and_keeps_its_labels(stand: Stand, project: Path) -> None:
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5),)))
    (project.parent / "films" / "clip1.mp4").unlink()
    page = stand.stage(LabelController)
    stand.qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    assert page.panel.player.is_file_missing
    assert _drawn(page) == [("reach", 0, 5)]
    page.panel.grab()


def test_a_read_only_project_is_shown_and_not_changed(stand: Stand) -> None:
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5),)))
    stand.session.require().read_only = "It is open for reading only."
    page = stand.stage(LabelController)
    stand.activateWindow()
    stand.qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    page.first.setFocus()
    assert not any(button.isEnabled() for button in page.panel.phases.buttons.values())
    _key(page, _I, 8)
    _key(page, Qt.Key.Key_1)
    _key(page, Qt.Key.Key_Delete, 2)
    assert _drawn(page) == [("reach", 0, 5)]
    assert stand.warned == []


def test_a_hidden_page_only_comes_forward(stand: Stand, label: LabelController) -> None:
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5),)))
    label.playback.toggle()
    stand.hide()
    assert label.playback.rate == 0
    for name in ("erase", "mark_start", "phase_1"):
        label.panel.commands[name].trigger()
    assert stand.pages == ["label"] * 3
    assert (_spans(stand), label.marked_range) == ([("reach", 0, 5)], None)


def test_another_project_leaves_nothing_of_the_first(
    stand: Stand, label: LabelController, tmp_path: Path, project: Path
) -> None:
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5),)))
    _key(label, _I, 3)
    stand.session.open(new_project(tmp_path / "other"))
    assert (label.chosen, label.marked_range, _drawn(label), _phases(label)) == (None, None, [], [])
    stand.session.open(project)
    assert _drawn(label) == [("reach", 0, 5)]
    stand.qtbot.waitUntil(lambda: label.panel.player.view.image is not None)


@pytest.fixture
def timeline(qtbot: QtBot) -> PhaseTimeline:
    made = PhaseTimeline()
    qtbot.addWidget(made)
    made.resize(912, made.sizeHint().height())
    made.show()
    return made


def test_every_frame_has_the_colour_of_its_phase(timeline: PhaseTimeline) -> None:
    colours = {"a": "#4477aa", "b": "#ee6677"}
    timeline.set_num_frames(100)
    timeline.set_spans([Span("a", 0, 10), Span("b", 10, 12), Span("a", 50, 100)], colours)
    timeline.set_frame_index(30)
    picture = timeline.grab().toImage()
    labels = ["a"] * 10 + ["b"] * 2 + [""] * 38 + ["a"] * 50
    row = round(timeline.current_layout.rows["manual"].top()) + 3  # above the names
    for frame, phase in enumerate(labels):
        if frame != 30:  # where the cursor stands
            x = round((timeline.x_of(frame) + timeline.x_of(frame + 1)) / 2)
            colour = picture.pixelColor(x, row).name()
            assert (colour == colours.get(phase)) == bool(phase), frame
        assert (timeline.span_at(frame).phase if timeline.span_at(frame) else "") == phase
    assert timeline.tooltip_at(timeline.x_of(11.5)) == "b: frames 10 to 11"
    assert timeline.tooltip_at(timeline.x_of(20.5)) == "Frame 20: not labelled"


def test_five_thousand_spans_and_none_are_drawn(timeline: PhaseTimeline) -> None:
    timeline.grab()
    timeline.set_num_frames(100_000)
    timeline.set_spans([Span("a", start, start + 10) for start in range(0, 100_000, 20)], {"a": "#4477aa"})
    timeline.set_marked_range((99_999, 100_000))
    timeline.set_frame_index(99_999)
    timeline.grab()
    assert timeline.span_at(99_985).start_frame == 99_980
    assert timeline.span_at(99_995) is None


def test_setters_announce_nothing(qtbot: QtBot) -> None:
    panel = LabelPanel()
    qtbot.addWidget(panel)
    with (
        qtbot.assertNotEmitted(panel.timeline.frame_selected),
        qtbot.assertNotEmitted(panel.videos.video_selected),
        qtbot.assertNotEmitted(panel.phases.label_requested),
        qtbot.assertNotEmitted(panel.phases.order_requested),
    ):
        panel.timeline.set_num_frames(10)
        panel.timeline.set_frame_index(4)
        panel.timeline.set_marked_range((1, 2))
        panel.phases.set_phases([])
        panel.videos.set_videos([], None)
        panel.set_read_only(True)
