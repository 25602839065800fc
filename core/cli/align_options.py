"""The options of `python -m core.align`, and checks of their combinations."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.align.matrix import MOST
from core.base.csv_files import TABLE_SUFFIXES
from core.base.errors import ConfigError
from core.base.types import Alignment
from core.cli.command import check_output, new_parser
from core.cli.confidence_option import add_least_confidence, check_least_confidence
from core.pictures.heatmap import COLOUR_MAPS
from core.pictures.phase_grid import MOST as MOST_IN_GRID

_SUFFIXES = {"out": TABLE_SUFFIXES, "heatmap": (".png", ".svg"), "matrix": (".npz",), "video": (".mp4",)}
_SUFFIXES_OF_MANY = {"table": TABLE_SUFFIXES, "grid": (".mp4",)}


def options() -> argparse.ArgumentParser:
    """Return the command's parser."""
    parser = new_parser("align", "Match the frames of two videos, or of several videos with the first one.")
    parser.add_argument("a", type=Path, metavar="A", help="a video")
    parser.add_argument("b", type=Path, metavar="B", help="another video")
    parser.add_argument("more", type=Path, nargs="*", metavar="C", help="further videos, for --grid and --table")
    parser.add_argument("--encoder", type=Path, help="encoder.safetensors, or the folder of its run")
    parser.add_argument(
        "--path",
        type=Path,
        metavar="FILE.csv",
        help="use this path (as written by --out or --table) instead of computing one",
    )
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="write the path, one row per step")
    parser.add_argument("--heatmap", type=Path, metavar="FILE.png|FILE.svg", help="draw the similarity and the path")
    parser.add_argument("--colours", choices=COLOUR_MAPS, default=COLOUR_MAPS[0], help="colours of the heatmap")
    parser.add_argument("--matrix", type=Path, metavar="FILE.npz", help="write the similarities, for NumPy")
    parser.add_argument(
        "--matrix-size",
        type=int,
        default=MOST,
        metavar="N",
        help=f"maximum number of its rows and columns; default {MOST}",
    )
    parser.add_argument(
        "--video", type=Path, metavar="FILE.mp4", help="write a film of both side by side along the path"
    )
    parser.add_argument(
        "--deviations",
        type=Path,
        metavar="FILE.csv",
        help="mark these deviations (deviations.csv of core.report) in --video, --grid and --heatmap",
    )
    parser.add_argument(
        "--table",
        type=Path,
        metavar="FILE.csv",
        help="write every frame of A with its match in each other video, one row per match",
    )
    parser.add_argument(
        "--grid",
        type=Path,
        metavar="FILE.mp4",
        help=f"write a film of A and the others in a grid, all following A; at most {MOST_IN_GRID}",
    )
    parser.add_argument(
        "--repetitions",
        action="store_true",
        help="find and count the repetitions in B of what A shows once, and write them with --out",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument(
        "--band",
        type=float,
        metavar="FRACTION",
        help="maximum distance between matched positions, as a fraction of the videos' lengths, such as 0.1; "
        "default: unlimited",
    )
    add_least_confidence(parser)
    parser.add_argument(
        "--keep-other-scenes",
        action="store_true",
        help="also match frames of other scenes than the rest of their video, such as titles",
    )
    return parser


def outputs(args: argparse.Namespace) -> dict[str, Path]:
    """Return the requested outputs, by option."""
    named = {option: getattr(args, option) for option in _SUFFIXES | _SUFFIXES_OF_MANY}
    return {option: path for option, path in named.items() if path is not None}


def check(args: argparse.Namespace) -> None:
    """Refuse before the long work what would fail or do harm after it.

    Raises:
        ConfigError: options that make no sense, or an output that would overwrite an input.
        StorageError: an output that cannot be written.
    """
    check_search(args.band, args.min_confidence)
    if args.band is not None and args.path is not None:
        raise ConfigError("--band limits the search for a path, but --path supplies one. Leave one of them out.")
    if args.matrix_size < 1:
        raise ConfigError(f"--matrix-size must be above 0, such as 4096, not {args.matrix_size}.")
    wanted = list(outputs(args))
    if not wanted:
        raise ConfigError(
            "No output requested. Pass at least one of --out, --heatmap, --matrix, --video, --table, --grid."
        )
    if args.repetitions:
        _check_repetitions(args, wanted)
    if is_many(args):
        _check_many(args, wanted)
    if args.encoder is None and (args.path is None or wanted not in (["video"], ["grid"])):
        raise ConfigError("--encoder is required unless --path supplies the path (for --video and --grid).")
    if args.deviations is not None and not {"video", "grid", "heatmap"} & set(wanted):
        raise ConfigError("--deviations marks films and heatmaps. Pass --video, --grid or --heatmap too.")
    others = (args.encoder, args.path, args.deviations)
    inputs = [args.a, args.b, *args.more, *(path for path in others if path is not None)]
    for option in wanted:
        check_output(args, option, (_SUFFIXES | _SUFFIXES_OF_MANY)[option], inputs)


def check_search(band: float | None, min_confidence: float) -> None:
    """Refuse, before the long work, limits within which there is no path. Raises ConfigError."""
    if band is not None and not band > 0:
        raise ConfigError(f"--band must be above 0, such as 0.1, not {band}.")
    check_least_confidence(min_confidence)


def is_many(args: argparse.Namespace) -> bool:
    """Return whether several videos are aligned with the first, instead of A and B along one path."""
    return bool(args.more) or not _SUFFIXES_OF_MANY.keys().isdisjoint(outputs(args))


def _check_many(args: argparse.Namespace, wanted: Sequence[str]) -> None:
    for option in wanted:
        if option in _SUFFIXES:
            raise ConfigError(
                f"--{option} takes exactly two videos. Drop the extra videos, or use --grid/--table instead."
            )
    count = 2 + len(args.more)
    if args.grid is not None and count > MOST_IN_GRID:
        raise ConfigError(f"--grid shows at most {MOST_IN_GRID} videos, not {count}. Leave some out.")


def _check_repetitions(args: argparse.Namespace, wanted: Sequence[str]) -> None:
    if args.more or wanted != ["out"]:
        raise ConfigError(
            "--repetitions takes two videos and writes only --out. Leave the other outputs and videos out."
        )
    if args.path is not None or args.band is not None:
        raise ConfigError("--path and --band are for a single path, but --repetitions finds several. Leave them out.")


def check_path(args: argparse.Namespace, alignment: Alignment, num_a: int, num_b: int) -> None:
    """Refuse a path of other videos.

    Raises:
        ConfigError: it ends elsewhere than the videos of so many frames.
    """
    ends = alignment.num_a, alignment.num_b
    if ends != (num_a, num_b):
        raise ConfigError(
            f"--path {args.path} matches {ends[0]} frames with {ends[1]}, but {args.a.name} has {num_a} "
            f"and {args.b.name} has {num_b}. Give the path of these two."
        )
