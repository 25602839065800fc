"""A training run on disk: started, listed, replayed. Reads what `core.train` writes; needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.base.events import Event, Failed, Finished, Progress, StepDone
from core.base.files import explain_errors, write_text
from core.learning.run_folder import RunFolder
from core.settings.config import Config
from training.curves import Curves
from training.tail import Tail, newest_first

__all__ = ["NO_STEP_YET", "Curves", "Run", "State", "Status", "Tail", "list_runs", "unused_folder"]

NO_STEP_YET = "It was interrupted before its first step and can be resumed."
"""Why a run stands that somebody began, and that had only loaded its libraries or prepared its videos."""

State = Literal["new", "running", "stopped", "done", "failed"]


@dataclass(frozen=True)
class Status:
    """The status of a run."""

    state: State
    reason: str
    """One sentence where it failed or broke off; else empty."""


class Run:
    """One run, read from its folder."""

    def __init__(self, files: RunFolder) -> None:
        self.files = files

    @classmethod
    def create(
        cls,
        folder: Path,
        config: Config,
        videos: Sequence[Path],
        validation: Sequence[Path] = (),
        labels: Path | None = None,
        init: Path | None = None,
    ) -> Run:
        """Write down a run that has not begun; `python -m core.train --out FOLDER --resume` begins it.

        Args:
            videos: what it learns from.
            validation: videos never learned from, which the figures are of while it learns.
            labels: a segment CSV of any of the videos, for those figures.
            init: an encoder file whose weights it begins with.

        Raises:
            ConfigError: a video is to be learned from and to validate on.
            StorageError: the folder holds a run or other files, or cannot be written; `init` cannot be read.
        """
        with RunFolder.create(folder, config, videos, validation, labels, init) as files:
            return cls(files)

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Open a run. StorageError where `folder` holds no run."""
        return cls(RunFolder.open(folder))

    @property
    def name(self) -> str:
        return self.files.folder.name

    def config(self) -> Config:
        """Return the run's settings. Raises ConfigError where the file was damaged."""
        return self.files.config()

    def send(self, word: Literal["pause", "resume", "stop"]) -> None:
        """Send a command to the process training here, whoever started it. It obeys after the current step.

        Raises:
            StorageError: the folder cannot be written.
        """
        write_text(self.files.control_file, word)

    def replay(self) -> Iterator[Event]:
        """Return every event in order of writing."""
        return self.files.events()

    def curves(self) -> Curves:
        """Return the measurements of the steps so far."""
        curves = Curves()
        for event in self.replay():
            curves.add(event)
        return curves

    def tail(self) -> Tail:
        """Return a reader of its events from the first, as they are written."""
        return Tail(self.files.events_file)

    def status(self) -> Status:
        """Return the current status of the run."""
        if self.files.is_running():
            return Status("running", "")
        events = newest_first(self.files.events_file)
        match next((event for event in events if isinstance(event, StepDone | Finished | Failed)), None):
            case Finished(reason):
                return Status("done" if reason == "done" else "stopped", "")
            case Failed(message):
                return Status("failed", message)
            case StepDone(step=step):
                return Status("stopped", f"It was interrupted after step {step} and can be resumed.")
            case _:
                return Status("stopped", NO_STEP_YET) if self.has_begun() else Status("new", "")

    def has_begun(self) -> bool:
        """Return whether a process ever worked on it: a window's is begun with a log, before it says anything."""
        events = newest_first(self.files.events_file)
        return self.files.log_file.exists() or any(isinstance(event, Progress | StepDone) for event in events)


def list_runs(parent: Path) -> list[Run]:
    """Return the runs in the folders directly under `parent`, by name; none where `parent` is missing.

    Raises:
        StorageError: `parent` cannot be read.
    """
    if not parent.exists():
        return []
    with explain_errors(parent):
        return [Run.open(folder) for folder in sorted(parent.iterdir()) if RunFolder.is_run(folder)]


def unused_folder(parent: Path, stem: str) -> Path:
    """Return `parent/stem`, or the first of `stem-2`, `stem-3`, ... that is not taken. Not created."""
    folder = parent / stem
    number = 1
    while folder.exists():
        number += 1
        folder = parent / f"{stem}-{number}"
    return folder
