"""Edits of labels: drawing, painting, moving, copying."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from carl_gui.label.note import ask_for_text
from carl_gui.label.panel import LabelPanel
from carl_gui.label.timeline import PhaseTimeline
from carl_gui.models.messages import displayable
from carl_gui.player.playback import PlaybackController
from carl_gui.session import Session
from core.base.types import Span
from core.project import tracks
from core.project.edits import Edit, Together, count_of
from core.project.rows import PhaseRow, StepRow
from core.project.span_edits import MoveBoundary, PaintSpan, ReplaceSpans, SetNote, SplitSpan


@dataclass(frozen=True, slots=True)
class CopiedSpan:
    """One label; seconds count from the start of the first copied label."""

    phase_id: int
    start_seconds: float
    end_seconds: float


def copy_spans(
    spans: Sequence[Span], phase_ids: Mapping[str, int], edges_seconds: NDArray[np.float64]
) -> list[CopiedSpan]:
    """Copy labels of a video with these (S + 1,) edges of frames; labels past its end are left out."""
    inside = [span for span in spans if span.end_frame_exclusive < len(edges_seconds)]
    first = float(edges_seconds[inside[0].start_frame]) if inside else 0.0
    return [
        CopiedSpan(
            phase_ids[span.phase],
            float(edges_seconds[span.start_frame]) - first,
            float(edges_seconds[span.end_frame_exclusive]) - first,
        )
        for span in inside
    ]


def paste_spans(
    copies: Sequence[CopiedSpan], frame_index: int, names: Mapping[int, str], edges_seconds: NDArray[np.float64]
) -> list[Span]:
    """Return the copies as labels of another video, starting at `frame_index`: the frames whose middle they contain.

    Those of phases that are gone, and those without a frame of the video, are left out.

    Args:
        names: of the phases that there are, by id.
        edges_seconds: (S + 1,) of that video.
    """
    middles, began = (edges_seconds[:-1] + edges_seconds[1:]) / 2, float(edges_seconds[frame_index])
    spans = []
    for one in copies:
        start, stop = np.searchsorted(middles, (began + one.start_seconds, began + one.end_seconds))
        if one.phase_id in names and start < stop:
            spans.append(Span(names[one.phase_id], int(start), int(stop)))
    return spans


class LabelPainting(QObject):
    """One stroke at a time, from the lowest to the highest frame shown during it."""

    changed = Signal()
    """The stroke was started, extended or finished."""
    painted = Signal(object)
    """The `Span` that was laid down; it is on the disk."""

    def __init__(self, session: Session, playback: PlaybackController) -> None:
        super().__init__(playback)
        self._session, self._playback = session, playback
        self._video_id = 0
        self._stroke: tuple[int, int, str] | None = None
        playback.frame_changed.connect(self._extend)
        playback.jumped.connect(self.finish)
        playback.rate_changed.connect(lambda rate: None if rate else self.finish())

    @property
    def stroke(self) -> tuple[int, int, str] | None:
        """First frame, end (exclusive) and phase of what is being painted."""
        return self._stroke

    def start_or_finish(self, video_id: int, phase: str) -> None:
        """Start to paint this phase at the current frame; finish the stroke if it is of this phase already."""
        frame_index, before = self._playback.frame_index, self._stroke
        if before is not None and before[2] == phase:
            self.finish()
            return
        if before is not None:  # the frame that is shown is the first one of the new phase
            forwards = self._playback.rate > 0
            start, end = (
                (before[0], min(before[1], frame_index)) if forwards else (max(before[0], frame_index + 1), before[1])
            )
            self._stroke = (start, end, before[2]) if start < end else None
            self.finish()
        self._video_id, self._stroke = video_id, (frame_index, frame_index + 1, phase)
        self.changed.emit()

    def finish(self) -> None:
        """Lay down what was painted, as one step."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return
        start, end, phase = stroke
        if self._session.do(PaintSpan(self._video_id, Span(phase, start, end))):
            self.painted.emit(Span(phase, start, end))
        self.changed.emit()

    def cancel(self) -> bool:
        """Forget it; False where nothing is being painted."""
        was_painting, self._stroke = self._stroke is not None, None
        if was_painting:
            self.changed.emit()
        return was_painting

    def _extend(self, frame_index: int) -> None:
        if self._stroke is not None:
            start, end, phase = self._stroke
            self._stroke = min(start, frame_index), max(end, frame_index + 1), phase
            self.changed.emit()


