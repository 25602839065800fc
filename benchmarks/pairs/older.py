"""The same protocol with the code of another commit."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_PACKAGES = ("core", "assets", "training")


@contextlib.contextmanager
def code_of(commit: str) -> Iterator[Path]:
    """The packages of a commit in a temporary folder. Exits with a sentence where git does not know it."""
    command = ["git", "-C", str(PROJECT), "archive", commit, *_PACKAGES]
    made = subprocess.run(command, capture_output=True, check=False)
    if made.returncode:
        said = made.stderr.decode(errors="replace").strip().splitlines()[-1]
        sys.exit(f"--against {commit}: git says {said!r}. Name a commit of {PROJECT}.")
    with tempfile.TemporaryDirectory(prefix="carl-older-") as folder:
        with tarfile.open(fileobj=io.BytesIO(made.stdout)) as packed:
            packed.extractall(folder, filter="data")
        yield Path(folder)


def lines_with(code: Path, program: Path, arguments: Sequence[str]) -> Iterator[str]:
    """What a program of today prints, line by line, when it runs with another commit's packages."""
    environment = {**os.environ, "PYTHONPATH": str(code)}
    command = [sys.executable, str(program), *arguments]
    with subprocess.Popen(command, env=environment, cwd=code, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield from child.stdout
    if child.returncode:
        sys.exit(f"{program.name} failed with the code of {code} (exit status {child.returncode}); it said why above.")
