"""The list of runs: what it shows, that it stands still while it is fed, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from carl_gui.models.runs import RunRow
from carl_gui.train.run_cells import COMPARE, CREATED, FIGURES, LOSS, NAME, STATE, RunTable
from carl_gui.train.run_list import RunList
from tests.carl_gui.run_examples import BROKEN, FIRST, NOW, ROWS, SECOND


@pytest.fixture
def panel(qtbot: QtBot) -> RunList:
    made = RunList()
    qtbot.addWidget(made)
    made.resize(900, 300)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.set_runs(ROWS, "second", ("first",))
    return made


def _table(panel: RunList) -> QTableView:
    return panel.findChild(QTableView)


def _cells(panel: RunList, column: int) -> list[str]:
    model = _table(panel).model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def _place(panel: RunList, name: str, column: int) -> QModelIndex:
    return _table(panel).model().index(_cells(panel, NAME).index(name), column)


def test_newest_first_with_state_share_and_figures(panel: RunList) -> None:
    assert _cells(panel, NAME) == ["first", "second", "broken"]
    assert _cells(panel, STATE) == ["Running 42 %", "Done", "Failed"]
    assert _cells(panel, LOSS) == ["0.4231", "0.2514", "NaN"]
    assert _cells(panel, FIGURES)[0] == "Tau 0.912 · Event error 0.0500"
    assert BROKEN.reason in _place(panel, "broken", STATE).data(Qt.ItemDataRole.ToolTipRole)


def test_a_setter_says_nothing(panel: RunList, qtbot: QtBot) -> None:
    signals = (panel.run_selected, panel.compared_changed)
    with qtbot.assertNotEmitted(signals[0]), qtbot.assertNotEmitted(signals[1]):
        panel.set_runs(ROWS, "first", ("second", "broken"))
        panel.set_runs(ROWS[:1], None, ())
        panel.set_runs([], None, ())


def test_news_keep_selection_and_place_and_announce_only_what_changed(panel: RunList) -> None:
    many = [RunRow(f"run {number:03}", "done", created=NOW, loss=1.0) for number in range(100)]
    panel.set_runs([*many, FIRST], "run 050", ())
    bar = _table(panel).verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    before, changed, laid_out = bar.value(), [], []
    _table(panel).model().dataChanged.connect(lambda first, last: changed.append((first.data(), last.data())))
    _table(panel).model().layoutChanged.connect(lambda: laid_out.append(1))
    panel.set_runs([*many, replace(FIRST, loss=0.4)], "run 050", ())
    assert changed == [("0.4000", "0.4000")]
    assert not laid_out, "rows run away from the mouse"
    assert bar.value() == before
    assert _table(panel).currentIndex().siblingAtColumn(NAME).data() == "run 050"


def test_runs_come_go_and_change_their_state_in_order(panel: RunList) -> None:
    newest = RunRow("newest", "new", created=NOW.replace(hour=23))
    panel.set_runs([newest, FIRST, replace(BROKEN, state="running")], "first", ())
    assert _cells(panel, NAME) == ["newest", "first", "broken"]
    _table(panel).sortByColumn(STATE, Qt.SortOrder.AscendingOrder)
    assert _cells(panel, NAME) == ["first", "broken", "newest"]
    panel.set_runs([newest, replace(FIRST, state="done"), replace(BROKEN, state="running")], "first", ())
    assert _cells(panel, NAME) == ["broken", "newest", "first"]
    assert _table(panel).currentIndex().siblingAtColumn(NAME).data() == "first"


@pytest.mark.parametrize("order", list(Qt.SortOrder))
def test_losses_sort_as_numbers(panel: RunList, order: Qt.SortOrder) -> None:
    panel.set_runs([replace(FIRST, name=str(loss), loss=loss) for loss in (10.0, 9.0, 0.5)], None, ())
    _table(panel).sortByColumn(LOSS, order)
    rising = order == Qt.SortOrder.AscendingOrder
    assert _cells(panel, NAME) == (["0.5", "9.0", "10.0"] if rising else ["10.0", "9.0", "0.5"])


def test_a_click_on_a_tick_compares_and_chooses_nothing(panel: RunList, qtbot: QtBot) -> None:
    where = _table(panel).visualRect(_place(panel, "broken", COMPARE)).center()
    with qtbot.waitSignal(panel.compared_changed) as said, qtbot.assertNotEmitted(panel.run_selected):
        qtbot.mouseClick(_table(panel).viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert said.args == [("first", "broken")]
    ticked = _place(panel, "broken", COMPARE).data(Qt.ItemDataRole.CheckStateRole)
    assert ticked == Qt.CheckState.Unchecked, "until it is told so"


def test_keys_choose_and_tick(panel: RunList, qtbot: QtBot) -> None:
    _table(panel).setFocus()
    with qtbot.waitSignal(panel.run_selected) as said:
        qtbot.keyClick(_table(panel), Qt.Key.Key_Up)
    assert said.args == ["first"]
    with qtbot.waitSignal(panel.compared_changed) as said:
        qtbot.keyClick(_table(panel), Qt.Key.Key_Space)
    assert said.args == [()], "it was compared, and is no more"


@pytest.mark.parametrize(
    ("row", "enabled"),
    [
        (FIRST, {"Stop"}),
        (replace(FIRST, is_steerable=False), set()),
        (SECOND, {"Train further", "Delete…"}),
        (BROKEN, {"Resume", "Delete…"}),
    ],
)
def test_the_menu_offers_what_the_state_allows(panel: RunList, row: RunRow, enabled: set[str]) -> None:
    menu = panel.menu_of(row)
    offered = {action.text() for action in menu.actions() if action.isEnabled() and action.text()}
    assert offered == enabled | {"Use these settings for a new run", "Show in folder", "Copy path"}
    menu.deleteLater()


def test_each_entry_of_the_menu_says_its_own_thing(panel: RunList, qtbot: QtBot) -> None:
    row = replace(BROKEN, is_steerable=True)
    signals = {
        "Resume": panel.resume_requested,
        "Use these settings for a new run": panel.reuse_requested,
        "Show in folder": panel.reveal_requested,
        "Copy path": panel.copy_requested,
    }
    menu = panel.menu_of(row)
    for action in menu.actions():
        if action.text() in signals:
            with qtbot.waitSignal(signals[action.text()]) as said:
                action.trigger()
            assert said.args == ["broken"]
    menu.deleteLater()
    done = panel.menu_of(SECOND)
    further = next(action for action in done.actions() if action.text() == "Train further")
    with qtbot.waitSignal(panel.further_requested) as said:
        further.trigger()
    assert said.args == [SECOND.name]
    done.deleteLater()


@pytest.mark.parametrize("answer", ["Delete", "Cancel"])
def test_deleting_asks_first(panel: RunList, qtbot: QtBot, answer: str) -> None:
    panel.set_runs(ROWS, "broken", ())
    said: list[str] = []
    panel.delete_requested.connect(said.append)
    qtbot.keyClick(_table(panel), Qt.Key.Key_Delete)
    asked = panel.findChild(QMessageBox)
    assert "broken" in asked.text()
    assert said == []
    next(button for button in asked.buttons() if button.text().replace("&", "") == answer).click()
    assert said == (["broken"] if answer == "Delete" else [])


def test_a_running_run_is_not_deleted_by_a_key(panel: RunList, qtbot: QtBot) -> None:
    panel.set_runs(ROWS, "first", ())
    qtbot.keyClick(_table(panel), Qt.Key.Key_Delete)
    assert panel.findChild(QMessageBox) is None


def test_a_narrow_list_keeps_name_and_state(panel: RunList) -> None:
    gone, seen = [], set()
    for width in range(900, 220, -20):
        panel.resize(width, 300)
        QApplication.processEvents()
        hidden = {column for column in range(6) if _table(panel).isColumnHidden(column)}
        assert hidden >= seen
        gone += sorted(hidden - seen)
        seen = hidden
        widest = sum(_table(panel).columnWidth(column) for column in range(6) if column not in hidden)
        assert widest <= _table(panel).viewport().width()
    assert gone == [CREATED, FIGURES, LOSS]


def test_without_a_run_it_says_what_to_do(panel: RunList, qtbot: QtBot) -> None:
    panel.set_runs([], None, ())
    assert not _table(panel).isVisible()
    button = next(child for child in panel.findChildren(QPushButton) if child.text() == "New run")
    with qtbot.waitSignal(panel.new_requested):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert isinstance(_table(panel).model().sourceModel(), RunTable)
