"""`python -m core.train INPUT... --recipe NAME --out DIR`: train an encoder on videos without labels."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError, LabelError
from core.base.events import Finished, Sink, ignore
from core.base.files import cache_folder
from core.cli.command import add_settings, given_settings, new_parser, run
from core.embedding.embedded_video import encoder_path
from core.labels.segments import of_videos
from core.learning.distributed import Processes
from core.learning.further_training import check_fits, settings_of_encoder
from core.learning.knowledge import check_given
from core.learning.resumed_videos import find_run_videos
from core.learning.run_folder import Origin, RunFolder, check_apart
from core.learning.task import Task, carry_out
from core.objectives.kinds import KINDS
from core.pose.people import People
from core.settings import config as settings_of
from core.settings.config import Config, value_of
from core.settings.recipes import CHOOSING, PICTURES, find_recipe, fitting_recipe, recipe_names, weights_values
from core.video.content import known_digests
from core.video.inputs import INPUT_HELP, actions_of, find_videos
from core.video.shards import Shard, add_shard

_FREE_ON_RESUME = {
    "train.epochs",
    "train.cpu_threads",
    "train.keep_checkpoints",
    "train.eval_interval_epochs",
    "frames.decode_workers",
    "frames.cache_size_gb",
    "frames.gpu_fraction",
}
"""Settings that do not change what was learned so far."""


def options(args: argparse.Namespace) -> dict[str, object]:
    """Return the dotted settings that the command line gives, its short options included."""
    values = given_settings(args)
    for short, name in (("epochs", "train.epochs"), ("seed", "train.seed")):
        if getattr(args, short) is not None:
            values[name] = getattr(args, short)
    return values | weights_values(args.weights) if args.weights else values


@dataclass(frozen=True)
class Order:
    """What is to be learned from what, before anything of it is looked at."""

    inputs: Sequence[Path]
    """As `core.video.inputs.find_videos` takes them; empty: the videos of `init` or of the run that goes on."""
    out: Path
    """Folder of the run."""
    values: Mapping[str, object]
    """Dotted settings that differ from the recipe's, such as `train.epochs`."""
    recipe: str | None = None
    """Its name or file; None: that of `init`, else the fitting one (`core.settings.recipes.fitting_recipe`)."""
    init: Path | None = None
    """The encoder that it begins with, or the folder of its run."""
    validation: Sequence[Path] = ()
    """Inputs never learned from."""
    labels: Path | None = None
    source: str = "command line"
    """Who gave the settings, named where one is wrong."""


def train(
    order: Order, device: str, *, resume: bool, sink: Sink, control: Control, obeys_file: bool = False
) -> Finished:
    """Train a new run, or (`resume`) go on with the one in `order.out`; as one of several processes under torchrun.

    Raises:
        CarlError: what a person can mend: an input, a setting, a table or a folder that cannot be used.
        Stopped: `control` asked for it before the first step.
    """
    processes = Processes.from_environment()
    prepare = _resume if resume else _start
    task = prepare(order, processes.is_first, sink if processes.is_first else ignore)
    return carry_out(task, device, processes, sink, control, obeys_file=obeys_file)


def config_of(order: Order) -> Config:
    """Return the settings of a new run. Raises ConfigError, CheckpointError: as `find_recipe` and `encoder_path`."""
    init = encoder_path(order.init) if order.init else None
    recipe = order.recipe or fitting_recipe(order.values)
    base = settings_of_encoder(init) if init and not order.recipe else find_recipe(recipe)
    return settings_of.with_values(base, order.values, source=order.source)


def _start(order: Order, is_first: bool, sink: Sink) -> Task:
    init = encoder_path(order.init) if order.init else None
    videos = _videos(order.inputs, init, sink)
    config = config_of(order)
    if init:
        check_fits(config, init)
    validation, labels = _validation(order, sink), order.labels
    _check_labels(config, labels, [*videos, *validation])
    _check_people(config, [*videos, *validation])
    actions = actions_of(order.inputs)
    check_given(config, labels, len(videos), [actions.get(video, "") for video in videos])
    folder = RunFolder(order.out)
    if is_first:
        folder = RunFolder.create(order.out, config, videos, validation, labels, init)
        if actions:
            folder.keep_actions([actions.get(video, "") for video in videos])
    return Task(folder, config, videos, validation, labels, Origin.of(init) if init else None, actions)


def _videos(inputs: Sequence[Path], init: Path | None, sink: Sink) -> list[Path]:
    """Return the given videos, or those of the run that is trained further."""
    if not inputs and init and RunFolder.is_run(init.parent):
        return RunFolder.open(init.parent).found_again()[0]
    if not inputs:
        raise ConfigError("No videos were given. Name files, folders or a list (CSV or JSON) before the options.")
    return find_videos(inputs, sink)


def _check_origin(folder: RunFolder, init: Path) -> None:
    """Refuse to go on with a run that began with other weights than those that are named now."""
    origin = folder.origin()
    if origin is None or encoder_path(init).absolute() != origin.path:
        start = f"with the weights of {origin.path}" if origin else "with random weights"
        raise ConfigError(f"--resume: the run {folder.folder} was started {start}. Leave --init out.")


