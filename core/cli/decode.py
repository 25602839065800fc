"""`python -m core.decode INPUT...`: decode videos once into the frame store, for all later work."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import VideoError
from core.base.events import Finished, Sink
from core.cli.command import add_settings, new_parser, run, with_given_settings
from core.settings.config import Config
from core.settings.recipes import find_recipe, recipe_names
from core.video.frame_store import FrameStore
from core.video.inputs import INPUT_HELP, find_videos
from core.video.shards import add_shard


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    recipe = find_recipe(args.recipe) if args.recipe else Config()
    frames = with_given_settings(recipe, args).frames
    store = FrameStore(
        short_side=frames.short_side,
        max_bytes=int(frames.cache_size_gb * 1e9),
        workers=frames.decode_workers,
        image_rate=frames.image_rate,
    )
    paths = find_videos(args.inputs, sink)
    if args.shard:
        paths = args.shard.of(paths, args.inputs, frames.image_rate, sink, control)
    try:
        if paths:
            store.add(paths, sink, control, watch=sink)
    except VideoError:  # each video was named; other shares may have better ones
        if not args.shard:
            raise
    return Finished("done", str(store.cache.folder))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser(
        "decode", "Decode videos once into the frame store, where training and embedding look for them."
    )
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help=INPUT_HELP)
    parser.add_argument("--recipe", help=f"recipe whose settings to use: {', '.join(recipe_names())}, or a TOML file")
    add_shard(parser, "decode only")
    add_settings(parser, ["frames"])
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
