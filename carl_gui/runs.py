"""The runs of one folder as rows to show. Knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.run import Run, list_runs


@dataclass(frozen=True)
class RunRow:
    """What is shown of a run."""

    name: str
    state: str
    reason: str
    """One sentence where it failed or broke off; else empty."""
    steps: NDArray[np.int64]
    """(N,)"""
    losses: NDArray[np.float64]
    """(N,)"""


class RunsOfFolder:
    """Reads the runs under a folder, again only those that said something new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[tuple[int, int, bool], RunRow]] = {}

    def rows(self) -> list[RunRow]:
        """By name. Raises StorageError where the folder cannot be read."""
        known = {run.name: self._row(run) for run in list_runs(self.folder)}
        self._known = known
        return [row for _, row in known.values()]

    def _row(self, run: Run) -> tuple[tuple[int, int, bool], RunRow]:
        events = run.files.events_file
        said = (events.stat().st_size, events.stat().st_mtime_ns) if events.exists() else (0, 0)
        mark = (*said, run.files.is_running())
        if run.name in self._known and self._known[run.name][0] == mark:
            return self._known[run.name]
        status, curves = run.status(), run.curves()
        return mark, RunRow(run.name, status.state, status.reason, curves.steps, curves.loss)
