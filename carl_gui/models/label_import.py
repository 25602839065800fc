"""Preview of a label import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from carl_gui.models.choices import Choice
from carl_gui.models.messages import displayable, place_of
from carl_gui.models.text_table import Cell
from carl_gui.numbers import UNKNOWN, count, labels, percent, videos
from core.labels.formats.read_labels import ReadLabels
from core.project.label_edits import IMPORT_MODES, ImportMode, after
from core.project.label_plan import ImportPlan, PlannedPhase, PlannedVideo, plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import PhaseRow

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class ImportSource:
    """The labels read from files, and the project: enough to plan again with another track."""

    paths: Sequence[Path]
    read: ReadLabels
    videos: Sequence[KnownVideo]
    phases: Sequence[PhaseRow]


@dataclass(frozen=True)
class ImportPreview:
    """A plan and its tables; made in a thread, because a plan may be large."""

    source: ImportSource
    plan: ImportPlan
    sentence: str
    """What it is, and what of."""
    videos: Mapping[str, Rows]
    """By mode: video, spans in the file, labelled before, labelled after, problems."""
    phases: Rows
    """Phase, as the file has it, spans."""
    problems: Rows
    """Where, what."""
    tracks: Sequence[Choice]
    """By their place from 1; the first one, 0, is none yet. Empty where there is nothing to choose."""

    @property
    def track(self) -> int:
        """The chosen one's place."""
        names = list(self.plan.choices)
        return names.index(self.plan.track) + 1 if self.plan.track in names else 0

    def track_at(self, place: int) -> str | None:
        """The name of a track; None for none."""
        return list(self.plan.choices)[place - 1] if place else None


def preview(source: ImportSource, track: str | None = None) -> ImportPreview:
    """For the dialog; needs no window, and reads no file of labels."""
    plan = plan_import(source.read, source.videos, source.phases, track)
    videos: dict[str, Rows] = {mode: [_video(video, mode) for video in plan.videos] for mode in IMPORT_MODES}
    problems = [(Cell(displayable(problem.where)), Cell(displayable(problem.sentence))) for problem in plan.problems]
    phases = [_phase(one) for one in plan.phases]
    return ImportPreview(source, plan, _sentence(plan, source.paths), videos, phases, problems, _tracks(plan))


def _sentence(plan: ImportPlan, paths: Sequence[Path]) -> str:
    translate = QCoreApplication.translate
    number = len(paths)
    of = displayable(paths[0].name) if number == 1 else translate("Import", "%n file(s)", "", number)
    told = displayable(plan.told_of_tracks)
    if plan.choices and plan.track is None and not plan.videos:
        text = translate("Import", "{0} has several tracks; choose one. {1}")
        return text.format(of, told)
    if not plan.videos:
        return translate("Import", "Nothing in {0} can be imported:").format(of)
    text = translate("Import", "{0} for {1}, from {2}. Nothing changes until you import.")
    return " ".join(filter(None, (text.format(labels(plan.num_spans), videos(len(plan.videos)), of), told)))


def _tracks(plan: ImportPlan) -> list[Choice]:
    if not plan.choices:
        return []
    translate = QCoreApplication.translate
    nameless = translate("Import", "unnamed")
    named = [
        Choice(place, f"{displayable(name) or nameless} ({count(number)})")
        for place, (name, number) in enumerate(plan.choices.items(), 1)
    ]
    return [Choice(0, translate("Import", "Choose…")), *named]


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
    if not frames:
        return QCoreApplication.translate("Import", "%n frame(s)", "", labelled)
    return QCoreApplication.translate("Import", "{0} of %n frame(s)", "", frames).format(count(labelled))


def _phase(one: PlannedPhase) -> Sequence[Cell]:
    name = displayable(one.name)
    told = QCoreApplication.translate("Import", "{0} (new)").format(name) if one.is_new else name
    spelled = displayable(one.spelled) if one.spelled != one.name else UNKNOWN
    return Cell(told, colour=one.colour), Cell(spelled), Cell(count(one.num_spans), is_number=True)
