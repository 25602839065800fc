"""Many labels are accepted with care: within one action, without what is disputed or odd, and seen before. By mouse, in
the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListView, QPushButton, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from carl_gui.label.acceptance_dialog import AcceptDialog
from carl_gui.label.controller import LabelController
from carl_gui.label.probe_work import Prediction, human_spans
from carl_gui.label.transfer import TransferDialog
from carl_gui.main_window import MainWindow
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from core.project.video_edits import SetAction
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import new_project, shown, tiny_videos
from tests.carl_gui.windows import dialog_of, dialogs, open_project, settle
from tests.core.project.projects import authored

_LEFT = Qt.MouseButton.LeftButton
FRAMES = 40
MOMENTS = np.linspace(0, 1, FRAMES)
TRACK = (Span("reach", 0, 20), Span("pour", 20, 40))
LABELLED, GOOD, ODD, SWAPPED, SQUAT, SQUAT_LABELLED = 1, 2, 3, 4, 5, 6


def _shaken() -> np.ndarray:
    """Frames of the same movement in no order: each looks like one, and nothing moves alike."""
    return course(np.random.default_rng(3).permutation(MOMENTS))


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> LabelController:
    """Six embedded videos: one labelled, one like it, one shuffled, one like it, and two of another action."""
    films = tiny_videos(tmp_path / "films", 6, FRAMES)
    folder = new_project(tmp_path / "project", films, decodes=True)
    rows = [course(MOMENTS), course(MOMENTS**1.4), _shaken(), course(MOMENTS**0.8), course(MOMENTS), course(MOMENTS)]
    embed_by_hand(folder, "run-1", list(zip(films, rows, strict=True)))
    open_project(window, folder)
    for name in ("reach", "pour"):
        window.session.do(AddPhase(name))
    window.session.do(SetAction((LABELLED, GOOD, ODD, SWAPPED), "pouring"))
    window.session.do(SetAction((SQUAT, SQUAT_LABELLED), "squat"))
    window.session.do(ReplaceSpans(LABELLED, TRACK))
    window.resize(1400, 860)
    window.show_page("label")
    made = window.page("label")
    assert isinstance(made, LabelController)
    qtbot.waitUntil(lambda: made.panel.player.view.image is not None)
    _wait(made, qtbot)
    return made


def _wait(page: LabelController, qtbot: QtBot) -> None:
    """Until the prediction is that of the labels as they are."""

    def is_ready() -> bool:
        now, project = page.probe.prediction, page._app_context.session.require()
        if now is None or page.probe.is_pending or not now.by_video:
            return False
        return all(human_spans(project.spans(key)) == human_spans(now.spans.get(key, ())) for key in now.embedded)

    qtbot.waitUntil(is_ready)


def _asked(page: LabelController, window: MainWindow, qtbot: QtBot, threshold: int = 0) -> AcceptDialog:
    """What "Accept all" shows."""
    page.panel.probe.threshold.setValue(threshold)
    qtbot.mouseClick(shown(page.panel.probe, QPushButton, "Accept all ≥"), _LEFT)
    qtbot.waitUntil(lambda: any(one.heading for one in dialogs(window, AcceptDialog)))
    return dialog_of(window, AcceptDialog)


def _labelled(page: LabelController) -> set[int]:
    videos = page._app_context.session.videos.values()
    return {video.id for video in videos if video.num_frames_labelled}


def test_what_is_shown_is_done_as_one_step_and_nothing_else(
    page: LabelController, window: MainWindow, qtbot: QtBot
) -> None:
    before = authored(window.session.require().folder)
    steps = len(window.session.require().steps())
    dialog = _asked(page, window, qtbot)
    assert authored(window.session.require().folder) == before, "nothing is changed before it is seen"
    assert dialog.heading == "4 segments in 2 videos (80 frames)"
    assert dialog.accept_button.text() == "Accept 4 segments"
    assert "not alignable with the labelled ones" in dialog.left_out
    assert "clip3.mp4" in dialog.left_out
    assert "another action" in dialog.left_out
    assert "clip5.mp4, clip6.mp4" in dialog.left_out
    sure = [tile.tile.text for tile in dialog.tiles]
    assert len(sure) == 4
    qtbot.waitUntil(lambda: all(tile.image is not None for tile in dialog.tiles))
    dialog.grab()
    qtbot.mouseClick(dialog.accept_button, _LEFT)
    settle()
    assert dialogs(window, AcceptDialog) == []
    assert _labelled(page) == {LABELLED, GOOD, SWAPPED}
    assert len(window.session.require().steps()) == steps + 1
    assert window.session.require().spans(LABELLED) == list(TRACK)
    window.session.undo()
    assert authored(window.session.require().folder) == before


def test_the_least_sure_ones_come_first_as_pictures(page: LabelController, window: MainWindow, qtbot: QtBot) -> None:
    dialog = _asked(page, window, qtbot)
    assert page.probe.prediction is not None
    spans = [span for key in (GOOD, SWAPPED) for span in page.probe.prediction.predicted(key) or ()]
    least = min(spans, key=lambda span: span.confidence)
    first = dialog.tiles[0].tile
    assert least.start_frame <= first.frame < least.end_frame_exclusive
    assert first.text.startswith(least.phase)
    assert first.colour == {"reach": "#4477aa", "pour": "#ee6677"}[least.phase]
    dialog.reject()


def test_a_video_that_is_unticked_gets_nothing(page: LabelController, window: MainWindow, qtbot: QtBot) -> None:
    dialog = _asked(page, window, qtbot)
    _click_box(dialog.view, 0, qtbot)
    assert dialog.heading.startswith("2 segments in 1 video")
    _click_box(dialog.view, 1, qtbot)
    assert not dialog.accept_button.isEnabled()
    _click_box(dialog.view, 1, qtbot)
    qtbot.mouseClick(dialog.accept_button, _LEFT)
    settle()
    assert _labelled(page) == {LABELLED, SWAPPED}


def test_cancel_changes_nothing(page: LabelController, window: MainWindow, qtbot: QtBot) -> None:
    before = authored(window.session.require().folder)
    dialog = _asked(page, window, qtbot)
    qtbot.mouseClick(shown(dialog, QPushButton, "Cancel"), _LEFT)
    settle()
    assert authored(window.session.require().folder) == before
    assert _labelled(page) == {LABELLED}


def test_what_probe_and_transfer_dispute_is_left_out(page: LabelController, window: MainWindow, qtbot: QtBot) -> None:
    """Another labelled video calls the same frames otherwise, twice as often: the probe follows it, and the nearest
    ones by alignment do not."""
    prediction = page.probe.prediction
    assert prediction is not None
    _swap_phases(prediction, SWAPPED)
    dialog = _asked(page, window, qtbot)
    assert "2 segments left out in clip4.mp4, where probe and transfer disagree." in dialog.left_out
    assert dialog.heading == "2 segments in 1 video (40 frames)"
    qtbot.mouseClick(dialog.accept_button, _LEFT)
    settle()
    assert _labelled(page) == {LABELLED, GOOD}


def test_a_phase_that_no_labelled_video_of_the_action_shows_is_left_out(
    page: LabelController, window: MainWindow, qtbot: QtBot
) -> None:
    """The frames look like a phase of another action, and no label along an alignment speaks against it."""
    window.session.do(AddPhase("hold"))
    window.session.do(ReplaceSpans(LABELLED, (Span("reach", 0, 20),)))
    window.session.do(ReplaceSpans(SQUAT_LABELLED, (Span("hold", 20, 40),)))
    _wait(page, qtbot)
    assert page.probe.prediction is not None
    assert {span.phase for span in page.probe.prediction.predicted(GOOD) or ()} == {"reach", "hold"}
    dialog = _asked(page, window, qtbot)
    assert "where probe and transfer disagree" in dialog.left_out
    qtbot.mouseClick(dialog.accept_button, _LEFT)
    settle()
    project = window.session.require()
    assert {span.phase for key in (LABELLED, GOOD, SWAPPED) for span in project.spans(key)} == {"reach"}


def test_what_was_transferred_and_the_probe_disputes_is_left_out(
    page: LabelController, window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.mouseClick(shown(page.panel, QPushButton, "Transfer…"), _LEFT)
    dialog = dialog_of(window, TransferDialog)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 5)
    dialog.repetitions.setChecked(False)
    qtbot.mouseClick(dialog.start_button, _LEFT)
    qtbot.waitUntil(lambda: page.review.videos == [GOOD, ODD, SWAPPED])
    settle()
    _wait(page, qtbot)
    assert page.probe.prediction is not None
    _swap_phases(page.probe.prediction, SWAPPED)
    qtbot.mouseClick(page.panel.review.buttons["accept_all"], _LEFT)
    asked = dialog_of(window, AcceptDialog)
    assert "2 segments left out in clip4.mp4, where probe and transfer disagree." in asked.left_out
    qtbot.mouseClick(asked.accept_button, _LEFT)
    settle()
    assert _labelled(page) == {LABELLED, GOOD}


def _swap_phases(prediction: Prediction, video: int) -> None:
    """Let the probe say the opposite of what it says of this video."""
    made = prediction.by_video[video]
    wrong = tuple(
        Span("pour" if span.phase == "reach" else "reach", *_ends(span), 0.95, "probe") for span in made.spans
    )
    object.__setattr__(made, "spans", wrong)


def _ends(span: Span) -> tuple[int, int]:
    return span.start_frame, span.end_frame_exclusive


def test_an_action_without_labels_by_hand_accepts_nothing(
    page: LabelController, window: MainWindow, qtbot: QtBot
) -> None:
    page.choose(SQUAT)
    assert "No video of “squat” is labelled by hand; these phases are of another action." in page.panel.probe.line
    page.panel.probe.threshold.setValue(0)
    qtbot.mouseClick(shown(page.panel.probe, QPushButton, "Accept all ≥"), _LEFT)
    assert "No video of “squat” is labelled by hand" in page.panel.line
    assert dialogs(window, AcceptDialog) == []
    assert _labelled(page) == {LABELLED}


def test_where_nothing_is_sure_enough_a_sentence_says_so(
    page: LabelController, window: MainWindow, qtbot: QtBot
) -> None:
    page.panel.probe.threshold.setValue(100)
    qtbot.mouseClick(shown(page.panel.probe, QPushButton, "Accept all ≥"), _LEFT)
    qtbot.waitUntil(lambda: "Nothing accepted: no unlabelled segment reaches 100 %." in page.panel.line)
    assert dialogs(window, AcceptDialog) == []


def test_transfer_never_ticks_another_action_and_accepts_it_only_one_by_one(
    page: LabelController, window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.mouseClick(shown(page.panel, QPushButton, "Transfer…"), _LEFT)
    dialog = dialog_of(window, TransferDialog)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 5)
    assert dialog.checked_keys == [GOOD, ODD, SWAPPED]
    assert [choice.text for choice in dialog.model.rows][3:] == ["clip5.mp4 – squat", "clip6.mp4 – squat"]
    qtbot.mouseClick(shown(dialog, QPushButton, "All of this action"), _LEFT)
    assert dialog.checked_keys == [GOOD, ODD, SWAPPED]
    _click_box(dialog.view, 3, qtbot)
    assert dialog.checked_keys == [GOOD, ODD, SWAPPED, SQUAT], "a person may"
    dialog.repetitions.setChecked(False)
    qtbot.mouseClick(dialog.start_button, _LEFT)
    qtbot.waitUntil(lambda: page.review.videos == [GOOD, ODD, SWAPPED, SQUAT])
    settle()
    _wait(page, qtbot)
    qtbot.mouseClick(page.panel.review.buttons["accept_all"], _LEFT)
    asked = dialog_of(window, AcceptDialog)
    assert "clip3.mp4" in asked.left_out
    assert "another action" in asked.left_out
    qtbot.mouseClick(asked.accept_button, _LEFT)
    settle()
    assert _labelled(page) == {LABELLED, GOOD, SWAPPED}
    assert page.review.videos == [ODD, SQUAT], "these go on waiting for a look"
    page.choose(SQUAT)
    qtbot.mouseClick(page.panel.review.buttons["accept"], _LEFT)
    assert SQUAT in _labelled(page)


def _click_box(view: QListView, row: int, qtbot: QtBot) -> None:
    option = QStyleOptionViewItem()
    view.initViewItemOption(option)
    option.rect = view.visualRect(view.model().index(row, 0))
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box = view.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, view)
    qtbot.mouseClick(view.viewport(), _LEFT, pos=QPoint(box.center()))
