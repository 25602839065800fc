"""Repetitions of one video in another, as a table and in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.align.repetitions import NONE, Repetitions
from core.align.tables import ALIGNABILITY, COLUMNS
from core.base.csv_files import write_rows
from core.embedding.embedded_video import EmbeddedVideo
from core.video.clock import format_seconds
from core.video.names import distinct_names

REPETITION = "repetition"
_COLUMNS = (*(name for name in COLUMNS if name != ALIGNABILITY), REPETITION)
_MOST_NAMED = 12
"""Repetitions in a sentence; the table has all."""


def write_repetitions(path: Path, a: EmbeddedVideo, b: EmbeddedVideo, found: Repetitions) -> None:
    """Write every frame of B in order: the frame of A that it is matched with, and in the last column which repetition.

    A frame that is matched with none has nothing in the columns of A, cosine and confidence; one outside of all
    repetitions has no number. The confidence is that of the repetition. Seconds are those that a player shows.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    identity = (*distinct_names([a.path, b.path]), a.digest, b.digest)

    def rows() -> Iterator[tuple[object, ...]]:
        for b_frame, (a_frame, number) in enumerate(zip(found.frames.tolist(), found.numbers.tolist(), strict=True)):
            seconds = format_seconds(b.edges_seconds[b_frame])
            if a_frame == NONE:
                yield ("", b_frame, "", seconds, "", "", *identity, number or "")
                continue
            cosine = float(np.clip(a.embeddings[a_frame] @ b.embeddings[b_frame], -1, 1))
            sure = found.spans[number - 1].confidence
            yield (
                a_frame,
                b_frame,
                format_seconds(a.edges_seconds[a_frame]),
                seconds,
                f"{cosine:.6f}",
                f"{sure:.4f}",
                *identity,
                number,
            )

    write_rows(path, _COLUMNS, rows())


def repetitions_in_words(reference: str, video: EmbeddedVideo, found: Repetitions) -> str:
    """Return how often a video shows what the reference shows, and when.

    Args:
        reference: the name of the reference.
    """
    name, edges = video.path.name, video.edges_seconds
    if not found.count:
        return (
            f"No repetition of {reference} was found in {name}. Give a reference that shows the action once, or an "
            "encoder trained on such videos."
        )
    places = [
        f"{edges[span.start_frame]:.2f} to {edges[span.end_frame_exclusive]:.2f} s ({span.confidence:.0%})"
        for span in found.spans[:_MOST_NAMED]
    ]
    more = f", and {found.count - _MOST_NAMED} more" if found.count > _MOST_NAMED else ""
    times = "once" if found.count == 1 else f"{found.count} times"
    return f"{name} repeats {reference} {times}: {', '.join(places)}{more}."
