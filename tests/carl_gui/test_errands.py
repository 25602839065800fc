"""Short work in a thread: the newest is done, what was closed says nothing, and a new one can always begin."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from carl_gui.errands import Errand
from core.control import Control
from core.errors import StorageError
from tests.conftest import reached

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


@pytest.fixture
def errand(qtbot: QtBot) -> Iterator[Errand]:
    made = Errand()
    yield made
    made.close()
    assert reached(lambda: not [thread for thread in threading.enumerate() if thread.name == "errand"])


def test_what_it_found_comes_in_the_thread_of_the_window(errand: Errand, qtbot: QtBot) -> None:
    heard_in: list[threading.Thread] = []
    errand.done.connect(lambda _: heard_in.append(threading.current_thread()))
    with qtbot.waitSignal(errand.done) as done:
        errand.start(lambda control: {1: "one"})
        assert errand.is_going
    assert done.args == [{1: "one"}]
    assert heard_in == [threading.main_thread()]
    assert not errand.is_going
    with qtbot.waitSignal(errand.done) as done:
        errand.start(lambda control: None)
    assert done.args == [None], "nothing is a result too"


def test_a_mistake_of_the_user_is_a_sentence(errand: Errand, qtbot: QtBot) -> None:
    def refuse(control: Control) -> object:
        raise StorageError("The disk is full: make room.")

    with qtbot.assertNotEmitted(errand.done), qtbot.waitSignal(errand.failed) as failed:
        errand.start(refuse)
    assert failed.args == ["The disk is full: make room."]


def test_of_several_only_the_newest_is_heard(errand: Errand, qtbot: QtBot) -> None:
    first, heard = Gate("first"), list[object]()
    errand.done.connect(heard.append)
    errand.start(first)
    assert first.began.wait(_WAIT_SECONDS)
    errand.start(lambda control: "second")
    errand.start(lambda control: "third")
    qtbot.waitUntil(lambda: heard == ["third"])
    assert first.was_asked_to_stop
    assert not errand.is_going


def test_stopped_it_still_tells_what_it_has(errand: Errand, qtbot: QtBot) -> None:
    gate = Gate("half")
    errand.start(gate)
    with qtbot.waitSignal(errand.done) as done:
        errand.stop()
    assert done.args == ["half"]
    assert gate.was_asked_to_stop


def test_what_was_closed_says_nothing_and_a_new_one_begins(errand: Errand, qtbot: QtBot) -> None:
    heard = list[object]()
    errand.done.connect(heard.append)
    gate = Gate("of the project that was closed")
    errand.start(gate)
    assert gate.began.wait(_WAIT_SECONDS)
    errand.close()
    assert not errand.is_going
    errand.start(lambda control: "of the next project")
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == ["of the next project"]


def test_one_that_does_not_listen_holds_nothing_up(
    errand: Errand, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carl_gui.errands._LEAVE_SECONDS", 0.01)
    heard, deaf = list[object](), Gate("old", listens=False)
    errand.done.connect(heard.append)
    errand.start(deaf)
    assert deaf.began.wait(_WAIT_SECONDS)
    thread = next(thread for thread in threading.enumerate() if thread.name == "errand")
    errand.close()
    with qtbot.waitSignal(errand.done):
        errand.start(lambda control: "new")
    deaf.open()
    thread.join(_WAIT_SECONDS)
    with qtbot.waitSignal(errand.done):
        errand.start(lambda control: "newest")
    assert heard == ["new", "newest"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_bug_the_next_one_begins_all_the_same(errand: Errand, qtbot: QtBot) -> None:
    def break_down(control: Control) -> object:
        raise ZeroDivisionError

    with qtbot.assertNotEmitted(errand.done):
        errand.start(break_down)
        qtbot.waitUntil(lambda: not errand.is_going)
    with qtbot.waitSignal(errand.done) as done:
        errand.start(lambda control: "well")
    assert done.args == ["well"]
