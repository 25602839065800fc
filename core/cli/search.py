"""`python -m core.search QUERY --frame N --library INPUT... --encoder FILE --out hits.csv`: where is it again?"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence

from core.base.control import Control
from core.base.events import Finished, Sink
from core.cli.command import run
from core.cli.search_options import check, read_options, search_parser
from core.embedding.library import open_embedded
from core.search.query import open_query
from core.search.results import draw_clip_matches, draw_matches, write_clip_matches, write_matches


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check(args)
    wanted = read_options(args)
    opened = functools.partial(open_embedded, encoder=args.encoder, device=args.device, sink=sink, control=control)
    query = wanted.query(open_query(args.query, args.inputs, opened))
    videos = opened(args.inputs)
    control.obey()
    frames, clips = wanted.find(query, videos, sink)
    if wanted.is_clip:
        write_clip_matches(args.out, clips, videos)
    else:
        write_matches(args.out, frames, videos)
    if args.grid and wanted.is_clip:
        draw_clip_matches(args.grid, query, clips, videos, sink, control)
    elif args.grid:
        draw_matches(args.grid, query, frames, videos, sink, control)
    return Finished("done", str(args.out))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run(search_parser(), _body, argv)


if __name__ == "__main__":
    sys.exit(main())
