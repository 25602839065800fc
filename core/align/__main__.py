"""`python -m core.align A B --encoder FILE --out path.csv`: which frame of A belongs to which of B, told and shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.align import align_embeddings
from core.command import check_output, parser, run
from core.control import Control
from core.csv_files import write_rows
from core.embedded import EmbeddedVideo
from core.errors import ConfigError, VideoError
from core.events import Finished, Sink
from core.opening import open_embedded
from core.pictures import Side, write_heatmap, write_side_by_side
from core.types import Alignment

_SUFFIXES = {"out": ".csv", "heatmap": ".png", "video": ".mp4"}


def write_path(path: Path, a: EmbeddedVideo, b: EmbeddedVideo, alignment: Alignment) -> None:
    """Write one row a step of the path; seconds count from each video's first frame.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    a_seconds, b_seconds = a.edges_seconds[alignment.a_frames], b.edges_seconds[alignment.b_frames]
    cosine = np.einsum("pd,pd->p", a.embeddings[alignment.a_frames], b.embeddings[alignment.b_frames]).clip(-1, 1)
    steps = zip(alignment.a_frames, alignment.b_frames, a_seconds, b_seconds, cosine, strict=True)
    write_rows(
        path,
        ("a_frame", "b_frame", "a_seconds", "b_seconds", "cosine"),
        ((a_frame, b_frame, *(f"{number:.6f}" for number in numbers)) for a_frame, b_frame, *numbers in steps),
    )


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    _check(arguments)
    inputs = list(dict.fromkeys([arguments.a, arguments.b]))
    embedded = open_embedded(inputs, arguments.encoder, device=arguments.device, sink=sink, control=control)
    control.raise_if_stopped()
    a, b = (_of(path, embedded) for path in (arguments.a, arguments.b))
    assert a.stored is not None, "it was named as a video"
    assert b.stored is not None, "it was named as a video"
    alignment = align_embeddings(a.embeddings, b.embeddings, band=arguments.band)
    write_path(arguments.out, a, b, alignment)
    name_a, name_b = arguments.a.name, arguments.b.name
    if arguments.heatmap:
        sides = Side(name_a, a.stored), Side(name_b, b.stored)
        write_heatmap(arguments.heatmap, *sides, a.embeddings, b.embeddings, alignment)
    if arguments.video:
        with a.stored.reader() as full_a, b.stored.reader() as full_b:
            sides = Side(name_a, full_a), Side(name_b, full_b)
            write_side_by_side(arguments.video, *sides, alignment, sink=sink, control=control)
    return Finished("done", str(arguments.out))


def _check(arguments: argparse.Namespace) -> None:
    """Refuse before the long work what would fail or do harm after it."""
    if arguments.band is not None and not arguments.band > 0:
        raise ConfigError(f"--band must be above 0, such as 0.1, not {arguments.band}.")
    for option, suffix in _SUFFIXES.items():
        check_output(arguments, option, suffix, (arguments.a, arguments.b, arguments.encoder))


def _of(path: Path, embedded: Sequence[EmbeddedVideo]) -> EmbeddedVideo:
    for one in embedded:
        if one.path.resolve() == path.resolve():
            return one
    raise VideoError(f"{path} cannot be aligned: no frame of it decodes. Give another video.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    made = parser("align", "Pair the frames of two videos that show the same kind of thing.")
    made.add_argument("a", type=Path, metavar="A", help="a video")
    made.add_argument("b", type=Path, metavar="B", help="another video")
    made.add_argument("--encoder", type=Path, required=True, help="encoder.safetensors, or the folder of its run")
    made.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="the path, one row a step")
    made.add_argument("--heatmap", type=Path, metavar="FILE.png", help="draw the similarity with the path on it")
    made.add_argument("--video", type=Path, metavar="FILE.mp4", help="play both side by side along the path")
    made.add_argument("--device", default="auto", help="auto, cpu or cuda")
    made.add_argument(
        "--band",
        type=float,
        metavar="SHARE",
        help="farthest that matched places may lie apart, as a share of the videos' lengths, such as 0.1; default any",
    )
    return run(made, _body, arguments)


if __name__ == "__main__":
    sys.exit(main())
