"""Repetitions of an action, found by a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication

from carl_gui.job_control.status import REPETITIONS
from carl_gui.jobs import Jobs
from carl_gui.models.runs import stage_text
from carl_gui.tasks import in_thread
from core.base.errors import StorageError, VideoError
from core.base.events import Event, Progress
from core.base.files import content_digest
from core.base.leftovers import temporary_folder
from core.project.places import find_file
from core.project.rows import VideoRow
from core.repetitions.files import FoundRepetitions, read_found
from training.queue import JobOrder


@dataclass(frozen=True)
class RepetitionOrder:
    """Everything a thread and the job need; immutable."""

    project: Path
    run: str
    """Whose encoder is used."""
    encoder_digest: str
    """Of the encoder that made the embeddings: by another one nothing would agree with them."""
    reference: VideoRow
    videos: tuple[VideoRow, ...]
    either: bool = False
    """Whether the reference may repeat a video as well."""


def command_of(order: RepetitionOrder, target: Path) -> list[str]:
    """Return the command that writes what is found to `target`.

    Raises:
        VideoError: a video is not where it was.
        StorageError: the encoder is gone, or another one than that of the embeddings.
    """
    encoder = order.project / "runs" / order.run / "encoder.safetensors"
    if not encoder.is_file():
        raise StorageError(
            f"Repetitions need the encoder of {order.run}, but {encoder} was deleted. Choose another run."
        )
    if content_digest(encoder) != order.encoder_digest:
        raise StorageError(f"{order.run} was trained further after these embeddings were made. Embed the videos again.")
    files = [str(_file(row, order.project)) for row in (order.reference, *order.videos)]
    either = ["--either"] if order.either else []
    return ["core.repetitions", *files, "--encoder", str(encoder), "--out", str(target), *either]


def check_digests(order: RepetitionOrder, digests: Sequence[str]) -> None:
    """Refuse what was found in other videos. VideoError: a file was replaced since it was embedded."""
    for row in (order.reference, *order.videos):
        if row.digest not in digests:
            raise VideoError(f"The file of {row.name} has changed since it was embedded. Embed the videos again.")


def _file(row: VideoRow, project: Path) -> Path:
    file = find_file(row, project)
    if file is None:
        raise VideoError(f"The file of {row.name} is missing. Find it on the Videos page.")
    return file


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
        show_progress: gets how far it has come, 0 to 1 or None, and in words; None and nothing at the end.

    Raises:
        CarlError: as the command, or what it wrote is not of these videos.
        Stopped: somebody stopped the job.
    """

    def on_event(event: Event) -> None:
        if isinstance(event, Progress):
            share = event.done / event.total if event.total > 0 else None
            show_progress(share, stage_text(event.stage, event.done, event.total))

    with temporary_folder("carl-repetitions") as scratch:
        target = scratch / "found.npz"
        show_progress(None, QCoreApplication.translate("RepetitionJob", "Starting…"))
        try:
            command = await in_thread(lambda control: command_of(order, target))
            await jobs.run(JobOrder(REPETITIONS, order.reference.name, tuple(command), _LANE), on_event)
            return await in_thread(lambda control: use(_read(order, target)))
        finally:
            show_progress(None, "")


def _read(order: RepetitionOrder, target: Path) -> list[FoundRepetitions]:
    found, _ = read_found(target)
    check_digests(order, [video.digest for one in found for video in (one.reference, one.video)])
    return found
