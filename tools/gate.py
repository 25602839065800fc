#!/usr/bin/env python3
"""The gate's second half, in environments of their own that are removed afterwards.

The extras that `make test` does without (`cluster`, `ann`): their tests, with the pinned libraries. Then the newest
Python found, with the newest release of every library: the types are checked, the demo is made, and the tests of `core`
and a journey through the window are run. The full tests of such an environment are `make newest`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from install import ROOT, Installer, InstallError
from pythons import SUPPORTED, find_python

_DISK_GB = 12
_EXTRAS = ("onnx", "timm", "dev", "cluster", "ann", "interop", "docs")
_OF_EXTRAS = (
    "tests/core/cluster",
    "tests/core/search",
    "tests/core/embedding/test_packed_elsewhere.py",
    "tests/tools/test_manual.py",
)
_JOURNEYS = (
    "tests/carl_gui/test_journey.py",
    "tests/carl_gui/test_launch_train_quit.py",
    "tests/carl_gui/test_library.py",
    "tests/carl_gui/test_start_page.py",
)


def _run(executable: Path, *arguments: str) -> bool:
    started = time.monotonic()
    print("\n$ python", *arguments, flush=True)
    surroundings = {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run([executable, *arguments], cwd=ROOT, env=os.environ | surroundings)
    print(f"exit status {done.returncode}, {time.monotonic() - started:.0f} s", flush=True)
    return done.returncode == 0


def _check_extras() -> bool:
    """Run the tests of the extras on this Python."""
    python = find_python(sys.version_info[1])
    if python is None:
        print(f"\nPython 3.{sys.version_info[1]} was not found: the extras are not tried.")
        return False
    print(f"\nThe extras {', '.join(_EXTRAS)} on Python 3.{sys.version_info[1]} ({python})", flush=True)
    with tempfile.TemporaryDirectory(prefix="carl-gate-", ignore_cleanup_errors=True) as folder:
        installer = Installer(Path(folder) / "venv", python)
        try:
            installer.install("locked", _EXTRAS, editable=True, cpu=False)
        except InstallError as error:
            print(error, file=sys.stderr)
            return False
        return _run(installer.executable, "-m", "pytest", "-p", "no:cacheprovider", *_OF_EXTRAS)


def main() -> int:
    extras, newest = _check_extras(), _check_newest()
    return 0 if extras and newest else 1


def _check_newest() -> bool:
    """Check types, demo and tests on the newest Python with the newest libraries."""
    newer = [(minor, python) for minor in SUPPORTED if (python := find_python(minor)) is not None]
    if not newer or newer[-1][0] <= sys.version_info[1]:
        print(f"\nNo Python newer than 3.{sys.version_info[1]} was found: the newest libraries are not tried on one.")
        return True
    minor, python = newer[-1]
    free = shutil.disk_usage(tempfile.gettempdir()).free / 1e9
    if free < _DISK_GB:
        print(f"The newest libraries may not fit: {tempfile.gettempdir()} has {free:.0f} GB free of {_DISK_GB} GB.")
    print(f"\nPython 3.{minor} ({python}) with the newest libraries", flush=True)
    with tempfile.TemporaryDirectory(prefix="carl-gate-", ignore_cleanup_errors=True) as folder:
        installer = Installer(Path(folder) / "venv", python)
        try:
            installer.install("newest", ["onnx", "timm", "dev"], editable=True, cpu=False)
        except InstallError as error:
            print(error, file=sys.stderr)
            return False
        executable = installer.executable
        subprocess.run([executable, "-m", "pip", "list"], check=True)
        window = subprocess.run([executable, "-c", "import PySide6.QtWidgets"], capture_output=True).returncode == 0
        if not window:
            print("Qt does not load: the window's journeys are left out.")
        passed = [
            _run(executable, "-m", "mypy", "--cache-dir", str(Path(folder) / "mypy")),
            _run(executable, "-m", "core.demo", "--out", str(Path(folder) / "demo")),
            _run(
                executable, "-m", "pytest", "-n", "logical", "--dist", "worksteal", "-p", "no:cacheprovider",
                "tests/core", "tests/training",
                *(_JOURNEYS if window else ("-p", "no:pytest-qt")),
            ),
        ]  # fmt: skip
    return all(passed)


if __name__ == "__main__":
    sys.exit(main())
