"""The options of `python -m core.align`, and which of them make no sense together."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.align.confidence_option import add_least_confidence, check_least_confidence
from core.align.matrix import MOST
from core.command import check_output, parser
from core.csv_files import TABLE_SUFFIXES
from core.errors import ConfigError
from core.pictures.heatmap import COLOUR_MAPS
from core.pictures.phase_grid import MOST as MOST_IN_GRID
from core.types import Alignment

_SUFFIXES = {"out": TABLE_SUFFIXES, "heatmap": (".png", ".svg"), "matrix": (".npz",), "video": (".mp4",)}
_SUFFIXES_OF_MANY = {"table": TABLE_SUFFIXES, "grid": (".mp4",)}


def options() -> argparse.ArgumentParser:
    """The command's parser."""
    made = parser("align", "Pair the frames of two videos, or of several with the first one.")
    made.add_argument("a", type=Path, metavar="A", help="a video")
    made.add_argument("b", type=Path, metavar="B", help="another video")
    made.add_argument("more", type=Path, nargs="*", metavar="C", help="further ones, for --grid and --table")
    made.add_argument("--encoder", type=Path, help="encoder.safetensors, or the folder of its run")
    made.add_argument(
        "--path", type=Path, metavar="FILE.csv", help="take this path, as --out or --table writes it, and find none"
    )
    made.add_argument("--out", type=Path, metavar="FILE.csv", help="the path, one row a step")
    made.add_argument(
        "--heatmap", type=Path, metavar="FILE.png|FILE.svg", help="draw the similarity with the path on it"
    )
    made.add_argument("--colours", choices=COLOUR_MAPS, default=COLOUR_MAPS[0], help="of the heatmap")
    made.add_argument("--matrix", type=Path, metavar="FILE.npz", help="the similarity in numbers, for NumPy")
    made.add_argument(
        "--matrix-size", type=int, default=MOST, metavar="N", help=f"its rows and columns at most; default {MOST}"
    )
    made.add_argument("--video", type=Path, metavar="FILE.mp4", help="play both side by side along the path")
    made.add_argument(
        "--deviations",
        type=Path,
        metavar="FILE.csv",
        help="mark these in --video, --grid, --heatmap: deviations.csv of core.report",
    )
    made.add_argument(
        "--table", type=Path, metavar="FILE.csv", help="every frame of A with that of each other video, one row each"
    )
    made.add_argument(
        "--grid",
        type=Path,
        metavar="FILE.mp4",
        help=f"play A and the others in a grid, all at what A does; {MOST_IN_GRID} at most",
    )
    made.add_argument(
        "--repetitions",
        action="store_true",
        help="B shows several times what A shows once: find each time, count them, and write them with --out",
    )
    made.add_argument("--device", default="auto", help="auto, cpu or cuda")
    made.add_argument(
        "--band",
        type=float,
        metavar="FRACTION",
        help="farthest that matched places may lie apart, as a share of the videos' lengths, such as 0.1; default any",
    )
    add_least_confidence(made)
    made.add_argument(
        "--keep-other-scenes",
        action="store_true",
        help="match also frames that look like another scene than the rest of their video, such as titles",
    )
    return made


def outputs(arguments: argparse.Namespace) -> dict[str, Path]:
    """What is to be written, by option."""
    named = {option: getattr(arguments, option) for option in _SUFFIXES | _SUFFIXES_OF_MANY}
    return {option: path for option, path in named.items() if path is not None}


def check(arguments: argparse.Namespace) -> None:
    """Refuse before the long work what would fail or do harm after it.

    Raises:
        ConfigError: options that make no sense, or an output that would overwrite an input.
        StorageError: an output that cannot be written.
    """
    if arguments.band is not None and not arguments.band > 0:
        raise ConfigError(f"--band must be above 0, such as 0.1, not {arguments.band}.")
    if arguments.band is not None and arguments.path is not None:
        raise ConfigError("--band bounds the search for a path, and --path gives one: leave one of them out.")
    check_least_confidence(arguments)
    if arguments.matrix_size < 1:
        raise ConfigError(f"--matrix-size must be above 0, such as 4096, not {arguments.matrix_size}.")
    wanted = list(outputs(arguments))
    if not wanted:
        raise ConfigError("Nothing is to be written: give --out, --heatmap, --matrix or --video; or --table or --grid.")
    if arguments.repetitions:
        _check_repetitions(arguments, wanted)
    if is_many(arguments):
        _check_many(arguments, wanted)
    if arguments.encoder is None and (arguments.path is None or wanted not in (["video"], ["grid"])):
        raise ConfigError("Give --encoder: only --video and --grid along a path that is known (--path) do without.")
    if arguments.deviations is not None and not {"video", "grid", "heatmap"} & set(wanted):
        raise ConfigError("--deviations are marked in films and heatmaps: give --video, --grid or --heatmap too.")
    others = (arguments.encoder, arguments.path, arguments.deviations)
    inputs = [arguments.a, arguments.b, *arguments.more, *(path for path in others if path is not None)]
    for option in wanted:
        check_output(arguments, option, (_SUFFIXES | _SUFFIXES_OF_MANY)[option], inputs)


def is_many(arguments: argparse.Namespace) -> bool:
    """Whether several videos go along with the first, instead of A and B along one path."""
    return bool(arguments.more) or not _SUFFIXES_OF_MANY.keys().isdisjoint(outputs(arguments))


def _check_many(arguments: argparse.Namespace, wanted: Sequence[str]) -> None:
    for option in wanted:
        if option in _SUFFIXES:
            raise ConfigError(f"--{option} is of two videos alone: leave it out, or the others and --grid and --table.")
    count = 2 + len(arguments.more)
    if arguments.grid is not None and count > MOST_IN_GRID:
        raise ConfigError(f"--grid shows {MOST_IN_GRID} videos at most, not {count}: leave some out.")


def _check_repetitions(arguments: argparse.Namespace, wanted: Sequence[str]) -> None:
    if arguments.more or wanted != ["out"]:
        raise ConfigError(
            "--repetitions takes two videos and writes --out alone: leave the other outputs and videos out."
        )
    if arguments.path is not None or arguments.band is not None:
        raise ConfigError("--path and --band are of a single path, and --repetitions finds several: leave them out.")


def check_path(arguments: argparse.Namespace, alignment: Alignment, num_a: int, num_b: int) -> None:
    """Refuse a path of other videos.

    Raises:
        ConfigError: it ends elsewhere than the videos of so many frames.
    """
    ends = alignment.num_a, alignment.num_b
    if ends != (num_a, num_b):
        raise ConfigError(
            f"--path {arguments.path} pairs {ends[0]} frames with {ends[1]}, but {arguments.a.name} has {num_a} and "
            f"{arguments.b.name} {num_b}: give the path of these two."
        )
