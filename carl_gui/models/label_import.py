"""What an import of labels would do, as it is shown before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from carl_gui.models.text_table import Cell
from carl_gui.models.wording import displayable, place_of
from carl_gui.panels.numbers import UNKNOWN, count, percent
from core.project.label_edits import IMPORT_MODES, ImportMode, after
from core.project.label_plan import ImportPlan, PlannedPhase, PlannedVideo

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class ImportPreview:
    """A plan and its tables; made in a thread, since a plan may be large."""

    plan: ImportPlan
    sentence: str
    """What it is, and what of."""
    videos: dict[ImportMode, Rows]
    """Video, spans in the file, labelled before, labelled after, problems."""
    phases: Rows
    """Phase, as the file has it, spans."""
    problems: Rows
    """Where, what."""


def preview(plan: ImportPlan, paths: Sequence[Path]) -> ImportPreview:
    """For the dialog; needs no window."""
    videos = {mode: [_video(video, mode) for video in plan.videos] for mode in IMPORT_MODES}
    problems = [(Cell(displayable(problem.where)), Cell(displayable(problem.sentence))) for problem in plan.problems]
    return ImportPreview(plan, _sentence(plan, paths), videos, [_phase(one) for one in plan.phases], problems)


def _sentence(plan: ImportPlan, paths: Sequence[Path]) -> str:
    translate = QCoreApplication.translate
    of = displayable(paths[0].name) if len(paths) == 1 else translate("Import", "{0} files").format(count(len(paths)))
    if not plan.videos:
        return translate("Import", "Nothing of {0} can be imported; below is said why.").format(of)
    text = translate("Import", "{0} spans for {1} videos, from {2}. Nothing is changed until you import.")
    return text.format(count(plan.num_spans), count(len(plan.videos)), of)


def _video(video: PlannedVideo, mode: ImportMode) -> Sequence[Cell]:
    frames = video.row.num_frames
    before = sum(map(len, video.before))
    then = sum(map(len, after(video, mode, video.before)))
    return (
        Cell(displayable(video.row.name), place_of(video.row)),
        Cell(count(len(video.spans)), is_number=True),
        Cell(_share(before, frames), _frames(before, frames), is_number=True),
        Cell(_share(then, frames), _frames(then, frames), is_number=True),
        Cell(count(video.num_problems) if video.num_problems else UNKNOWN, is_number=True),
    )


def _share(labelled: int, frames: int | None) -> str:
    return percent(labelled / frames) if frames else count(labelled)


def _frames(labelled: int, frames: int | None) -> str:
    text = QCoreApplication.translate("Import", "{0} of {1} frames")
    return text.format(count(labelled), count(frames) if frames else UNKNOWN)


def _phase(one: PlannedPhase) -> Sequence[Cell]:
    name = displayable(one.name)
    told = QCoreApplication.translate("Import", "{0} (new)").format(name) if one.is_new else name
    spelled = displayable(one.spelled) if one.spelled != one.name else UNKNOWN
    return Cell(told, colour=one.colour), Cell(spelled), Cell(count(one.num_spans), is_number=True)
