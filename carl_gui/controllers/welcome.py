"""Joins the welcome page and the runs of a folder."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.runs import RunRow, RunsOfFolder
from carl_gui.welcome import WelcomePanel
from core.errors import CarlError

_LOOK_MS = 500
_SHARE_OF_TIME = 0.1
"""The most of the window's time that looking for news may take."""


class WelcomeController(QObject):
    """Looks for news of the runs twice a second and shows them."""

    changed = Signal()
    """There are other runs, or another one is chosen."""

    def __init__(self, panel: WelcomePanel) -> None:
        super().__init__()
        self._panel = panel
        self._runs: RunsOfFolder | None = None
        self._rows: list[RunRow] = []
        self._chosen: str | None = None
        self._timer = QTimer(panel, singleShot=True)
        self._timer.timeout.connect(self.look)
        panel.folder_chosen.connect(self.open_folder)
        panel.run_chosen.connect(self.choose_run)

    @property
    def run_count(self) -> int:
        """How many runs are shown."""
        return len(self._rows)

    @property
    def run_index(self) -> int | None:
        """Which of them is chosen, counted from 0."""
        return next((number for number, row in enumerate(self._rows) if row.name == self._chosen), None)

    @property
    def run_folder(self) -> Path | None:
        """The folder of the chosen run."""
        return self._runs.folder / self._chosen if self._runs is not None and self._chosen is not None else None

    @property
    def folder(self) -> Path | None:
        """The folder whose runs are shown."""
        return None if self._runs is None else self._runs.folder

    def open_folder(self, folder: Path) -> None:
        """Show the runs of this folder from now on."""
        self._runs, self._rows, self._chosen = RunsOfFolder(folder), [], None
        self._panel.set_folder(folder)
        self._panel.set_runs([], None)
        self._panel.set_curve(None)
        self.look()

    def choose_run(self, name: str) -> None:
        """Show this run's curve from now on."""
        self._chosen = name
        self.look()

    def move(self, by: int) -> None:
        """Choose the run so many further down; none where the list ends before."""
        if self.run_index is not None and 0 <= self.run_index + by < len(self._rows):
            self.choose_run(self._rows[self.run_index + by].name)

    def look(self) -> None:
        """Read what is new and show it; the first run is chosen where none is."""
        if self._runs is None:
            return
        started = time.monotonic()
        try:
            self._rows = self._runs.rows()
        except CarlError as error:
            self._panel.set_message(str(error))
        else:
            chosen = next(
                (row for row in self._rows if row.name == self._chosen), self._rows[0] if self._rows else None
            )
            self._chosen = chosen.name if chosen else None
            self._panel.set_runs(self._rows, self._chosen)
            self._panel.set_curve(chosen)
        self.changed.emit()
        took_ms = (time.monotonic() - started) * 1000
        self._timer.start(max(_LOOK_MS, round(took_ms / _SHARE_OF_TIME)))

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
