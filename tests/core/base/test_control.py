"""Stop, pause and resume: from any thread, from signals, from a parent's pipe, from a file."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.base import control as control_module
from core.base.control import Control, Stopped, stopping_on_signals
from tests.conftest import reached


def listening(control: Control) -> tuple[Callable[[bytes], None], Callable[[], None]]:
    """Functions that write to the pipe that `control` listens to, and end it."""
    read, write = os.pipe()
    control.listen(read)

    def send(data: bytes) -> None:
        os.write(write, data)

    def end() -> None:
        os.close(write)
        for thread in threading.enumerate():
            if thread.name == "control":
                thread.join(10)
        os.close(read)

    return send, end


def test_lines_pause_resume_and_stop() -> None:
    control = Control()
    send, end = listening(control)
    send(b"pause\n")
    assert reached(lambda: control.paused)
    send(b"resu")
    send(b"me\r\n")
    assert reached(lambda: not control.paused)
    assert not control.stop_requested
    send(b"pause\nstop\n")
    assert reached(lambda: control.stop_requested)
    assert not control.paused
    end()


def test_the_end_of_the_pipe_means_stop_even_in_a_pause() -> None:
    control = Control()
    send, end = listening(control)
    send(b"pause\n")
    assert reached(lambda: control.paused)
    end()
    assert control.stop_requested
    control.wait_while_paused()  # returns


def test_a_torn_last_word_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    control = Control()
    send, end = listening(control)
    send(b"dance \xff\npau")
    end()
    assert "unknown command 'dance" in capsys.readouterr().err
    assert not control.paused
    assert control.stop_requested


def test_a_pipe_that_is_not_there_means_stop() -> None:
    control = Control()
    read, write = os.pipe()
    os.close(read)
    os.close(write)
    control.listen(read)
    assert reached(lambda: control.stop_requested)


def test_after_detach_the_end_of_the_pipe_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []
    monkeypatch.setattr(control_module, "_leave_the_parent", lambda: left.append("left"))
    control = Control()
    send, end = listening(control)
    send(b"detach\npause\n")
    end()
    assert left == ["left"]
    assert control.paused
    assert not control.stop_requested


def test_a_torn_detach_is_none() -> None:
    control = Control()
    send, end = listening(control)
    send(b"detach")
    end()
    assert control.stop_requested


def test_a_file_is_obeyed_each_time_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "_WATCH_SECONDS", 0.001)
    control, file = Control(), tmp_path / "control"
    control.watch(file)  # it is not there yet
    for word, paused in (("pause", True), ("resume\n", False), ("dance", False), ("pause\r\n", True), ("\xff", True)):
        file.write_text(word, encoding="latin-1")
        assert reached(lambda wanted=paused: control.paused is wanted)
    file.unlink()
    control.resume()
    file.write_text("stop", encoding="utf-8")
    assert reached(lambda: control.stop_requested)
    assert reached(lambda: not [thread for thread in threading.enumerate() if thread.name == "control file"])


def test_work_that_ends_is_watched_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "_WATCH_SECONDS", 0.001)
    control = Control()
    end = control.watch(tmp_path / "control")
    end()
    assert reached(lambda: not [thread for thread in threading.enumerate() if thread.name == "control file"])
    assert not control.stop_requested


def test_an_old_word_in_the_file_gives_way_to_a_newer_one_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_module, "_WATCH_SECONDS", 0.001)
    control, file = Control(), tmp_path / "control"
    file.write_text("pause", encoding="utf-8")
    control.watch(file)
    assert reached(lambda: control.paused)
    looked = threading.Event()
    monkeypatch.setattr(Path, "stat", lambda self, stat=Path.stat: (looked.set(), stat(self))[1])
    control.resume()
    assert looked.wait(10)  # looked at again
    assert not control.paused
    control.stop()
    assert reached(lambda: not [thread for thread in threading.enumerate() if thread.name == "control file"])


def test_a_waiting_worker_goes_on_and_a_stop_ends_the_wait() -> None:
    control = Control()
    for end in (control.resume, control.stop):
        control.pause()
        worker = threading.Thread(target=control.wait_while_paused)
        worker.start()
        assert worker.is_alive()
        end()
        worker.join(10)
        assert not worker.is_alive()
    control.pause()
    assert not control.paused  # too late: it ends


def test_work_that_obeys_waits_in_a_pause_and_tells_so_once_however_many_threads_it_has() -> None:
    control, told = Control(), list[bool]()
    with control.reporting_pauses(told.append):
        control.pause()
        workers = [threading.Thread(target=control.obey) for _ in range(3)]
        for worker in workers:
            worker.start()
        assert reached(lambda: told == [True])
        assert all(worker.is_alive() for worker in workers)
        assert reached(lambda: control._waiting == 3)
        control.resume()
        for worker in workers:
            worker.join(10)
        assert told == [True, False]
        control.obey()
        control.pause()
        assert told == [True, False], "only work that waits tells so"
    control.resume()


def test_a_stop_ends_the_wait_of_work_that_obeys() -> None:
    control, told, stopped = Control(), list[bool](), threading.Event()

    def work() -> None:
        try:
            control.obey()
        except Stopped:
            stopped.set()

    with control.reporting_pauses(told.append):
        control.pause()
        worker = threading.Thread(target=work)
        worker.start()
        assert reached(lambda: told == [True])
        control.stop()
        worker.join(10)
    assert stopped.is_set()


def test_stopping_has_a_name() -> None:
    control = Control()
    control.obey()
    control.stop()
    with pytest.raises(Stopped):
        control.obey()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_stop_and_the_old_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    control = Control()
    with stopping_on_signals(control):
        signal.raise_signal(number)
        assert control.stop_requested
    assert signal.getsignal(number) is before


def test_a_second_interrupt_interrupts_at_once() -> None:
    control = Control()
    with stopping_on_signals(control):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
