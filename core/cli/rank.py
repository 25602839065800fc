"""`python -m core.rank INPUT... --encoder E --out FILE.csv`: which videos deviate most, and what to trim of each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES, write_rows
from core.base.errors import ConfigError
from core.base.events import Finished, Notice, Sink
from core.base.listing import some
from core.cli.command import check_output, new_parser, run
from core.embedding.library import open_embedded
from core.report.performances import performances_of
from core.report.ranking import HEADER, rank_by_deviation
from core.video.inputs import INPUT_HELP


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check_output(args, "out", TABLE_SUFFIXES, [*args.inputs, *args.right, args.encoder])
    videos = list(open_embedded(args.inputs, args.encoder, device=args.device, sink=sink, control=control))
    rights = args.right and open_embedded(args.right, args.encoder, device=args.device, sink=sink, control=control)
    if len(videos) < 2 and not rights:
        raise ConfigError("One video has no others to deviate from. Name several, or right ones with --right.")
    ranked = rank_by_deviation(performances_of(videos, []), performances_of(rights, []), sink=sink, control=control)
    write_rows(args.out, HEADER, [one.row(rank) for rank, one in enumerate(ranked, start=1)])
    sink(Notice(f"Deviates most: {some([one.performance.name for one in ranked])}."))
    return Finished("done", str(args.out))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("rank", "Rank videos by deviation, and propose which idle frames to trim at both ends.")
    inputs = f"{INPUT_HELP}; or folders written by core.embed"
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help=inputs)
    parser.add_argument("--encoder", type=Path, required=True, help="encoder.safetensors, or the folder of its run")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="table, the most deviating first")
    parser.add_argument(
        "--right", nargs="+", type=Path, default=[], metavar="INPUT", help="right videos; default all others"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
