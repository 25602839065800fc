"""Evaluate an encoder on a data set, as rows of a table."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection, Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import EvalDone, Notice, Sink
from core.datasets import Action, Dataset
from core.embedding.compute import Embedder
from core.evaluation.figures import Clip, diagonal, figures_of
from core.evaluation.names import DIAGONAL
from core.evaluation.protocols import Protocol
from core.evaluation.representations import Representation, representations
from core.evaluation.tables import TableLine
from core.labels.segments import of_other_contents
from core.metrics.classification import Classifier
from core.metrics.subsets import mean_over_actions


def evaluate(
    dataset: Dataset,
    encoder_file: Path,
    protocol: Protocol,
    *,
    run: str,
    classifier: Classifier = "logistic",
    device: str = "auto",
    wanted: Collection[str] | None = None,
    sink: Sink,
    control: Control,
) -> list[TableLine]:
    """Compute the figures of a trained encoder, and of everything that must stand beside it.

    Args:
        run: name of the encoder in the table.
        classifier: `logistic` or `svm`, of phase classification.
        wanted: names of the lines that are to be made; None: all.

    Raises:
        ConfigError: no action has videos to train and to validate on.
        LabelError: labels do not fit their video.
        CheckpointError, VideoError, StorageError: the encoder, all videos or the disk cannot be used.
        Stopped: `control` asked for it; features that were computed are kept.
    """
    embedder = Embedder(encoder_file, device=device, sink=sink, control=control)
    with contextlib.ExitStack() as stack:
        actions = _clips(dataset, embedder, sink, stack)
        lines = []
        for one in representations(embedder.encoder, embedder.config):
            if wanted is not None and one.name not in wanted:
                continue
            control.obey()
            lines.append(_line(run, one, actions, protocol, classifier))
            _report(lines[-1], sink)
        if protocol.has_phases and (wanted is None or DIAGONAL in wanted):
            of_actions = [diagonal(clips, len(action.classes)) for action, clips in actions]
            lines.append(TableLine(run, DIAGONAL, _mean(of_actions)))
            _report(lines[-1], sink)
    return lines


def _report(line: TableLine, sink: Sink) -> None:
    defined = {name: value for name, value in line.values.items() if not math.isnan(value)}
    sink(EvalDone(line.run, line.representation, defined))


def _clips(
    dataset: Dataset, embedder: Embedder, sink: Sink, stack: contextlib.ExitStack
) -> list[tuple[Action, list[Clip]]]:
    """Return the videos of each action, with features; actions that miss a split are left out."""
    labelled = {video.path.resolve(): video for video in dataset.videos}
    by_action: dict[str, list[Clip]] = {action.name: [] for action in dataset.actions}
    for stored, features in embedder.features([video.path for video in dataset.videos]):
        stack.enter_context(features)
        video = labelled[stored.path.resolve()]
        for sentence in of_other_contents(getattr(video.labels, "segments", ()), [stored]):
            sink(Notice(sentence))
        labels = video.labels_for(stored.edges_seconds, sink)
        by_action[video.action].append(Clip(features.rows, labels, video.split == "train"))
    complete = []
    for action in dataset.actions:
        clips = by_action[action.name]
        if {clip.is_train for clip in clips} == {True, False}:
            complete.append((action, clips))
        else:
            sink(Notice(f"{action.name or dataset.name} has no training or no validation videos; it is left out."))
    if not complete:
        raise ConfigError(f"{dataset.name} has no action with both training and validation videos. Fix the split.")
    return complete


def _line(
    run: str,
    one: Representation,
    actions: Sequence[tuple[Action, list[Clip]]],
    protocol: Protocol,
    classifier: Classifier,
) -> TableLine:
    figures = [
        figures_of(clips, len(action.classes), one.embed, protocol, classifier=classifier) for action, clips in actions
    ]
    return TableLine(run, one.name, _mean(figures))


def _mean(of_actions: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the unweighted mean over the actions for which a figure is defined."""
    return {
        name: mean_over_actions({str(index): figures[name] for index, figures in enumerate(of_actions)})
        for name in of_actions[0]
    }
