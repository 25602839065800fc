"""A second opinion before predictions are accepted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QImage

from carl_gui.frames.pictures import FramePictures, FrameRequest
from carl_gui.label.acceptance_dialog import AcceptDialog, Tile
from carl_gui.label.probe_work import PROBE, Prediction, Proposals, Tracks, human_spans
from carl_gui.label.time_axis import FALLBACK
from carl_gui.models.messages import displayable, path_text
from carl_gui.models.rows import Choice
from carl_gui.numbers import frames, percent, segments, videos
from carl_gui.session import Session
from carl_gui.tasks import Tasks, in_reporting_thread
from core.align.alignable import BOUNDARY_SCORE
from core.base.control import Control
from core.base.listing import some
from core.base.types import Span
from core.label.acceptance import agree, second_opinion
from core.label.covering import distances
from core.labels.segments import UNLABELLED, frame_labels
from core.project import tracks
from core.project.rows import VideoRow, natural

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


_MOST_REFERENCES = 5
"""Labelled videos that are asked of one video, the most alike ones: bounds the work."""


@dataclass(frozen=True)
class Acceptance:
    """The predictions that would become labels, and those that would not."""

    accepted: Tracks
    """By id of the video, what fills its frames, in order of time."""
    disputed: Tracks = field(default_factory=dict)
    """Contradicted by another opinion, or of a phase that no labelled video of the action shows."""
    odd: Tracks = field(default_factory=dict)
    """Predictions for videos that cannot be aligned with any labelled one."""
    others: Tracks = field(default_factory=dict)
    """Predictions for videos of another action."""
    unsure: Tracks = field(default_factory=dict)
    """Below the confidence that was asked for."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is accepted, and what is left out is only not sure enough."""
        return not (self.accepted or self.disputed or self.odd or self.others)

    @property
    def num_segments(self) -> int:
        """Of what is accepted."""
        return sum(map(len, self.accepted.values()))

    @property
    def num_frames(self) -> int:
        """Of what is accepted."""
        return sum(len(span) for spans in self.accepted.values() for span in spans)

    def least_sure(self, most: int) -> Sequence[tuple[int, Span]]:
        """Return the least sure of what is accepted, with the id of its video; the least sure first."""
        found = [(key, span) for key, spans in self.accepted.items() for span in spans]
        return sorted(found, key=lambda one: one[1].confidence)[:most]

    def without(self, videos: Collection[int]) -> Acceptance:
        """Return the same, but nothing of these videos."""
        left = {key: spans for key, spans in self.accepted.items() if key not in videos}
        return Acceptance(left, self.disputed, self.odd, self.others, self.unsure)


@dataclass(frozen=True)
class AcceptanceOrder:
    """Everything the thread needs to judge predictions of the probe."""

    prediction: Prediction
    labels: Callable[[], Tracks]
    """Returns the current labels; called in the thread."""
    videos: Mapping[int, VideoRow]
    action: str
    """The one within which it stays."""
    threshold: float
    """The least confidence, 0 to 1."""


