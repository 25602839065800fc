"""`python -m core.index FOLDER`: build the search index of packed embeddings, or bring it up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.events import Finished, Sink
from core.cli.command import add_followed, new_parser, run
from core.embedding.card import INDEX
from core.search.index.building import build_index


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    build_index(args.folder, seed=args.seed, sink=sink, control=control)
    return Finished("done", str(args.folder / INDEX))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser(
        "index",
        "Build the index that core.search uses in very large libraries. Run again, it adds what is new.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="packed embeddings, as core.embed writes them")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the sample that it is trained on; default 0"
    )
    add_followed(parser)
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
