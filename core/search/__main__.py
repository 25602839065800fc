"""`python -m core.search QUERY --frame N --library INPUT... --encoder FILE --out hits.csv`: where is it again?"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence

from core.command import run
from core.control import Control
from core.embedded import EmbeddedVideo
from core.events import Finished, Notice, Sink
from core.opening import open_embedded
from core.search import Stretch, find_clips, find_frames
from core.search.options import APART_SECONDS, OVERLAP, TEMPO, check, is_clip, search_parser
from core.search.query import Query, open_query
from core.search.results import draw_clip_matches, draw_matches, write_clip_matches, write_matches


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check(arguments)
    opened = functools.partial(
        open_embedded, encoder=arguments.encoder, device=arguments.device, sink=sink, control=control
    )
    query = _query(arguments, open_query(arguments.query, arguments.inputs, opened))
    videos = opened(arguments.inputs)
    control.obey()
    exclude = query.whole_video(videos) if arguments.exclude_video else []
    if arguments.exclude_seconds is not None:
        exclude += query.neighbourhood(videos, arguments.exclude_seconds)
    search = _search_clips if is_clip(arguments) else _search_frames
    count = search(arguments, query, videos, exclude, sink, control)
    if count < arguments.k:
        less = "a larger --max-overlap or --max-tempo" if is_clip(arguments) else "a smaller --min-gap"
        sink(Notice(f"Found {count} of {arguments.k} results. More videos or {less} may give more."))
    return Finished("done", str(arguments.out))


def _query(arguments: argparse.Namespace, video: EmbeddedVideo) -> Query:
    if arguments.frame is not None:
        return Query.of_frames(video, arguments.frame, arguments.frame + 1)
    if arguments.span:
        return Query.of_frames(video, *arguments.span)
    return Query.of_seconds(video, *(arguments.span_seconds or (arguments.second, None)))


def _search_frames(
    arguments: argparse.Namespace,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    exclude: Sequence[Stretch],
    sink: Sink,
    control: Control,
) -> int:
    apart = APART_SECONDS if arguments.min_gap is None else arguments.min_gap
    found = find_frames(query.embeddings[0], videos, k=arguments.k, apart_seconds=apart, exclude=exclude)
    write_matches(arguments.out, found, videos)
    if arguments.grid:
        draw_matches(arguments.grid, query, found, videos, sink, control)
    return len(found)


def _search_clips(
    arguments: argparse.Namespace,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    exclude: Sequence[Stretch],
    sink: Sink,
    control: Control,
) -> int:
    overlap = OVERLAP if arguments.max_overlap is None else arguments.max_overlap
    tempo = TEMPO if arguments.max_tempo is None else arguments.max_tempo
    found = find_clips(query.embeddings, videos, k=arguments.k, max_overlap=overlap, max_tempo=tempo, exclude=exclude)
    write_clip_matches(arguments.out, found, videos)
    if arguments.grid:
        draw_clip_matches(arguments.grid, query, found, videos, sink, control)
    return len(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run(search_parser(), _body, arguments)


if __name__ == "__main__":
    sys.exit(main())
