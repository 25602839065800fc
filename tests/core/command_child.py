"""A small command for the tests of `core.cli.command` and `training.job`: counts until it is stopped, or does as told.

python -m tests.core.command_child [--do count|chatter|finish|mistake|bug|vanish|flood|deaf|mute] [--saved FILE]
    [--watch FILE]
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Finished, Notice, Paused, Progress, Sink, StepDone
from core.cli.command import add_followed, new_parser, run


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    match arguments.do:
        case "mistake":
            raise ConfigError("train.epochs = 0 is too few: give 1 or more.")
        case "bug":
            raise RuntimeError("a bug of ours")
        case "vanish":
            print("last words", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        case "flood":
            for number in range(2000):
                sink(Notice(f"{number} " + "ü" * 200))
                print("x" * 100, file=sys.stderr)
            return Finished("done", "")
        case "finish":
            for step in range(1, 4):
                sink(Progress("decode", step, 3, "frame", 0.0, 0.0))
            for step in range(1, 4):
                sink(StepDone(0, step, 3, 1 / step, 1e-4, 1.0, 10.0, 0.0, 0))
            return Finished("done", "out")
        case "deaf" | "mute":
            if arguments.do == "deaf":
                sink(Notice("ready"))
            while True:
                time.sleep(0.01)
    if arguments.watch:
        control.watch(Path(arguments.watch))
    sink(Notice("ready"))
    while not control.stop_requested:
        if arguments.do == "chatter":
            sink(Notice("still here"))
            print("still here", file=sys.stderr, flush=True)
        if control.paused:
            sink(Paused(True))
            control.wait_while_paused()
            sink(Paused(False))
        time.sleep(0.01)
    if arguments.saved:
        sink(Notice("saving"))
        Path(arguments.saved).write_text("saved", encoding="utf-8")
    return Finished("stopped", arguments.saved or "")


def main() -> int:
    """Run; returns the exit status."""
    made = new_parser("child", "Counts until it is stopped.")
    made.add_argument("--do", default="count")
    made.add_argument("--saved")
    made.add_argument("--watch")
    add_followed(made)
    return run(made, _body)


if __name__ == "__main__":
    sys.exit(main())
