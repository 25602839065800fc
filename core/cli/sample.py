"""`python -m core.sample --out DIR`: draw clips of a drink being poured, with their true phases."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.events import Finished, Sink
from core.cli.command import new_parser, run
from core.sample.make import make_sample


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    make_sample(args.out, videos=args.videos, seed=args.seed, sink=sink, control=control)
    return Finished("done", str(args.out))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("sample", "Draw sample clips of a drink being poured, with their true phases.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the clips; an older sample is replaced")
    parser.add_argument("--videos", type=int, default=12, help="number of clips; default 12")
    parser.add_argument("--seed", type=int, default=0, help="random seed; default 0")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
