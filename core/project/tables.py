"""What a project holds, as tables that the commands of `core` read."""

from __future__ import annotations

import os
from pathlib import Path

from core.csv_files import write_rows
from core.project.places import find_file
from core.project.store import Project


def write_labels(project: Project, path: Path) -> Path | None:
    """Write every span as `core.label` reads them; None, and no file, where there is none.

    Videos that are missing have no line, nor have those whose path is no Unicode: a CSV cannot name them.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    rows = [
        (file, span.phase, span.start_frame, span.end_frame_exclusive)
        for video in project.videos()
        if video.num_spans and (file := find_file(video, project.folder)) and _is_unicode(file)
        for span in project.spans(video.id)
    ]
    if not rows:
        return None
    write_rows(path, ("video", "phase", "start_frame", "end_frame_exclusive"), rows)
    return path


def _is_unicode(path: Path) -> bool:
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
