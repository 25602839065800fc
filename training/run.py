"""A training run as a thing on disk: begun, listed, replayed. Reads what `core.train` writes; needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.config import Config
from core.events import Event, Failed, Finished, StepDone
from core.files import explained, write_text
from core.run_folder import RunFolder

State = Literal["new", "running", "stopped", "done", "failed"]


@dataclass(frozen=True)
class Status:
    """How a run stands."""

    state: State
    reason: str
    """One sentence where it failed or broke off; else empty."""


class Curves:
    """What a run's steps measured, one value a step; fed by `add` live or from disk, with the same result.

    A resumed run does again the steps after its last checkpoint: what was measured there before is dropped, so that
    the curves are those of a run that was never interrupted.
    """

    def __init__(self) -> None:
        self._steps: list[StepDone] = []

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, event: Event) -> None:
        """Take in one event; all but `StepDone` are passed over."""
        if not isinstance(event, StepDone):
            return
        while self._steps and self._steps[-1].step >= event.step:
            self._steps.pop()
        self._steps.append(event)

    @property
    def steps(self) -> NDArray[np.int64]:
        """(N,) steps done since the start of training, strictly rising."""
        return np.array([done.step for done in self._steps], dtype=np.int64)

    @property
    def loss(self) -> NDArray[np.float64]:
        """(N,)"""
        return np.array([done.loss for done in self._steps], dtype=np.float64)

    @property
    def learning_rate(self) -> NDArray[np.float64]:
        """(N,)"""
        return np.array([done.learning_rate for done in self._steps], dtype=np.float64)

    @property
    def gradient_norm(self) -> NDArray[np.float64]:
        """(N,) before clipping."""
        return np.array([done.gradient_norm for done in self._steps], dtype=np.float64)

    @property
    def latest(self) -> StepDone | None:
        """The last step; None before the first."""
        return self._steps[-1] if self._steps else None


class Run:
    """One run folder, read."""

    def __init__(self, files: RunFolder) -> None:
        self.files = files

    @classmethod
    def create(cls, folder: Path, config: Config, videos: Sequence[Path]) -> Run:
        """Write down a run that has not begun; `python -m core.train --out FOLDER --resume` begins it.

        Raises:
            StorageError: the folder holds a run or other files, or cannot be written.
        """
        with RunFolder.create(folder, config, videos) as files:
            return cls(files)

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Raises StorageError where `folder` holds no run."""
        return cls(RunFolder.open(folder))

    @property
    def name(self) -> str:
        return self.files.folder.name

    def config(self) -> Config:
        """The run's settings. Raises ConfigError where the file was damaged."""
        return self.files.config()

    def tell(self, word: Literal["pause", "resume", "stop"]) -> None:
        """Ask the process that trains here, whoever started it. It obeys after the step at hand.

        Raises:
            StorageError: the folder cannot be written.
        """
        write_text(self.files.control_file, word)

    def replay(self) -> Iterator[Event]:
        """Every event in order of writing."""
        return self.files.events()

    def curves(self) -> Curves:
        """What the steps so far measured."""
        curves = Curves()
        for event in self.replay():
            curves.add(event)
        return curves

    def status(self) -> Status:
        """How the run stands now."""
        if self.files.is_running():
            return Status("running", "")
        ending: Event | None = None
        for event in self.replay():
            if isinstance(event, StepDone | Finished | Failed):
                ending = event  # a step after an ending: the run was resumed
        match ending:
            case Finished(reason):
                return Status("done" if reason == "done" else "stopped", "")
            case Failed(message):
                return Status("failed", message)
            case StepDone(step=step):
                return Status("stopped", f"It broke off after step {step}; it can be resumed.")
            case _:
                return Status("new", "")


def list_runs(parent: Path) -> list[Run]:
    """The runs in the folders directly under `parent`, by name; none where `parent` is missing.

    Raises:
        StorageError: `parent` cannot be read.
    """
    if not parent.exists():
        return []
    with explained(parent):
        return [Run.open(folder) for folder in sorted(parent.iterdir()) if RunFolder.is_run(folder)]


def unused_folder(parent: Path, stem: str) -> Path:
    """`parent/stem`, or the first of `stem-2`, `stem-3`, ... that is not taken. Not created."""
    folder = parent / stem
    number = 1
    while folder.exists():
        number += 1
        folder = parent / f"{stem}-{number}"
    return folder
