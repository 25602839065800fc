"""Input tables of `core.label`, and its outputs besides the phases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.base.csv_files import write_rows
from core.base.errors import LabelError
from core.base.events import Notice, Sink
from core.base.types import PREDICTORS
from core.label.labelling import LabelledVideo
from core.label.suggestions import Suggestion
from core.labels.segments import Segment, read_segments
from core.video.clock import format_seconds
from core.video.names import DIGEST, distinct_names

FRAME_COLUMNS = ("video", "frame", "seconds")
NEXT_COLUMNS = (
    "video",
    "start_frame",
    "end_frame_exclusive",
    "start_seconds",
    "end_seconds",
    "reason",
    "score",
    DIGEST,
)
_MOST_NAMED = 3
"""Suggestions in a sentence; the table has more."""


def read_labels(path: Path, sink: Sink) -> list[Segment]:
    """Read labels of at least two phases. Predicted rows in a file written by `core.label` are left out.

    Raises:
        LabelError: the file cannot be used, or what it says is not enough, or ambiguous.
    """
    segments = read_segments(path)
    confirmed = [segment for segment in segments if segment.source.casefold() not in PREDICTORS]
    if predicted := len(segments) - len(confirmed):
        sink(
            Notice(
                f"{path.name}: {predicted} of {len(segments)} segments are predictions, by their source, and not used "
                "as labels."
            )
        )
    if not confirmed:
        raise LabelError(f"{path} holds only predictions. Write 'label' as the source of the segments that you accept.")
    spelled: dict[str, Segment] = {}
    for segment in confirmed:
        other = spelled.setdefault(segment.phase.casefold(), segment)
        if other.phase != segment.phase:
            raise LabelError(
                f"{segment.where}: {segment.phase!r} is {other.phase!r} in {other.where.rpartition(', ')[2]}. Write "
                "a phase the same everywhere."
            )
    if len(spelled) == 1:
        raise LabelError(
            f"{confirmed[0].where}: {confirmed[0].phase!r} is the only phase in {path.name}. Label frames of another "
            "one too."
        )
    return confirmed


def check_columns(segments: Sequence[Segment]) -> None:
    """Refuse a phase that cannot have its column in the table of frames. Raises LabelError."""
    for segment in segments:
        if segment.phase.casefold() in (*FRAME_COLUMNS, DIGEST):
            raise LabelError(f"{segment.where}: --frames has its own column {segment.phase!r}. Rename the phase.")


def write_frames(path: Path, labelled: Sequence[LabelledVideo]) -> None:
    """Write one row a frame: `video,frame,seconds` as a player shows them, the probability of each phase, and `digest`.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    names = _names(labelled)

    def rows() -> Iterator[tuple[object, ...]]:
        for one in labelled:
            name, starts = names[one.video.path], one.video.edges_seconds
            for frame, row in enumerate(one.probabilities):
                yield name, frame, format_seconds(starts[frame]), *(f"{share:.6f}" for share in row), one.video.digest

    write_rows(path, (*FRAME_COLUMNS, *labelled[0].phases, DIGEST), rows())


def write_next(path: Path, suggestions: Sequence[Suggestion], labelled: Sequence[LabelledVideo]) -> None:
    """Write one row a suggestion, in order; `core.label.suggestions.Suggestion` says what reason and score are.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    names = _names(labelled)
    write_rows(
        path,
        NEXT_COLUMNS,
        (
            (
                names[one.labelled.video.path],
                one.start_frame,
                one.end_frame_exclusive,
                *map(format_seconds, _bounds_seconds(one)),
                one.reason,
                f"{one.score:.4f}",
                one.labelled.video.digest,
            )
            for one in suggestions
        ),
    )


def describe_suggestions(
    unsure: Sequence[Suggestion], whole_videos: Sequence[Suggestion], labelled: Sequence[LabelledVideo]
) -> str:
    """Return what to label next, in a sentence or two."""
    names = _names(labelled)
    sentences = []
    if unsure:
        wheres = []
        for one in unsure[:_MOST_NAMED]:
            start, end = _bounds_seconds(one)
            either = " or ".join(repr(phase) for phase in one.doubt)
            wheres.append(f"{names[one.labelled.video.path]} from {start:.2f} to {end:.2f} s ({either})")
        sentences.append(f"Least confident, so best labelled next: {'; '.join(wheres)}.")
    if whole_videos:
        named = ", ".join(names[one.labelled.video.path] for one in whole_videos[:_MOST_NAMED])
        sentences.append(f"Unlabelled videos that are most similar to many others: {named}.")
    return " ".join(sentences) or "Every video has labels, and no prediction is doubtful."


def _names(labelled: Sequence[LabelledVideo]) -> dict[Path, str]:
    paths = [one.video.path for one in labelled]
    return dict(zip(paths, distinct_names(paths), strict=True))


def _bounds_seconds(one: Suggestion) -> tuple[float, float]:
    edges = one.labelled.video.edges_seconds
    return float(edges[one.start_frame]), float(edges[one.end_frame_exclusive])
