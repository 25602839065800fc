"""Coroutines of the window: named tasks of an owner, and work in a thread that they wait for.

A controller asks, awaits and shows, from top to bottom. Its task is cancelled where the answer is not wanted any more:
what stands below an `await` need not ask whether it still is.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QTimer, SignalInstance
from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from carl_gui.loop import running_loop
from core.base.control import Control, Stopped
from core.base.errors import CarlError

_LEAVE_SECONDS = 5.0

T = TypeVar("T")

Task = asyncio.Task[Any]

_tasks: set[Task] = set()
"""All that go on: the loop itself holds them weakly."""
_threads: set[asyncio.Future[Any]] = set()
"""What comes of the threads that are at work."""


class Tasks:
    """The tasks of one object, by name: starting a name again cancels the one before, and begins when that has ended.

    A `CarlError` that nothing caught becomes its sentence; every other exception is a bug of ours and goes to
    `sys.excepthook`. Whoever hears of either shows nothing as busy any more.
    """

    def __init__(self, owner: QObject, on_error: Callable[[str], object]) -> None:
        """`on_error` gets a sentence that says why a task failed, when it has ended."""
        self._owner, self._on_error = owner, on_error
        self._running: dict[str, Task] = {}
        self._ending: dict[str, set[Task]] = {}
        """Those that were cancelled, and have not ended yet."""
        self._dialogs: dict[Task, QDialog] = {}
        running = self._running
        owner.destroyed.connect(lambda: _cancel_all(running))

    def start(
        self,
        name: str,
        coroutine: Coroutine[Any, Any, None],
        *,
        on_error: Callable[[str], object] | None = None,
        dialog: QDialog | None = None,
    ) -> None:
        """Start with the next turn of the loop, or when the previous task of that name has ended.

        Args:
            on_error: gets a sentence that says why it failed; None: that of all tasks.
            dialog: as `open`, at once.
        """
        self.cancel(name)
        before = list(self._ending.get(name, ()))
        task = running_loop().create_task(_after(before, coroutine), name=name)
        self._running[name] = task
        _tasks.add(task)
        task.add_done_callback(partial(self._end, name, coroutine, on_error or self._on_error))
        if dialog is not None:
            self.open(name, dialog)

    def open(self, name: str, dialog: QDialog) -> None:
        """Open a dialog for the task of that name: closing it cancels the task, and the end of the task closes it."""
        task = self._running[name]
        self._dialogs[task] = dialog
        dialog.finished.connect(lambda: self._cancel(name, task))
        dialog.open()

    def is_running(self, name: str) -> bool:
        """Return whether a task of that name runs, other than the one that asks: that one has its answer."""
        task = self._running.get(name)
        return task is not None and not task.done() and task is not asyncio.current_task(running_loop())

    def cancel(self, *names: str) -> bool:
        """Cancel the tasks of these names; return whether there was one. Cancelled tasks are no longer running."""
        running = [(name, task) for name in names if (task := self._running.get(name)) is not None]
        for name, task in running:
            self._cancel(name, task)
        return bool(running)

    def close(self) -> None:
        """Cancel all of them, and close their dialogs. What is started from now on does not wait for their end."""
        self.cancel(*list(self._running))
        self._ending.clear()

    def _cancel(self, name: str, task: Task) -> None:
        if self._running.get(name) is task:
            del self._running[name]
            self._ending.setdefault(name, set()).add(task)
        task.cancel()
        self._close_dialog(task)

    def _close_dialog(self, task: Task) -> None:
        dialog = self._dialogs.pop(task, None)
        if dialog is not None and isValid(dialog) and dialog.isVisible():
            dialog.reject()

    def _end(
        self, name: str, coroutine: Coroutine[Any, Any, None], on_error: Callable[[str], object], task: Task
    ) -> None:
        _tasks.discard(task)
        self._ending.get(name, set()).discard(task)
        coroutine.close()  # it never began where another one took its place before
        is_wanted = self._running.get(name) is task
        if is_wanted:
            del self._running[name]
        self._close_dialog(task)
        error = None if task.cancelled() else task.exception()
        if error is None or isinstance(error, Stopped) or not isValid(self._owner):
            return
        sentence = str(error)
        if not isinstance(error, CarlError):
            sys.excepthook(type(error), error, error.__traceback__)
            sentence = QCoreApplication.translate("Tasks", "A bug in CARL Studio stopped this.")
        if is_wanted:
            on_error(sentence)


async def in_thread(work: Callable[[Control], T], control: Control | None = None) -> T:
    """Return what the work returns, done in a thread of its own; what it raises is raised here.

    Where the task is cancelled, the work is asked to stop through its `Control`, and waited for. It is the caller's
    `control` where one is given: so the work can be stopped, and its answer received all the same.
    """
    return await _in_thread(work, control or Control())


async def in_reporting_thread(
    work: Callable[[Control, Callable[..., None]], T],
    on_progress: Callable[..., object],
    control: Control | None = None,
) -> T:
    """Return what the work returns, as `in_thread`. What it reports meanwhile arrives in the thread of the window."""
    loop, control = running_loop(), control or Control()

    def call_if_wanted(*args: object) -> None:
        if not control.stop_requested:
            on_progress(*args)

    def report(*args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(call_if_wanted, *args)

    return await _in_thread(lambda control: work(control, report), control)


async def together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run them side by side. Where one fails the others are cancelled, and what it raised is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in coroutines:
                group.create_task(coroutine)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def next_emission(signal: SignalInstance) -> tuple[Any, ...]:
    """Wait until a signal is emitted; return what with."""
    future: asyncio.Future[tuple[Any, ...]] = running_loop().create_future()

    def on_emitted(*args: object) -> None:
        if not future.done():
            future.set_result(args)

    signal.connect(on_emitted)
    return await future


async def until_cancelled() -> None:
    """Wait for the person to close the dialog of this task: all is shown."""
    await running_loop().create_future()


async def outlast(future: asyncio.Future[Any], cancel: Callable[[], object] = lambda: None) -> None:
    """Wait for its end, even where this task is cancelled: call `cancel` then, wait on, and raise at the end."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError as error:
            cancelled = error
            cancel()
    if cancelled is not None:
        raise cancelled


