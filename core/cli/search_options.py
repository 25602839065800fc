"""The options of `python -m core.search`, validated before anything is read."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from core.base.csv_files import TABLE_SUFFIXES
from core.cli.command import add_library, check_output, new_parser
from core.search.asking import Asked
from core.search.defaults import APART_SECONDS, EXACT_FRAMES, METHODS, OVERLAP, TEMPO


def search_parser() -> argparse.ArgumentParser:
    """Return a parser of what is searched for, where, and how hits are told apart."""
    parser = new_parser("search", "Find the frames, or the clips, most similar to one.")
    parser.add_argument("query", type=Path, metavar="QUERY", help="the video of the query")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--frame", type=int, metavar="N", help="search for this frame; frames count from 0")
    what.add_argument("--second", type=float, metavar="S", help="search for the frame shown at this time")
    what.add_argument("--span", type=int, nargs=2, metavar=("START", "END"), help="search for frames START to END - 1")
    what.add_argument(
        "--span-seconds", type=float, nargs=2, metavar=("START", "END"), help="search for what is between these times"
    )
    add_library(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="write the results, best first")
    parser.add_argument(
        "-k", "--top-k", dest="k", type=int, default=5, metavar="K", help="maximum number of results; default 5"
    )
    parser.add_argument(
        "--min-gap",
        type=float,
        metavar="S",
        help=f"minimum time between results in the same video, in seconds; default {APART_SECONDS:g}",
    )
    parser.add_argument(
        "--max-overlap",
        type=float,
        metavar="FRACTION",
        help=f"maximum overlap of two clips in the same video, as a fraction of the shorter; default {OVERLAP:g}",
    )
    parser.add_argument(
        "--max-tempo",
        type=float,
        metavar="RATIO",
        help=f"maximum ratio between the lengths of a clip and the span, in frames; default {TEMPO:g}",
    )
    parser.add_argument(
        "--exclude-seconds", type=float, metavar="S", help="leave out the query and what is within S seconds of it"
    )
    parser.add_argument("--exclude-video", action="store_true", help="leave out the query's whole video")
    parser.add_argument(
        "--method",
        choices=METHODS,
        default=METHODS[0],
        help=f"exact reads all frames; approximate uses the index made by core.index, whose recall is reported; auto "
        f"(default) is exact in up to {EXACT_FRAMES:,} frames",
    )
    parser.add_argument("--grid", type=Path, metavar="FILE.png", help="draw the query and its results")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    return parser


def read_options(args: argparse.Namespace) -> Asked:
    """Return what is searched for."""
    values = {one.name: getattr(args, one.name) for one in dataclasses.fields(Asked)}
    for name in ("span", "span_seconds"):
        values[name] = None if values[name] is None else tuple(values[name])
    return Asked(**values)


def check(args: argparse.Namespace) -> None:
    """Refuse what would fail, or do harm, after the long work.

    Raises:
        ConfigError: a number out of its range, options that exclude each other, an output that would overwrite an
            input.
        StorageError: an output that cannot be written.
    """
    read_options(args).check()
    for option, suffix in {"out": TABLE_SUFFIXES, "grid": (".png",)}.items():
        check_output(args, option, suffix, (args.query, *args.inputs, args.encoder))
