"""SIGKILL at random moments of editing: nothing that was confirmed is lost, and the project opens."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from core.project.backup_files import backups_of
from core.project.store import Project
from tests.core.project.editing_child import spans_after
from tests.core.project.projects import authored, filled

ROOT = Path(__file__).parents[3]


def edits_until_killed(folder: Path, confirmations: int, spins: int) -> int:
    """Let a child edit, kill it so many confirmations (and a little) later; returns the last confirmed edit, or 0."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.core.project.editing_child", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as child:
        assert child.stdout
        told = [child.stdout.readline() for _ in range(confirmations + 1)]
        for _ in range(spins):
            pass
        child.kill()
        told += child.stdout.readlines()
    assert told[0] == "open\n"
    return int(told[-1]) if told[-1].endswith("\n") and told[-1] != "open\n" else 0


def check_nothing_is_lost(folder: Path, confirmed: int) -> None:
    """The project opens, holds exactly some whole edit from the confirmed one on, and its history still works."""
    with Project.open(folder) as project:
        found = int(project.notes() or 0)
        undone = project.next_redo() is not None  # killed between undo and redo
        assert found + undone in (confirmed, confirmed + 1)
        assert tuple(project.spans(1)) == spans_after(found)
        before = authored(folder)
        assert project.undo()
        assert int(project.notes() or 0) == found - 1
        assert project.redo()
        assert authored(folder) == before
        if undone:
            project.redo()
            assert project.notes() == str(found + 1)


@pytest.mark.journey
def test_a_kill_loses_no_confirmed_edit(tmp_path: Path) -> None:
    generator = random.Random(20260301)
    with filled(tmp_path / "p"):
        pass
    confirmed = 0
    for _ in range(15):
        now = edits_until_killed(tmp_path / "p", generator.randrange(12), generator.randrange(200_000))
        confirmed = now or confirmed
        with Project.open(tmp_path / "p") as project:
            found = int(project.notes() or 0) + (project.next_redo() is not None)
        if found:
            check_nothing_is_lost(tmp_path / "p", confirmed)
        confirmed = max(confirmed, found)
    assert confirmed > 50
    assert backups_of(tmp_path / "p" / "backups")
