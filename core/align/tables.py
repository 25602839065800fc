"""A path as a table, and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.csv_files import Row, read_rows, write_rows
from core.embedded import EmbeddedVideo
from core.errors import LabelError
from core.types import Alignment
from core.video.clock import spelled
from core.video_names import distinct_names

COLUMNS = ("a_frame", "b_frame", "a_seconds", "b_seconds", "cosine", "a_video", "b_video", "a_digest", "b_digest")


def write_path(path: Path, a: EmbeddedVideo, b: EmbeddedVideo, alignment: Alignment) -> None:
    """Write one row a step of the path; seconds are those that a player shows.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    a_seconds, b_seconds = a.edges_seconds[alignment.a_frames], b.edges_seconds[alignment.b_frames]
    cosine = np.einsum("pd,pd->p", a.embeddings[alignment.a_frames], b.embeddings[alignment.b_frames]).clip(-1, 1)
    identity = (*distinct_names([a.path, b.path]), a.digest, b.digest)
    steps = zip(alignment.a_frames, alignment.b_frames, a_seconds, b_seconds, cosine, strict=True)
    write_rows(
        path,
        COLUMNS,
        (
            (a_frame, b_frame, spelled(a_time), spelled(b_time), f"{alike:.6f}", *identity)
            for a_frame, b_frame, a_time, b_time, alike in steps
        ),
    )


def read_path(path: Path) -> Alignment:
    """Read what `write_path` wrote; only the two columns of frames are needed. Its cost is not known: NaN.

    Raises:
        LabelError: the file cannot be read, or holds no path: one from the first frames on, by steps of at most one
            frame in each video.
    """
    rows = read_rows(path, COLUMNS[:2])
    frames = np.array([(row.frame("a_frame"), row.frame("b_frame")) for row in rows], np.int64).reshape(-1, 2)
    if not len(frames):
        raise LabelError(f"{path} holds no path: give one that core.align wrote with --out.")
    steps = np.diff(frames, axis=0, prepend=[[-1, -1]])  # (P, 2); the first leads from before both videos
    wrong = (steps < 0).any(axis=1) | (steps > 1).any(axis=1) | (steps == 0).all(axis=1)
    if wrong.any():
        raise LabelError(_complaint(rows[int(wrong.argmax())]))
    return Alignment(frames[:, 0].copy(), frames[:, 1].copy(), float("nan"))


def read_digests(path: Path) -> tuple[str, str]:
    """Digests of A and B in what `write_path` wrote; empty where the table has none. LabelError: as `read_path`."""
    first = next(iter(read_rows(path, COLUMNS[:2])), None)
    return (first["a_digest"], first["b_digest"]) if first else ("", "")


def _complaint(row: Row) -> str:
    place = f"a_frame {row['a_frame']}, b_frame {row['b_frame']}"
    return f"{row.where}: a path begins at frames 0 and 0 and goes on by one frame of A, B or both, not to {place}."
