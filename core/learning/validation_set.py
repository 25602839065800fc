"""The validation data used for metrics during training: a few videos, a few frames of each, always the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.augment.temporal import TemporalView, draw_views
from core.base.control import Control
from core.base.errors import VideoError
from core.base.events import Notice, Sink
from core.base.listing import count_noun
from core.labels.segments import UNLABELLED, frame_labels, of_other_contents, of_videos, phase_names, spans_of
from core.settings.config import Config
from core.video.frame_store import FrameStore, StoredVideo

_Item = TypeVar("_Item")


class Bounds(NamedTuple):
    """Upper limits of an evaluation."""

    videos: int
    """Validation videos; as many labelled ones among them, and among those learned from. Evenly chosen."""
    views: int
    """Number of videos used for the validation loss."""
    frames: int
    """Of each video: every k-th one, at its place in time, with k as small as that allows."""


BOUNDS = {"frozen": Bounds(16, 16, 256), "finetune": Bounds(8, 4, 64)}
"""By `train.mode`: features of a fixed backbone are there already, those of one that learns are computed anew."""


@dataclass(frozen=True, eq=False)
class ValidationClip:
    """A video, and the frames of it used by an evaluation."""

    video: StoredVideo
    clip: NDArray[np.int64]
    """(n,) frames that are embedded."""
    labels: NDArray[np.int64]
    """(n,) theirs; -1 where there is none."""
    views: tuple[TemporalView, ...]
    """Two, or none where its loss is not taken."""

    @property
    def frames(self) -> NDArray[np.int64]:
        """All that are looked at, ascending, each once."""
        return np.unique(np.concatenate([self.clip, *(view.indices[view.valid] for view in self.views)]))


@dataclass(frozen=True)
class ValidationData:
    """The data used for the metrics of a run."""

    validation: list[ValidationClip]
    """For `loss` and `tau`."""
    fitted: list[ValidationClip]
    """Labelled; a probe is fitted on them."""
    asked: list[ValidationClip]
    """Labelled; it is asked about them. Where either is empty, it is cross-validated over the other."""

    def all(self) -> list[ValidationClip]:
        return list(dict.fromkeys([*self.validation, *self.fitted, *self.asked]))


def build_validation_data(
    store: FrameStore,
    learned: Sequence[StoredVideo],
    validation: Sequence[Path],
    labels: Path | None,
    config: Config,
    sink: Sink,
    control: Control,
    *,
    input_paths: Sequence[Path] = (),
) -> ValidationData:
    """Decode the validation videos, and choose what is looked at. A sentence says what that is.

    Videos that cannot be used are left out with a notice, all of them too.

    Args:
        labels: a segment CSV of any of the videos.
        given: the videos to be learned from, those included that cannot be read: labels may name them.

    Raises:
        LabelError: the labels cannot be used.
        Stopped: `control` asked for it.
    """
    bounds = BOUNDS[config.train.mode]
    held = _validation_videos(store, learned, validation, sink, control)
    known = labels_of([*input_paths, *validation], [*learned, *held], labels, sink)[0] if labels else {}
    chosen = _even(held, bounds.videos)
    with_loss = _even(chosen, bounds.views)
    made: dict[StoredVideo, ValidationClip] = {}

    def watched(video: StoredVideo) -> ValidationClip:
        if video not in made:
            clip = np.arange(0, len(video), math.ceil(len(video) / bounds.frames))
            of_clip = known[video][clip] if video in known else np.full(len(clip), UNLABELLED)
            made[video] = ValidationClip(video, clip, of_clip, _views(video, config) if video in with_loss else ())
        return made[video]

    def labelled(videos: Sequence[StoredVideo]) -> list[ValidationClip]:
        some = [video for video in videos if video in known and (watched(video).labels != UNLABELLED).any()]
        return [watched(video) for video in _even(some, bounds.videos)]

    material = ValidationData([watched(video) for video in chosen], labelled(learned), labelled(held))
    _say(material, len(held), labels, config, sink)
    return material


def _validation_videos(
    store: FrameStore, learned: Sequence[StoredVideo], paths: Sequence[Path], sink: Sink, control: Control
) -> list[StoredVideo]:
    if not paths:
        return []
    try:
        videos = store.add(paths, sink, control)
    except VideoError:
        videos = []
    seen = {video.digest: video.path for video in learned}
    usable = []
    for video in videos:
        if len(video) < 2:
            sink(Notice(f"{video.path} has only one frame; it is left out of validation."))
        elif video.digest in seen:
            sink(Notice(f"{video.path} is a copy of {seen[video.digest]}; it is left out of validation."))
        else:
            usable.append(video)
        seen.setdefault(video.digest, video.path)
    if not usable:
        sink(Notice("None of the validation videos can be used; training continues without them."))
    return usable


def labels_of(
    paths: Sequence[Path], videos: Sequence[StoredVideo], file: Path, sink: Sink
) -> tuple[dict[StoredVideo, NDArray[np.int64]], tuple[str, ...]]:
    """Return (S,) labels of those videos that have any, as places in the phases' names, and these names.

    Lines of other videos are passed over.

    Raises:
        LabelError: the file cannot be used.
    """
    from core.label.tables import read_labels  # brings scikit-learn, which not every run needs

    segments = read_labels(file, sink)
    digests = {video.path: video.digest for video in videos}
    found = of_videos(segments, list(paths), digests)
    if others := len(segments) - len(found):
        sink(Notice(f"{file.name}: {others} of {len(segments)} segments are of videos that are not in this run."))
    usable = {video.path for video in videos}
    kept = [segment for segment, path in found if path in usable]
    for sentence in of_other_contents(kept, videos):
        sink(Notice(sentence))
    spans = spans_of(kept, videos)
    phases = phase_names(spans)
    known = {
        video: frame_labels(own, len(video), phases) for video, own in zip(videos, spans, strict=True) if len(own) > 0
    }
    return known, tuple(phases)


def _views(video: StoredVideo, config: Config) -> tuple[TemporalView, TemporalView]:
    """Draw two views, the same whatever the run's seed."""
    return draw_views(len(video), config.views, np.random.default_rng([4, int(video.digest[:16], 16)]))


def _even(items: Sequence[_Item], most: int) -> list[_Item]:
    """Return at most this many of them, from the first to the last."""
    if len(items) <= most:
        return list(items)
    return [items[place] for place in np.linspace(0, len(items) - 1, most).round().astype(int)]


def _say(material: ValidationData, num_held: int, labels: Path | None, config: Config, sink: Sink) -> None:
    number, fitted, asked = len(material.validation), len(material.fitted), len(material.asked)
    parts = []
    if number:
        of = f"{number} of " if number < num_held else ""
        parts.append(f"loss and tau of {of}{count_noun(num_held, 'validation video')}")
    if fitted and asked:
        parts.append(
            f"accuracy on {count_noun(asked, 'labelled validation video')} by the labels of {fitted} trained on"
        )
    elif fitted + asked > 1:
        parts.append(f"accuracy cross-validated over {count_noun(fitted + asked, 'labelled video')}")
    elif labels:
        sink(Notice(f"{labels.name} labels fewer than two of the videos, so accuracy is not measured."))
    if parts:
        every = config.train.eval_interval_epochs
        often = f"{every} epochs" if every > 1 else "epoch"
        sink(Notice(f"Metrics every {often}: {'; '.join(parts)}."))
