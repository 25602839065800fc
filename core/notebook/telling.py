"""What a call tells while it works: a line on stderr, a callback, or nothing; and how it is interrupted."""

from __future__ import annotations

import contextlib
import inspect
import re
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from core.base.control import Control, Stopped, stopping_on_signals
from core.base.errors import CarlError
from core.base.events import Event, Notice, Progress, StepDone, VideoRefused, ignore, sentence
from core.base.mended import take_damage

Telling = bool | Callable[[Event], None]
"""Who hears of progress: True: a line on stderr; False: nobody; a function: it gets every event of
`core.base.events`."""

_OPTION = re.compile(r"(?<![^\s(])--?([a-z][a-z-]*)\b")
"""How sentences name what a command takes."""


@dataclass
class Work:
    """One call at work."""

    report: Callable[[Event], None]
    names: Collection[str]
    """Its keywords, by which sentences name what they are about."""
    control: Control = field(default_factory=Control)
    notices: list[str] = field(default_factory=list)
    """Every sentence that a person should read, kept for the result."""

    def sink(self, event: Event) -> None:
        """Pass an event on, in the call's own words."""
        if isinstance(event, Notice):
            event = Notice(self.in_keywords(event.message))
        if isinstance(event, Notice | VideoRefused):
            self.notices.append(sentence(event))
        self.report(event)

    def in_keywords(self, words: str) -> str:
        """Return a sentence with the command's options named as the call's keywords: `--max-tempo` is `max_tempo`."""

        def named(found: re.Match[str]) -> str:
            keyword = found[1].replace("-", "_")
            return keyword if keyword in self.names else found[0]

        return _OPTION.sub(named, words)


@contextlib.contextmanager
def working(progress: Telling, call: Callable[..., object]) -> Iterator[Work]:
    """Let a call work within the block: Ctrl-C, or a notebook's button, asks it to stop; a second one interrupts at
    once.

    Args:
        call: the function that works; sentences name its keywords.

    Raises:
        CarlError: as the block says it, with keywords instead of options.
        KeyboardInterrupt: the work was stopped as asked.
    """
    line = _Line() if progress is True else None
    report = line or (progress if callable(progress) else ignore)
    work = Work(report, inspect.signature(call).parameters)
    takes_signals = threading.current_thread() is threading.main_thread()
    signals = stopping_on_signals(work.control, (signal.SIGINT,)) if takes_signals else contextlib.nullcontext()
    try:
        with signals:
            yield work
    except Stopped:
        raise KeyboardInterrupt("The work was stopped as asked; what was done is kept.") from None
    except CarlError as error:
        if error.args:
            error.args = (work.in_keywords(str(error)), *error.args[1:])
        raise
    finally:
        if damage := take_damage():
            work.sink(Notice(damage))
        if line:
            line.close()


class _Line:
    """One line on stderr that is written over; where stderr is a file, one line a stage."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._overwrites = sys.stderr.isatty() or "ipykernel" in sys.modules
        self._width = 0
        """Of what stands on the line."""

    def __call__(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Progress | StepDone):
                self._show(_progress(event), is_last=_is_last(event))
            elif message := sentence(event):
                self.close()
                print(message, file=sys.stderr, flush=True)

    def _show(self, words: str, *, is_last: bool) -> None:
        if self._overwrites:
            print(f"\r{words:{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(words)
        if is_last:
            if not self._overwrites:
                print(words, file=sys.stderr, flush=True)
            self.close()

    def close(self) -> None:
        """End the line, so that what comes next begins one."""
        if self._width:
            print(file=sys.stderr, flush=True)
            self._width = 0


def _is_last(event: Progress | StepDone) -> bool:
    if isinstance(event, StepDone):
        return event.step >= event.total_steps
    return event.done >= event.total


def _progress(event: Progress | StepDone) -> str:
    if isinstance(event, StepDone):
        words = f"train: {event.step} of {event.total_steps} steps, loss {event.loss:.3f}"
        eta_seconds = event.eta_seconds
    else:
        words = f"{event.stage}: {event.done:,.0f} of {event.total:,.0f} {event.unit}s"
        eta_seconds = event.whole_eta_seconds or event.eta_seconds
    return f"{words}, {eta_seconds // 60:.0f}:{eta_seconds % 60:02.0f} left" if eta_seconds >= 1 else words
