"""`--cluster`: what `core.embed` does on a cluster of computers that runs Ray."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Finished, Sink
from core.cli.command import with_given_settings
from core.settings.config import Config
from core.video.urls import local_path, url_of

_FOR_ONE_COMPUTER = ("format", "shard", "merge", "judgement")


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Add `--cluster`."""
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="embed on a Ray cluster: HOST:PORT of its head, or auto (the Ray that runs here, else one that is started "
        "for this); writes packed embeddings; INPUT and --out may be URLs such as s3://bucket/videos",
    )


def refuse_urls(paths: Iterable[Path]) -> None:
    """Refuse URLs where nothing reads them. ConfigError: there is one."""
    for path in paths:
        if url := url_of(path):
            raise ConfigError(f"{url} can be used with --cluster only. Add --cluster auto.")


def embed_on_cluster(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    """Embed videos on a cluster.

    Raises: as `core.cluster.embedding.ClusterEmbedding`; and
        ConfigError: an option is for one computer.
    """
    from core.cluster.embedding import ClusterEmbedding
    from core.embedding.folder import is_packed, other_files, precision_of, remove_files

    for option in _FOR_ONE_COMPUTER:
        if getattr(args, option, None) not in (None, "packed"):
            raise ConfigError(f"--{option} is for one computer. Leave it or --cluster out.")
    if not args.inputs or args.encoder is None:
        raise ConfigError("Give INPUT... and --encoder to embed videos on a cluster.")
    url = url_of(args.out)
    before = [] if url or is_packed(local_path(args.out)) else other_files(local_path(args.out))
    ClusterEmbedding(
        args.inputs,
        args.encoder,
        args.out,
        args.cluster,
        device=args.device,
        frames=with_given_settings(Config(), args).frames,
        people=args.person_table,
        precision=args.precision or ("float32" if url else precision_of([local_path(args.out)])),
        sink=sink,
        control=control,
    ).run()
    remove_files(before)
    return Finished("done", url or str(local_path(args.out)))
