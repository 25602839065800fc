"""The options of `python -m core.search`, validated before anything is read."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.command import add_library, check_output, parser
from core.csv_files import TABLE_SUFFIXES
from core.errors import ConfigError

APART_SECONDS, OVERLAP, TEMPO = 1.0, 0.2, 4.0


def search_parser() -> argparse.ArgumentParser:
    """Says what is searched for, where, and how hits are told apart."""
    made = parser("search", "Find the frames, or the clips, most similar to one.")
    made.add_argument("query", type=Path, metavar="QUERY", help="the video of the query")
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--frame", type=int, metavar="N", help="search for this frame; frames count from 0")
    what.add_argument("--second", type=float, metavar="S", help="search for the frame shown at this time")
    what.add_argument("--span", type=int, nargs=2, metavar=("START", "END"), help="search for frames START to END - 1")
    what.add_argument(
        "--span-seconds", type=float, nargs=2, metavar=("START", "END"), help="search for what is between these times"
    )
    add_library(made)
    made.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="write the results, best first")
    made.add_argument(
        "-k", "--top-k", dest="k", type=int, default=5, metavar="K", help="maximum number of results; default 5"
    )
    made.add_argument(
        "--min-gap",
        type=float,
        metavar="S",
        help=f"minimum time between results in the same video, in seconds; default {APART_SECONDS:g}",
    )
    made.add_argument(
        "--max-overlap",
        type=float,
        metavar="FRACTION",
        help=f"maximum overlap of two clips in the same video, as a fraction of the shorter; default {OVERLAP:g}",
    )
    made.add_argument(
        "--max-tempo",
        type=float,
        metavar="RATIO",
        help=f"maximum ratio between the lengths of a clip and the span, in frames; default {TEMPO:g}",
    )
    made.add_argument(
        "--exclude-seconds", type=float, metavar="S", help="leave out the query and what is within S seconds of it"
    )
    made.add_argument("--exclude-video", action="store_true", help="leave out the query's whole video")
    made.add_argument("--grid", type=Path, metavar="FILE.png", help="draw the query and its results")
    made.add_argument("--device", default="auto", help="auto, cpu or cuda")
    return made


def is_clip(arguments: argparse.Namespace) -> bool:
    """Return whether to search for a span instead of a single frame."""
    return bool(arguments.span or arguments.span_seconds)


def check(arguments: argparse.Namespace) -> None:
    """Refuse what would fail, or do harm, after the long work.

    Raises:
        ConfigError: a number out of its range, options that exclude each other, an output that would overwrite an
            input.
        StorageError: an output that cannot be written.
    """
    if arguments.k < 1:
        raise ConfigError(f"-k must be at least 1, not {arguments.k}.")
    for name in ("frame", "second", "min_gap", "exclude_seconds"):
        if (given := getattr(arguments, name)) is not None and not given >= 0:
            raise ConfigError(f"--{name.replace('_', '-')} must be at least 0, not {given}.")
    for name in ("span", "span_seconds"):
        if (given := getattr(arguments, name)) and not 0 <= given[0] < given[1]:
            words = f"--{name.replace('_', '-')} {given[0]} {given[1]}"
            raise ConfigError(f"{words}: the end must come after the start, and the start must not be negative.")
    if arguments.max_overlap is not None and not 0 <= arguments.max_overlap <= 1:
        raise ConfigError(f"--max-overlap must be a fraction from 0 to 1, not {arguments.max_overlap}.")
    if arguments.max_tempo is not None and not arguments.max_tempo >= 1:
        raise ConfigError(f"--max-tempo must be at least 1, not {arguments.max_tempo}.")
    for name in ("min_gap",) if is_clip(arguments) else ("max_overlap", "max_tempo"):
        if getattr(arguments, name) is not None:
            what, instead = ("single frames", "--frame") if name == "min_gap" else ("clips", "--span")
            raise ConfigError(f"--{name.replace('_', '-')} is for {what}. Leave it out, or search with {instead}.")
    for option, suffix in {"out": TABLE_SUFFIXES, "grid": (".png",)}.items():
        check_output(arguments, option, suffix, (arguments.query, *arguments.inputs, arguments.encoder))
