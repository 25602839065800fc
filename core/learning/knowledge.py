"""Labels or actions of a run's videos, for objectives that need them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.base.errors import ConfigError, LabelError
from core.base.events import Notice, Sink
from core.base.listing import some
from core.learning.data import Knowledge
from core.learning.validation_set import labels_of
from core.metrics.subsets import first_videos
from core.objectives.kinds import KINDS, Needs
from core.settings.config import Config
from core.video.stored_video import StoredVideo


def check_given(config: Config, labels: Path | None, num_videos: int, actions: Sequence[str] = ()) -> None:
    """Refuse before the long work an objective that lacks what it learns from. Raises ConfigError.

    Args:
        actions: of each video, "" where none is named; empty: all show one.
    """
    kind = KINDS[config.objective.name]
    if kind.needs is Needs.LABELS and labels is None:
        raise ConfigError(
            f"objective.name = {kind.name!r} needs labels. Pass --labels FILE.csv, or choose another objective."
        )
    if kind.needs is Needs.PAIRS and num_videos < 2:
        raise ConfigError(
            f"objective.name = {kind.name!r} aligns videos of the same action, but there is only one video. Add "
            "others, or choose an objective that learns from single videos, such as 'scl'."
        )
    if kind.needs is Needs.PAIRS and actions:
        _check_pairs(kind.name, actions)


def _check_pairs(name: str, actions: Sequence[str]) -> None:
    """Raise ConfigError where no two videos show one action."""
    if max(Counter(actions).values()) < 2:
        raise ConfigError(
            f"objective.name = {name!r} aligns videos of the same action, but no two of the {len(actions)} videos "
            "share one. Add others, or choose another objective."
        )


def knowledge_of(
    config: Config,
    videos: Sequence[StoredVideo],
    input_paths: Sequence[Path],
    labels: Path | None,
    actions: Mapping[Path, str],
    sink: Sink,
) -> tuple[list[StoredVideo], Knowledge]:
    """Return which of the videos the objective of these settings can learn from, and what it needs to know of them.

    Args:
        given: the videos' paths as they were named, by which labels find them.
        actions: of the videos of a list that has such a column, by path; a video without one is of the action "".

    Raises:
        ConfigError: no two videos show one action, and the objective pairs videos.
        LabelError: no frame has a label, and the objective learns from labels.
    """
    kind = KINDS[config.objective.name]
    if kind.needs is Needs.LABELS and labels is not None:
        fraction = getattr(config.section(kind.name), "label_fraction", 1.0)
        return _select_labelled(videos, input_paths, labels, fraction, sink)
    if kind.needs is not Needs.PAIRS:
        return list(videos), Knowledge()
    names = [actions.get(video.path, "") for video in videos]
    _check_pairs(kind.name, names)
    numbers = {action: index for index, action in enumerate(dict.fromkeys(names))}
    return list(videos), Knowledge(actions=[numbers[name] for name in names])


def _select_labelled(
    videos: Sequence[StoredVideo], input_paths: Sequence[Path], file: Path, fraction: float, sink: Sink
) -> tuple[list[StoredVideo], Knowledge]:
    """Return the first share of the labelled videos, at least one, and their labels. Raises LabelError if none is."""
    known, classes = labels_of(input_paths, videos, file, sink)
    if not known:
        raise LabelError(f"{file} has no labels of the training videos. Label some of them.")
    if bare := [video.path.name for video in videos if video not in known]:
        sink(Notice(f"Not trained on, for lack of labels: {some(bare)}."))
    learned = list(first_videos(list(known), fraction))
    if len(learned) < len(known):
        sink(Notice(f"Training on the first {len(learned)} of {len(known)} labelled videos (label_fraction)."))
    return learned, Knowledge(labels=[known[video] for video in learned], classes=classes)
