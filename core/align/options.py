"""The options of `python -m core.align`, and which of them make no sense together."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.align.matrix import MOST
from core.command import check_output, parser
from core.errors import ConfigError
from core.pictures.heatmap import COLOUR_MAPS
from core.types import Alignment

_SUFFIXES = {"out": (".csv",), "heatmap": (".png", ".svg"), "matrix": (".npz",), "video": (".mp4",)}


def options() -> argparse.ArgumentParser:
    """The command's parser."""
    made = parser("align", "Pair the frames of two videos that show the same kind of thing.")
    made.add_argument("a", type=Path, metavar="A", help="a video")
    made.add_argument("b", type=Path, metavar="B", help="another video")
    made.add_argument("--encoder", type=Path, help="encoder.safetensors, or the folder of its run")
    made.add_argument(
        "--along", type=Path, metavar="FILE.csv", help="take this path, as --out writes it, and find none"
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
    made.add_argument("--device", default="auto", help="auto, cpu or cuda")
    made.add_argument(
        "--band",
        type=float,
        metavar="SHARE",
        help="farthest that matched places may lie apart, as a share of the videos' lengths, such as 0.1; default any",
    )
    return made


def outputs(arguments: argparse.Namespace) -> dict[str, Path]:
    """What is to be written, by option."""
    named = {option: getattr(arguments, option) for option in _SUFFIXES}
    return {option: path for option, path in named.items() if path is not None}


def check(arguments: argparse.Namespace) -> None:
    """Refuse before the long work what would fail or do harm after it.

    Raises:
        ConfigError: options that make no sense, or an output that would overwrite an input.
        StorageError: an output that cannot be written.
    """
    if arguments.band is not None and not arguments.band > 0:
        raise ConfigError(f"--band must be above 0, such as 0.1, not {arguments.band}.")
    if arguments.band is not None and arguments.along is not None:
        raise ConfigError("--band bounds the search for a path, and --along gives one: leave one of them out.")
    if arguments.matrix_size < 1:
        raise ConfigError(f"--matrix-size must be above 0, such as 4096, not {arguments.matrix_size}.")
    wanted = list(outputs(arguments))
    if not wanted:
        raise ConfigError("Nothing is to be written: give --out, --heatmap, --matrix or --video.")
    if arguments.encoder is None and (arguments.along is None or wanted != ["video"]):
        raise ConfigError("Give --encoder: only --video along a path that is known (--along) does without.")
    inputs = [path for path in (arguments.a, arguments.b, arguments.encoder, arguments.along) if path is not None]
    for option in wanted:
        check_output(arguments, option, _SUFFIXES[option], inputs)


def check_path(arguments: argparse.Namespace, alignment: Alignment, num_a: int, num_b: int) -> None:
    """Refuse a path of other videos.

    Raises:
        ConfigError: it ends elsewhere than the videos of so many frames.
    """
    ends = int(alignment.a_frames[-1]) + 1, int(alignment.b_frames[-1]) + 1
    if ends != (num_a, num_b):
        raise ConfigError(
            f"--along {arguments.along} pairs {ends[0]} frames with {ends[1]}, but {arguments.a.name} has {num_a} and "
            f"{arguments.b.name} {num_b}: give the path of these two."
        )
