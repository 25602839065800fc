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


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check(arguments)
    wanted = read_options(arguments)
    opened = functools.partial(
        open_embedded, encoder=arguments.encoder, device=arguments.device, sink=sink, control=control
    )
    query = wanted.query(open_query(arguments.query, arguments.inputs, opened))
    videos = opened(arguments.inputs)
    control.obey()
    frames, clips = wanted.find(query, videos, sink)
    if wanted.is_clip:
        write_clip_matches(arguments.out, clips, videos)
    else:
        write_matches(arguments.out, frames, videos)
    if arguments.grid and wanted.is_clip:
        draw_clip_matches(arguments.grid, query, clips, videos, sink, control)
    elif arguments.grid:
        draw_matches(arguments.grid, query, frames, videos, sink, control)
    return Finished("done", str(arguments.out))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run(search_parser(), _body, arguments)


if __name__ == "__main__":
    sys.exit(main())
