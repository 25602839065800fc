"""The loop in which coroutines run: qasync's, inside Qt's own."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from PySide6.QtWidgets import QApplication


def _import_qasync() -> Any:
    """Import it for the Qt that is here: `QT_API` may name another one, which some other program wants."""
    wanted = os.environ.pop("QT_API", None)
    os.environ["QT_API"] = "pyside6"
    try:
        import qasync
    finally:
        del os.environ["QT_API"]
        if wanted is not None:
            os.environ["QT_API"] = wanted
    return qasync


qasync = _import_qasync()


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of the window's thread; it begins where there is none yet. Needs the application."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        loop: asyncio.AbstractEventLoop = qasync.QEventLoop(QApplication.instance(), already_running=True)
        loop.set_exception_handler(_report_bug)
        asyncio.set_event_loop(loop)
        return loop


def end_loop() -> None:
    """End the loop for good, at the end of the program."""
    loop = running_loop()
    asyncio._set_running_loop(None)  # `already_running` set it, and nobody takes it back
    asyncio.set_event_loop(None)
    loop.stop()
    loop.close()


def _report_bug(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report what a callback raised outside of any task, which is a bug of ours."""
    error = context.get("exception")
    if error is None:
        loop.default_exception_handler(context)
    else:
        sys.excepthook(type(error), error, error.__traceback__)
