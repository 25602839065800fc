"""`python -m core.compare VIDEOS --labels CSV --objectives scl,tcc --out DIR`: compare objectives or settings."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Finished, Notice, Sink
from core.base.files import check_folder, write_text
from core.base.listing import count_noun
from core.base.progress import Meter
from core.cli.command import add_settings, given_settings, new_parser, run
from core.comparison.folds import Fold, check_contents, folds_of
from core.comparison.grids import find_grid, grid_names
from core.comparison.plan import Run, plan_runs
from core.comparison.variants import Variant, parse_objectives, variants
from core.datasets import Dataset
from core.datasets.segment_csv import read_for
from core.evaluation.protocols import PROTOCOLS, Protocol, find_protocol
from core.evaluation.summary import ResultRow, as_text, write_csv, write_tables
from core.learning.knowledge import check_given
from core.objectives.kinds import KINDS
from core.settings.config import tables
from core.settings.recipes import CHOOSING, PICTURES, find_recipe, fitting_recipe, recipe_names, weights_values
from core.video.content import known_digests
from core.video.inputs import INPUT_HELP, actions_of, find_videos

_SEEDS, _FOLDS = 3, 4


@dataclass(frozen=True)
class _Plan:
    """Everything to be done, before any of it has started."""

    variants: list[Variant]
    folds: list[Fold]
    runs: list[Run]
    dataset: Dataset
    actions: Mapping[Path, str]
    protocol: Protocol


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    plan = _make_plan(args, sink, control)
    check_folder(args.out)
    for one in plan.runs:
        one.check(args.labels)
    _report(plan, sink)
    from core.comparison.beside import Beside  # torch
    from core.comparison.runs import Measuring, carry_out_all
    from core.comparison.summary import rows_of

    beside = Beside(plan.variants, plan.variants[0].config.train.seed)
    how = Measuring(
        plan.dataset,
        args.labels,
        plan.actions,
        plan.protocol,
        args.classifier,
        args.device,
        beside,
    )
    figures = carry_out_all(plan.runs, how, sink, control)
    if not figures:
        raise ConfigError("No run finished. See the error of each run above.")
    rows = rows_of(figures, beside, len(plan.folds))
    _write(args, plan, figures, rows)
    if not args.events:
        print(_about(args, plan))
        print(as_text(rows))
    return Finished("done", str(args.out / "comparison.csv"))


def _report(plan: _Plan, sink: Sink) -> None:
    """Report which metrics will be missing before they are computed."""
    for fold in plan.folds:
        without = f"Without {fold.about}" if fold.about else "As the labels are split"
        learned, held = (count_noun(len(paths), "video") for paths in (fold.learned, fold.held))
        sink(Notice(f"{without}: {learned} for training, {held} for evaluation."))
        counts = Counter(video.action for video in fold.of(plan.dataset).of("val"))
        for action in [action for action, count in counts.items() if count < 2]:
            of = f" of {action!r}" if action else ""
            sink(
                Notice(
                    f"{without}, only one video{of} is evaluated, so metrics of pairs (tau, AP@K, events) leave it out."
                )
            )


def _make_plan(args: argparse.Namespace, sink: Sink, control: Control) -> _Plan:
    """Return what to train and evaluate. Everything that can be refused is refused here."""
    if args.labels is None:
        raise ConfigError("Labels are needed to evaluate runs. Pass --labels FILE.csv with segments of the videos.")
    if not (args.objectives or args.grid):
        raise ConfigError("Nothing to compare. Pass --objectives scl,tcc (or all), or --grid FILE.toml.")
    for option, number in (("--seeds", args.seeds), ("--max-folds", args.max_folds)):
        if number < 1 + (option == "--max-folds"):
            raise ConfigError(f"{option} must be at least {1 + (option == '--max-folds')}, not {number}.")
    compared = _variants(args)
    protocol = find_protocol(args.protocol, "segments")
    if not args.inputs:
        raise ConfigError("No videos were given. Name files, folders or a list (CSV or JSON) before the options.")
    videos = find_videos(args.inputs, sink)
    digests = _digests(videos, compared[0].config.frames.image_rate, sink, control)
    dataset, actions = _load_dataset(args, videos, digests, sink)
    folds = folds_of(args.inputs, videos, dataset, args.folds, args.max_folds)
    check_contents(folds, digests)
    for variant in compared:
        for fold in folds:
            names = [actions.get(video, "") for video in fold.learned]
            check_given(variant.config, args.labels, len(names), names)
    runs = plan_runs(compared, folds, args.seeds, args.out)
    return _Plan(compared, folds, runs, dataset, actions, protocol)


def _variants(args: argparse.Namespace) -> list[Variant]:
    overrides = given_settings(args)
    for short, name in (("epochs", "train.epochs"), ("seed", "train.seed")):
        if getattr(args, short) is not None:
            overrides[name] = getattr(args, short)
    if args.weights:
        overrides |= weights_values(args.weights)
    fitting = fitting_recipe(overrides)
    recipe = args.recipe or (PICTURES if fitting == CHOOSING else fitting)
    overrides = {"train.eval_interval_epochs": 0, **overrides}  # figures as it learns would cost more than the learning
    objectives = parse_objectives(args.objectives) if args.objectives else []
    return variants(find_recipe(recipe), overrides, objectives, find_grid(args.grid) if args.grid else [])


def _digests(videos: Sequence[Path], image_rate: float, sink: Sink, control: Control) -> dict[Path, str]:
    """Return the digests of readable videos."""
    meter = Meter(sink, "check", len(videos), "video")
    digests = dict[Path, str]()
    for video in videos:
        control.obey()
        digests |= known_digests([video], image_rate)
        meter.add()
    return digests


def _load_dataset(
    args: argparse.Namespace, videos: Sequence[Path], digests: Mapping[Path, str], sink: Sink
) -> tuple[Dataset, dict[Path, str]]:
    """Return the data set, and the action of each video as the list or the labels say."""
    actions = actions_of(args.inputs)
    dataset = read_for(args.labels, videos, sink, digests=digests, actions=actions, val_share=args.val_fraction)
    dataset = dataset.without(args.ignore_class) if args.ignore_class else dataset
    return dataset, {video.path: video.action for video in dataset.videos if video.action} | actions


def _write(
    args: argparse.Namespace,
    plan: _Plan,
    figures: Mapping[Run, Mapping[str, Mapping[str, float]]],
    rows: Sequence[ResultRow],
) -> None:
    from core.comparison.pictures import write_comparison
    from core.comparison.tables import write_runs

    out: Path = args.out
    write_csv(out / "comparison.csv", rows)
    write_runs(out / "runs.csv", figures)
    write_tables(out / "comparison", rows)
    write_comparison(out / "comparison.png", rows, _about(args, plan))
    about = {
        "videos": [str(path) for path in args.inputs],
        "labels": str(args.labels),
        "protocol": plan.protocol.name,
        "stride": plan.protocol.stride,
        "classifier": args.classifier,
        "seeds": sorted({one.seed for one in plan.runs}),
        "folds": [
            {"name": fold.name, "about": fold.about, "held": [str(path) for path in fold.held]} for fold in plan.folds
        ],
        "variants": {variant.name: tables(variant.config) for variant in plan.variants},
        "left_out": [one.name for one in plan.runs if one not in figures],
    }
    write_text(out / "comparison.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def _about(args: argparse.Namespace, plan: _Plan) -> str:
    """Return one line on what was measured."""
    seeds = count_noun(args.seeds, "seed")
    folds = f"{count_noun(len(plan.folds), 'fold')} by {args.folds}, " if args.folds else ""
    held = len({path for fold in plan.folds for path in fold.held})
    every = "frame" if plan.protocol.stride == 1 else f"{plan.protocol.stride} frames"
    return (
        f"{args.labels.stem}: {folds}{seeds}; {count_noun(held, 'video')} for evaluation, never trained on; "
        f"protocol {plan.protocol.name}, tau and AP@K every {every}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser(
        "compare", "Train with several objectives or settings, evaluate all in the same way, and write one table."
    )
    parser.add_argument("inputs", nargs="*", type=Path, metavar="VIDEOS", help=INPUT_HELP)
    parser.add_argument(
        "--labels", type=Path, metavar="FILE.csv", help="labelled segments of the videos, for evaluation"
    )
    parser.add_argument("--objectives", metavar="NAME,NAME", help=f"{', '.join(KINDS)}; all: every one")
    parser.add_argument("--grid", metavar="NAME|FILE", help=f"settings with lists of values: {', '.join(grid_names())}")
    parser.add_argument(
        "--seeds", type=int, default=_SEEDS, help=f"number of seeds each is trained with; default {_SEEDS}"
    )
    parser.add_argument(
        "--folds",
        metavar="COLUMN",
        help="column of the list of videos, such as person, by which to make folds: videos with the same value "
        "are trained on or evaluated together. Default: the split of the labels, as in core.evaluate",
    )
    parser.add_argument(
        "--max-folds",
        type=int,
        default=_FOLDS,
        help=f"maximum number of folds; values are combined if there are more; default {_FOLDS}",
    )
    parser.add_argument("--recipe", help=f"{', '.join(recipe_names())}, or a TOML file; default {PICTURES}")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for tables, picture and runs; an existing one is resumed",
    )
    parser.add_argument("--protocol", default="auto", help=f"which metrics: auto, {', '.join(PROTOCOLS)}")
    parser.add_argument("--classifier", default="logistic", choices=["logistic", "svm"], help="classifier of phases")
    parser.add_argument(
        "--val-fraction",
        type=float,
        default=1 / 3,
        help="fraction of videos for validation, if the labels name no split",
    )
    parser.add_argument(
        "--ignore-class", nargs="+", default=[], metavar="CLASS", help="classes to ignore, such as background"
    )
    parser.add_argument("--weights", help="imagenet, none, a state dict (.pth, .safetensors) or an extractor (.onnx)")
    parser.add_argument("--epochs", help="short for --train.epochs")
    parser.add_argument("--seed", help="first seed; short for --train.seed")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    add_settings(parser, ["frames", "views", "augment", "backbone", "encoder", *KINDS, "train"])
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
