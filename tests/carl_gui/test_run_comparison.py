"""The comparison: runs as columns, the best marked, settings that differ, and a copy for a spreadsheet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from carl_gui.train.run_comparison import RunComparison, as_csv, compare_runs
from tests.carl_gui.run_examples import BROKEN, FIRST, SECOND, curves_of


@pytest.fixture
def panel(qtbot: QtBot) -> RunComparison:
    made = RunComparison()
    qtbot.addWidget(made)
    made.show()
    made.set_runs([FIRST, SECOND], {"first": curves_of(300)})
    return made


def _lines(panel: RunComparison) -> dict[str, list[str]]:
    table = panel.findChild(QTableWidget)
    columns = range(table.columnCount())
    return {
        table.verticalHeaderItem(row).text(): [table.item(row, column).text() for column in columns]
        for row in range(table.rowCount())
    }


def test_runs_stand_side_by_side_with_the_best_marked(panel: RunComparison) -> None:
    lines = _lines(panel)
    assert lines["State"] == ["Running", "Done"]
    assert lines["Last loss"] == ["0.4231", "★ 0.2514"]
    assert lines["Tau"] == ["0.9120", "★ 0.9510"]
    assert lines["train.learning_rate"] == ["0.001", "0.0003"]
    assert "train.epochs" not in lines
    table = panel.findChild(QTableWidget)
    row = list(lines).index("Tau")
    assert [table.item(row, column).font().bold() for column in (0, 1)] == [False, True]
    assert "Higher" in table.verticalHeaderItem(row).toolTip()
    assert "Lower" in table.verticalHeaderItem(list(lines).index("Last loss")).toolTip()


def test_news_replace_what_was_shown_and_keep_the_place(panel: RunComparison) -> None:
    table = panel.findChild(QTableWidget)
    table.setCurrentCell(2, 1)
    panel.set_runs([replace(FIRST, loss=0.2), SECOND], {})
    assert _lines(panel)["Last loss"] == ["★ 0.2000", "0.2514"]
    assert (table.currentRow(), table.currentColumn()) == (2, 1)
    panel.set_runs([BROKEN, SECOND, FIRST], {})
    assert _lines(panel)["State"] == ["Failed", "Done", "Running"]
    panel.set_runs([FIRST], {})
    assert not table.isVisible(), "one run compares with nothing"


def test_the_copy_holds_what_is_shown_in_full_precision(panel: RunComparison, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.copied):
        panel.findChild(QPushButton).click()
    expected = as_csv([FIRST, SECOND], compare_runs([FIRST, SECOND], {"first": curves_of(300)}))
    assert QApplication.clipboard().text() == expected
