"""A training task: the videos and settings of a run, carried out in its folder."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.base.control import Control
from core.base.errors import CarlError
from core.base.events import Event, Finished, Paused, Sink, ignore
from core.learning.distributed import Processes
from core.learning.run_folder import Origin, RunFolder
from core.learning.run_training import train_run, write_log
from core.settings.config import Config


@dataclass(frozen=True)
class Task:
    """The task of a run; `folder` is open for writing in the first process only."""

    folder: RunFolder
    config: Config
    videos: Sequence[Path]
    validation: Sequence[Path] = ()
    labels: Path | None = None
    origin: Origin | None = None
    """The encoder that it begins with; None: random weights."""
    actions: Mapping[Path, str] = field(default_factory=dict)
    """Of those videos of which a list names it."""


def carry_out(
    task: Task, device: str, processes: Processes, sink: Sink, control: Control, *, obeys_file: bool = False
) -> Finished:
    """Train from the newest checkpoint, or from the start, to the end; what is told stands in the folder too.

    Args:
        obeys_file: whether the run's control file is obeyed as well.

    Raises:
        CarlError, Stopped: as `core.learning.run_training.train_run`; a folder in which nothing was learned is removed.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(task.folder)
        if obeys_file and processes.is_first:
            stack.callback(control.watch(folder.control_file))

        def emit(event: Event) -> None:
            folder.append(event)
            write_log(folder, event)
            sink(event)

        report = emit if processes.is_first else ignore
        try:
            with control.reporting_pauses(lambda paused: report(Paused(paused))):
                reason = _fit(task, device, processes, report, control)
        except CarlError:
            if processes.is_first:
                folder.discard_unbegun()
            raise
        finished = Finished(reason, str(folder.folder))
        if processes.is_first:
            folder.append(finished)
            write_log(folder, finished)
    return finished


def _fit(task: Task, device: str, processes: Processes, sink: Sink, control: Control) -> str:
    return train_run(
        task.folder,
        task.config,
        task.videos,
        device,
        processes,
        sink,
        control,
        validation=task.validation,
        labels=task.labels,
        origin=task.origin,
        actions=task.actions,
    )
