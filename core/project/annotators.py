"""The labels of two annotators on the same videos of a project, and how far they agree.

The videos are the project's, whose frames are counted; labels come from it, or from files in any format.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base.csv_files import write_rows
from core.base.errors import LabelError
from core.base.types import Span
from core.labels.formats.json_files import write_json
from core.labels.formats.read_labels import Problem, ReadLabels
from core.labels.segments import frame_labels, phase_names
from core.metrics.agreement import QUANTILES, Agreement, agreement
from core.project.exports import readable
from core.project.label_plan import plan_import
from core.project.label_videos import KnownVideo
from core.project.reading import Contents
from core.project.rows import PhaseRow

COLUMNS = (
    "video",
    "phase",
    "num_frames",
    "num_frames_a",
    "num_frames_b",
    "num_frames_same",
    "agreement",
    "kappa",
    "num_boundaries_a",
    "num_boundaries_b",
    "num_matched",
    "num_unmatched_a",
    "num_unmatched_b",
    *(f"distance_frames_q{round(100 * one)}" for one in QUANTILES),
    "mean_offset_frames",
)
"""Of a table of agreement. Without a phase: of all; without a video: of all. The offset is above 0 where B is later."""

Labelled = Mapping[int, Sequence[Span]]
"""The spans of each video that has some, by its id."""


@dataclass(frozen=True)
class AgreementRow:
    """A line of the table."""

    video: str
    phase: str
    agreement: Agreement

    @property
    def cells(self) -> tuple[str | int | float | None, ...]:
        """In the order of `COLUMNS`; None where a number is not defined."""
        one, edges = self.agreement, self.agreement.boundaries
        offset = float(np.mean(edges.offsets)) if edges.offsets else math.nan
        numbers = (
            *(one.num_frames, one.num_frames_a, one.num_frames_b, one.num_frames_same, one.observed, one.kappa),
            *(edges.num_a, edges.num_b, edges.num_matched),
            *(edges.num_a - edges.num_matched, edges.num_b - edges.num_matched, *edges.quantiles, offset),
        )
        return (self.video, self.phase, *(None if math.isnan(number) else number for number in numbers))


def lay_labels(
    read: ReadLabels, contents: Contents, phases: Sequence[str], track: str | None
) -> tuple[dict[int, Sequence[Span]], Sequence[Problem]]:
    """Return what was read as spans of the project's videos, and what was not taken unchanged; nothing is imported.

    Args:
        phases: as they are called; other spellings of them are the same phase.

    Raises:
        LabelError: no video of the project has a label in it.
    """
    known = [KnownVideo(row, contents.folder) for row in contents.videos]
    rows = [PhaseRow(number, name, "#000000", number, 0) for number, name in enumerate(phases)]
    plan = plan_import(read, known, rows, track)
    if not plan.videos:
        if plan.told_of_tracks:
            raise LabelError(f"No track was chosen. {plan.told_of_tracks}")
        first = "".join(f" ({problem.sentence.rstrip('.')})" for problem in plan.problems[:1])
        raise LabelError(f"The file has no labels of the project's videos{first}. Choose another file.")
    return {video.row.id: video.spans for video in plan.videos}, plan.problems


def compare_annotators(contents: Contents, a: Labelled, b: Labelled, tolerance: int) -> list[AgreementRow]:
    """Return the agreement on all videos that both have labelled: in all, by phase, and by video.

    Raises:
        LabelError: there is no such video.
    """
    shared = [video for video in contents.videos if a.get(video.id) and b.get(video.id) and video.num_frames]
    if not shared:
        raise LabelError("No video has labels of both annotators. Label the same videos.")
    phases = phase_names([spans for video in shared for spans in (a[video.id], b[video.id])])
    pairs = [
        (frame_labels(a[one.id], one.num_frames or 0, phases), frame_labels(b[one.id], one.num_frames or 0, phases))
        for one in shared
    ]
    *by_phase, everything = agreement(pairs, len(phases), tolerance)
    rows = [AgreementRow("", "", everything)]
    rows += [AgreementRow("", phase, one) for phase, one in zip(phases, by_phase, strict=True)]
    rows += [
        AgreementRow(readable(video.name), "", agreement([pair], len(phases), tolerance)[-1])
        for video, pair in zip(shared, pairs, strict=True)
    ]
    return rows


def write_agreement(path: Path, rows: Sequence[AgreementRow], tolerance: int) -> None:
    """Write the table as CSV or XLSX, or as JSON where `path` ends so. StorageError: the disk refuses."""
    if path.suffix.casefold() == ".json":
        listed = [dict(zip(COLUMNS, row.cells, strict=True)) for row in rows]
        write_json(path, {"tolerance_frames": tolerance, "rows": listed})
        return
    cells = ([_text(cell) for cell in row.cells] for row in rows)
    write_rows(path, COLUMNS, cells)


def _text(cell: str | int | float | None) -> object:
    if cell is None:
        return ""
    return f"{cell:.6g}" if isinstance(cell, float) else cell
