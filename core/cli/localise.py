"""`python -m core.localise train|predict|evaluate`: find segments in videos by their embeddings (CARL, Table 12).

    python -m core.localise train --labels labels.csv --library embedded --out model.safetensors
    python -m core.localise predict --model model.safetensors --library others --out found.json
    python -m core.localise evaluate --predictions found.json --labels truth.json

`core.localise` and docs/decisions/0021-localisation.md say which detectors there are and what they reproduce.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES, write_rows
from core.base.errors import ConfigError, LabelError
from core.base.events import EvalDone, Finished, Notice, Sink
from core.base.listing import count_noun, some
from core.cli.command import add_command, check_output, new_parser, run
from core.labels.segments import write_segments
from core.localise.inputs import open_inputs
from core.localise.results import read_results, result_names, write_results
from core.localise.truth import in_seconds, read_truth, spans_by_video
from core.metrics.localisation import REPORTED_TIOUS
from core.video.inputs import INPUT_HELP

if TYPE_CHECKING:
    from core.localise.evaluating import Scores

_DETECTORS = ("points", "graph")
_TRAIN, _VALIDATE = ("training", "train"), ("validation", "val")
_MOST_STEPS, _MOST_SEED = 1_000_000, 2**31 - 1


def _train(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    _check_learning(args)
    check_output(args, "out", ".safetensors", [args.labels, *args.inputs])
    truth = read_truth(args.labels, sink, subset=args.subset, preferred=_TRAIN)
    videos, digest = open_inputs(args.inputs, args.encoder, args.device, sink, control)
    spans = spans_by_video(truth, videos, sink)
    known = [index for index, own in enumerate(spans) if own]
    if not known:
        raise LabelError(f"{args.labels.name} has no segment of a video given with --library. Label some first.")
    if unlabelled := [video.path.name for video, own in zip(videos, spans, strict=True) if not own]:
        sink(Notice(f"Not trained on, for lack of labelled segments: {some(unlabelled)}."))
    classes = tuple(sorted({span.phase for own in spans for span in own}))
    if never := [name for name in truth.classes if name not in classes]:
        sink(
            Notice(f"No video given with --library shows {some(never)}, which will never be found. Add one that does.")
        )
    from core.localise.detectors import DETECTORS, num_weights  # torch
    from core.localise.examples import Example
    from core.localise.learning import Learning, learn
    from core.localise.model_file import Localiser, save_localiser

    most = DETECTORS[args.detector].most_steps
    steps = DETECTORS[args.detector].usual_steps if args.steps is None else args.steps
    if coarse := [videos[index].path.name for index in known if len(videos[index]) > most]:
        sink(Notice(f"Longer than {most} frames, so used in steps of several frames: {some(coarse)}."))
    examples = [Example.of(videos[index].embeddings, spans[index], classes, most) for index in known]
    learning = Learning(args.detector, steps, args.learning_rate, seed=args.seed)
    detector = learn(examples, len(classes), learning, sink=sink, control=control)
    width = videos[known[0]].embeddings.shape[1]
    card: dict[str, object] = {
        "videos": len(known),
        "segments": sum(map(len, spans)),
        "steps": steps,
        "learning_rate": args.learning_rate,
        "seed": args.seed,
    }
    save_localiser(args.out, Localiser(detector, classes, width, digest), card)
    sink(
        Notice(
            f"Trained on {count_noun(sum(map(len, spans)), 'segment')} of {count_noun(len(known), 'video')} for "
            f"{count_noun(len(classes), 'class', 'classes')}: {num_weights(detector):,} weights."
        )
    )
    return Finished("done", str(args.out))


def _check_learning(args: argparse.Namespace) -> None:
    if args.steps is not None and not 1 <= args.steps <= _MOST_STEPS:
        raise ConfigError(f"--steps must be from 1 to {_MOST_STEPS}, not {args.steps}.")
    if not 0 <= args.seed <= _MOST_SEED:
        raise ConfigError(f"--seed must be from 0 to {_MOST_SEED}, not {args.seed}.")
    if not (math.isfinite(args.learning_rate) and 0 < args.learning_rate <= 1):
        raise ConfigError(f"--learning-rate must be above 0 and at most 1, not {args.learning_rate:g}.")


def _predict(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    inputs = [args.model, *args.inputs]
    check_output(args, "out", ".json", inputs)
    check_output(args, "spans", TABLE_SUFFIXES, inputs)
    if not 0 <= args.min_score <= 1:
        raise ConfigError(f"--min-score must be from 0 to 1, not {args.min_score:g}.")
    if args.max_segments < 1:
        raise ConfigError(f"--max-segments must be at least 1, not {args.max_segments}.")
    from core.localise.candidates import without_overlap
    from core.localise.detecting import detect  # torch
    from core.localise.model_file import check_embeddings_of, load_localiser

    localiser = load_localiser(args.model)
    videos, digest = open_inputs(args.inputs, args.encoder, args.device, sink, control)
    check_embeddings_of(localiser, args.model, videos, digest)
    rows = [video.embeddings for video in videos]
    found = detect(localiser.detector, rows, localiser.classes, most=args.max_segments, sink=sink, control=control)
    write_results(args.out, videos, found)
    if args.spans:
        best = [without_overlap(own, args.min_score) for own in found]
        write_segments(args.spans, best, videos)
        if bare := [video.path.name for video, own in zip(videos, best, strict=True) if not own]:
            sink(Notice(f"No segment reaches --min-score {args.min_score:g} in {some(bare)}."))
    return Finished("done", str(args.out))


def _evaluate(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check_output(args, "out", TABLE_SUFFIXES, [args.labels, args.predictions])
    results = read_results(args.predictions)
    truth = read_truth(args.labels, sink, subset=args.subset, preferred=_VALIDATE)
    if args.inputs:
        videos, _ = open_inputs(args.inputs, args.encoder, args.device, sink, control)
        truth = in_seconds(truth, videos, result_names(videos), sink)
    from core.localise.evaluating import evaluate_predictions

    scores = evaluate_predictions(truth, results, sink)
    rows = _table(scores)
    sink(EvalDone(args.predictions.name, "predicted", {name: float(value) for name, value in _figures(scores)}))
    if not args.events:
        for row in rows:
            print(f"{row[0]:24}" + "".join(f"{cell:>10}" for cell in row[1:]))
    if args.out:
        write_rows(args.out, rows[0], rows[1:])
    return Finished("done", str(args.out or ""))


def _figures(scores: Scores) -> list[tuple[str, float]]:
    made = [(f"mAP@{tiou:g}", scores.overall.at[tiou]) for tiou in REPORTED_TIOUS]
    return [*made, ("mAP", scores.overall.mean)]


def _table(scores: Scores) -> list[list[str]]:
    """Return rows for all classes, then for each, with the columns of the paper's Table 12."""
    head = ["class", *(f"mAP@{tiou:g}" for tiou in REPORTED_TIOUS), "mAP"]
    lines = [("all", scores.overall), *scores.by_class.items()]
    return [head, *([name, *(f"{s.at[t]:.4f}" for t in REPORTED_TIOUS), f"{s.mean:.4f}"] for name, s in lines)]


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    done: Finished = args.does(args, sink, control)
    return done


