"""Orders for `core.repetitions`, with their files and encoder checked beforehand. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import StorageError, VideoError
from core.base.files import content_digest
from core.project.places import find_file
from core.project.rows import VideoRow


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
    """The command that writes what is found to `target`.

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