def finish_tasks(seconds: float = _LEAVE_SECONDS) -> bool:
    """Wait for all cancelled tasks; return whether none is left. The rest is given up after so long.

    For the end of the window. Not from within a task.
    """
    _run_until_ended(seconds)
    if not _tasks:
        return True
    for one in (*_tasks, *_threads):
        one.cancel()
    _run_until_ended(seconds)
    return False


def _run_until_ended(seconds: float) -> None:
    waiting = QEventLoop()
    timer = QTimer(interval=round(seconds * 1000), singleShot=True)
    timer.timeout.connect(waiting.quit)
    for task in list(_tasks):
        task.add_done_callback(lambda _: None if _tasks else waiting.quit())
    if _tasks:
        timer.start()
        waiting.exec()


def _cancel_all(running: dict[str, Task]) -> None:
    for task in running.values():
        task.cancel()
    running.clear()


async def _after(before: Sequence[Task], coroutine: Coroutine[Any, Any, None]) -> None:
    for task in before:
        await outlast(task)
    await coroutine


async def _in_thread(work: Callable[[Control], T], control: Control) -> T:
    loop = running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work(control)
        except Exception as raised:  # noqa: BLE001 - here a thread begins; it is raised again where it is awaited
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, error)

    _threads.add(future)
    threading.Thread(target=run, name="task", daemon=True).start()
    try:
        await outlast(future, control.stop)
    except asyncio.CancelledError:
        bug = None if future.cancelled() else future.exception()
        if bug is not None and not isinstance(bug, CarlError | Stopped):
            raise bug from None
        raise
    finally:
        _threads.discard(future)
    return future.result()
