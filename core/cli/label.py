"""`python -m core.label --labels FILE.csv --library INPUT... --encoder FILE --out PATH`: predict the phase of every
frame."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES
from core.base.errors import ConfigError, StorageError
from core.base.events import Finished, Notice, Sink
from core.cli.command import add_library, check_output, new_parser, run
from core.cli.confidence_option import add_least_confidence, check_least_confidence
from core.cli.label_export import add_format
from core.embedding.library import content_finder, open_embedded, paths_of
from core.label.predicting import as_labels, predict_phases, suggest
from core.label.tables import check_columns, describe_suggestions, read_labels, write_frames, write_next
from core.labels.formats.table import FORMATS
from core.labels.segments import METHODS, check_videos

_TABLES = ("frames", "suggestions")
"""Beside the phases."""


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    _check(args)
    segments = read_labels(args.labels, sink)
    if args.frames:
        check_columns(segments)
    paths = paths_of(args.inputs, args.encoder)
    check_videos(segments, paths, content_finder(args.inputs, args.encoder))
    videos = open_embedded(args.inputs, args.encoder, device=args.device, sink=sink, control=control)
    labelled = predict_phases(
        segments,
        videos,
        args.encoder,
        method=args.method,
        order=args.order,
        least_confidence=args.min_confidence,
        repetitions=args.repetitions,
        device=args.device,
        sink=sink,
        control=control,
    )
    unsure, whole_videos = suggest(labelled, control)
    labels = as_labels(labelled, args.address_prefix)
    FORMATS[args.format].write(args.out, labels)
    for sentence in FORMATS[args.format].all_notes(args.out, labels):
        sink(Notice(sentence))
    if args.frames:
        write_frames(args.frames, labelled)
    if args.suggestions:
        write_next(args.suggestions, [*unsure, *whole_videos], labelled)
    sink(Notice(describe_suggestions(unsure, whole_videos, labelled)))
    return Finished("done", str(args.out))


def _check(args: argparse.Namespace) -> None:
    """Refuse before the long work what would fail or do harm after it."""
    check_least_confidence(args.min_confidence)
    inputs = (args.labels, args.encoder, *args.inputs)
    if suffixes := FORMATS[args.format].suffixes:
        check_output(args, "out", suffixes, inputs)
    elif args.out.exists():
        raise StorageError(
            f"{args.out} already exists, but --format {args.format} makes a new folder. Choose another name."
        )
    for option in _TABLES:
        check_output(args, option, TABLE_SUFFIXES, inputs)
    written = [(option, path) for option in ("out", *_TABLES) if (path := getattr(args, option))]
    for (one, path), (other, same) in itertools.combinations(written, 2):
        if path.resolve() == same.resolve():
            raise ConfigError(f"--{one} and --{other} are both {path}. Give each its own name.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("label", "Predict the phase of every frame from some labels, and suggest what to label next.")
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        metavar="FILE.csv",
        help="labelled segments: video,phase,start_frame,end_frame_exclusive, or start_seconds,end_seconds",
    )
    add_library(parser)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH",
        help="the predicted phases: a file or a new folder, depending on the format",
    )
    add_format(parser)
    parser.add_argument(
        "--frames", type=Path, metavar="FILE.csv", help="the probability of each phase, one row per frame"
    )
    parser.add_argument(
        "--suggestions", type=Path, metavar="FILE.csv", help="what to label next, one row per range of frames"
    )
    parser.add_argument(
        "--method",
        choices=METHODS,
        default="both",
        help="probe: frame by frame; transfer: along alignments with the labelled videos, where every video shows "
        "the action once, or a part of it (see --repetitions); both: combine both (default)",
    )
    parser.add_argument(
        "--order",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep the phases in the order of the labels; default on",
    )
    add_least_confidence(parser)
    parser.add_argument(
        "--repetitions",
        action="store_true",
        help="find repetitions: videos without labels may repeat what the labelled ones show once",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
