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


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    encoders = _encoders(arguments)
    dataset = _dataset(arguments)
    protocol = find_protocol(arguments.protocol, dataset.layout)
    out: Path = arguments.out or encoder_path(encoders[0]).parent / "evaluation"
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
            classifier=arguments.classifier,
            device=arguments.device,
            sink=sink,
            control=control,
        )
    about = {
        "dataset": str(arguments.dataset),
        "layout": dataset.layout,
        "protocol": protocol.name,
        "stride": protocol.stride,
        "classifier": arguments.classifier,
        "videos_train": len(dataset.of("train")),
        "videos_val": len(dataset.of("val")),
        "videos_missing": list(dataset.missing),
        "encoders": {name: str(encoder) for name, encoder in runs.items()},
    }
    stem = re.sub(r"[^\w.-]+", "-", f"{dataset.name}-{protocol.name}")
    write_json(out / f"{stem}.json", lines, about)
    write_csv(out / f"{stem}.csv", lines)
    write_tables(out / stem, rows_of_lines(lines))
    if not arguments.events:
        print(
            f"{arguments.dataset} ({dataset.layout}), protocol {protocol.name}: {about['videos_train']} training "
            f"videos, {about['videos_val']} validation videos; tau and AP@K use every {protocol.stride} frame(s)"
        )
        print(side_by_side(lines) if len(encoders) > 1 else as_text(lines))
    return Finished("done", str(out / f"{stem}.csv"))


def _encoders(arguments: argparse.Namespace) -> list[Path]:
    """Return the encoders to evaluate, checking that each exists before anything is computed."""
    encoders = [*([arguments.encoder] if arguments.encoder else []), *arguments.compare]
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


def _dataset(arguments: argparse.Namespace) -> Dataset:
    return read_dataset(
        arguments.dataset,
        layout=arguments.layout,
        split=arguments.split,
        videos=arguments.videos,
        val_share=arguments.val_fraction,
        labels_fps=arguments.labels_fps,
        skip_missing=arguments.skip_missing,
        drop=arguments.ignore_class,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    made = new_parser("evaluate", "Evaluate an encoder on a labelled data set, next to untrained baselines.")
    made.add_argument("dataset", type=Path, metavar="DATASET", help="folder of the data set, or its annotation file")
    made.add_argument("--encoder", type=Path, metavar="FILE|RUN", help="encoder.safetensors, or the folder of its run")
    made.add_argument("--compare", type=Path, nargs="+", default=[], metavar="RUN", help="other runs to compare with")
    made.add_argument("--protocol", default="auto", help=f"which metrics: auto, {', '.join(PROTOCOLS)}")
    made.add_argument("--classifier", default="logistic", choices=["logistic", "svm"], help="classifier of phases")
    made.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for JSON, CSV, Markdown and LaTeX; default evaluation/ in the run",
    )
    made.add_argument("--layout", default="auto", help=f"auto, {', '.join(LAYOUTS)}")
    made.add_argument("--split", help="which split of the data set: a number for MS-TCN; gym99 or gym288")
    made.add_argument("--videos", type=Path, metavar="DIR", help="folder of the videos; default: the data set's own")
    made.add_argument(
        "--val-fraction",
        type=float,
        default=1 / 3,
        help="fraction of videos for validation, if the data set is not split",
    )
    made.add_argument(
        "--labels-fps", type=float, metavar="N", help="labels per second, for data sets with one label per frame"
    )
    made.add_argument("--skip-missing", action="store_true", help="leave out missing videos")
    made.add_argument(
        "--ignore-class", nargs="+", default=[], metavar="CLASS", help="classes to ignore, such as background"
    )
    made.add_argument("--device", default="auto", help="auto, cpu or cuda")
    return run(made, _body, arguments)


if __name__ == "__main__":
    sys.exit(main())
