"""Coroutines of the window: the newest of a name goes on, errors are said, and nothing outlives its owner."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import SIGNAL, QObject, Qt, Signal
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from carl_gui.tasks import Tasks, finish_tasks, in_reporting_thread, in_thread, next_emission, together, until_cancelled
from core.base.control import Control, Stopped
from core.base.errors import StorageError
from tests.conftest import reached

ROOT = Path(__file__).parents[2]
_WAIT_SECONDS = 10.0


class Gate:
    """Work that waits until it is let through, or asked to stop where it listens."""

    def __init__(self, result: object = None, *, listens: bool = True) -> None:
        self.result, self._listens = result, listens
        self.began, self._open = threading.Event(), threading.Event()
        self.was_asked_to_stop = False

    def open(self) -> None:
        self._open.set()

    def __call__(self, control: Control) -> object:
        self.began.set()
        for _ in range(int(_WAIT_SECONDS * 100)):
            if self._open.wait(0.01) or (self._listens and control.stop_requested):
                break
        self.was_asked_to_stop = control.stop_requested
        return self.result


class Controller(QObject):
    """Asks, awaits and shows."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[object] = []
        self.sentences: list[str] = []
        self.is_busy = False
        self.tasks = Tasks(self, self.sentences.append)

    async def look(self, work: object) -> None:
        self.is_busy = True
        try:
            self.shown.append(await in_thread(work))
        finally:
            self.is_busy = False


@pytest.fixture
def controller(qtbot: QtBot) -> Iterator[Controller]:
    made = Controller()
    yield made
    made.tasks.close()
    finish_tasks()
    assert reached(lambda: not [thread for thread in threading.enumerate() if thread.name == "task"])


def break_down(control: Control) -> object:
    raise ZeroDivisionError("by nothing")


def refuse(control: Control) -> object:
    raise StorageError("The disk is full: make room.")


def test_what_it_found_is_shown_in_the_thread_of_the_window(controller: Controller, qtbot: QtBot) -> None:
    ran_in: list[threading.Thread] = []

    async def look() -> None:
        ran_in.append(await in_thread(lambda control: threading.current_thread()))
        ran_in.append(threading.current_thread())

    controller.tasks.start("look", look())
    assert controller.tasks.is_running("look")
    qtbot.waitUntil(lambda: not controller.tasks.is_running("look"))
    worker, window = ran_in
    assert worker is not window
    assert window is threading.main_thread()


def test_what_announces_the_answer_is_not_going_any_more(controller: Controller, qtbot: QtBot) -> None:
    said: list[bool] = []

    async def look() -> None:
        await in_thread(lambda control: None)
        said.append(controller.tasks.is_running("look"))

    controller.tasks.start("look", look())
    qtbot.waitUntil(lambda: bool(said))
    assert said == [False]


def test_a_mistake_of_the_user_is_a_sentence(controller: Controller, qtbot: QtBot) -> None:
    controller.tasks.start("look", controller.look(refuse))
    qtbot.waitUntil(lambda: bool(controller.sentences))
    assert controller.sentences == ["The disk is full: make room."]
    assert not controller.is_busy
    assert not controller.tasks.is_running("look")


def test_a_bug_is_said_with_its_traceback_and_leaves_nothing_busy(controller: Controller, qtbot: QtBot) -> None:
    with qtbot.captureExceptions() as caught:
        controller.tasks.start("look", controller.look(break_down))
        qtbot.waitUntil(lambda: bool(caught))
    ((kind, error, traceback),) = caught
    assert (kind, str(error)) == (ZeroDivisionError, "by nothing")
    assert traceback is not None
    assert not controller.is_busy
    assert not controller.tasks.is_running("look")
    assert controller.sentences == ["A bug in CARL Studio stopped this."], "whatever is busy can be reset"
    controller.tasks.start("look", controller.look(lambda control: "well"))
    qtbot.waitUntil(lambda: controller.shown == ["well"])


def test_a_bug_of_work_that_was_cancelled_is_said_too(controller: Controller, qtbot: QtBot) -> None:
    began = threading.Event()

    def work(control: Control) -> object:
        began.set()
        control.wait_while_paused()
        while not control.stop_requested:
            began.wait()
        raise ZeroDivisionError

    with qtbot.captureExceptions() as caught:
        controller.tasks.start("look", controller.look(work))
        qtbot.waitUntil(began.is_set)
        controller.tasks.cancel("look")
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError
    assert not controller.is_busy


def test_of_several_only_the_newest_is_shown_and_one_thread_works_at_a_time(
    controller: Controller, qtbot: QtBot
) -> None:
    first, second, third = Gate("first", listens=False), Gate("second"), Gate("third")
    controller.tasks.start("look", controller.look(first))
    qtbot.waitUntil(first.began.is_set)
    controller.tasks.start("look", controller.look(second))
    controller.tasks.start("look", controller.look(third))
    third.open()
    qtbot.wait(20)
    assert not third.began.is_set(), "the first one is still at work"
    first.open()
    qtbot.waitUntil(lambda: controller.shown == ["third"])
    assert first.was_asked_to_stop
    assert not second.began.is_set()


def test_an_answer_that_is_there_already_is_not_shown_once_it_is_cancelled(
    controller: Controller, qtbot: QtBot
) -> None:
    gate = Gate("old")
    controller.tasks.start("look", controller.look(gate))
    qtbot.waitUntil(gate.began.is_set)
    gate.open()
    assert reached(lambda: not [thread for thread in threading.enumerate() if thread.name == "task"])
    assert controller.tasks.cancel("look")
    assert not controller.tasks.is_running("look")
    finish_tasks()
    assert not controller.shown
    assert not controller.tasks.cancel("look")