def _add_videos(to: argparse.ArgumentParser, *, required: bool = True) -> None:
    inputs = f"folders written by core.embed; or {INPUT_HELP}, which are embedded first"
    to.add_argument("--library", dest="inputs", nargs="+", type=Path, required=required, metavar="INPUT", help=inputs)
    encoder = "encoder.safetensors, or the folder of its run; not needed where all inputs are folders of core.embed"
    to.add_argument("--encoder", type=Path, help=encoder)
    to.add_argument("--device", default="auto", help="auto, cpu, cuda or mps: for embedding; the detectors use the CPU")


def _add_labels(to: argparse.ArgumentParser, preferred: str) -> None:
    labels = (
        "segments: CSV (video,phase,start_frame,end_frame_exclusive or start_seconds,end_seconds), ActivityNet's JSON"
    )
    to.add_argument(
        "--labels",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"{labels}, or any file that core.label.importing reads",
    )
    to.add_argument(
        "--subset", metavar="NAME", help=f"subset of ActivityNet's JSON; default {preferred}, or all if there is none"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("localise", "Find where segments begin and end, from embeddings.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train = add_command(
        commands,
        "train",
        "Train on labelled segments; frames outside all segments are background. A stopped training starts again "
        "from the beginning.",
    )
    _add_labels(train, "training")
    _add_videos(train)
    train.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors", help="the detector")
    train.add_argument(
        "--detector",
        choices=_DETECTORS,
        default="points",
        help="points (default): anchor-free, videos of any length; graph: after G-TAD, better on short videos, slower",
    )
    train.add_argument(
        "--steps", type=int, help="number of steps, of 8 videos each; default 400 for points, 200 for graph"
    )
    train.add_argument(
        "--learning-rate", type=float, default=1e-3, metavar="RATE", help="learning rate of AdamW; default 0.001"
    )
    train.add_argument("--seed", type=int, default=1, help="random seed; default 1")
    train.set_defaults(does=_train)
    predict = add_command(commands, "predict", "Find segments in other videos.")
    predict.add_argument(
        "--model", type=Path, required=True, metavar="FILE.safetensors", help="the detector written by train"
    )
    _add_videos(predict)
    predict.add_argument(
        "--out", type=Path, required=True, metavar="FILE.json", help="all segments, in ActivityNet's format"
    )
    predict.add_argument(
        "--max-segments", type=int, default=100, help="maximum number of segments per video; default 100"
    )
    predict.add_argument(
        "--spans", type=Path, metavar="FILE.csv", help="the best segments that do not overlap, for import as labels"
    )
    predict.add_argument(
        "--min-score",
        type=float,
        default=0.2,
        metavar="SCORE",
        help="minimum score of a segment in --spans; default 0.2",
    )
    predict.set_defaults(does=_predict)
    evaluate = add_command(commands, "evaluate", "Mean average precision of predictions, by ActivityNet's definition.")
    evaluate.add_argument(
        "--predictions", type=Path, required=True, metavar="FILE.json", help="predictions written by predict"
    )
    _add_labels(evaluate, "validation")
    _add_videos(evaluate, required=False)
    evaluate.add_argument(
        "--out", type=Path, metavar="FILE.csv", help="write the metrics, including those of each class"
    )
    evaluate.set_defaults(does=_evaluate)
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
