"""The program's entry: commands without `python -m`, packages of others under our names, and what the wheel brings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.child_command import command_line

ROOT = Path(__file__).parents[2]


def _start(folder: Path, *words: str, path: str = str(ROOT)) -> subprocess.CompletedProcess[str]:
    code = "import sys; from carl_gui import start; sys.argv[0] = 'carl-gui'; sys.exit(start.main())"
    environment = os.environ | {"PYTHONPATH": path}
    command = [sys.executable, "-P", "-c", code, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_command_runs_without_python_m(tmp_path: Path) -> None:
    done = _start(tmp_path, "--run", "core.decode", "none.mp4")
    assert (done.returncode, "none.mp4" in done.stderr) == (2, True)


def test_only_commands_of_ours_are_run(tmp_path: Path) -> None:
    done = _start(tmp_path, "--run", "http.server")
    assert done.returncode == 2
    assert "not 'http.server'. Name one, such as core.train." in done.stderr


def test_a_package_of_somebody_else_is_named_by_its_file(tmp_path: Path) -> None:
    other = tmp_path / "core" / "__init__.py"
    other.parent.mkdir()
    other.touch()
    (tmp_path / "carl_gui").symlink_to(ROOT / "carl_gui")
    done = _start(tmp_path, path=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"{other} hides the package core of carl-gui. Install carl-gui in an environment")


def test_a_child_never_takes_modules_from_the_folder_it_is_started_in(tmp_path: Path) -> None:
    (tmp_path / "core.py").write_text("raise SystemExit('the wrong core')\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command_line("core.decode", "none.mp4"), cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, "the wrong core" in done.stderr) == (2, False)


def test_a_bundle_calls_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command_line("core.train", "a") == [sys.executable, "--run", "core.train", "a"]
