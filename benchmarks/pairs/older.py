"""The same protocol with the code of another commit."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def worktree(commit: str) -> Iterator[Path]:
    """The files of a commit in a temporary folder. Exits with a sentence where git does not know it."""
    with tempfile.TemporaryDirectory(prefix="carl-older-") as scratch:
        folder = Path(scratch, "code")
        made = _git("worktree", "add", "--detach", str(folder), commit)
        if made.returncode:
            sys.exit(
                f"--against {commit}: git says {made.stderr.strip().splitlines()[-1]!r}. Name a commit of {PROJECT}."
            )
        try:
            yield folder
        finally:
            _git("worktree", "remove", "--force", str(folder))


def lines_with(code: Path, program: Path, arguments: Sequence[str]) -> Iterator[str]:
    """What a program of today prints, line by line, when it runs with another commit's packages."""
    environment = {**os.environ, "PYTHONPATH": str(code)}
    command = [sys.executable, str(program), *arguments]
    with subprocess.Popen(command, env=environment, cwd=code, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield from child.stdout
    if child.returncode:
        sys.exit(f"{program.name} failed with the code of {code} (exit status {child.returncode}); it said why above.")


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(PROJECT), *words], capture_output=True, text=True, check=False)
