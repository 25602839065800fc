"""What a probe learns and proposes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.types import PREDICTORS, Span
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_embedded
from core.label.transfer import Carried
from core.labels.segments import frame_labels
from core.project import tracks

if TYPE_CHECKING:
    from core.label.cross_validation import CrossValidation
    from core.label.labelling import LabelledVideo
    from core.label.learning_curve import LearningCurve


@dataclass(frozen=True)
class Proposals:
    """The labels of one video transferred to others. Phases are stored by id, so a proposal follows renames."""

    source: str
    """The name of the video that they come from."""
    by_video: Mapping[int, Carried]
    phase_ids: Mapping[str, int]
    """Ids of the names in the spans."""
    repetitions: Mapping[int, int] = field(default_factory=dict)
    """By video, how often it shows what that one shows once; those that were not looked for are left out."""
    action: str = ""
    """The action of the source video."""

    def spans(self, video_id: int, names: Mapping[int, str]) -> Sequence[Span] | None:
        """Return the proposals for that video, by current names of phases; those of deleted phases are left out.

        None: nothing is proposed for it.
        """
        carried = self.by_video.get(video_id)
        if carried is None:
            return None
        found = ((span, names.get(self.phase_ids[span.phase])) for span in carried.spans)
        return [replace(span, phase=name) for span, name in found if name is not None]

    def without(self, videos: Iterable[int]) -> Proposals | None:
        """Return the proposals for other videos; None where there are none."""
        removed = set(videos)
        left = {video_id: carried for video_id, carried in self.by_video.items() if video_id not in removed}
        return replace(self, by_video=left) if left else None


PROBE = "probe"
_MOST_VIDEOS, _MOST_SPANS = 5, 15
"""In the queue."""
Tracks = Mapping[int, Sequence[Span]]
"""The spans of videos, by id; a video without any may be missing."""


def human_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the labels by hand: accepted predictions train nothing, as `core.label.tables` has it."""
    return tuple(span for span in spans if span.source.casefold() not in PREDICTORS)


@dataclass(frozen=True)
class ProbeOrder:
    """Everything the thread needs."""

    embeddings: Path
    encoder_digest: str
    videos: Mapping[str, int]
    """Ids of the videos, by digest."""
    read_spans: Callable[[], Mapping[int, Sequence[Span]]]
    """Returns the labels of every video by id; called in the thread."""
    order: bool
    """Whether phases keep to the order that the labels show."""


@dataclass(frozen=True)
class Prediction:
    """The result of an order."""

    embedded: Mapping[int, EmbeddedVideo]
    """Embeddings of the project's videos, by id."""
    by_video: Mapping[int, LabelledVideo]
    """Empty where the labels are of fewer than two phases."""
    spans: Tracks
    """The labels that it was made with."""

    def predicted(self, video_id: int) -> Sequence[Span] | None:
        """Return the predicted spans; None: there is no prediction."""
        found = self.by_video.get(video_id)
        return None if found is None else [span for span in found.spans if span.source == PROBE]

    def confidence(self, video_id: int) -> NDArray[np.float64] | None:
        """Return the (S,) probability of the likeliest phase of each frame; None: there is no prediction."""
        found = self.by_video.get(video_id)
        return None if found is None else found.probabilities.max(axis=1)

    def above(self, threshold: float, videos: Sequence[int] | None = None) -> dict[int, list[Span]]:
        """Return the predicted spans of at least that confidence, by video, of these videos or of all."""
        video_ids = self.by_video if videos is None else videos
        found = {key: [s for s in self.predicted(key) or () if s.confidence >= threshold] for key in video_ids}
        return {key: spans for key, spans in found.items() if spans}


