"""Train and evaluate the missing runs of a comparison."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.base.control import Control, Stopped
from core.base.errors import TrainingError
from core.base.events import EvalDone, Notice, Sink
from core.base.files import content_digest, write_text
from core.comparison.beside import Beside
from core.comparison.plan import Run
from core.comparison.progress import Whole
from core.datasets import Dataset
from core.evaluation.names import DIAGONAL
from core.evaluation.protocols import Protocol
from core.evaluation.run import evaluate
from core.learning.distributed import Processes
from core.learning.run_folder import RunFolder
from core.learning.task import Task, carry_out
from core.metrics.classification import Classifier

Figures = dict[str, dict[str, float]]
"""By representation and figure."""


@dataclass(frozen=True)
class Measuring:
    """The parts of evaluation that all runs share."""

    dataset: Dataset
    labels: Path
    actions: Mapping[Path, str]
    protocol: Protocol
    classifier: Classifier
    device: str
    beside: Beside


def carry_out_all(runs: Sequence[Run], how: Measuring, sink: Sink, control: Control) -> dict[Run, Figures]:
    """Train and evaluate every run, and tell how far the whole is. What was done before is not done again.

    A run whose training fails (its loss is not finite) is told of and left out; the next time it is tried again.

    Raises:
        Stopped: `control` asked for it; what is done is kept, and the run under way goes on from there.
        CarlError: what a person can mend.
    """
    figures: dict[Run, Figures] = {}
    try:
        _carry_out_all(runs, how, figures, sink, control)
    except Stopped:
        sink(Notice(f"Stopped with {len(figures)} of {len(runs)} runs done. Run the same command again to resume."))
        raise
    return figures


def _carry_out_all(
    runs: Sequence[Run], how: Measuring, figures: dict[Run, Figures], sink: Sink, control: Control
) -> None:
    progress = Whole(list(runs), sink)
    before = {run for run in runs if run.is_done()}
    if before:
        sink(Notice(f"{len(before)} of {len(runs)} runs were trained before and are not trained again."))
        progress.skip(before)
    for number, run in enumerate(runs, start=1):
        control.obey()
        if run not in before:
            progress.start(run, number, len(runs))
            try:
                _train(run, how, progress, control)
            except TrainingError as error:
                sink(Notice(f"{run.variant.name}, seed {run.seed}, is left out of the table: {error}"))
                progress.finish()
                continue
            progress.finish()
        figures[run] = _figures(run, how, progress, control)
        for representation, values in figures[run].items():
            defined = {name: value for name, value in values.items() if not math.isnan(value)}
            sink(EvalDone(run.name, representation, defined))


def _train(run: Run, how: Measuring, sink: Sink, control: Control) -> None:
    """Begin a run, or go on with it. Raises Stopped where it did not come to its end."""
    labels = how.labels if run.learns_from_labels else None
    actions = {video: how.actions[video] for video in run.fold.learned if video in how.actions}
    if RunFolder.is_run(run.folder):
        folder = RunFolder.resume(run.folder)
    else:
        folder = RunFolder.create(run.folder, run.config, run.fold.learned, labels=labels)
        if actions:
            folder.keep_actions([actions.get(video, "") for video in run.fold.learned])
    if labels:
        run.keep_labels(labels)
    task = Task(folder, run.config, run.fold.learned, labels=labels, actions=actions)
    if carry_out(task, how.device, Processes(), sink, control).reason != "done":
        raise Stopped


def _figures(run: Run, how: Measuring, sink: Sink, control: Control) -> Figures:
    """Return the metrics stored next to the encoder, computing missing ones."""
    file = run.folder / "evaluation" / "figures.json"
    identity = _identity(run, how)
    kept = _read_kept(file, identity)
    wanted = how.beside.wanted(run)
    missing = [name for name in wanted if name not in kept and (name != DIAGONAL or how.protocol.has_phases)]
    if missing:
        lines = evaluate(
            run.fold.of(how.dataset),
            run.folder,
            how.protocol,
            run=run.name,
            classifier=how.classifier,
            device=how.device,
            wanted=missing,
            sink=sink,
            control=control,
        )
        kept |= {line.representation: line.values for line in lines}
        written = {
            name: {figure: None if math.isnan(value) else value for figure, value in values.items()}
            for name, values in kept.items()
        }
        write_text(file, json.dumps({"of": identity, "figures": written}, indent=1))
    return {name: kept[name] for name in wanted if name in kept}


def _identity(run: Run, how: Measuring) -> str:
    """Return an identifier of what the metrics depend on."""
    split = [(str(video.path), video.split, video.action) for video in run.fold.of(how.dataset).videos]
    classes = [(action.name, action.classes) for action in how.dataset.actions]
    encoder = content_digest(RunFolder.open(run.folder).encoder_file)
    parts = (how.protocol, how.classifier, encoder, content_digest(how.labels), split, classes)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _read_kept(file: Path, identity: str) -> Figures:
    """Return earlier metrics; empty if measured differently, or the file is damaged."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        written = json.loads(file.read_text(encoding="utf-8"))
        if written["of"] == identity:
            return {
                name: {figure: math.nan if value is None else float(value) for figure, value in values.items()}
                for name, values in written["figures"].items()
            }
    return {}
