#!/usr/bin/env python3
"""Write `constraints/`: the versions that `make demo` and `make test` install, a file for each Python.

`python tools/lock.py` keeps the versions that are there as far as `pyproject.toml` admits them; `--upgrade` takes the
newest of all. Needs `uv` on the PATH or beside this Python (`pip install uv`). The files hold for Linux, Windows and
macOS: a line with a marker counts only where the marker is true. Run `make matrix` afterwards.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from install import CONSTRAINTS, ROOT, requirements
from pythons import SUPPORTED

_EXTRAS = ("onnx", "timm", "dev", "cluster", "ann", "audio", "interop", "docs")
_HEADER = "# Written by tools/lock.py; do not edit by hand.\n"


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = shutil.which("uv") or (str(beside) if beside.exists() else None)
    if found is None:
        sys.exit("There is no uv: install it with `pip install uv`.")
    return found


def _compile(target: Path, inputs: list[str], *options: str) -> None:
    """Let uv write `target`; the pins already in it are preferred unless an option says otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.in"
        wanted.write_text("\n".join(inputs) + "\n", encoding="utf-8")
        quiet = ["--quiet", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        subprocess.run([_uv(), "pip", "compile", str(wanted), "-o", str(target), *quiet, *options], check=True)
    target.write_text(_HEADER + target.read_text(encoding="utf-8").removeprefix(_HEADER), encoding="utf-8")


def main() -> None:
    made = argparse.ArgumentParser(description="Write constraints/, the tested versions of all libraries.")
    made.add_argument("--upgrade", action="store_true", help="take the newest of everything that pyproject.toml admits")
    made.add_argument("--upgrade-package", action="append", default=[], metavar="NAME", help="take the newest of NAME")
    given = made.parse_args()
    newer = ["--upgrade"] if given.upgrade else [f"--upgrade-package={one}" for one in given.upgrade_package]
    CONSTRAINTS.mkdir(exist_ok=True)
    wanted = [*requirements(_EXTRAS, with_ceilings=True), "pip>=24"]
    for minor in SUPPORTED:
        target = CONSTRAINTS / f"python3.{minor}.txt"
        _compile(target, wanted, "--universal", f"--python-version=3.{minor}", *newer)
        print(f"{target.relative_to(ROOT)}: {sum('==' in line for line in target.read_text().splitlines())} versions")
    oldest = CONSTRAINTS / f"python3.{SUPPORTED[0]}-oldest.txt"
    _compile(oldest, wanted, "--universal", f"--python-version=3.{SUPPORTED[0]}", "--resolution=lowest-direct", *newer)
    print(f"{oldest.relative_to(ROOT)}: the oldest that pyproject.toml admits")


if __name__ == "__main__":
    main()
