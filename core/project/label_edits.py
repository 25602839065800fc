"""Carry out an import plan as one step."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from core.base.types import Span
from core.project import tracks
from core.project.changes import Changes
from core.project.edits import Patch, Together, count_of
from core.project.label_plan import ImportPlan, PlannedVideo
from core.project.phase_edits import AddPhase
from core.project.queries import spans
from core.project.span_edits import ReplaceSpans

ImportMode = Literal["replace", "fill"]
"""`replace`: the videos of the plan have its spans and no other; `fill`: what they have stays, and spans go on frames
without a label alone."""
IMPORT_MODES: tuple[ImportMode, ...] = get_args(ImportMode)


@dataclass(frozen=True)
class ImportLabels:
    """Add the new phases and labels of a plan."""

    plan: ImportPlan
    mode: ImportMode = "replace"

    @property
    def label(self) -> str:
        return f"Import labels of {count_of(len(self.plan.videos), 'video')}"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        laid = {video.row.id: after(video, self.mode, spans(db, video.row.id)) for video in self.plan.videos}
        used = {span.phase for track in laid.values() for span in track}
        added = [AddPhase(one.name, one.colour) for one in self.plan.phases if one.is_new and one.name in used]
        replaced = [ReplaceSpans(video_id, tuple(track)) for video_id, track in laid.items()]
        return Together(self.label, (*added, *replaced)).apply(db)


def after(video: PlannedVideo, mode: ImportMode, now: Sequence[Span]) -> Sequence[Span]:
    """Return the video's labels after the plan is carried out; `now` are those before."""
    return video.spans if mode == "replace" else tracks.fill_spans(now, video.spans)
