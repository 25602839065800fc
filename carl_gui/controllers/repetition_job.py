"""Find repetitions as a job of `core.repetitions`, awaited by the caller."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication

from carl_gui.controllers.status import REPETITIONS
from carl_gui.jobs import Jobs
from carl_gui.models.repetition_search import RepetitionOrder, check_digests, command_of
from carl_gui.models.run_messages import stage_text
from carl_gui.tasks import in_thread
from core.base.events import Event, Progress
from core.repetitions.files import FoundRepetitions, read_found
from training.queue import JobOrder

_LANE = "repetitions"
"""Of its own: it takes seconds where the videos are embedded, and waits for no training."""

T = TypeVar("T")


async def find_repetitions(
    jobs: Jobs,
    order: RepetitionOrder,
    use: Callable[[Sequence[FoundRepetitions]], T],
    show_progress: Callable[[float | None, str], object],
) -> T:
    """Return what `use` makes of what is found, one for each video in order, in a thread.

    Args:
        show_progress: is told how far it has come, 0 to 1 or None, and in words; None and nothing at the end.

    Raises:
        CarlError: as the command, or what it wrote is not of these videos.
        Stopped: somebody stopped the job.
    """

    def hear(event: Event) -> None:
        if isinstance(event, Progress):
            share = event.done / event.total if event.total > 0 else None
            show_progress(share, stage_text(event.stage, event.done, event.total))

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        target = Path(scratch) / "found.npz"
        show_progress(None, QCoreApplication.translate("RepetitionJob", "Starting…"))
        try:
            command = await in_thread(lambda control: command_of(order, target))
            await jobs.run(JobOrder(REPETITIONS, order.reference.name, tuple(command), _LANE), hear)
            return await in_thread(lambda control: use(_read(order, target)))
        finally:
            show_progress(None, "")


def _read(order: RepetitionOrder, target: Path) -> list[FoundRepetitions]:
    found, _ = read_found(target)
    check_digests(order, [video.digest for one in found for video in (one.reference, one.video)])
    return found