class LabelEdits(QObject):
    """Knows the current video, its labels and the phases; emits the result of an edit."""

    message_changed = Signal(str)
    """A sentence; empty: what is marked or selected changed."""

    def __init__(self, session: Session, panel: LabelPanel, playback: PlaybackController) -> None:
        super().__init__(panel)
        self._session, self._panel, self._timeline, self._playback = session, panel, panel.timeline, playback
        self.painting = LabelPainting(session, playback)
        self.painting.changed.connect(lambda: self._timeline.set_stroke(self.painting.stroke))
        self.painting.painted.connect(self._show_painted)
        self.video_id: int | None = None
        """The video that is shown."""
        self.spans: Sequence[Span] = ()
        self.phases: Sequence[PhaseRow] = ()
        self._marks: list[int | None] = [None, None]
        """First and last frame that are marked."""
        self._just_drawn: Span | None = None
        """The label that is selected only because it was drawn last."""
        self._timeline.selection_changed.connect(self._clear_drawn)
        playback.frame_changed.connect(self._deselect_drawn)
        self._nudged: tuple[tuple[int, int, int], StepRow | None] | None = None
        """Video, side and frame of the edge that was nudged last, and the step that it was."""

    @property
    def marked_range(self) -> tuple[int, int] | None:
        """First frame and end (exclusive) of what is marked; None: nothing is."""
        start, last = self._marks
        if start is None and last is None:
            return None
        ends = [self._playback.frame_index if mark is None else mark for mark in (start, last)]
        return min(ends), max(ends) + 1

    @property
    def completely_marked_range(self) -> tuple[int, int] | None:
        """First frame and end (exclusive) where both ends are marked; None: one of them is not."""
        start, last = self._marks
        return None if start is None or last is None else (min(start, last), max(start, last) + 1)

    @property
    def edges(self) -> NDArray[np.float64] | None:
        """(S + 1,) times of the video's frames; None while it is not open."""
        return self._playback.edges_seconds

    def set_video(self, video_id: int | None) -> None:
        """Set the video that is shown: nothing of it is marked."""
        self.painting.cancel()
        self.video_id, self._marks, self._nudged = video_id, [None, None], None
        self._timeline.select(())

    def set_labels(self, spans: Sequence[Span], phases: Sequence[PhaseRow]) -> None:
        """Set the current labels of that video, and the phases of the project."""
        self.spans, self.phases = spans, phases

    def clear(self) -> None:
        """Forget the video and its labels."""
        self.set_video(None)
        self.set_labels((), ())

    def mark(self, side: int) -> None:
        """Mark the current frame as the first (0) or the last frame (1) of the range."""
        if self.video_id is not None:
            self._marks[side] = self._playback.frame_index
            self.message_changed.emit("")

    def unmark(self) -> None:
        """Let go of what is dragged, or painted, or marked, or selected: the first of these that there is."""
        if self._timeline.cancel() or self.painting.cancel():
            return
        if self.marked_range is None:
            self._timeline.select(())
        self._marks = [None, None]
        self.message_changed.emit("")

    def press_number(self, number: int) -> None:
        """Handle the key of a phase, counted from 1: paint while playing, label what is marked or selected, and
        else chooses the phase for what is drawn next."""
        if number > len(self.phases):
            self.message_changed.emit(self.tr("There is no phase {0}. Add one first.").format(number))
            return
        phase = self.phases[number - 1]
        self._panel.phases.choose(phase.id)
        if self.video_id is not None and self._playback.rate:
            self.painting.start_or_finish(self.video_id, phase.name)
        elif self.marked_range is not None or self._timeline.selected:
            self.label_as(phase.id)
        else:
            sentence = self.tr("Phase {0} is “{1}”: drag over the timeline, or mark frames with I and O.")
            self.message_changed.emit(sentence.format(number, displayable(phase.name)))

    def label_as(self, phase_id: int) -> None:
        """Make the marked frames this phase; without any, the labels that are selected."""
        name = next(phase.name for phase in self.phases if phase.id == phase_id)
        if self.video_id is None:
            return
        if self.marked_range is not None:
            self._paint(name, *self.marked_range)
        elif self._timeline.selected:
            self._relabel(name)
        else:
            self.message_changed.emit(self.tr("Mark frames first: press I at the first one and O at the last."))

    def label_as_chosen(self) -> None:
        """Label with the phase that is chosen in the list."""
        phase = self._panel.phases.chosen
        if phase is None:
            self.message_changed.emit(self.tr("No phases yet. Add one first."))
        else:
            self.label_as(phase.id)

    def draw(self, start_frame: int, end_frame_exclusive: int) -> None:
        """Label the drawn frames with the chosen phase; mark them if there is none."""
        phase = self._panel.phases.chosen
        if self.video_id is None:
            return
        if phase is not None:
            self._paint(phase.name, start_frame, end_frame_exclusive)
        else:
            self._marks = [start_frame, end_frame_exclusive - 1]
            self.message_changed.emit(self.tr("No phases yet. Add one first."))

    def erase(self) -> None:
        """Take away the selected labels; without any, those of the marked frames; else the one that is shown."""
        frame_index, chosen = self._playback.frame_index, self._timeline.selected
        here = [span for span in self.spans if span.start_frame <= frame_index < span.end_frame_exclusive]
        if self.video_id is None:
            return
        if self.marked_range is not None and not chosen:
            self.replace(self.tr("Remove labels"), tracks.erase(self.spans, *self.marked_range))
            self._marks = [None, None]
            self.message_changed.emit("")
            return
        removed = set(chosen or here)
        if not removed:
            self.message_changed.emit(self.tr("Frame {0} has no label.").format(frame_index))
            return
        self.replace(f"Remove {count_of(len(removed), 'label')}", [span for span in self.spans if span not in removed])

    def confirm(self, *, is_all: bool = False) -> None:
        """Make accepted predictions labels by hand: those that are selected, else the one that is shown, or all."""
        chosen = self.spans if is_all else self._timeline.selected_or_at(self._playback.frame_index)
        found = {span for span in chosen if span.is_predicted}
        if self.video_id is None:
            return
        if not found:
            self.message_changed.emit(self.tr("Nothing to confirm: only accepted predictions wait for it."))
            return
        track = [replace(s, confidence=1.0, source="label") if s in found else s for s in self.spans]
        self.replace(f"Confirm {count_of(len(found), 'label')}", track)
        self.message_changed.emit(
            self.tr("%n label(s) confirmed; the prediction learns from confirmed labels.", "", len(found))
        )

    def split(self, frame: int | None = None) -> None:
        """Cut the label in two before that frame; None: before the one that is shown."""
        frame = self._playback.frame_index if frame is None else frame
        span = self._timeline.span_at(frame)
        if self.video_id is None:
            return
        if span is None or span.start_frame == frame:
            self.message_changed.emit(
                self.tr("No label to split at frame {0}. Go to a frame inside a label.").format(frame)
            )
        else:
            self._apply(SplitSpan(self.video_id, frame))

    def merge(self) -> None:
        """Make one of the labels that are selected and follow each other; of one, or none, and the next."""
        starts = {span.start_frame for span in self._timeline.selected}
        if len(starts) < 2:
            one = self._timeline.selected[0] if starts else self._timeline.span_at(self._playback.frame_index)
            after = [span for span in self.spans if one is not None and span.start_frame > one.start_frame]
            if one is None or not after:
                self.message_changed.emit(self.tr("Select the labels to merge, or one that is followed by another."))
                return
            starts = {one.start_frame, after[0].start_frame}
        indices = [index for index, span in enumerate(self.spans) if span.start_frame in starts]
        if indices[-1] - indices[0] >= len(indices):
            self.message_changed.emit(self.tr("Only adjacent labels can be merged; another is between these."))
        else:
            label = f"Merge {count_of(len(starts), 'label')}"
            self.replace(label, tracks.merge_spans(self.spans, starts), {min(starts)})

    def ask_for_note(self) -> None:
        """Let the person write a note on the selected labels, or on the one that is shown."""
        video_id, chosen = self.video_id, self._timeline.selected_or_at(self._playback.frame_index)
        if video_id is None:
            return
        if not chosen:
            self.message_changed.emit(self.tr("A note belongs to a label. Select one first."))
            return
        starts = tuple(span.start_frame for span in chosen)
        notes = {span.note for span in chosen}
        now = notes.pop() if len(notes) == 1 else ""
        ask_for_text(self._panel, now, lambda text: self._session.do(SetNote(video_id, starts, text)))

    def move_boundary(self, frame: int, to_frame: int) -> None:
        """Move an edge that was dragged."""
        if self.video_id is not None:
            chosen = {to_frame if span.start_frame == frame else span.start_frame for span in self._timeline.selected}
            self._apply(MoveBoundary(self.video_id, frame, to_frame), chosen)

    def nudge(self, side: int, by: int) -> None:
        """Move where a label begins (0) or ends (1) by so many frames; again and again is one step."""
        chosen = self._timeline.selected_or_at(self._playback.frame_index)
        if self.video_id is None or len(chosen) != 1:
            self.message_changed.emit(self.tr("Select one label to move its ends."))
            return
        span = chosen[0]
        frame = span.end_frame_exclusive if side else span.start_frame
        room = tracks.room(self.spans, frame, self._num_frames)
        if room is None or not room[0] <= frame + by <= room[1]:
            self.message_changed.emit(self.tr("The edge cannot move further: labels cannot overlap or be empty."))
            return
        key = (self.video_id, side, frame)
        joins = self._nudged[1] if self._nudged is not None and self._nudged[0] == key else None
        start = span.start_frame if side else frame + by
        if self._apply(MoveBoundary(self.video_id, frame, frame + by), {start}, joins):
            self._nudged = (self.video_id, side, frame + by), self._session.require().next_undo()
            self._playback.seek(frame + by - side)

    def replace(self, label: str, track: Sequence[Span], selected: Collection[int] | None = None) -> None:
        """Give the video these labels and no others, as one step called `label`; those at `selected` are selected."""
        assert self.video_id is not None
        self._apply(Together(label, (ReplaceSpans(self.video_id, tuple(track)),)), selected)

    @property
    def _num_frames(self) -> int:
        return self._timeline.state.axis.num_frames

    def _paint(self, phase: str, start_frame: int, end_frame_exclusive: int) -> None:
        assert self.video_id is not None
        span = Span(phase, start_frame, end_frame_exclusive)
        if self._apply(PaintSpan(self.video_id, span), {start_frame}):
            self._marks, self._just_drawn = [None, None], span
            self._show_painted(span)

    def _clear_drawn(self) -> None:
        self._just_drawn = None

    def _deselect_drawn(self, frame_index: int) -> None:
        """Deselect a drawn label that is left: a number key would rename a label that nobody looks at."""
        drawn = self._just_drawn
        if drawn is not None and not drawn.start_frame <= frame_index < drawn.end_frame_exclusive:
            self._timeline.select(())

    def _relabel(self, phase: str) -> None:
        chosen = set(self._timeline.selected)
        track = [replace(s, phase=phase, confidence=1.0, source="label") if s in chosen else s for s in self.spans]
        label = f"Relabel {count_of(len(chosen), 'label')}"
        self.replace(label, track, {span.start_frame for span in chosen})
        text = self.tr("Labels that are “{0}” now: {1}.")
        self.message_changed.emit(text.format(displayable(phase), len(chosen)))

    def _show_painted(self, span: Span) -> None:
        text = self.tr("Frames {0} to {1} are now “{2}”.")
        self.message_changed.emit(text.format(span.start_frame, span.end_frame_exclusive - 1, displayable(span.phase)))

    def _apply(self, edit: Edit, selected: Collection[int] | None = None, joins: StepRow | None = None) -> bool:
        """Apply the edit, and select the labels that begin at these frames; None keeps the selection."""
        self._nudged = None
        is_done = self._session.do(edit, joins)
        if is_done and selected is not None:
            self._timeline.select(selected)
        return is_done


