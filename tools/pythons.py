"""Which Pythons are supported, and where they are on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED = (11, 12, 13, 14)
"""Minor versions of Python 3."""


def find_python(minor: int) -> str | None:
    """Return an interpreter of Python 3.`minor` on the PATH, of pyenv or of the Windows launcher; None without one."""
    for candidate in _candidates(minor):
        try:
            asked = [*candidate, "-c", "import sys, venv; print(sys.executable, sys.version_info[1])"]
            said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            continue
        executable, _, found = said.rpartition(" ")
        if int(found) == minor:
            return executable
    return None


def _candidates(minor: int) -> Iterator[list[str]]:
    if sys.version_info[1] == minor and sys.prefix == sys.base_prefix:
        yield [sys.executable]
    for name in (f"python3.{minor}", "python3", "python"):
        if found := shutil.which(name):
            yield [found]
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    if versions.is_dir():
        of_minor = (path for path in versions.iterdir() if path.name.startswith(f"3.{minor}."))
        for path in sorted(of_minor, key=lambda path: int("".join(filter(str.isdigit, path.name.split(".")[2])) or 0))[
            ::-1
        ]:
            yield [str(path / "bin" / "python")]
    if launcher := shutil.which("py"):
        yield [launcher, f"-3.{minor}"]