def judge_predictions(
    order: AcceptanceOrder, control: Control, on_progress: Callable[[int, int], None] = lambda done, of: None
) -> Acceptance:
    """Judge what is predicted for the videos of one action by the labelled ones of that action.

    Args:
        on_progress: gets how many videos are judged, of how many.

    Raises:
        Stopped: `control` asked for it.
    """
    labels, predicted_by_video = order.labels(), order.prediction.by_video
    waiting: dict[int, list[Span]] = {}
    others: dict[int, list[Span]] = {}
    unsure: dict[int, list[Span]] = {}
    for key in predicted_by_video:
        if (row := order.videos.get(key)) is None:
            continue
        pieces = new_pieces(labels.get(key, ()), order.prediction.predicted(key) or (), row.num_frames)
        sure = [span for span in pieces if span.confidence >= order.threshold]
        _add_spans(others if row.action != order.action else waiting, key, sure)
        if row.action == order.action:
            _add_spans(unsure, key, [span for span in pieces if span.confidence < order.threshold])
    teachers = [key for key in predicted_by_video if key in order.videos and order.videos[key].action == order.action]
    teachers = [key for key in teachers if human_spans(labels.get(key, ()))]
    nearest = _nearest(order.prediction, list(waiting), teachers, control)
    known = {span.phase for key in teachers for span in human_spans(labels[key])}
    accepted: dict[int, list[Span]] = {}
    disputed: dict[int, list[Span]] = {}
    odd: dict[int, list[Span]] = {}
    for done, (key, pieces) in enumerate(waiting.items(), 1):
        one = predicted_by_video[key]
        references = [
            (predicted_by_video[other].video.embeddings, predicted_by_video[other].known_labels)
            for other in nearest[key]
        ]
        opinion = second_opinion(one.video.embeddings, references, len(one.phases), control)
        if not opinion.is_alignable:
            odd[key] = pieces
        else:
            agreed = [s.phase in known and opinion.agrees(s, one.phases.index(s.phase)) for s in pieces]
            _add_spans(accepted, key, [span for span, is_agreed in zip(pieces, agreed, strict=True) if is_agreed])
            _add_spans(disputed, key, [span for span, is_agreed in zip(pieces, agreed, strict=True) if not is_agreed])
        on_progress(done, len(waiting))
    return Acceptance(accepted, disputed, odd, others, unsure)


def judge_proposals(
    proposals: Proposals,
    names: Mapping[int, str],
    labels: Tracks,
    videos: Mapping[int, VideoRow],
    action: str,
    prediction: Prediction | None,
) -> Acceptance:
    """Judge what was transferred by the probe, where it says something, and by how far the videos can be aligned.

    Args:
        names: of the phases, by id.
        labels: as they are now.
        action: the one within which it stays.
        prediction: of the probe; None: there is none.
    """
    parts: dict[str, dict[int, list[Span]]] = {name: {} for name in ("accepted", "disputed", "odd", "others")}
    for key, carried in proposals.by_video.items():
        if (row := videos.get(key)) is None:
            continue
        pieces = new_pieces(labels.get(key, ()), proposals.spans(key, names) or (), row.num_frames)
        if row.action != action:
            _add_spans(parts["others"], key, pieces)
        elif carried.alignable_score < BOUNDARY_SCORE:
            _add_spans(parts["odd"], key, pieces)
        else:
            agreed = [_probe_agrees(prediction, key, span) for span in pieces]
            _add_spans(
                parts["accepted"], key, [span for span, is_agreed in zip(pieces, agreed, strict=True) if is_agreed]
            )
            _add_spans(
                parts["disputed"], key, [span for span, is_agreed in zip(pieces, agreed, strict=True) if not is_agreed]
            )
    return Acceptance(**parts)


def new_pieces(track: Sequence[Span], spans: Sequence[Span], num_frames: int | None) -> list[Span]:
    """Return what of these spans would fill frames that have no label, within the video."""
    fitting = spans if num_frames is None else tracks.erase(spans, num_frames, max(num_frames + 1, 2**53))
    known = set(track)
    return [span for span in tracks.fill_spans(track, fitting) if span not in known]


def _probe_agrees(prediction: Prediction | None, key: int, span: Span) -> bool:
    """Return whether the probe does not contradict a span: frames of which it says nothing do not count."""
    one = None if prediction is None else prediction.by_video.get(key)
    if one is None:
        return True
    predicted = [other for other in one.spans if other.source == PROBE]
    phases = list(one.phases)
    labels = frame_labels(predicted, len(one.video), phases)
    return agree(labels, span, phases.index(span.phase) if span.phase in phases else UNLABELLED - 1)


