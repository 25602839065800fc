"""`core.train_encoder`: an encoder from videos, without labels."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import ConfigError
from core.base.events import StepDone
from core.base.listing import count_noun
from core.learning.run_folder import RunFolder
from core.notebook.inputs import OpenedProject, Paths, StrPath, given
from core.notebook.pictures import page, picture
from core.notebook.telling import Telling, Work, working
from core.settings.recipes import CHOOSING, POSE, weights_values

if TYPE_CHECKING:
    from core.cli.train import Order


@dataclass(frozen=True, repr=False, eq=False)
class TrainedEncoder(os.PathLike[str]):
    """A run that ended, and its encoder; a path, so that every function takes it as `encoder` or `init`."""

    run: Path
    """Folder of the run: settings, events, checkpoints, encoder."""
    encoder: Path
    """Its `encoder.safetensors`."""
    reason: str
    """`done`, or `stopped` where it was interrupted: `train_encoder(out=run, resume=True)` goes on."""
    steps: int
    """That it has done."""
    losses: tuple[float, ...]
    """(steps,) at each of them, from the first."""
    notices: tuple[str, ...] = ()
    """What a person should know of it, in sentences."""

    def __fspath__(self) -> str:
        return str(self.encoder)

    def __repr__(self) -> str:
        loss = f", loss {self.losses[-1]:.3f}" if self.losses else ""
        return f"TrainedEncoder({self.run}, {self.reason} after {count_noun(self.steps, 'step')}{loss})"

    def _repr_html_(self) -> str:
        if len(self.losses) < 2:
            return page(repr(self), notices=self.notices)

        def draw(file: Path) -> None:
            from core.pictures.losses import write_losses

            write_losses(file, self.losses)

        return page(repr(self), picture(draw, "The loss at each step.", width=480), notices=self.notices)


def train_encoder(
    videos: Paths = (),
    *,
    out: StrPath,
    recipe: str | None = None,
    settings: Mapping[str, object] | None = None,
    weights: str | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    validation: Paths = (),
    labels: StrPath | None = None,
    init: StrPath | None = None,
    resume: bool = False,
    device: str = "auto",
    progress: Telling = True,
) -> TrainedEncoder:
    """Learn frame-wise representations of the action in videos, as `python -m core.train` does.

    The method is CARL (Chen, Wei, Li, Cai: Frame-wise Action Representations for Long Videos via Sequence Contrastive
    Learning, CVPR 2022), or the objective in `settings["objective.name"]`. Interrupted once (Ctrl-C, or a notebook's
    button) it ends in order after its step: the result is `stopped`, and its encoder can be used.

    Args:
        videos: files, folders, lists (CSV, XLSX or JSON) or a project's folder; one or several. Of a project alone its
            Validation videos are kept for checking, and its labels and followed people are used as the window does.
            Empty: the videos of `init`, or of the run that goes on.
        out: folder of the run, new or empty; with `resume` the one to go on with.
        recipe: a recipe's name or TOML file; None: `auto`, or the settings of `init`.
        settings: dotted settings that differ from the recipe's, such as `{"views.frames": 80}`.
        weights: `imagenet`, `none`, a state dict (.pth, .safetensors) or an extractor (.onnx).
        epochs, seed: short for `train.epochs` and `train.seed`.
        validation: videos never learned from; how good the encoder is on them is told as it learns.
        labels: a table of labelled spans, to tell how well phases are found; learned from by `supervised` alone.
        init: the encoder, or its run, that this one begins with.
        resume: go on with the run in `out`.
        device: `auto`, `cpu` or `cuda`.
        progress: True: a line on stderr; False: none; a function: it gets each event (`core.base.events`).

    Returns:
        The run and its encoder.

    Raises:
        ConfigError: nothing to learn from, an unknown recipe, a wrong setting.
        VideoError: no video decodes.
        LabelError: a table of labels or people cannot be used.
        CheckpointError: `init` or the weights cannot be read.
        StorageError: `out` holds something else or another process trains there; the disk is full.
        TrainingError: the loss is not finite, or memory ran out.
        KeyboardInterrupt: it was interrupted before its first step.

    Example:
        >>> encoder = carl.train_encoder("clips", out="runs/first", recipe="quick", epochs=10)
        >>> encoder
        TrainedEncoder(runs/first, done after 100 steps, loss 2.134)
    """
    with working(progress, train_encoder) as work:
        values = dict(settings or {})
        values |= {f"train.{name}": value for name, value in (("epochs", epochs), ("seed", seed)) if value is not None}
        values |= weights_values(weights) if weights else {}
        from core.cli import train as command  # torch

        named = given(videos, work.sink)
        order = command.Order(
            named.paths,
            Path(out),
            values,
            recipe,
            None if init is None else Path(init),
            given(validation, work.sink).paths,
            None if labels is None else Path(labels),
            source="settings",
        )
        if named.project is not None:
            order = _without_videos(order) if resume else _of_project(order, named.project)
        finished = command.train(order, device, resume=resume, sink=work.sink, control=work.control)
        return _ended(RunFolder.open(Path(out)), finished.reason, work)


def _without_videos(order: Order) -> Order:
    """Return the order without videos: a run that goes on has its own videos, with what its project was when it
    began."""
    return dataclasses.replace(order, inputs=())


def _of_project(order: Order, project: OpenedProject) -> Order:
    """Return what the window would order: Validation videos apart, the labels, and whom body pose follows."""
    from core.cli.train import config_of  # torch

    learned = project.paths_of(validation=False)
    if not learned:
        raise ConfigError(f"All videos of {project.folder} are kept for validation. Set some to Train.")
    name = _unused_name(order.out.name, project.folder)
    order = dataclasses.replace(
        order,
        inputs=learned,
        validation=order.validation or project.paths_of(validation=True),
        labels=order.labels or project.write_labels(project.folder / "labels" / f"{name}.csv"),
    )
    backbone = config_of(order).backbone
    if backbone.name not in (POSE, CHOOSING) or backbone.person_table:
        return order
    people = project.write_people(project.folder / "people" / f"{name}.csv")
    values = {**order.values, "backbone.person_table": str(people)}
    return dataclasses.replace(order, values=values) if people else order


def _unused_name(name: str, project: Path) -> str:
    """Return the run's name, with a number where another run has its tables under it."""
    names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    return next(
        one for one in names if not any((project / folder / f"{one}.csv").exists() for folder in ("labels", "people"))
    )


def _ended(run: RunFolder, reason: str, work: Work) -> TrainedEncoder:
    losses = {event.step: event.loss for event in run.events() if isinstance(event, StepDone)}
    ordered = tuple(losses[step] for step in sorted(losses))
    return TrainedEncoder(run.folder, run.encoder_file, reason, max(losses, default=0), ordered, tuple(work.notices))
