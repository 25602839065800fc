"""The contents of a project as tables for the commands of `core`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.base.csv_files import write_rows
from core.base.types import PREDICTORS, Span
from core.pose.people import Point
from core.project.rows import VideoRow
from core.video.names import DIGEST

_COLUMNS = ("video", "phase", "start_frame", "end_frame_exclusive", DIGEST)


def write_labels(
    spans: Mapping[int, Sequence[Span]], files: Mapping[int, Path], path: Path, digests: Mapping[int, str] | None = None
) -> Path | None:
    """Write what a person labelled in these videos, so that `core.train --labels` takes it.

    Predicted spans are no labels. Videos whose path is no Unicode have no line: a CSV cannot name them.

    Args:
        spans: by video id.
        files: by video id, where they lie.
        digests: by video id, of their content.

    Returns:
        `path`; None, and no file, where there are not two phases to tell apart.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    spelled: dict[str, str] = {}
    known = digests or {}
    rows = [
        (
            file,
            spelled.setdefault(span.phase.casefold(), span.phase),
            span.start_frame,
            span.end_frame_exclusive,
            known.get(video_id, ""),
        )
        for video_id, file in files.items()
        if _is_unicode(file)
        for span in spans.get(video_id, ())
        if span.source.casefold() not in PREDICTORS
    ]
    if len(spelled) < 2:
        return None
    write_rows(path, _COLUMNS, rows)
    return path


def write_people(
    people: Mapping[int, Point], files: Mapping[int, Path], path: Path, digests: Mapping[int, str]
) -> Path | None:
    """Write whom body pose follows in these videos, as `--backbone.person_table` and `core.embed` take it.

    Args:
        people: by video id; of the videos in `files`, those where somebody chose.
        files: by video id, where they lie.
        digests: by video id, of their content, which is what the table is read by.

    Returns:
        `path`; None, and no file, where nobody was chosen.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    rows = [
        (os.fsencode(file).decode("utf-8", "replace"), *people[video_id].numbers, digests[video_id])
        for video_id, file in files.items()
        if video_id in people
    ]
    if not rows:
        return None
    write_rows(path, ("video", "frame", "x", "y", DIGEST), rows)
    return path


def people_of(videos: Iterable[VideoRow]) -> dict[int, Point]:
    """Return whom body pose follows in those videos where somebody chose, by id."""
    return {video.id: video.person for video in videos if video.person is not None}


def _is_unicode(path: Path) -> bool:
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
