"""How many videos go along with one reference, as a table, and back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.csv_files import Row, read_rows, write_rows
from core.embedded import EmbeddedVideo
from core.errors import LabelError
from core.video.clock import spelled
from core.video_names import DIGEST

COLUMNS = ("number", "video", "reference_frame", "frame", "reference_seconds", "seconds", "cosine", DIGEST)
"""`number` counts the videos; 0 is the reference, which goes along with itself."""


@dataclass(frozen=True, eq=False)
class Follower:
    """A video, and its frame at every frame of the reference."""

    name: str
    """As people know it."""
    frames: NDArray[np.integer]
    """(R,)"""
    digest: str = ""
    """`core.files.content_digest` of the video, where it is known."""


def write_followers(path: Path, followers: Sequence[Follower], videos: Sequence[EmbeddedVideo]) -> None:
    """Write one row a frame of the reference and video; seconds are those that a player shows.

    Args:
        followers: the reference first, which follows itself.
        videos: the same, embedded.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    parts = (_rows(number, follower, videos[number], videos[0]) for number, follower in enumerate(followers))
    write_rows(path, COLUMNS, itertools.chain.from_iterable(parts))


def _rows(
    number: int, follower: Follower, video: EmbeddedVideo, reference: EmbeddedVideo
) -> Iterator[Iterable[object]]:
    cosine = np.einsum("rd,rd->r", reference.embeddings, video.embeddings[follower.frames]).clip(-1, 1)
    name = follower.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    for frame, matched in enumerate(follower.frames.tolist()):
        times = spelled(reference.edges_seconds[frame]), spelled(video.edges_seconds[matched])
        yield (number, name, frame, matched, *times, f"{cosine[frame]:.6f}", video.digest)


def read_followers(path: Path) -> list[Follower]:
    """Read what `write_followers` wrote, the reference first; seconds and cosines are not needed.

    Raises:
        LabelError: the file cannot be read, or is not such a table.
    """
    found: dict[int, tuple[str, list[int], str]] = {}
    for row in read_rows(path, COLUMNS[:4]):
        number = row.frame("number")
        frames = found.setdefault(number, (row["video"], [], row[DIGEST]))[1]
        if number > len(found) - 1 or row.frame("reference_frame") != len(frames):
            raise LabelError(_complaint(row))
        frames.append(row.frame("frame"))
    if len({len(frames) for _, frames, _ in found.values()}) != 1:
        raise LabelError(f"{path} pairs no videos with a reference: give a table that core.align wrote with --table.")
    return [Follower(name, np.array(frames, np.int64), digest) for name, frames, digest in found.values()]


def _complaint(row: Row) -> str:
    return (
        f"{row.where}: videos are numbered from 0 and have one row for every frame of the reference, in order, not "
        f"number {row['number']}, reference_frame {row['reference_frame']}."
    )
