"""Columns and reader of `deviations.csv`, as written by `core.report`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.csv_files import read_rows
from core.base.errors import LabelError
from core.base.listing import some
from core.video.content import video_digest
from core.video.names import DIGEST, VideoNames

STRETCHES = (
    "video",
    "kind",
    "start_frame",
    "end_frame_exclusive",
    "start_seconds",
    "end_seconds",
    "score",
    "peak_frame",
    "peak_seconds",
    "right_video",
    "right_frame",
    "right_end_frame_exclusive",
    "right_seconds",
    "phase",
    "right_digest",
    DIGEST,
)


@dataclass(frozen=True)
class DeviationRow:
    """A row of `deviations.csv`."""

    where: str
    """File and line."""
    video: str
    kind: str
    start_frame: int
    end_frame_exclusive: int
    score: float
    """NaN: an empty cell."""
    right_video: str
    right_frame: int
    digest: str = ""
    """Of the video; empty where the table does not have it."""


def read_deviations(path: Path) -> list[DeviationRow]:
    """Return the rows of a `deviations.csv`.

    Raises:
        LabelError: it cannot be read, lacks a column, or a cell does not hold what it should.
    """
    found = []
    for row in read_rows(path, STRETCHES[:4]):
        score = row.number("score") if row["score"] else math.nan
        start, end = row.frame("start_frame"), row.frame("end_frame_exclusive")
        if end < start:
            raise LabelError(f"{row.where}: end_frame_exclusive {end} is before start_frame {start}. Swap them.")
        right = row.frame("right_frame")
        found.append(
            DeviationRow(
                row.where, row["video"], row["kind"], start, end, score, row["right_video"], right, row[DIGEST]
            )
        )
    return found


def scores_of(stretches: Sequence[DeviationRow], videos: Sequence[tuple[Path, int, str]]) -> list[NDArray[np.float64]]:
    """Return of each video (S,) the score of the stretch that a frame is in; 0: none.

    A row with a digest means the video with that content, whatever it is called; else the one of that name.

    Args:
        videos: their paths, how many frames they have, and their digests; empty: not known.

    Raises:
        LabelError: no stretch is of any of them, one ends past its video's end, or was found in another content of it.
    """
    names = VideoNames([(path.absolute(), index) for index, (path, _, _) in enumerate(videos)])
    scores = [np.zeros(count) for _, count, _ in videos]
    is_any = False
    for one in stretches:
        for index in _places(one, names, videos):
            path, count, _ = videos[index]
            is_any = True
            if one.end_frame_exclusive > count:
                raise LabelError(
                    f"{one.where}: a deviation ends at frame {one.end_frame_exclusive}, but {path} has {count} "
                    "frames. Give the table made from this video."
                )
            if one.kind != "missing":
                scores[index][one.start_frame : one.end_frame_exclusive] = one.score
    if stretches and not is_any:
        listed = some([str(path) for path, _, _ in videos])
        raise LabelError(
            f"{stretches[0].where}: the deviations are of {stretches[0].video}, not of {listed}. Give the table made "
            "from these videos, or leave it out."
        )
    return scores


def known_scores(table: Path | None, videos: Sequence[tuple[Path, int]]) -> list[NDArray[np.float64]]:
    """Return what `scores_of` says of files and their numbers of frames by a `deviations.csv`; empty: there is none.

    Raises:
        LabelError: as `read_deviations` and `scores_of` say it.
    """
    if table is None:
        return []
    digests = [video_digest(path) if path.is_file() else "" for path, _ in videos]  # a folder's depends on its rate
    known = [(path, count, digest) for (path, count), digest in zip(videos, digests, strict=True)]
    return scores_of(read_deviations(table), known)


def _places(one: DeviationRow, names: VideoNames[int], videos: Sequence[tuple[Path, int, str]]) -> list[int]:
    """Return which of the videos a stretch is of."""
    if same := [index for index, (_, _, digest) in enumerate(videos) if digest and digest == one.digest]:
        return same
    found = names.ending_in(one.video)
    for index in found:
        path, _, digest = videos[index]
        if digest and one.digest:
            raise LabelError(
                f"{one.where}: deviations were found in another file than {path} (digest {one.digest[:8]}, not "
                f"{digest[:8]}). Give that file, or find deviations again."
            )
    return found