def _nearest(
    prediction: Prediction, videos: Sequence[int], teachers: Sequence[int], control: Control
) -> Mapping[int, Sequence[int]]:
    """Return the labelled videos that are asked of each, the most alike first; never itself."""
    if len(teachers) <= _MOST_REFERENCES:
        return {key: [other for other in teachers if other != key] for key in videos}
    keys = list(dict.fromkeys([*videos, *teachers]))
    apart = distances([prediction.embedded[key] for key in keys], control)
    indices = {key: index for index, key in enumerate(keys)}
    found = {}
    for key in videos:
        order = np.argsort(apart[indices[key]], kind="stable")
        references = [keys[index] for index in order if keys[index] in set(teachers) and keys[index] != key]
        found[key] = references[:_MOST_REFERENCES]
    return found


def _add_spans(tracks_by_video: dict[int, list[Span]], key: int, spans: list[Span]) -> None:
    if spans:
        tracks_by_video[key] = spans


_CONTEXT = "Acceptance"


def heading_of(found: Acceptance) -> str:
    """Return the heading, such as `28 segments in 10 videos (2 310 frames)`."""
    translate = QCoreApplication.translate
    if not found.num_segments:
        return translate(_CONTEXT, "No segments left to accept")
    text = translate(_CONTEXT, "{0} in {1} ({2})")
    return text.format(segments(found.num_segments), videos(len(found.accepted)), frames(found.num_frames))


def exclusion_reasons(found: Acceptance, names: Mapping[int, str]) -> list[str]:
    """Return one sentence for each reason, with the videos by name.

    Args:
        names: displayable, by id.
    """
    translate = QCoreApplication.translate
    reasons = (
        (found.disputed, translate(_CONTEXT, "{0} left out in {1}, where probe and transfer disagree.")),
        (found.odd, translate(_CONTEXT, "{0} left out in {1}, not alignable with the labelled ones.")),
        (found.others, translate(_CONTEXT, "{0} left out in {1}, of another action.")),
        (found.unsure, translate(_CONTEXT, "{0} left out in {1}, not sure enough.")),
    )
    return [text.format(segments(_count_spans(spans)), _join_names(spans, names)) for spans, text in reasons if spans]


def _count_spans(spans: Tracks) -> int:
    return sum(map(len, spans.values()))


def _join_names(spans: Tracks, names: Mapping[int, str]) -> str:
    return some([names[key] for key in spans if key in names])


_TILES = 10
"""Pictures of the least sure segments."""
AcceptHandler = Callable[[Mapping[int, Sequence[Span]]], None]


