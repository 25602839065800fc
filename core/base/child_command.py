"""The command line that runs a command of ours in a process of its own, and that process's first step."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence

RUN = "--run"
"""`carl-gui --run core.train ...` is `python -m core.train ...`, for a program that has no `python -m`."""


def command_line(module: str, *words: str) -> list[str]:
    """Return the words that run a module of ours, with this Python, or with this program where it is a bundle.

    The folder in which the program was started is not looked through for modules: one that holds a `core.py` would
    break every job.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, RUN, module, *words]
    return [sys.executable, *(["-P"] if module.startswith("core.") else []), "-m", module, *words]


def run_module(words: Sequence[str]) -> None:
    """Run what `python -m WORDS...` runs; only for commands of `core`.

    Raises:
        SystemExit: always, with the command's exit status.
    """
    module = words[0] if words else ""
    if module.partition(".")[0] != "core" or module == "core":
        print(f"{RUN} runs commands of core, not {module!r}. Name one, such as core.train.", file=sys.stderr)
        raise SystemExit(2)
    sys.argv[1:] = words[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    raise SystemExit(0)
