"""`python -m core.evaluate DATASET --encoder FILE|RUN`: evaluate an encoder on a labelled data set."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Finished, Sink
from core.base.files import cache_folder, check_folder
from core.cli.command import new_parser, run
from core.datasets import LAYOUTS, Dataset, read_dataset
from core.datasets.frame_folder import with_videos
from core.embedding.embedded_video import encoder_path
from core.evaluation.protocols import PROTOCOLS, find_protocol
from core.evaluation.summary import rows_of_lines, write_tables
from core.evaluation.tables import TableLine, as_text, side_by_side, write_csv, write_json
from core.video.names import distinct_names


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    encoders = _encoders(args)
    dataset = _dataset(args)
    protocol = find_protocol(args.protocol, dataset.layout)
    out: Path = args.out or encoder_path(encoders[0]).parent / "evaluation"
    check_folder(out)
    _check_encoders(encoders)
    if dataset.layout == "penn_action_frames":
        dataset = with_videos(dataset, cache_folder("videos_of_images"), sink=sink, control=control)
    from core.evaluation.run import evaluate  # torch

    lines: list[TableLine] = []
    runs = dict(zip(distinct_names([encoder_path(encoder).parent for encoder in encoders]), encoders, strict=True))
    for name, encoder in runs.items():
        lines += evaluate(
            dataset,
            encoder,
            protocol,
            run=name,
            classifier=args.classifier,
            device=args.device,
            sink=sink,
            control=control,
        )
    about = {
        "dataset": str(args.dataset),
        "layout": dataset.layout,
        "protocol": protocol.name,
        "stride": protocol.stride,
        "classifier": args.classifier,
        "videos_train": len(dataset.of("train")),
        "videos_val": len(dataset.of("val")),
        "videos_missing": list(dataset.missing),
        "encoders": {name: str(encoder) for name, encoder in runs.items()},
    }
    stem = re.sub(r"[^\w.-]+", "-", f"{dataset.name}-{protocol.name}")
    write_json(out / f"{stem}.json", lines, about)
    write_csv(out / f"{stem}.csv", lines)
    write_tables(out / stem, rows_of_lines(lines))
    if not args.events:
        print(
            f"{args.dataset} ({dataset.layout}), protocol {protocol.name}: {about['videos_train']} training "
            f"videos, {about['videos_val']} validation videos; tau and AP@K use every {protocol.stride} frame(s)"
        )
        print(side_by_side(lines) if len(encoders) > 1 else as_text(lines))
    return Finished("done", str(out / f"{stem}.csv"))


def _encoders(args: argparse.Namespace) -> list[Path]:
    """Return the encoders to evaluate, checking that each exists before anything is computed."""
    encoders = [*([args.encoder] if args.encoder else []), *args.compare]
    if not encoders:
        raise ConfigError("No encoder was given. Name one with --encoder, or several runs with --compare.")
    for encoder in encoders:
        encoder_path(encoder)
    return list(dict.fromkeys(encoders))


def _check_encoders(encoders: Sequence[Path]) -> None:
    """Raise CheckpointError where one cannot be loaded: before the first of them is evaluated."""
    from core.model.checkpoint import load_encoder  # torch

    for encoder in encoders:
        load_encoder(encoder, device="cpu")


def _dataset(args: argparse.Namespace) -> Dataset:
    return read_dataset(
        args.dataset,
        layout=args.layout,
        split=args.split,
        videos=args.videos,
        val_share=args.val_fraction,
        labels_fps=args.labels_fps,
        skip_missing=args.skip_missing,
        drop=args.ignore_class,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("evaluate", "Evaluate an encoder on a labelled data set, next to untrained baselines.")
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the data set, or its annotation file")
    parser.add_argument(
        "--encoder", type=Path, metavar="FILE|RUN", help="encoder.safetensors, or the folder of its run"
    )
    parser.add_argument("--compare", type=Path, nargs="+", default=[], metavar="RUN", help="other runs to compare with")
    parser.add_argument("--protocol", default="auto", help=f"which metrics: auto, {', '.join(PROTOCOLS)}")
    parser.add_argument("--classifier", default="logistic", choices=["logistic", "svm"], help="classifier of phases")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for JSON, CSV, Markdown and LaTeX; default evaluation/ in the run",
    )
    parser.add_argument("--layout", default="auto", help=f"auto, {', '.join(LAYOUTS)}")
    parser.add_argument("--split", help="which split of the data set: a number for MS-TCN; gym99 or gym288")
    parser.add_argument("--videos", type=Path, metavar="DIR", help="folder of the videos; default: the data set's own")
    parser.add_argument(
        "--val-fraction",
        type=float,
        default=1 / 3,
        help="fraction of videos for validation, if the data set is not split",
    )
    parser.add_argument(
        "--labels-fps", type=float, metavar="N", help="labels per second, for data sets with one label per frame"
    )
    parser.add_argument("--skip-missing", action="store_true", help="leave out missing videos")
    parser.add_argument(
        "--ignore-class", nargs="+", default=[], metavar="CLASS", help="classes to ignore, such as background"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
