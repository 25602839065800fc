"""Export the points of a map as a table. No Qt, so any thread may call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.csv_files import write_rows
from core.map.points import Points
from core.project.places import likely_file
from core.project.rows import VideoRow
from core.video.names import distinct_names

HEADER = ("video", "frame", "seconds", "x", "y")


@dataclass(frozen=True, eq=False)
class MapContents:
    """Snapshot of a map."""

    project: Path
    """Its folder."""
    videos: Sequence[VideoRow]
    """In the order of the map."""
    edges_seconds: Sequence[NDArray[np.float64]]
    """(S + 1,) of each, start of every frame and end of the last."""
    points: Points


def write_points(target: Path, contents: MapContents) -> int:
    """Write one row per frame, as CSV or XLSX, and return the number of rows; frames without a position are left out.

    Raises:
        StorageError: the disk refuses.
        LabelError: XLSX has no place for so many rows.
    """
    write_rows(target, HEADER, _lines(contents))
    return len(contents.points)


def _lines(contents: MapContents) -> Iterator[tuple[str, int, str, str, str]]:
    names = distinct_names([likely_file(row, contents.project) for row in contents.videos])
    index = 0
    for name, edges in zip(names, contents.edges_seconds, strict=True):
        for frame in range(len(edges) - 1):
            point = int(contents.points.order[index])
            index += 1
            if point >= 0:
                x, y = contents.points.positions[point].tolist()
                yield name, frame, f"{edges[frame]:.6f}", f"{x:.6g}", f"{y:.6g}"
