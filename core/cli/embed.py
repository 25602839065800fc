"""`python -m core.embed INPUT... --encoder FILE --out DIR`: write one .npy of embeddings per video, and index.csv."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.events import Finished, Notice, Sink
from core.base.files import check_folder, content_digest
from core.cli.command import add_followed, add_settings, new_parser, run, with_given_settings
from core.embedding.embedded_video import EmbeddedVideo, encoder_path
from core.embedding.folder import write_embedded
from core.embedding.library import open_embedded
from core.evaluation.judgement import write_judgement
from core.settings.config import Config
from core.video.inputs import INPUT_HELP


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    out: Path = args.out
    encoder = encoder_path(args.encoder)
    check_folder(out)
    frames = with_given_settings(Config(), args).frames
    videos = open_embedded(
        args.inputs,
        encoder,
        device=args.device,
        frames=frames,
        people=args.person_table,
        sink=sink,
        control=control,
    )
    write(out, videos, encoder, sink)
    if args.judgement:
        from core.evaluation.judge import judge  # torch, numba

        write_judgement(args.judgement, judge(encoder, videos, args.device, sink, control))
    return Finished("done", str(out))


def write(out: Path, videos: Sequence[EmbeddedVideo], encoder: Path, sink: Sink) -> None:
    """Write the folder of these videos' embeddings (`core.embedding.folder`), and tell which file is not called as its
    video.

    Args:
        encoder: the file that made them.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    stems = write_embedded(out, videos, content_digest(encoder))
    for stem, video in zip(stems, videos, strict=True):
        if stem != video.path.stem:
            sink(Notice(f"{video.path} has the same name as another video; its embeddings are written to {stem}.npy."))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("embed", "Embed every frame of videos with a trained encoder.")
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help=INPUT_HELP)
    parser.add_argument("--encoder", type=Path, required=True, help="encoder.safetensors, or the folder of its run")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for STEM.npy (S,128), index.csv and the frame times"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument(
        "--judgement",
        type=Path,
        metavar="FILE.json",
        help="file for a report of how well moments keep their order across videos, compared with an untrained encoder",
    )
    parser.add_argument(
        "--person-table",
        type=Path,
        metavar="FILE.csv",
        help="table (video, frame, x, y; x and y from 0 to 1) of the person to follow in videos that show "
        "several; in training videos of the encoder, the person of its training is kept",
    )
    add_settings(parser, ["frames"])
    add_followed(parser)
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
