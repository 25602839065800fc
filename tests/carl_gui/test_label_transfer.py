"""Labels go along the alignment to other videos: as `warp_labels` carries them, seen before they are accepted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from carl_gui.label.acceptance_dialog import AcceptDialog
from carl_gui.label.controller import LabelController
from carl_gui.label.transfer import TransferDialog
from core.align import align_partial, warp_labels
from core.base.types import Span
from core.labels.segments import UNLABELLED, frame_labels
from core.project.anchor_edits import AddAnchor
from core.project.phase_edits import AddPhase, RemovePhases, RenamePhase
from core.project.span_edits import ReplaceSpans
from core.project.video_edits import RemoveVideos
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import Stand, new_project, standing, tiny_videos
from tests.carl_gui.timelines import double_click, spot
from tests.core.project.projects import authored

FRAMES, PHASES = 40, ["reach", "pour"]
TRACK = (Span("reach", 0, 12), Span("pour", 12, 25), Span("reach", 30, 40))
COURSES = [course(np.linspace(0, 1, FRAMES) ** power) for power in (1.0, 2.0, 0.5, 1.4)]
"""The same movement at four tempos."""


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    return tiny_videos(tmp_path / "films", 4, FRAMES)


@pytest.fixture
def page(qtbot, tmp_path: Path, films: list[Path]) -> Iterator[LabelController]:
    """Four videos that one run has embedded; the first is labelled, two frames of the third are."""
    folder = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(folder, "run-1", list(zip(films, COURSES, strict=True)))
    with standing(qtbot) as stand:
        stand.session.open(folder)
        for name in PHASES:
            stand.session.do(AddPhase(name))
        stand.session.do(ReplaceSpans(1, TRACK))
        stand.session.do(ReplaceSpans(3, (Span("pour", 0, 2),)))
        made = stand.stage(LabelController)
        qtbot.waitUntil(lambda: made.panel.player.view.image is not None)
        yield made


def _stand(page: LabelController) -> Stand:
    return page._app_context.window


def _dialog(page: LabelController) -> TransferDialog:
    """Open, with its videos."""
    page.panel.commands["transfer"].trigger()
    (dialog,) = [one for one in _stand(page).findChildren(TransferDialog) if one.isVisible()]
    _stand(page).qtbot.waitUntil(lambda: dialog.model.rowCount() > 0)
    return dialog


def _transfer(page: LabelController, *videos: int) -> None:
    """To these, or to those that are ticked at first."""
    dialog = _dialog(page)
    if videos:
        dialog.model.check(videos)
    dialog.start_button.click()
    _stand(page).qtbot.waitUntil(lambda: bool(page.review.videos) and not page.probe.is_pending)


def _accept(page: LabelController) -> None:
    """What the dialog shows."""
    (dialog,) = [one for one in _stand(page).findChildren(AcceptDialog) if one.isVisible()]
    assert dialog.left_out == ""
    dialog.accept_button.click()


def _labels(page: LabelController, video_id: int) -> list[int]:
    return frame_labels(page._app_context.session.require().spans(video_id), FRAMES, PHASES).tolist()


def _warped(video_id: int) -> list[int]:
    path = align_partial(COURSES[0], COURSES[video_id - 1])
    return warp_labels(frame_labels(TRACK, FRAMES, PHASES), path, UNLABELLED).tolist()


def test_what_is_accepted_is_what_the_path_carries_and_one_step(page: LabelController) -> None:
    session = page._app_context.session
    before, steps = authored(session.require().folder), len(session.require().steps())
    _transfer(page)
    assert page.review.videos == [2, 4], "those without labels are ticked"
    assert authored(session.require().folder) == before, "nothing is changed before it is accepted"
    page.panel.review.buttons["accept_all"].click()
    assert authored(session.require().folder) == before, "it is shown first what would be done"
    _accept(page)
    for number in (2, 4):
        assert _labels(page, number) == _warped(number)
        assert {span.source for span in session.require().spans(number)} == {"transfer"}
    assert len(session.require().steps()) == steps + 1
    assert session.require().next_undo().label == "Accept transferred labels of 2 videos"
    after = authored(session.require().folder)
    session.undo()
    assert authored(session.require().folder) == before
    session.redo()
    assert authored(session.require().folder) == after
    assert (page.review.videos, page.panel.review.line) == ([], "")


def test_what_a_person_said_stays(page: LabelController) -> None:
    _transfer(page, 3)
    assert page.chosen == 3, "it is shown"
    assert "to fill" in page.panel.review.line
    page.panel.review.buttons["accept"].click()
    said = [1, 1]
    assert _labels(page, 3) == said + _warped(3)[2:]
    assert page._app_context.session.require().spans(3)[0] == Span("pour", 0, 2)


def test_video_by_video(page: LabelController) -> None:
    _transfer(page, 2, 3, 4)
    assert page.chosen == 2
    notes = [choice.note for choice in page.panel.videos.model.rows]
    assert ["proposed" in note for note in notes] == [False, True, True, True]
    strip = page.panel.timeline.state.proposed
    assert frame_labels(strip.spans, FRAMES, PHASES).tolist() == _warped(2)
    page.panel.grab()
    for shown in (3, 4, 2):
        page.panel.review.buttons["next"].click()
        assert page.chosen == shown
    page.panel.review.buttons["accept"].click()
    assert (page.chosen, page.review.videos) == (3, [3, 4]), "the next one comes"
    page.panel.review.buttons["discard"].click()
    assert (page.chosen, page.review.videos) == (4, [4])
    assert not page.panel.review.buttons["next"].isEnabled()
    page.choose(1)
    assert page.panel.timeline.state.proposed is None, "nothing is proposed here"
    assert not page.panel.review.buttons["accept"].isEnabled()
    page.panel.review.buttons["discard_all"].click()
    assert page.review.videos == []
    assert page.panel.review.isHidden()
    assert _labels(page, 4) == [UNLABELLED] * FRAMES


def test_a_double_click_accepts_one_label(page: LabelController, qtbot) -> None:
    _transfer(page, 2)
    timeline = page.panel.timeline
    span = timeline.state.proposed.spans[1]
    middle = (span.start_frame + span.end_frame_exclusive) / 2
    double_click(qtbot, timeline, spot(timeline, middle, "proposed"))
    assert page._app_context.session.require().spans(2) == [span]


def test_pins_lead_the_path(page: LabelController) -> None:
    page._app_context.session.do(AddAnchor(1, 2, 20, 20))
    _transfer(page, 2)
    path = align_partial(COURSES[0], COURSES[1], anchors=[(20, 20)])
    expected = warp_labels(frame_labels(TRACK, FRAMES, PHASES), path, UNLABELLED).tolist()
    assert frame_labels(page.panel.timeline.state.proposed.spans, FRAMES, PHASES).tolist() == expected
    assert expected != _warped(2)


def test_proposals_follow_phases_and_videos(page: LabelController) -> None:
    session = page._app_context.session
    _transfer(page, 2, 4)
    session.do(RenamePhase(1, "grasp"))
    assert {span.phase for span in page.panel.timeline.state.proposed.spans} == {"grasp", "pour"}
    session.do(RemovePhases((2,)))
    assert {span.phase for span in page.panel.timeline.state.proposed.spans} == {"grasp"}
    session.do(RemoveVideos((4,)))
    assert page.review.videos == [2]
    assert page.probe.is_pending, "what the probe says is older than the phases"
    page.review.accept_all()
    assert "a newer prediction is being made" in page.panel.line
    _stand(page).qtbot.waitUntil(lambda: not page.probe.is_pending)
    page.review.accept_all()
    _accept(page)
    assert {span.phase for span in session.require().spans(2)} == {"grasp"}


def test_boxes_are_ticked_by_mouse_and_by_groups(page: LabelController, qtbot) -> None:
    dialog = _dialog(page)
    assert dialog.model.rows[1].text == "clip3.mp4"
    assert dialog.model.rows[1].note == "labelled: 5 %"
    assert dialog.line.full_text == "Chosen: 2 of 3 videos"
    option = QStyleOptionViewItem()
    dialog.view.initViewItemOption(option)
    index = dialog.model.index(1, 0)
    option.rect = QRect(dialog.view.visualRect(index))
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box = dialog.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, dialog.view)
    qtbot.mouseClick(dialog.view.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert dialog.checked_keys == [2, 3, 4]
    dialog._tick_buttons[2].click()
    assert dialog.checked_keys == []
    assert not dialog.start_button.isEnabled()
    dialog._tick_buttons[1].click()
    assert dialog.checked_keys == [2, 3, 4]
    dialog.reject()


def test_what_is_cancelled_proposes_nothing(page: LabelController, qtbot) -> None:
    dialog = _dialog(page)
    dialog.start_button.click()
    dialog.reject()
    again = _dialog(page)  # it is filled once the first one's thread has ended
    assert page.review.videos == []
    assert again.isVisible(), "what was asked before is not taken for what is asked now"
    again.model.check([4])
    again.start_button.click()
    qtbot.waitUntil(lambda: page.review.videos == [4])


def test_without_labels_or_embeddings_a_sentence_says_so(page: LabelController, qtbot, films: list[Path]) -> None:
    page.choose(2)
    page.panel.commands["transfer"].trigger()
    assert "No labels to transfer" in page.panel.line
    page.choose(1)
    folder = page._app_context.session.require().folder
    for sentence in ("Embed this video and others", "No embeddings yet"):
        if sentence.startswith("Embed this"):
            embed_by_hand(folder, "run-1", list(zip(films[1:], COURSES[1:], strict=True)))
        else:
            for file in (folder / "embeddings" / "run-1").iterdir():
                file.unlink()
        page.panel.commands["transfer"].trigger()
        (dialog,) = [one for one in _stand(page).findChildren(TransferDialog) if one.isVisible()]
        qtbot.waitUntil(lambda sentence=sentence, dialog=dialog: sentence in dialog.line.full_text)
        assert not dialog.start_button.isEnabled()
        dialog.reject()


def test_damaged_embeddings_say_so(page: LabelController, qtbot) -> None:
    dialog = _dialog(page)
    folder = page._app_context.session.require().folder
    (folder / "embeddings" / "run-1" / "seconds.npz").write_bytes(b"nothing")
    dialog.start_button.click()
    qtbot.waitUntil(lambda: "cannot be opened" in page.panel.line)
    assert page.review.videos == []


def test_closing_the_project_ends_it(page: LabelController) -> None:
    _transfer(page, 2)
    page.choose(1)
    dialog = _dialog(page)
    dialog.start_button.click()
    page._app_context.session.close()
    assert page.review.videos == []
