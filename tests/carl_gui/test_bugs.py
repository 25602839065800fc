"""A bug of ours is said, once, with what is needed to mend it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from carl_gui.bugs import BugBox
from tests.carl_gui.windows import settle


@pytest.fixture
def bugs(qapp: QApplication) -> Iterator[BugBox]:
    made = BugBox(qapp)
    yield made
    made.deleteLater()
    settle()


def raise_in(bugs: BugBox, error: Exception) -> None:
    try:
        raise error
    except type(error) as raised:
        bugs.handle(type(raised), raised, raised.__traceback__)


def boxes() -> list[QMessageBox]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox) and one.isVisible()]


def test_a_bug_is_shown_with_its_traceback_one_at_a_time(
    bugs: BugBox, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    raise_in(bugs, ZeroDivisionError("by nothing"))
    raise_in(bugs, KeyError("what follows from it"))
    qtbot.waitUntil(lambda: len(boxes()) == 1)
    qtbot.wait(1)
    (box,) = boxes()
    assert box.informativeText() == "ZeroDivisionError: by nothing"
    assert "raise_in" in box.detailedText()
    said = capsys.readouterr().err
    assert "ZeroDivisionError: by nothing" in said
    assert "KeyError" in said, "all are on stderr"
    box.close()
    settle()
    raise_in(bugs, KeyError("another day"))
    qtbot.waitUntil(lambda: len(boxes()) == 1)
    boxes()[0].close()
    settle()


def test_a_bug_in_any_thread_is_shown_and_an_interrupt_is_none(
    bugs: BugBox, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=lambda: raise_in(bugs, ZeroDivisionError()))
    bugs.handle(KeyboardInterrupt, KeyboardInterrupt(), None)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(boxes()) == 1)
    assert boxes()[0].informativeText() == "ZeroDivisionError"
    boxes()[0].close()
    settle()