class LabelAcceptance(QObject):
    """One dialog at a time."""

    message_changed = Signal(str)
    """That it is being judged, or why there is nothing to show."""

    def __init__(self, window: QWidget, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._session = window, session
        self._dialog: AcceptDialog | None = None
        self._found: Acceptance | None = None
        self._tasks = Tasks(self, self._on_error)
        self._pictures = FramePictures(self, kept=50)
        self._pictures.arrived.connect(self._on_picture)

    def judge(self, title: str, nothing: str, order: AcceptanceOrder, action: AcceptHandler) -> None:
        """Judge predictions in a thread, show what would be accepted, and do it when the person says so.

        Args:
            nothing: what is said where none is sure enough.
        """
        self._tasks.start("judge", self._judge(title, nothing, order, action))
        self.message_changed.emit(self.tr("Checking the predictions…"))

    def show(self, title: str, found: Acceptance, action: AcceptHandler) -> None:
        """Show what would be accepted, and do it when the person says so."""
        self._tasks.cancel("judge")
        self._open(title, action)
        self._show_found(found)

    def close(self) -> None:
        """End the threads, and close the dialog."""
        if self._dialog is not None:
            self._dialog.reject()
        self._tasks.close()
        self._pictures.close()

    async def _judge(self, title: str, nothing: str, order: AcceptanceOrder, action: AcceptHandler) -> None:
        def show_progress(done: int, of: int) -> None:
            if done < of:
                dialog = self._dialog or self._open(title, action)
                dialog.set_progress(done, of)

        found = await in_reporting_thread(
            lambda control, on_progress: judge_predictions(order, control, on_progress), show_progress
        )
        if found.is_empty:
            self._on_error(nothing)
            return
        self.message_changed.emit("")
        if self._dialog is None:
            self._open(title, action)
        self._show_found(found)

    def _open(self, title: str, action: AcceptHandler) -> AcceptDialog:
        self._dialog, self._found = AcceptDialog(title, self._window), None
        self._dialog.accept_requested.connect(lambda: self._accept(action))
        self._dialog.videos_changed.connect(self._show_heading)
        self._dialog.finished.connect(self._on_closed)
        self._dialog.open()
        return self._dialog

    def _on_error(self, sentence: str) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self.message_changed.emit(displayable(sentence))

    def _show_found(self, found: Acceptance) -> None:
        dialog, videos = self._dialog, self._session.videos
        if dialog is None:
            return
        self._found = found
        keys = sorted((key for key in found.accepted if key in videos), key=lambda key: natural(videos[key].name))
        explained = self.tr("Labelled frames stay as they are. One undo takes everything back.")
        least = [(key, span) for key, span in found.least_sure(_TILES) if key in videos]
        names = {key: displayable(video.name) for key, video in videos.items()}
        dialog.set_found(
            explained,
            exclusion_reasons(found, names),
            [_choice(videos[key], found.accepted[key]) for key in keys],
            [self._tile(videos[key], span) for key, span in least],
        )
        self._show_heading()
        folder = self._session.require().folder
        self._pictures.request([_frame_request(videos[key], span, folder) for key, span in least])

    def _tile(self, video: VideoRow, span: Span) -> Tile:
        colours = {phase.name: phase.colour for phase in self._session.require().phases()}
        where = self.tr("{0}, frames {1} to {2}")
        return Tile(
            video.id,
            _middle(span),
            f"{displayable(span.phase)} · {percent(span.confidence)}",
            displayable(video.name),
            where.format(displayable(video.name), span.start_frame, span.end_frame_exclusive - 1),
            colours.get(span.phase, FALLBACK),
        )

    def _checked(self) -> Acceptance | None:
        """Return what would be accepted of the videos that are ticked."""
        if self._dialog is None or self._found is None:
            return None
        ticked: Collection[int | str] = set(self._dialog.model.checked)
        return self._found.without([key for key in self._found.accepted if key not in ticked])

    def _show_heading(self) -> None:
        found = self._checked()
        if self._dialog is not None and found is not None:
            button = self.tr("Accept {0}").format(segments(found.num_segments))
            if not found.num_segments:
                button = self.tr("Accept")
            self._dialog.set_heading(heading_of(found), button, can_accept=found.num_segments > 0)

    def _accept(self, action: AcceptHandler) -> None:
        found, dialog = self._checked(), self._dialog
        if found is not None and dialog is not None and found.num_segments:
            dialog.accept()
            action(found.accepted)

    def _on_picture(self, video_id: int, frame: int, image: QImage) -> None:
        if self._dialog is not None:
            self._dialog.set_picture(video_id, frame, image)

    def _on_closed(self) -> None:
        """Forget the dialog, and end what still runs for it."""
        self._dialog = self._found = None
        self._tasks.cancel("judge")


def _middle(span: Span) -> int:
    return (span.start_frame + span.end_frame_exclusive - 1) // 2


def _frame_request(video: VideoRow, span: Span, folder: Path) -> FrameRequest:
    return FrameRequest(video, _middle(span), folder)


def _choice(video: VideoRow, spans: Sequence[Span]) -> Choice:
    least = percent(min(span.confidence for span in spans))
    return Choice(video.id, displayable(video.name), f"{segments(len(spans))}, ≥ {least}", path_text(video))
