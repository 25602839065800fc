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


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    _check(arguments)
    segments = read_labels(arguments.labels, sink)
    if arguments.frames:
        check_columns(segments)
    paths = paths_of(arguments.inputs, arguments.encoder)
    check_videos(segments, paths, content_finder(arguments.inputs, arguments.encoder))
    videos = open_embedded(arguments.inputs, arguments.encoder, device=arguments.device, sink=sink, control=control)
    labelled = predict_phases(
        segments,
        videos,
        arguments.encoder,
        method=arguments.method,
        order=arguments.order,
        least_confidence=arguments.min_confidence,
        repetitions=arguments.repetitions,
        device=arguments.device,
        sink=sink,
        control=control,
    )
    unsure, whole = suggest(labelled, control)
    labels = as_labels(labelled, arguments.address_prefix)
    FORMATS[arguments.format].write(arguments.out, labels)
    for sentence in FORMATS[arguments.format].told(arguments.out, labels):
        sink(Notice(sentence))
    if arguments.frames:
        write_frames(arguments.frames, labelled)
    if arguments.suggestions:
        write_next(arguments.suggestions, [*unsure, *whole], labelled)
    sink(Notice(describe_suggestions(unsure, whole, labelled)))
    return Finished("done", str(arguments.out))


def _check(arguments: argparse.Namespace) -> None:
    """Refuse before the long work what would fail or do harm after it."""
    check_least_confidence(arguments.min_confidence)
    inputs = (arguments.labels, arguments.encoder, *arguments.inputs)
    if suffixes := FORMATS[arguments.format].suffixes:
        check_output(arguments, "out", suffixes, inputs)
    elif arguments.out.exists():
        raise StorageError(
            f"{arguments.out} already exists, but --format {arguments.format} makes a new folder. Choose another name."
        )
    for option in _TABLES:
        check_output(arguments, option, TABLE_SUFFIXES, inputs)
    written = [(option, path) for option in ("out", *_TABLES) if (path := getattr(arguments, option))]
    for (one, path), (other, same) in itertools.combinations(written, 2):
        if path.resolve() == same.resolve():
            raise ConfigError(f"--{one} and --{other} are both {path}. Give each its own name.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    made = new_parser("label", "Predict the phase of every frame from some labels, and suggest what to label next.")
    made.add_argument(
        "--labels",
        type=Path,
        required=True,
        metavar="FILE.csv",
        help="labelled segments: video,phase,start_frame,end_frame_exclusive, or start_seconds,end_seconds",
    )
    add_library(made)
    made.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH",
        help="the predicted phases: a file or a new folder, depending on the format",
    )
    add_format(made)
    made.add_argument(
        "--frames", type=Path, metavar="FILE.csv", help="the probability of each phase, one row per frame"
    )
    made.add_argument(
        "--suggestions", type=Path, metavar="FILE.csv", help="what to label next, one row per range of frames"
    )
    made.add_argument(
        "--method",
        choices=METHODS,
        default="both",
        help="probe: frame by frame; transfer: along alignments with the labelled videos, where every video shows "
        "the action once, or a part of it (see --repetitions); both: combine both (default)",
    )
    made.add_argument(
        "--order",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep the phases in the order of the labels; default on",
    )
    add_least_confidence(made)
    made.add_argument(
        "--repetitions",
        action="store_true",
        help="find repetitions: videos without labels may repeat what the labelled ones show once",
    )
    made.add_argument("--device", default="auto", help="auto, cpu or cuda")
    return run(made, _body, arguments)


if __name__ == "__main__":
    sys.exit(main())
