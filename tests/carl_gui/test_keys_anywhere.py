"""Wherever the mouse was clicked, the player's keys work: in the real window, by mouse and keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from carl_gui.explore.many.controller import ManyView
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.right_panel import RightBox
from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.player.seek_bar import SeekBar
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from core.project.video_edits import SetAction
from tests.carl_gui.pairs import numbers, paired_project
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.windows import open_project
from tests.conftest import number_of

Key, _LEFT = Qt.Key, Qt.MouseButton.LeftButton
FRAMES = 40


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> LabelController:
    """The step Label of four videos: the second one is labelled by hand, the third by an accepted prediction."""
    films = tiny_videos(tmp_path / "films", 4, FRAMES)
    open_project(window, new_project(tmp_path / "project", films, decodes=True))
    for name in ("reach", "pour"):
        window.session.do(AddPhase(name))
    window.session.do(ReplaceSpans(2, (Span("reach", 0, 20), Span("pour", 20, 40))))
    window.session.do(ReplaceSpans(3, (Span("reach", 0, 10), Span("pour", 10, 40, 0.8, "probe"))))
    window.session.do(SetAction((4,), "squat"))
    window.resize(1400, 860)
    window.show_page("label")
    made = window.page("label")
    assert isinstance(made, LabelController)
    qtbot.waitUntil(lambda: made.panel.player.view.image is not None)
    return made


def _click(qtbot: QtBot, widget: QWidget, at: QPoint | None = None) -> None:
    """As a window system does it: the click gives the focus to what takes it by a click."""
    taker: QWidget | None = widget
    while taker is not None and not taker.focusPolicy() & Qt.FocusPolicy.ClickFocus:
        taker = taker.parentWidget()
    if taker is not None:
        taker.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.mouseClick(widget, _LEFT, pos=widget.rect().center() if at is None else at)


def _row(view: QAbstractItemView, row: int) -> QPoint:
    return view.visualRect(view.model().index(row, 0)).center()


def _key(qtbot: QtBot, key: Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """To whatever has the focus."""
    focused = QApplication.focusWidget()
    assert focused is not None, "the keys go nowhere"
    qtbot.keyClick(focused, key, keys)


def _plays(qtbot: QtBot, page: LabelController) -> bool:
    """Whether Space plays, and pauses again."""
    _key(qtbot, Key.Key_Space)
    rate = page.playback.rate
    if rate:
        _key(qtbot, Key.Key_Space)
    return rate == 1 and page.playback.rate == 0


def test_space_plays_after_a_click_on_any_list(page: LabelController, qtbot: QtBot) -> None:
    panel = page.panel
    _click(qtbot, panel.videos.view.viewport(), _row(panel.videos.view, 1))
    assert page.chosen == 2
    qtbot.waitUntil(lambda: len(page.playback.seconds) == FRAMES)
    assert panel.videos.view.hasFocus()
    assert _plays(qtbot, page)
    _click(qtbot, panel.phases.view.viewport(), _row(panel.phases.view, 1))
    assert _plays(qtbot, page)
    page.playback.seek(5)
    _key(qtbot, Key.Key_Right)
    assert page.playback.frame_index == 6
    _key(qtbot, Key.Key_L)
    assert page.playback.rate == 1
    _key(qtbot, Key.Key_K)
    assert page.playback.rate == 0


def test_a_click_on_no_control_of_the_page_takes_space_from_the_player(page: LabelController, qtbot: QtBot) -> None:
    seen = 0
    for widget in page.panel.findChildren(QWidget):
        is_typed = isinstance(widget, QLineEdit | QAbstractSpinBox)
        if not widget.isVisible() or not widget.isEnabled() or is_typed or isinstance(widget.parentWidget(), QComboBox):
            continue
        if not widget.focusPolicy() & Qt.FocusPolicy.ClickFocus:
            continue
        page.panel.player.view.setFocus()
        widget.setFocus(Qt.FocusReason.MouseFocusReason)
        assert _plays(qtbot, page), widget.metaObject().className()
        seen += 1
    assert seen >= 4, "the picture, the seek bar and the lists"
    for button in page.panel.findChildren(QAbstractButton):
        if button.isVisible() and button.isEnabled():
            assert not button.focusPolicy() & Qt.FocusPolicy.ClickFocus, button.text()


def test_space_still_presses_what_tab_has_reached(page: LabelController, qtbot: QtBot) -> None:
    box = page.panel.probe.order
    box.show()
    before = box.isChecked()
    box.setFocus(Qt.FocusReason.TabFocusReason)
    _key(qtbot, Key.Key_Space)
    assert box.isChecked() != before
    assert page.playback.rate == 0


def test_tab_leaves_every_list_and_the_player(page: LabelController, qtbot: QtBot) -> None:
    panel = page.panel
    lists = (panel.player.view, panel.videos.view, panel.phases.view)
    for widget in lists:
        widget.setFocus()
        _key(qtbot, Key.Key_Tab)
        assert not widget.hasFocus()
        widget.setFocus()
        qtbot.keyClick(widget, Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        assert not widget.hasFocus()
    panel.player.view.setFocus()
    reached = set()
    for _ in range(60):
        _key(qtbot, Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert {*lists, panel.videos.filters.field} <= reached, "nobody is held anywhere"


def test_labels_and_videos_have_keys_of_their_own(page: LabelController, qtbot: QtBot) -> None:
    panel = page.panel
    _click(qtbot, panel.videos.view.viewport(), _row(panel.videos.view, 1))
    qtbot.waitUntil(lambda: len(page.playback.seconds) == FRAMES)
    _key(qtbot, Key.Key_Period)
    assert [span.start_frame for span in panel.timeline.selected] == [0]
    _key(qtbot, Key.Key_Period)
    assert (page.playback.frame_index, [span.start_frame for span in panel.timeline.selected]) == (20, [20])
    _key(qtbot, Key.Key_Period)
    assert "No label comes after this." in panel.line
    _key(qtbot, Key.Key_Comma)
    assert page.playback.frame_index == 0
    for chosen in (3, 4, 4):
        _key(qtbot, Key.Key_PageDown)
        assert page.chosen == chosen
    assert "last video" in panel.line
    for chosen in (3, 2, 1, 1):
        _key(qtbot, Key.Key_PageUp)
        assert page.chosen == chosen
    assert "first video" in panel.line
    menu = page.panel.commands
    assert [menu[name].shortcut().toString() for name in ("next", "next_video")] == [".", "PgDown"]


def test_the_list_is_searched_and_filtered(page: LabelController, qtbot: QtBot) -> None:
    panel, filters = page.panel, page.panel.videos.filters

    def listed() -> list[int | str]:
        return [choice.key for choice in panel.videos.model.rows]

    assert listed() == [1, 2, 3, 4]
    panel.player.view.setFocus()
    _key(qtbot, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert filters.field.hasFocus()
    qtbot.keyClicks(filters.field, "CLIP3")
    assert listed() == [3]
    assert page.chosen == 1, "what is shown stays shown"
    _key(qtbot, Key.Key_Return)
    assert page.chosen == 3
    qtbot.waitUntil(lambda: len(page.playback.seconds) == FRAMES)
    assert _plays(qtbot, page)
    filters.field.setFocus()
    qtbot.keyClicks(filters.field, " of nobody")
    assert listed() == []
    qtbot.mouseClick(panel.videos.show_all, _LEFT)
    assert listed() == [1, 2, 3, 4]
    for text, expected in (
        ("Without labels", [1, 4]),
        ("Labelled by hand", [2]),
        ("With predicted labels", [3]),
        ("Action: squat", [4]),
    ):
        filters.kind.setFocus(Qt.FocusReason.TabFocusReason)
        filters.kind.setCurrentIndex(0)
        for _ in range(filters.kind.findText(text)):
            if filters.kind.currentText() != text:
                _key(qtbot, Key.Key_Down)
        assert (filters.kind.currentText(), listed()) == (text, expected)
    panel.player.view.setFocus()
    assert page.chosen == 3
    _key(qtbot, Key.Key_PageDown)
    assert page.chosen == 4, "the next one of the list"
    page._app_context.session.do(ReplaceSpans(4, (Span("pour", 0, 3),)))
    assert listed() == [4]


def test_the_keys_go_to_the_next_video_that_is_listed(page: LabelController, qtbot: QtBot) -> None:
    page.panel.videos.filters.kind.setCurrentText("Without labels")
    assert [choice.key for choice in page.panel.videos.model.rows] == [1, 4]
    page.panel.player.view.setFocus()
    for key, chosen in ((Key.Key_PageDown, 4), (Key.Key_PageUp, 1)):
        _key(qtbot, key)
        assert page.chosen == chosen, "and none that the filter hides"


def test_the_list_tells_labels_by_hand_from_accepted_predictions(page: LabelController) -> None:
    choices = {choice.key: choice for choice in page.panel.videos.model.rows}
    assert [choices[key].note for key in (1, 2, 3)] == ["", "100 %", "75 % predicted"]
    assert [choices[key].shares for key in (2, 3)] == [(1.0, 0.0), (0.25, 0.75)]
    assert "Predicted and accepted, not confirmed: 75 %" in choices[3].tip
    page._app_context.session.do(ReplaceSpans(2, (Span("pour", 0, 40, 0.8, "transfer"),)))
    (note,) = [choice.note for choice in page.panel.videos.model.rows if choice.key == 2]
    assert note == "100 % predicted"


def test_the_bar_under_a_name_is_full_by_hand_and_hatched_where_it_was_predicted(
    page: LabelController, qtbot: QtBot
) -> None:
    view = page.panel.videos.view
    image = view.viewport().grab().toImage()

    def tones(row: int) -> int:
        """How many colours there are along the bar of this row, away from its ends."""
        box = view.visualRect(view.model().index(row, 0))
        xs = range(box.left() + box.width() // 2, box.right() - 12)
        return len({image.pixel(x, box.bottom() - 2) for x in xs})

    assert (tones(1), tones(3)) == (1, 1), "all by hand, and nothing"
    assert tones(2) > 1, "the rest was predicted"


def test_the_handle_of_the_seek_bar_and_the_frame_agree(page: LabelController, qtbot: QtBot) -> None:
    (bar,) = page.panel.player.findChildren(SeekBar)

    def agree(expected: int) -> None:
        assert (bar.value(), page.playback.frame_index) == (expected, expected)
        qtbot.waitUntil(lambda: number_of(page.panel.player.view.image) == 13 + expected)

    _click(qtbot, bar, QPoint(round(bar.x_of(20)), bar.height() // 2))
    assert bar.hasFocus()
    agree(20)
    for key, expected in (
        (Key.Key_Down, 19),
        (Key.Key_Up, 20),
        (Key.Key_PageDown, 16),
        (Key.Key_PageUp, 20),
        (Key.Key_End, 39),
        (Key.Key_Home, 0),
        (Key.Key_Right, 1),
        (Key.Key_PageUp, 5),
        (Key.Key_Left, 4),
    ):
        _key(qtbot, key)
        agree(expected)
    assert page.chosen == 1, "the page's own keys by these names wait"


def _are_left(page: QWidget) -> None:
    """No click on a button or a box of choices takes the focus."""
    controls = [*page.findChildren(QAbstractButton), *page.findChildren(QComboBox)]
    seen = [one for one in controls if one.isVisible() and one.isEnabled()]
    assert len(seen) > 5
    for one in seen:
        assert not one.focusPolicy() & Qt.FocusPolicy.ClickFocus, one.accessibleName()


def test_space_plays_after_a_click_on_the_library(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_project(window, new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 3, FRAMES), decodes=True))
    library = window.library
    qtbot.waitUntil(lambda: library.panel.model.rowCount() == 3)
    view = library.panel.view
    _click(qtbot, view.viewport(), view.visualRect(view.model().index(1, 0)).center())
    qtbot.waitUntil(lambda: len(library.playback.seconds) == FRAMES)
    assert view.hasFocus()
    _key(qtbot, Key.Key_Space)
    assert library.playback.rate == 1
    _key(qtbot, Key.Key_Space)
    assert library.playback.rate == 0
    _are_left(library.widget)


def test_space_plays_a_pair_and_many_after_a_click_beside_them(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    open_project(window, paired_project(tmp_path))
    window.resize(1400, 860)
    window.show_page("explore")
    page = window.page("explore")
    assert isinstance(page, ExploreController)
    pair, many = page.views["pair"], page.views["many"]
    assert isinstance(pair, PairView)
    assert isinstance(many, ManyView)
    qtbot.waitUntil(lambda: None not in numbers(pair) and pair.panel._pair is not None)
    _are_left(page.widget)
    box = next(one for one in page.widget.findChildren(RightBox) if one.isVisible()).boxes[0]
    _click(qtbot, box, QPoint(8, box.height() // 2))
    assert box.isChecked()
    _key(qtbot, Key.Key_Space)
    qtbot.waitUntil(lambda: pair.players.rate == 1)
    _key(qtbot, Key.Key_Space)
    qtbot.waitUntil(lambda: pair.players.rate == 0)
    assert box.isChecked()
    page.choose_view("many")
    qtbot.waitUntil(lambda: bool(many.visible) and not many.alignments.missing)
    many.panel.cells[0].view.setFocus()
    ticks = many.panel.choice.view
    before = set(many.panel.choice.list._checked)
    _click(qtbot, ticks.viewport(), _row(ticks, 0))
    assert set(many.panel.choice.list._checked) != before
    _click(qtbot, ticks.viewport(), _row(ticks, 0))
    assert set(many.panel.choice.list._checked) == before
    qtbot.waitUntil(lambda: many.panel.player.commands["play"].isEnabled())
    _key(qtbot, Key.Key_Space)
    assert set(many.panel.choice.list._checked) == before, "Space ticks where Tab has led"
    qtbot.waitUntil(lambda: many.playing.metronome.rate != 0)
    _are_left(page.widget)
