"""Read and write the alignment of many videos with one reference as a table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.align.many import AlignedVideo
from core.align.tables import ALIGNABILITY
from core.align.warp import NONE, shown_frames
from core.base.csv_files import Row, read_rows, write_rows
from core.base.errors import LabelError
from core.embedding.embedded_video import EmbeddedVideo
from core.video.clock import format_seconds
from core.video.names import DIGEST

COLUMNS = (
    "number",
    "video",
    "reference_frame",
    "frame",
    "reference_seconds",
    "seconds",
    "cosine",
    "confidence",
    ALIGNABILITY,
    DIGEST,
)
"""`number` counts the videos; 0 is the reference, which goes along with itself. A frame of the reference without a
partner has nothing in `frame`, `seconds`, `cosine`, `confidence` and `alignability`."""


@dataclass(frozen=True, eq=False)
class Follower:
    """A video and its frame at every frame of the reference."""

    name: str
    """As people know it."""
    frames: NDArray[np.integer]
    """(R,) what to show at each of them."""
    digest: str = ""
    """`core.base.files.content_digest` of the video, where it is known."""
    partners: NDArray[np.bool_] | None = None
    """(R,) whether it is the partner of the reference's frame; None: always."""
    confidence: NDArray[np.float32] | None = None
    """(R,) how sure that is, 0 to 1; None: not known."""
    alignability: NDArray[np.float32] | None = None
    """(R,) whether the two change alike around there, 0 to 1; None: not known."""

    @property
    def has_partner(self) -> NDArray[np.bool_]:
        """(R,)"""
        return np.ones(len(self.frames), np.bool_) if self.partners is None else self.partners


def follower(name: str, match: AlignedVideo, digest: str = "") -> Follower:
    """Return a video as `match` found it."""
    return Follower(name, match.frames, digest, match.has_partner, match.confidence, match.alignability)


def write_followers(path: Path, followers: Sequence[Follower], videos: Sequence[EmbeddedVideo]) -> None:
    """Write one row a frame of the reference and video; seconds are those that a player shows.

    Args:
        followers: the reference first, which follows itself.
        videos: the same, embedded.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    parts = (_rows(index, follower, videos[index], videos[0]) for index, follower in enumerate(followers))
    write_rows(path, COLUMNS, itertools.chain.from_iterable(parts))


def _rows(
    number: int, follower: Follower, video: EmbeddedVideo, reference: EmbeddedVideo
) -> Iterator[Iterable[object]]:
    cosine = np.einsum("rd,rd->r", reference.embeddings, video.embeddings[follower.frames]).clip(-1, 1)
    name = follower.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    has_partner = follower.has_partner
    sure, believed = (_format_numbers(one, len(cosine)) for one in (follower.confidence, follower.alignability))
    for frame, matched in enumerate(follower.frames.tolist()):
        there, alike = format_seconds(video.edges_seconds[matched]), f"{cosine[frame]:.6f}"
        found = (matched, there, alike, sure[frame], believed[frame]) if has_partner[frame] else ("",) * 5
        here = format_seconds(reference.edges_seconds[frame])
        yield (number, name, frame, found[0], here, *found[1:], video.digest)


def _format_numbers(values: NDArray[np.float32] | None, count: int) -> list[str]:
    """Return (count,) as they stand in the table; nothing where they are not known."""
    return [""] * count if values is None else [f"{value:.4f}" for value in values.tolist()]


def read_followers(path: Path) -> list[Follower]:
    """Read what `write_followers` wrote, the reference first; seconds and cosines are not needed.

    Raises:
        LabelError: the file cannot be read, or is not such a table.
    """
    found: dict[int, tuple[str, list[int], str]] = {}
    scores: dict[int, list[tuple[float, float]]] = {}
    for row in read_rows(path, COLUMNS[:4]):
        number = row.frame("number")
        frames = found.setdefault(number, (row["video"], [], row[DIGEST]))[1]
        if number > len(found) - 1 or row.frame("reference_frame") != len(frames):
            raise LabelError(_row_error(row))
        frames.append(row.frame("frame") if row["frame"] else NONE)
        confidence, believed = (row.number(name) if row[name] else np.nan for name in ("confidence", ALIGNABILITY))
        scores.setdefault(number, []).append((confidence, believed))
    if len({len(frames) for _, frames, _ in found.values()}) != 1:
        raise LabelError(f"{path} is not a table of matches with a reference. Give one written by core.align --table.")
    return [
        _read(name, np.array(frames, np.int64), digest, np.array(scores[number], np.float32))
        for number, (name, frames, digest) in found.items()
    ]


def _read(name: str, partners: NDArray[np.int64], digest: str, scores: NDArray[np.float32]) -> Follower:
    has = partners != NONE
    confidence, believed = (
        None if np.isnan(one[has]).any() or not has.any() else np.where(has, one, 0) for one in scores.T
    )
    return Follower(name, shown_frames(partners), digest, None if has.all() else has, confidence, believed)


def _row_error(row: Row) -> str:
    return (
        f"{row.where}: videos must be numbered from 0, with one row per frame of the reference, in order, not number "
        f"{row['number']}, reference_frame {row['reference_frame']}. Align again."
    )