def _resume(order: Order, is_first: bool, sink: Sink) -> Task:
    folder = RunFolder.open(order.out)
    if order.init:
        _check_origin(folder, order.init)
    before = folder.config()
    wanted = settings_of.with_values(before, order.values, source=order.source)
    for item in settings_of.settings():
        old, new = value_of(before, item.name), value_of(wanted, item.name)
        if old != new and item.name not in _FREE_ON_RESUME:
            raise ConfigError(
                f"--resume uses the settings of {order.out}, where {item.name} is {old!r}, not {new!r}. Leave "
                "that option out, or start a new run in another folder."
            )
    videos = find_run_videos(folder, find_videos(order.inputs, sink) if order.inputs else [])
    _, found_validation, found_labels = folder.found_again()
    validation, labels = _validation(order, sink) or found_validation, order.labels or found_labels
    check_apart(videos, validation)
    _check_labels(wanted, labels, [*videos, *validation])
    if is_first:
        folder = RunFolder.resume(order.out)
        settings_of.save(wanted, folder.config_file)
        folder.keep_inputs(videos, validation, labels, known_digests(videos, before.frames.image_rate))
    actions = dict(zip(videos, folder.actions(), strict=False))
    return Task(folder, wanted, videos, validation, labels, folder.origin(), actions)


def _validation(order: Order, sink: Sink) -> list[Path]:
    return find_videos(order.validation, sink) if order.validation else []


def _check_labels(config: Config, labels: Path | None, videos: Sequence[Path]) -> None:
    """Refuse before the long work labels that cannot be used. Raises LabelError."""
    if labels and config.train.eval_interval_epochs:
        from core.label.tables import read_labels  # brings scikit-learn, which not every run needs

        segments = read_labels(labels, ignore)
        try:
            of_videos(segments, videos)
        except LabelError:
            if not any(segment.digest for segment in segments):
                raise
            of_videos(segments, videos, known_digests(videos, config.frames.image_rate))


def _check_people(config: Config, videos: Sequence[Path]) -> None:
    """Refuse before the long work a table of people that cannot be used. Raises LabelError."""
    if config.backbone.person_table:
        People.read(Path(config.backbone.person_table)).check(videos)


def compute_share(order: Order, shard: Shard, device: str, sink: Sink, control: Control) -> Finished:
    """Compute the features of a share of the videos, for a run by the same order that is started later.

    Raises: as `core.learning.features_ahead.compute_share`.
    """
    from core.learning.features_ahead import compute_share

    init = encoder_path(order.init) if order.init else None
    videos = _videos(order.inputs, init, sink)
    config = config_of(order)
    if init:
        check_fits(config, init)
    _check_people(config, videos)
    compute_share(config, videos, order.inputs, shard, device, sink, control, Origin.of(init) if init else None)
    return Finished("done", str(cache_folder("features")))


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    order = Order(
        args.inputs,
        args.out or Path(),
        options(args),
        args.recipe,
        args.init,
        args.validation,
        args.labels,
    )
    if args.shard:
        return compute_share(order, args.shard, args.device, sink, control)
    if args.out is None:
        raise ConfigError("--out is missing. Name the folder of the run.")
    return train(order, args.device, resume=args.resume, sink=sink, control=control, obeys_file=args.control)


def _objective(words: Sequence[str]) -> str:
    """Return the objective that is named on the command line, whose settings the help is to show."""
    last = "scl"
    for index, word in enumerate(words):
        if word == "--objective.name" and index + 1 < len(words):
            last = words[index + 1]
        elif word.startswith("--objective.name="):
            last = word.partition("=")[2]
    return last


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("train", "Learn frame-wise action representations from videos, without labels (CARL).")
    parser.add_argument("inputs", nargs="*", type=Path, metavar="INPUT", help=INPUT_HELP)
    parser.add_argument(
        "--validation",
        nargs="+",
        type=Path,
        default=[],
        metavar="INPUT",
        help="validation videos, never trained on; metrics on them are reported during training "
        "(train.eval_interval_epochs)",
    )
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE.csv",
        help="labelled segments of any of the videos, as read by core.label, to measure how well phases are "
        "predicted; not trained on, except with --objective.name supervised",
    )
    parser.add_argument(
        "--recipe",
        help=f"{', '.join(recipe_names())}, or a TOML file; default {CHOOSING} ({PICTURES} where a network or weights "
        "are named), or the settings of --init",
    )
    parser.add_argument(
        "--init",
        type=Path,
        metavar="RUN",
        help="start from this encoder, as far as its weights fit: the folder of a run, or an encoder.safetensors. "
        "Defaults: its settings (without --recipe), the videos of its run (without INPUT)",
    )
    parser.add_argument("--out", type=Path, help="folder of the run; not needed with --shard")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--weights", help="imagenet, none, a state dict (.pth, .safetensors) or an extractor (.onnx)")
    parser.add_argument("--epochs", help="short for --train.epochs")
    parser.add_argument("--seed", help="short for --train.seed")
    parser.add_argument("--resume", action="store_true", help="resume the run in --out")
    add_shard(parser, "only compute the features, into the cache, of")
    sections = ["frames", "views", "augment", "backbone", "encoder", "objective", *KINDS, "train"]
    add_settings(parser, sections, objective=_objective(sys.argv[1:] if argv is None else argv))
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
