"""The effect of accepting many predicted labels at once, what it leaves out, and why. Runs in threads; no Qt.

What is accepted fills frames without a label; it stays within one action, and leaves out what is disputed and videos
that cannot be aligned with the labelled ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from carl_gui.models.probe_work import PROBE, Prediction, Tracks, human_spans
from carl_gui.models.proposals import Proposals
from core.align.alignable import BOUNDARY_SCORE
from core.base.control import Control
from core.base.types import Span
from core.label.acceptance import agree, second_opinion
from core.label.covering import distances
from core.labels.segments import UNLABELLED, frame_labels
from core.project import tracks
from core.project.rows import VideoRow

_MOST_REFERENCES = 5
"""Labelled videos that are asked of one video, the most alike ones: bounds the work."""


@dataclass(frozen=True)
class Acceptance:
    """The predictions that would become labels, and those that would not."""

    accepted: Tracks
    """By id of the video, what fills its frames, in order of time."""
    disputed: Tracks = field(default_factory=dict)
    """What another opinion contradicts, or is of a phase that no labelled video of the action shows."""
    odd: Tracks = field(default_factory=dict)
    """What is predicted for videos that cannot be aligned with any labelled one."""
    others: Tracks = field(default_factory=dict)
    """Of videos of another action."""
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
    """As they are now; called in the thread."""
    videos: Mapping[int, VideoRow]
    action: str
    """The one within which it stays."""
    threshold: float
    """The least confidence, 0 to 1."""


def judged(
    order: AcceptanceOrder, control: Control, tell: Callable[[int, int], None] = lambda done, of: None
) -> Acceptance:
    """Judge what is predicted for the videos of one action by the labelled ones of that action.

    Args:
        tell: is told how many videos are judged, of how many.

    Raises:
        Stopped: `control` asked for it.
    """
    labels, made = order.labels(), order.prediction.by_video
    waiting: dict[int, list[Span]] = {}
    others: dict[int, list[Span]] = {}
    unsure: dict[int, list[Span]] = {}
    for key in made:
        if (row := order.videos.get(key)) is None:
            continue
        pieces = new_pieces(labels.get(key, ()), order.prediction.predicted(key) or (), row.num_frames)
        sure = [span for span in pieces if span.confidence >= order.threshold]
        _put(others if row.action != order.action else waiting, key, sure)
        if row.action == order.action:
            _put(unsure, key, [span for span in pieces if span.confidence < order.threshold])
    teachers = [key for key in made if key in order.videos and order.videos[key].action == order.action]
    teachers = [key for key in teachers if human_spans(labels.get(key, ()))]
    nearest = _nearest(order.prediction, list(waiting), teachers, control)
    known = {span.phase for key in teachers for span in human_spans(labels[key])}
    accepted: dict[int, list[Span]] = {}
    disputed: dict[int, list[Span]] = {}
    odd: dict[int, list[Span]] = {}
    for number, (key, pieces) in enumerate(waiting.items(), 1):
        one = made[key]
        references = [(made[other].video.embeddings, made[other].known_labels) for other in nearest[key]]
        opinion = second_opinion(one.video.embeddings, references, len(one.phases), control)
        if not opinion.is_alignable:
            odd[key] = pieces
        else:
            agreed = [s.phase in known and opinion.agrees(s, one.phases.index(s.phase)) for s in pieces]
            _put(accepted, key, [span for span, is_so in zip(pieces, agreed, strict=True) if is_so])
            _put(disputed, key, [span for span, is_so in zip(pieces, agreed, strict=True) if not is_so])
        tell(number, len(waiting))
    return Acceptance(accepted, disputed, odd, others, unsure)


def judged_proposals(
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
            _put(parts["others"], key, pieces)
        elif carried.alignable_score < BOUNDARY_SCORE:
            _put(parts["odd"], key, pieces)
        else:
            agreed = [_probe_agrees(prediction, key, span) for span in pieces]
            _put(parts["accepted"], key, [span for span, is_so in zip(pieces, agreed, strict=True) if is_so])
            _put(parts["disputed"], key, [span for span, is_so in zip(pieces, agreed, strict=True) if not is_so])
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
    said = frame_labels(predicted, len(one.video), phases)
    return agree(said, span, phases.index(span.phase) if span.phase in phases else UNLABELLED - 1)


def _nearest(
    prediction: Prediction, videos: Sequence[int], teachers: Sequence[int], control: Control
) -> Mapping[int, Sequence[int]]:
    """Return the labelled videos that are asked of each, the most alike first; never itself."""
    if len(teachers) <= _MOST_REFERENCES:
        return {key: [other for other in teachers if other != key] for key in videos}
    keys = list(dict.fromkeys([*videos, *teachers]))
    apart = distances([prediction.embedded[key] for key in keys], control)
    places = {key: place for place, key in enumerate(keys)}
    found = {}
    for key in videos:
        order = np.argsort(apart[places[key]], kind="stable")
        wanted = [keys[place] for place in order if keys[place] in set(teachers) and keys[place] != key]
        found[key] = wanted[:_MOST_REFERENCES]
    return found


def _put(tracks_by_video: dict[int, list[Span]], key: int, spans: list[Span]) -> None:
    if spans:
        tracks_by_video[key] = spans