class ProbeWork:
    """Runs orders, keeping embeddings open in between; used by one thread at a time."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._embedded: Mapping[int, EmbeddedVideo] = {}

    def predict(self, order: ProbeOrder, control: Control) -> Prediction:
        """Fit the probe on what a person labelled, and predict every other frame.

        Raises:
            CarlError: the embeddings cannot be opened.
            Stopped: `control` asked for it.
        """
        spans, opened = order.read_spans(), self._open(order)
        control.obey()
        _, human_labels = _human_labels(Prediction(opened, {}, spans))
        if len({span.phase for track in human_labels for span in track}) < 2:
            return Prediction(opened, {}, spans)
        from core.label.labelling import label_videos

        labelled = label_videos(list(opened.values()), human_labels, method=PROBE, order=order.order, control=control)
        return Prediction(opened, dict(zip(opened, labelled, strict=True)), spans)

    def _open(self, order: ProbeOrder) -> Mapping[int, EmbeddedVideo]:
        """Open the embeddings in the order of the folder, as `core.label` reads it."""
        key = (order.embeddings, order.encoder_digest, tuple(order.videos.items()))
        if key != self._key:
            opened = read_embedded(order.embeddings, order.encoder_digest, order.videos)
            self._embedded, self._key = {order.videos[video.digest]: video for video in opened}, key
        return self._embedded


@dataclass(frozen=True)
class Opinions:
    """The phase according to labels, probe and transfer; None: unknown."""

    label: str | None
    probe: str | None
    transfer: str | None


@dataclass(frozen=True)
class QueueEntry:
    """A suggestion of what to label."""

    video_id: int
    start_frame: int
    end_frame_exclusive: int
    doubt: tuple[str, str] | None
    """The two likeliest phases of a span that is in doubt; None with no `opinions`: a video without labels."""
    opinions: Opinions | None = None
    """Where they differ."""

    @property
    def key(self) -> str:
        """Another one has another."""
        return f"{self.video_id}:{self.start_frame}:{self.doubt is None}:{self.opinions is None}"


class QueueWork:
    """Builds the queue, caching distances between videos; used by one thread at a time."""

    def __init__(self) -> None:
        self._distances_of: Mapping[int, EmbeddedVideo] | None = None
        self._distances: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def queue(self, prediction: Prediction, spans: Tracks, control: Control) -> list[QueueEntry]:
        """Return the videos without labels that cover the others best, then the spans in doubt that cost the most.

        Args:
            spans: the labels as they are now.

        Raises:
            Stopped: `control` asked for it.
        """
        from core.label.covering import choose_covering, distances

        ids = list(prediction.embedded)
        if prediction.embedded is not self._distances_of:
            self._distances, self._distances_of = (
                distances(list(prediction.embedded.values()), control),
                prediction.embedded,
            )
        labelled = {index for index, key in enumerate(ids) if spans.get(key)}
        best = [ids[index] for index, _ in choose_covering(self._distances, labelled, _MOST_VIDEOS)]
        videos = [QueueEntry(key, 0, len(prediction.embedded[key]), None) for key in best]
        return videos + _doubtful_entries(prediction, spans, set(best))


def _doubtful_entries(prediction: Prediction, spans: Tracks, left_out: set[int]) -> list[QueueEntry]:
    if not prediction.by_video:
        return []
    from core.label.suggestions import unsure_spans

    shown = {id(one.video): key for key, one in prediction.by_video.items()}
    # frames that were accepted are in doubt no more, though they taught nothing
    now = [_with_labels(one, spans.get(key, ())) for key, one in prediction.by_video.items() if key not in left_out]
    found = [(shown[id(one.labelled.video)], one) for one in unsure_spans(now, _MOST_SPANS)]
    return [QueueEntry(key, one.start_frame, one.end_frame_exclusive, one.doubt) for key, one in found]


def _with_labels(one: LabelledVideo, spans: Sequence[Span]) -> LabelledVideo:
    phases = [*one.phases, *{span.phase for span in spans} - set(one.phases)]
    return replace(one, known_labels=frame_labels(_clip_to(spans, len(one.video)), len(one.video), phases))


def _clip_to(spans: Sequence[Span], num_frames: int) -> Sequence[Span]:
    """Clip spans to the frames that were embedded."""
    return tracks.erase(spans, num_frames, 2**53)


@dataclass(frozen=True)
class ProbeCheck:
    """Cross-validated accuracy of the probe."""

    found: CrossValidation
    ids: Sequence[int]
    """Ids of the videos by their indices there."""
    prediction: Prediction
    order: bool
    """Whether phases kept to the order, as requested."""


def cross_validate_probe(prediction: Prediction, order: bool, control: Control) -> ProbeCheck:
    """Predict each video that a person labelled from the others. Stopped: `control` asked for it."""
    from core.label.cross_validation import cross_validate

    videos, human_labels = _human_labels(prediction)
    found = cross_validate(videos, human_labels, method=PROBE, order=order, control=control)
    return ProbeCheck(found, list(prediction.embedded), prediction, order)


def fit_learning_curve(prediction: Prediction, order: bool, control: Control) -> LearningCurve | None:
    """Measure the accuracy by the number of labelled videos. Stopped: `control` asked for it."""
    from core.label.learning_curve import learning_curve

    return learning_curve(*_human_labels(prediction), method=PROBE, order=order, control=control)


def _human_labels(prediction: Prediction) -> tuple[list[EmbeddedVideo], list[Sequence[Span]]]:
    """Return all videos, and the labels by hand of each."""
    opened = prediction.embedded
    human_labels = [_clip_to(human_spans(prediction.spans.get(key, ())), len(video)) for key, video in opened.items()]
    return list(opened.values()), human_labels