class LabelSelection(QObject):
    """Copied labels are kept when another video is shown."""

    def __init__(self, edits: LabelEdits, timeline: PhaseTimeline, playback: PlaybackController) -> None:
        super().__init__(edits)
        self._edits, self._timeline, self._playback = edits, timeline, playback
        self._copies: Sequence[CopiedSpan] = ()

    def clear(self) -> None:
        """Forget the copied labels."""
        self._copies = ()

    def step(self, by: int) -> None:
        """Select the next label (1) or the one before (-1), and show its start; if there is none, a message."""
        chosen, frame_index, spans = self._timeline.selected, self._playback.frame_index, self._edits.spans
        if by > 0:
            least = chosen[-1].start_frame + 1 if chosen else frame_index
            found = next((span for span in spans if span.start_frame >= least), None)
        else:
            most = chosen[0].start_frame - 1 if chosen else frame_index
            found = next((span for span in reversed(spans) if span.start_frame <= most), None)
        if found is None:
            text = self.tr("No label comes after this.") if by > 0 else self.tr("No label comes before this.")
            self._edits.message_changed.emit(text if spans else self.tr("This video has no labels yet."))
            return
        self._timeline.select({found.start_frame})
        self._playback.seek(found.start_frame)

    def select_all(self) -> None:
        """Select every label of the video."""
        self._timeline.select({span.start_frame for span in self._edits.spans})

    def copy(self) -> None:
        """Keep the labels that are selected, or the one that is shown, for `paste`: in this video or another."""
        spans, edges = self._timeline.selected_or_at(self._playback.frame_index), self._edits.edges
        if edges is None or not spans:
            self._edits.message_changed.emit(self.tr("Select the labels to copy."))
            return
        self._copies = copy_spans(spans, {phase.name: phase.id for phase in self._edits.phases}, edges)
        text = self.tr("Copied %n label(s). Paste at the frame where they should start.", "", len(self._copies))
        self._edits.message_changed.emit(text)

    def paste(self) -> None:
        """Lay the copied labels over what is there, from the frame that is shown on, as far apart in time as they
        were."""
        edges = self._edits.edges
        if self._edits.video_id is None or edges is None or not self._copies:
            self._edits.message_changed.emit(self.tr("Nothing copied yet. Select labels and copy them."))
            return
        names = {phase.id: phase.name for phase in self._edits.phases}
        spans, track = paste_spans(self._copies, self._playback.frame_index, names, edges), list(self._edits.spans)
        for span in spans:
            track = tracks.paint(track, span)
        if spans:
            self._edits.replace(f"Paste {count_of(len(spans), 'label')}", track, {span.start_frame for span in spans})
        if len(spans) < len(self._copies):
            left = len(self._copies) - len(spans)
            self._edits.message_changed.emit(
                self.tr("%n label(s) left out: past the end or of a deleted phase.", "", left)
            )