def test_a_control_of_the_callers_stops_the_work_and_the_answer_is_heard(controller: Controller, qtbot: QtBot) -> None:
    gate, control = Gate("half"), Control()

    async def look() -> None:
        controller.shown.append(await in_thread(gate, control))

    controller.tasks.start("look", look())
    qtbot.waitUntil(gate.began.is_set)
    control.stop()
    qtbot.waitUntil(lambda: controller.shown == ["half"])


def test_work_that_stops_as_it_was_asked_to_says_nothing(controller: Controller, qtbot: QtBot) -> None:
    def obey(control: Control) -> object:
        raise Stopped

    controller.tasks.start("look", controller.look(obey))
    qtbot.waitUntil(lambda: not controller.tasks.is_running("look"))
    assert not controller.sentences
    assert not controller.shown


def test_what_was_closed_shows_nothing_and_a_new_one_waits_for_nothing(controller: Controller, qtbot: QtBot) -> None:
    deaf = Gate("of the project that was closed", listens=False)
    controller.tasks.start("look", controller.look(deaf))
    qtbot.waitUntil(deaf.began.is_set)
    controller.tasks.close()
    assert not controller.tasks.is_running("look")
    controller.tasks.start("look", controller.look(lambda control: "of the next project"))
    qtbot.waitUntil(lambda: controller.shown == ["of the next project"])
    deaf.open()
    finish_tasks()
    assert controller.shown == ["of the next project"]


def test_what_it_tells_is_heard_until_it_is_cancelled(controller: Controller, qtbot: QtBot) -> None:
    heard: list[tuple[int, threading.Thread]] = []
    told_last = threading.Event()

    def work(control: Control, tell: object) -> object:
        tell(1)
        while not control.stop_requested:
            told_last.wait(0.01)
        tell(2)
        return None

    async def look() -> None:
        await in_reporting_thread(work, lambda number: heard.append((number, threading.current_thread())))

    controller.tasks.start("look", look())
    qtbot.waitUntil(lambda: bool(heard))
    controller.tasks.cancel("look")
    finish_tasks()
    assert heard == [(1, threading.main_thread())]


class Dialog(QDialog):
    accept_requested = Signal(str)


def test_a_dialog_lives_as_long_as_its_task(controller: Controller, qtbot: QtBot) -> None:
    async def ask(dialog: Dialog) -> None:
        (word,) = await next_emission(dialog.accept_requested)
        controller.shown.append(word)
        await until_cancelled()

    dialog = Dialog()
    qtbot.addWidget(dialog)
    controller.tasks.start("ask", ask(dialog), dialog=dialog)
    assert dialog.isVisible(), "at once"
    qtbot.waitUntil(lambda: dialog.receivers(SIGNAL("accept_requested(QString)")) == 1)
    dialog.accept_requested.emit("yes")
    qtbot.waitUntil(lambda: controller.shown == ["yes"])
    dialog.reject()
    assert not controller.tasks.is_running("ask"), "whoever closes it cancels"
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    controller.tasks.start("ask", ask(dialog), dialog=dialog)
    controller.tasks.close()
    qtbot.waitUntil(lambda: not isValid(dialog))


def test_what_fails_in_a_dialog_closes_it_and_is_said(controller: Controller, qtbot: QtBot) -> None:
    dialog = Dialog()
    qtbot.addWidget(dialog)
    controller.tasks.start("look", controller.look(refuse), dialog=dialog)
    qtbot.waitUntil(lambda: controller.sentences == ["The disk is full: make room."])
    assert not dialog.isVisible()


def test_where_one_of_two_fails_the_other_is_cancelled(controller: Controller, qtbot: QtBot) -> None:
    gate = Gate()

    async def both() -> None:
        await together(controller.look(gate), controller.look(refuse))

    controller.tasks.start("both", both())
    qtbot.waitUntil(lambda: controller.sentences == ["The disk is full: make room."])
    assert not controller.shown
    assert gate.was_asked_to_stop or not gate.began.is_set()


def test_the_end_of_the_owner_cancels_its_tasks(qtbot: QtBot) -> None:
    owner, gate, ended = QObject(), Gate(), []

    async def look() -> None:
        try:
            await in_thread(gate)
        finally:
            ended.append(True)
            owner.objectName()  # a bug of nobody: the owner is gone

    Tasks(owner, ended.append).start("look", look())
    qtbot.waitUntil(gate.began.is_set)
    delete(owner)
    finish_tasks()
    assert gate.was_asked_to_stop
    assert ended == [True]


def test_the_window_does_not_wait_for_ever_for_a_thread_that_does_not_listen(
    controller: Controller, qtbot: QtBot
) -> None:
    deaf = Gate(listens=False)
    controller.tasks.start("look", controller.look(deaf))
    qtbot.waitUntil(deaf.began.is_set)
    controller.tasks.close()
    assert not finish_tasks(0.05)
    assert not controller.is_busy
    assert not asyncio.all_tasks(asyncio.get_running_loop())
    deaf.open()


def test_another_programs_wish_for_a_qt_changes_nothing() -> None:
    look = "import os, sys, carl_gui.loop; print(os.environ['QT_API'], 'PyQt5' in sys.modules)"
    environment = os.environ | {"QT_API": "pyqt5"}
    ended = subprocess.run([sys.executable, "-c", look], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert (ended.stdout.split(), ended.stderr) == (["pyqt5", "False"], "")
