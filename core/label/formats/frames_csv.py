"""A table with one row a frame: `video,frame,seconds,phase,confidence,source`; without a label the last three are
empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.csv_files import write_rows
from core.label.formats.labels import Labels

COLUMNS = ("video", "frame", "seconds", "phase", "confidence", "source")


def write(path: Path, labels: Labels) -> None:
    """Every frame of every video that has a span. StorageError: the disk refuses."""
    write_rows(path, COLUMNS, _rows(labels))


def _rows(labels: Labels) -> Iterator[tuple[object, ...]]:
    for name, track in labels.named():
        said = [("", "", "")] * track.num_frames
        for span in track.spans:
            cells = (span.phase, f"{span.confidence:.4f}", span.source)
            said[span.start_frame : span.end_frame_exclusive] = [cells] * len(span)
        for frame, cells in enumerate(said):
            yield name, frame, f"{track.edges_seconds[frame]:.6f}", *cells
