"""Read and write a path as a table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.align.alignable import alignability
from core.align.warp import NONE
from core.base.csv_files import Row, read_rows, write_rows
from core.base.errors import LabelError
from core.base.types import Alignment
from core.embedding.embedded_video import EmbeddedVideo
from core.video.clock import format_seconds
from core.video.names import distinct_names

ALIGNABILITY = "alignability"
COLUMNS = (
    "a_frame",
    "b_frame",
    "a_seconds",
    "b_seconds",
    "cosine",
    "confidence",
    ALIGNABILITY,
    "a_video",
    "b_video",
    "a_digest",
    "b_digest",
)


def write_path(path: Path, a: EmbeddedVideo, b: EmbeddedVideo, alignment: Alignment) -> None:
    """Write every frame of both videos, in order: a row a step of the path, and one for each frame without a partner.

    Such a row has the one frame, and nothing in the other's columns, cosine, confidence and alignability, which says
    whether the two change alike around there (`core.align.alignable`). Seconds are those that a player shows.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    cosine = np.einsum("pd,pd->p", a.embeddings[alignment.a_frames], b.embeddings[alignment.b_frames]).clip(-1, 1)
    confidence, stretches = alignment.confidence, alignability(a.embeddings, b.embeddings, alignment)
    believed = np.minimum(stretches.of_a[alignment.a_frames], stretches.of_b[alignment.b_frames])
    identity = (*distinct_names([a.path, b.path]), a.digest, b.digest)

    def row(a_frame: int, b_frame: int, step: int) -> tuple[object, ...]:
        sure = "" if step == NONE or confidence is None else f"{confidence[step]:.4f}"
        return (
            *("" if frame == NONE else frame for frame in (a_frame, b_frame)),
            "" if a_frame == NONE else format_seconds(a.edges_seconds[a_frame]),
            "" if b_frame == NONE else format_seconds(b.edges_seconds[b_frame]),
            "" if step == NONE else f"{cosine[step]:.6f}",
            sure,
            "" if step == NONE else f"{believed[step]:.4f}",
            *identity,
        )

    write_rows(path, COLUMNS, itertools.starmap(row, every_frame(alignment)))


def every_frame(alignment: Alignment) -> Iterator[tuple[int, int, int]]:
    """Yield frame of A, frame of B and step: in order all steps, and the frames without a partner beside `NONE`.

    Between two steps those of A come before those of B.
    """
    a_next, b_next = 0, 0
    steps = zip(alignment.a_frames.tolist(), alignment.b_frames.tolist(), strict=True)
    for step, (a_frame, b_frame) in enumerate((*steps, (alignment.num_a, alignment.num_b))):
        yield from ((frame, NONE, NONE) for frame in range(a_next, a_frame))
        yield from ((NONE, frame, NONE) for frame in range(b_next, b_frame))
        if step < len(alignment):
            yield a_frame, b_frame, step
        a_next, b_next = a_frame + 1, b_frame + 1


def read_path(path: Path) -> Alignment:
    """Read what `write_path` wrote; only the two columns of frames are needed. Its cost is not known: NaN.

    Raises:
        LabelError: the file cannot be read, or holds no path: every frame of both videos in order, a row a step.
    """
    rows = read_rows(path, COLUMNS[:2])
    if not rows:
        raise LabelError(f"{path} has no path. Give one written by core.align --out.")
    a_last, b_last = NONE, NONE
    steps, confidence = [], []
    for row in rows:
        a_frame, b_frame = (row.frame(column) if row[column] else NONE for column in COLUMNS[:2])
        a_moves = a_frame != NONE and a_frame - a_last
        b_moves = b_frame != NONE and b_frame - b_last
        if not {a_moves, b_moves} <= {0, 1} or not (a_moves or b_moves):
            raise LabelError(_row_error(row))
        if a_frame != NONE and b_frame != NONE:
            steps.append((a_frame, b_frame))
            confidence.append(row.number("confidence") if row["confidence"] else np.nan)
        a_last, b_last = a_last + int(a_moves), b_last + int(b_moves)
    if NONE in (a_last, b_last):
        raise LabelError(f"{path} names frames of only one video. Give a path written by core.align --out.")
    frames = np.array(steps, np.int64).reshape(-1, 2)
    sure = np.array(confidence, np.float32)
    known = None if np.isnan(sure).any() else sure
    return Alignment(frames[:, 0].copy(), frames[:, 1].copy(), float("nan"), a_last + 1, b_last + 1, known)


def read_digests(path: Path) -> tuple[str, str]:
    """Return digests of A and B in what `write_path` wrote; empty where the table has none. LabelError: as
    `read_path`."""
    first = next(iter(read_rows(path, COLUMNS[:2])), None)
    return (first["a_digest"], first["b_digest"]) if first else ("", "")


def _row_error(row: Row) -> str:
    place = f"a_frame {row['a_frame'] or 'empty'}, b_frame {row['b_frame'] or 'empty'}"
    return (
        f"{row.where}: a path must start at frames 0 and 0 and advance by one frame of A, B or both, not to {place}. "
        "A frame without a match needs its own row, and repetitions are not a path."
    )
