"""The library with mouse, keys and drops: what it says it wants, and what stays when videos change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragLeaveEvent, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QInputDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.models.video_filter import Column
from carl_gui.theme import DARK, palette_of
from carl_gui.videos.commands import COMMANDS
from carl_gui.videos.filters import FilterBar
from carl_gui.videos.menus import DropTarget, RowMenu
from carl_gui.videos.panel import EmptyLibrary, LibraryPanel, MissingNotice, NothingMatches
from tests.carl_gui.drops import drag_enter, drop
from tests.carl_gui.videos import badges, many, row

_LEFT, _CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
_NAMES = ("a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4")


@pytest.fixture
def panel(qtbot: QtBot) -> LibraryPanel:
    """Five videos, all columns in sight."""
    made = LibraryPanel()
    qtbot.addWidget(made)
    made.resize(1300, 500)
    made.set_videos([row(number, name, action="squat") for number, name in enumerate(_NAMES, 1)])
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def _said(panel: LibraryPanel, *names: str) -> list[tuple[Any, ...]]:
    said: list[tuple[Any, ...]] = []
    for name in names:
        getattr(panel, name).connect(lambda *values, name=name: said.append((name, *values)))
    return said


def _spot(panel: LibraryPanel, video_id: int, column: Column = Column.NAME) -> QPoint:
    return panel.view.visualRect(panel.model.index(panel.model.row_of(video_id), column)).center()


def _click(
    qtbot: QtBot,
    panel: LibraryPanel,
    video_id: int,
    column: Column = Column.NAME,
    held: Any = None,
    *,
    twice: bool = False,
) -> None:
    where, keys = _spot(panel, video_id, column), held or Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(panel.view.viewport(), _LEFT, keys, where)
    if twice:
        qtbot.mouseDClick(panel.view.viewport(), _LEFT, keys, where)


def _choose(qtbot: QtBot, panel: LibraryPanel, *ids: int) -> None:
    for at, video_id in enumerate(ids):
        _click(qtbot, panel, video_id, held=_CONTROL if at else None)
    assert panel.selected == ids


def _shown_texts(panel: QWidget) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def _field(panel: LibraryPanel) -> QLineEdit:
    return next(field for field in panel.findChild(FilterBar).findChildren(QLineEdit))


def test_a_click_chooses_a_double_click_and_enter_open(qtbot: QtBot, panel: LibraryPanel) -> None:
    said = _said(panel, "video_selected", "selection_changed", "video_activated")
    _click(qtbot, panel, 3)
    assert said == [("video_selected", 3), ("selection_changed", (3,))]
    said.clear()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert sorted(said[:2]) == [("selection_changed", (4,)), ("video_selected", 4)]
    assert said[2:] == [("video_activated", 4)]
    said.clear()
    _click(qtbot, panel, 2, twice=True)
    assert said[-1] == ("video_activated", 2)
    assert panel.view.state() == panel.view.State.NoState, "a double click on the name edits nothing"


def test_the_focus_alone_chooses_nothing_and_the_first_arrow_the_first_row(qtbot: QtBot, panel: LibraryPanel) -> None:
    said = _said(panel, "video_selected", "selection_changed")
    panel.view.clearFocus()
    panel.view.setFocus(Qt.FocusReason.TabFocusReason)
    assert said == []
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert said == [("video_selected", 1), ("selection_changed", (1,))]


def test_setters_announce_nothing(qtbot: QtBot, panel: LibraryPanel) -> None:
    said = _said(panel, "video_selected", "selection_changed", "name_edited", "action_edited", "split_edited")
    panel.set_chosen(2)
    assert (panel.chosen, panel.selected) == (2, (2,))
    panel.set_videos([row(2, "z.mp4"), row(9, "y.mp4")])
    assert (panel.chosen, panel.selected) == (2, (2,))
    panel.update_videos([row(2, "a first one.mp4")])
    panel.set_badges({2: badges(decoded=True)})
    panel.set_thumbnail(2, QImage(160, 90, QImage.Format.Format_RGB888))
    panel.set_read_only(True)
    panel.set_videos([row(9, "y.mp4")])
    assert (panel.chosen, panel.selected) == (-1, ())
    assert said == []


def test_the_split_of_three_rows_by_double_click_on_one(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.update_videos([row(2, "b.mp4", action="squat", split="val")])
    _choose(qtbot, panel, 2, 3, 5)
    said = _said(panel, "split_edited")
    _click(qtbot, panel, 3, Column.SPLIT, twice=True)
    assert panel.selected == (2, 3, 5)
    combo = panel.view.viewport().findChild(QComboBox)
    qtbot.waitUntil(combo.view().isVisible)
    assert [combo.itemData(at) for at in range(combo.count())] == ["train", "val", "none"]
    qtbot.keyClick(combo.view(), Qt.Key.Key_Home)
    qtbot.keyClick(combo.view(), Qt.Key.Key_Down)
    qtbot.keyClick(combo.view(), Qt.Key.Key_Return)
    assert said == [("split_edited", (3, 5), "val")], "the second one is so already"


def test_an_action_is_typed_for_the_chosen_and_not_for_a_row_besides(qtbot: QtBot, panel: LibraryPanel) -> None:
    _choose(qtbot, panel, 1, 2)
    said = _said(panel, "action_edited")
    _click(qtbot, panel, 2, Column.ACTION, twice=True)
    field = panel.view.viewport().findChild(QLineEdit)
    assert (field.text(), field.completer().model().rowCount()) == ("squat", 1)
    qtbot.keyClicks(field, "front lunge ")
    with qtbot.waitSignal(panel.action_edited):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == [("action_edited", (1, 2), "front lunge")]
    said.clear()
    _click(qtbot, panel, 4, Column.ACTION, twice=True)
    field = next(one for one in panel.view.viewport().findChildren(QLineEdit) if one.isVisible())
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert said == [("action_edited", (4,), "")]


def test_a_field_that_is_left_as_it_was_changes_nothing(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.update_videos([row(1, "a.mp4", action="lunge", split="val")])
    _choose(qtbot, panel, 1, 2)
    said = _said(panel, "action_edited", "name_edited", "split_edited")
    for column in (Column.ACTION, Column.SPLIT):
        _click(qtbot, panel, 1, column, twice=True)
        editor = QApplication.focusWidget()
        qtbot.keyClick(editor, Qt.Key.Key_Tab)
    panel.commands["rename"].trigger()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert said == []


def test_what_is_typed_survives_news_of_the_row(qtbot: QtBot, panel: LibraryPanel) -> None:
    _choose(qtbot, panel, 1)
    said = _said(panel, "name_edited")
    qtbot.keyClick(panel.view, Qt.Key.Key_F2)
    field = panel.view.viewport().findChild(QLineEdit)
    qtbot.keyClicks(field, "better")
    panel.update_videos([row(1, "a.mp4", action="squat", num_frames=30)])
    qtbot.keyClicks(field, " name.mp4")
    with qtbot.waitSignal(panel.name_edited):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == [("name_edited", 1, "better name.mp4")]


@pytest.mark.parametrize("typed", ["", "   ", "a.mp4"])
def test_no_name_and_the_same_name_are_no_edit(qtbot: QtBot, panel: LibraryPanel, typed: str) -> None:
    _choose(qtbot, panel, 1)
    panel.commands["rename"].trigger()
    field = panel.view.viewport().findChild(QLineEdit)
    field.clear()
    with qtbot.assertNotEmitted(panel.name_edited):
        qtbot.keyClicks(field, typed)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: panel.view.state() == panel.view.State.NoState)


def test_a_filter_keeps_what_it_shows_selected_and_finds_the_current_one_again(
    qtbot: QtBot, panel: LibraryPanel
) -> None:
    panel.set_videos([row(1, "a red"), row(2, "b blue"), row(3, "c red"), row(4, "d blue")])
    _choose(qtbot, panel, 2, 3, 4)
    said = _said(panel, "selection_changed", "video_selected")
    panel.commands["find"].trigger()
    assert _field(panel).hasFocus()
    qtbot.keyClicks(_field(panel), "RED")
    assert panel.selected == (3,)
    assert said == [("selection_changed", (3,))]
    assert "2 of 4 shown" in _shown_texts(panel)
    qtbot.keyClick(_field(panel), Qt.Key.Key_Escape)
    assert panel.selected == (3,)
    assert (panel.chosen, panel.view.current) == (4, 4)
    assert "4 videos" in _shown_texts(panel)


def test_from_the_search_the_arrow_leads_into_the_list(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.commands["find"].trigger()
    qtbot.keyClicks(_field(panel), "c")
    with qtbot.waitSignal(panel.video_selected) as chosen:
        qtbot.keyClick(_field(panel), Qt.Key.Key_Down)
    assert chosen.args == [3]
    assert panel.view.hasFocus()


def test_the_combos_filter_and_nothing_that_matches_offers_to_clear(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.update_videos([row(1, "a.mp4", action="lunge", split="val"), row(2, "b.mp4", action="", split="train")])
    action, split, state = panel.findChild(FilterBar).findChildren(QComboBox)
    assert [action.itemText(at) for at in range(action.count())] == ["Any action", "lunge", "squat", "No action"]
    action.setCurrentIndex(3)
    assert panel.model.shown == [2]
    action.setCurrentIndex(1)
    assert panel.model.shown == [1]
    split.setCurrentIndex(split.findData("train"))
    nothing = panel.findChild(NothingMatches)
    assert nothing.isVisible()
    qtbot.mouseClick(nothing.findChild(QPushButton), _LEFT)
    assert panel.view.isVisible()
    assert len(panel.model.shown) == 5
    action.setCurrentIndex(1)
    panel.update_videos([row(1, "a.mp4", action="squat")])
    assert (action.currentText(), len(panel.model.shown)) == ("Any action", 5), "the action is gone, and its filter"
    state.setCurrentIndex(state.findData("decoded"))
    panel.set_badges({4: badges(decoded=True)})
    assert panel.model.shown == [4]


def test_the_lines_count_and_the_missing_are_sought(qtbot: QtBot, panel: LibraryPanel) -> None:
    assert "5 videos" in _shown_texts(panel)
    notice = panel.findChild(MissingNotice)
    assert not notice.isVisible()
    panel.set_badges({2: badges(broken="No."), 4: badges(missing=True), 5: badges(missing=True)})
    assert "5 videos, 1 broken, 2 missing" in _shown_texts(panel)
    assert "2 videos are missing." in _shown_texts(notice)
    with qtbot.waitSignal(panel.find_requested) as wanted:
        qtbot.mouseClick(notice.findChild(QPushButton), _LEFT)
    assert wanted.args == [(4, 5)]
    _choose(qtbot, panel, 1, 5)
    with qtbot.waitSignal(panel.find_requested) as wanted:
        panel.commands["find_moved"].trigger()
    assert wanted.args == [(5,)]
    panel.set_badges({4: badges(), 5: badges()})
    assert not notice.isVisible()


def test_delete_and_the_menu_say_what_is_wanted(qtbot: QtBot, panel: LibraryPanel) -> None:
    _choose(qtbot, panel, 2, 4)
    said = _said(panel, "remove_requested", "reveal_requested", "split_edited", "action_edited")
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    panel.commands["reveal"].trigger()
    panel.view.menu_requested.emit(QPoint(10, 10))
    menu = panel.findChild(RowMenu)
    assert menu.isVisible()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == [
        "Rename",
        "Set action…",
        "Set split",
        "Find moved video…",
        "Show in folder",
        "Remove from project",
        "Sort by",
    ]
    entries = {entry.text(): entry for entry in menu.actions()}
    splits, sorting = (entries[text].menu() for text in ("Set split", "Sort by"))
    assert [action.isChecked() for action in splits.actions()] == [False, False, True]
    splits.actions()[0].trigger()
    sorting.actions()[Column.SIZE].trigger()
    assert panel.model.sorted_by == (Column.SIZE, False)
    menu.close()
    panel.commands["set_action"].trigger()
    dialog = panel.findChild(QInputDialog)
    dialog.setTextValue("deadlift")
    dialog.accept()
    assert said == [
        ("remove_requested", (2, 4)),
        ("reveal_requested", 4),
        ("split_edited", (2, 4), "train"),
        ("action_edited", (2, 4), "deadlift"),
    ]


def test_commands_are_on_where_they_make_sense(qtbot: QtBot, panel: LibraryPanel) -> None:
    def on() -> set[str]:
        return {name for name, action in panel.commands.items() if action.isEnabled()}

    assert set(panel.commands) == {command.name for command in COMMANDS}
    assert on() == {"add_files", "add_folder", "find"}
    _choose(qtbot, panel, 1)
    assert on() == set(panel.commands) - {"find_moved"}
    panel.set_badges({1: badges(missing=True)})
    assert on() == set(panel.commands) - {"reveal"}
    panel.set_read_only(True)
    assert on() == {"find"}
    _click(qtbot, panel, 2, Column.SPLIT, twice=True)
    assert panel.view.viewport().findChild(QComboBox) is None
    assert not any(button.isEnabled() for button in panel.findChildren(QPushButton) if button.isVisible())


def _drop(panel: LibraryPanel, *urls: QUrl) -> bool:
    """As the system drags, hovers and drops; whether it was taken."""
    data = QMimeData()
    data.setUrls(list(urls))
    enter = drag_enter(QPoint(50, 50), data)
    QApplication.sendEvent(panel, enter)
    if not enter.isAccepted():
        return False
    assert panel.findChild(DropTarget).isVisible()
    dropped = drop(QPoint(50, 50), data)
    QApplication.sendEvent(panel, dropped)
    assert not panel.findChild(DropTarget).isVisible()
    return dropped.isAccepted()


def test_files_and_folders_are_dropped_and_addresses_are_not(qtbot: QtBot, panel: LibraryPanel, tmp_path: Path) -> None:
    said = _said(panel, "add_requested")
    film, web = tmp_path / "it's a “film” 🏋 #1.mp4", QUrl("https://example.org/film.mp4")
    assert not _drop(panel, web)
    assert _drop(panel, QUrl.fromLocalFile(str(film)), web, QUrl.fromLocalFile(str(tmp_path)))
    assert said == [("add_requested", [film, tmp_path])]
    panel.set_read_only(True)
    assert not _drop(panel, QUrl.fromLocalFile(str(film)))
    panel.set_videos([])
    panel.set_read_only(False)
    assert _drop(panel, QUrl.fromLocalFile(str(film)))


@pytest.mark.skipif(os.name != "posix", reason="names are bytes there alone")
def test_a_name_that_is_no_utf_8_is_dropped_whole(panel: LibraryPanel) -> None:
    said = _said(panel, "add_requested")
    assert _drop(panel, QUrl.fromEncoded(b"file:///tmp/b%FFn%20a.mp4"))
    assert said == [("add_requested", [Path(os.fsdecode(b"/tmp/b\xffn a.mp4"))])]


def test_what_leaves_again_leaves_no_veil(panel: LibraryPanel, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    QApplication.sendEvent(panel, drag_enter(QPoint(5, 5), data))
    assert panel.findChild(DropTarget).isVisible()
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert not panel.findChild(DropTarget).isVisible()


def test_an_empty_project_offers_room_and_buttons(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.set_videos([])
    empty = panel.findChild(EmptyLibrary)
    assert empty.isVisible()
    assert not panel.findChild(FilterBar).isVisible()
    for name, button in zip(("add_files", "add_folder"), empty.findChildren(QPushButton), strict=True):
        with qtbot.waitSignal(panel.commands[name].triggered):
            qtbot.mouseClick(button, _LEFT)
    panel.set_read_only(True)
    assert not any(button.isVisible() for button in empty.findChildren(QPushButton))


def test_pictures_are_asked_for_what_is_in_sight_once(qtbot: QtBot, panel: LibraryPanel) -> None:
    with qtbot.waitSignal(panel.thumbnails_requested) as wanted:
        panel.set_videos(many(300))
    in_sight = panel.model.shown[:10]
    assert wanted.args[0][:5] == in_sight[:5]
    assert len(wanted.args[0]) < 20
    for video_id in wanted.args[0]:
        panel.set_thumbnail(video_id, QImage(160, 90, QImage.Format.Format_RGB888))
    with qtbot.waitSignal(panel.thumbnails_requested) as wanted:
        panel.view.verticalScrollBar().setValue(panel.view.verticalScrollBar().maximum())
    assert wanted.args[0][-1] == panel.model.shown[-1]
    assert not set(wanted.args[0]) & set(in_sight)
    with qtbot.waitSignal(panel.thumbnails_requested) as wanted:
        panel.set_badges({key: badges(decoded=key == panel.model.shown[-2]) for key in panel.model.shown})
    assert wanted.args[0] == [panel.model.shown[-2]]


@pytest.mark.parametrize("width", [380, 420, 700, 1300])
def test_at_any_width_the_columns_fit_and_the_name_has_room(qtbot: QtBot, panel: LibraryPanel, width: int) -> None:
    panel.resize(width, 500)
    header, view = panel.view.horizontalHeader(), panel.view
    assert panel.width() == width
    assert header.length() == view.viewport().width()
    assert not view.isColumnHidden(Column.STATE)
    assert header.sectionSize(Column.NAME) > 190
    hidden = [column for column in Column if view.isColumnHidden(column)]
    if width < 500:
        assert hidden == [Column.ACTION, Column.SPLIT, Column.FRAMES, Column.DURATION, Column.SIZE]
    if width == 1300:
        assert hidden == []
        header.resizeSection(Column.ACTION, 233)
        panel.resize(420, 500)
        panel.resize(1300, 500)
        _field(panel).setText("b.mp4")
        _field(panel).setText("")
        assert header.sectionSize(Column.ACTION) == 233, "what the person has set stays"


def test_what_is_in_sight_stays_when_videos_come_in_above(qtbot: QtBot, panel: LibraryPanel) -> None:
    videos = many(200)
    panel.set_videos(videos)
    panel.view.verticalScrollBar().setValue(48 * 100)
    top = panel.view.top_video()
    panel.set_videos([*videos, *(row(1000 + number, f"a {number}.mp4") for number in range(50))])
    assert panel.view.top_video() == top


def test_every_row_is_drawn_in_both_looks_whatever_is_known(qtbot: QtBot, panel: LibraryPanel) -> None:
    odd = row(6, "b\udcff \U0001f3cb <b>.mp4", relative="", absolute="/x/b\udcff.mp4")
    panel.set_videos([odd, *(row(number, "long name " * 40, action="a " * 90) for number in range(1, 5))])
    everything = badges(broken="It is broken. " * 9, decoded=True, embedded=True, labelled=True)
    panel.set_badges({6: badges(missing=True), 1: everything, 2: badges()})
    panel.set_thumbnail(1, QImage(20, 90, QImage.Format.Format_RGB888))
    for width in (400, 1300):
        panel.resize(width, 500)
        light = panel.grab().toImage()
        panel.setPalette(palette_of(DARK))
        assert panel.grab().toImage() != light
        panel.setPalette(QApplication.palette())


def test_every_control_has_a_name_and_tab_reaches_it(panel: LibraryPanel) -> None:
    controls = [
        widget
        for kind in (QLineEdit, QComboBox, QPushButton)
        for widget in panel.findChildren(kind)
        if widget.isVisible()
    ]
    assert len(controls) == 5
    for control in [*controls, panel.view]:
        assert control.accessibleName() or control.text()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_ten_thousand_videos_are_shown_and_all_chosen(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.set_videos(many(10_000))
    qtbot.keyClick(panel.view, Qt.Key.Key_A, _CONTROL)
    assert len(panel.selected) == 10_000
    panel.view.sortByColumn(Column.SIZE, Qt.SortOrder.DescendingOrder)
    assert "10\u202f000 videos · 10\u202f000 selected" in _shown_texts(panel)
    panel.grab()
