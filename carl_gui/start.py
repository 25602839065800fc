"""The program's entry: the window, or with `--run core.train ...` a command of `core`, as `python -m` runs it."""

from __future__ import annotations

import importlib.util
import multiprocessing
import sys
from pathlib import Path

_PACKAGES = ("core", "training", "assets")
"""What the window needs beside `carl_gui`, under names that somebody else may have taken too."""


def main() -> int:
    """Run the program; returns the exit status."""
    multiprocessing.freeze_support()
    if not getattr(sys, "frozen", False) and (sentence := shadowed()):
        print(sentence, file=sys.stderr)
        return 2
    from core.base.child_command import RUN, run_module
    from core.base.surroundings import keep_caches

    if sys.argv[1:2] == [RUN]:
        run_module(sys.argv[2:])
    keep_caches()
    from carl_gui.app import main as show_window

    return show_window()


def shadowed() -> str:
    """Return a sentence that names the file which Python finds in place of a package of ours; empty where none is."""
    home = Path(__file__).resolve().parents[1]
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None:
            return f"The package {name} is missing beside {home / 'carl_gui'}. Install carl-gui again."
        found = spec.origin or str(next(iter(spec.submodule_search_locations or ()), name))
        if Path(found).resolve() != home / name / "__init__.py":
            return (
                f"{found} hides the package {name} of carl-gui. Install carl-gui in an environment of its own, or "
                "take that file out of PYTHONPATH."
            )
    return ""


if __name__ == "__main__":
    sys.exit(main())
