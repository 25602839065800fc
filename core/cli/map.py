"""`python -m core.map EMBEDDINGS --method pca|umap --out map.npz`: two coordinates for every frame."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Finished, Notice, Sink
from core.cli.command import add_followed, check_output, new_parser, run
from core.embedding.folder import describe_replaced, is_embedded, read_card, read_embedded
from core.map import MAP_METHODS, pca_map, write_map
from core.map.umap_map import FEWEST_FRAMES, LANDMARKS, NEIGHBOURS, umap_map
from core.video.names import distinct_names


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    folder: Path = args.embeddings
    if not is_embedded(folder):
        raise ConfigError(f"{folder} has no embeddings. Give a folder written by core.embed.")
    if args.landmarks < FEWEST_FRAMES or args.neighbours < 2:
        both = f"{args.landmarks} and {args.neighbours}"
        raise ConfigError(f"UMAP needs at least {FEWEST_FRAMES} landmarks and 2 neighbours, not {both}.")
    check_output(args, "out", ".npz", [folder / name for name in ("seconds.npz", "strangeness.npz")])
    digest = read_card(folder).encoder_digest
    videos = read_embedded(folder, digest)
    if sentence := describe_replaced(folder):
        sink(Notice(sentence))
    if args.method == "pca":
        made = pca_map(videos, digest, sink=sink, control=control)
    else:
        made = umap_map(
            videos,
            digest,
            landmarks=args.landmarks,
            neighbours=args.neighbours,
            seed=args.seed,
            sink=sink,
            control=control,
        )
    control.obey()
    write_map(args.out, made, distinct_names([video.path for video in videos]))
    return Finished("done", str(args.out))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("map", "Draw a map of all frames, with similar frames close together.")
    parser.add_argument("embeddings", type=Path, metavar="EMBEDDINGS", help="folder written by core.embed")
    parser.add_argument(
        "--method", choices=MAP_METHODS, default="pca", help="pca: exact; umap: neighbourhoods; default pca"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="map.npz with positions (N,2) and their videos and frames"
    )
    parser.add_argument(
        "--landmarks", type=int, default=LANDMARKS, help=f"umap: number of frames laid out; default {LANDMARKS}"
    )
    parser.add_argument(
        "--neighbours", type=int, default=NEIGHBOURS, help=f"umap: number of neighbours; default {NEIGHBOURS}"
    )
    parser.add_argument("--seed", type=int, default=0, help="umap: random seed; default 0")
    add_followed(parser)
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
