"""The part of `python -m core.align A B C ... --grid --table` that aligns several videos with one reference."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from core.align.deviation_files import known_scores
from core.align.many import match_many
from core.align.many_tables import Follower, follower, read_followers, write_followers
from core.align.messages import not_alignable_in_words
from core.align.strangers import report_strangers
from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Notice, Sink
from core.drawing.text import VideoSource
from core.embedding.embedded_video import EmbeddedVideo
from core.pictures.phase_grid import write_phase_grid
from core.video.content import video_digest
from core.video.names import distinct_names
from core.video.reader import VideoReader


def write_many(
    args: argparse.Namespace,
    embed: Callable[[Sequence[Path]], Sequence[EmbeddedVideo]],
    open_video: Callable[[Path], VideoReader],
    sink: Sink,
    control: Control,
) -> None:
    """Write the table and the grid that are asked for; the reference is the first video.

    Args:
        embed: opens the embeddings of these videos, in order.
        open_video: opens a video at full size.

    Raises:
        CarlError: as `embed`, `open_video` and what reads and writes the files say it.
        Stopped: `control` asked for it.
    """
    paths = [args.a, args.b, *args.more]
    if args.path is None or args.table is not None:
        embedded = embed(paths)
    if args.path is not None:
        followers = read_followers(args.path)
        check_contents(args.path, [one.digest for one in followers], paths)
    else:
        names = distinct_names(paths)
        strange = report_strangers(
            dict(zip(names, embedded, strict=True)),
            sink,
            keep_other_scenes=args.keep_other_scenes,
            least_confidence=args.min_confidence,
        )
        found = match_many(
            embedded[0].embeddings,
            [video.embeddings for video in embedded[1:]],
            least_confidence=args.min_confidence,
            band=args.band,
            strange_reference=strange[0],
            strange=strange[1:],
            sink=sink,
            control=control,
        )
        matches = dict(zip(names[1:], found, strict=True))
        if message := not_alignable_in_words({name: one.alignable_score for name, one in matches.items()}):
            sink(Notice(message))
        itself = Follower(names[0], np.arange(len(embedded[0])))
        followers = [itself, *(follower(name, one) for name, one in matches.items())]
    if args.table is not None:
        _check(args, followers, [len(video) for video in embedded])
        write_followers(args.table, followers, embedded)
    if args.grid is not None:
        with ExitStack() as stack:
            readers = [stack.enter_context(open_video(path)) for path in paths]
            _check(args, followers, [len(reader) for reader in readers])
            sides = [VideoSource(one.name, reader) for one, reader in zip(followers, readers, strict=True)]
            frames, partners = [one.frames for one in followers], [one.has_partner for one in followers]
            scores = known_scores(args.deviations, [(p, len(r)) for p, r in zip(paths, readers, strict=True)])
            write_phase_grid(args.grid, sides, frames, partners, scores=scores, sink=sink, control=control)


def check_contents(along: Path, digests: Sequence[str], paths: Sequence[Path]) -> None:
    """Refuse a table that was made for other contents, by the digests that it has. ConfigError says of which video."""
    for path, digest in zip(paths, digests, strict=False):
        if digest and path.is_file() and (now := video_digest(path)) != digest:
            raise ConfigError(
                f"--path {along} was made for another file than {path} (digest {digest[:8]}, not {now[:8]}). Give "
                "that file, or align again without --path."
            )


def _check(args: argparse.Namespace, followers: Sequence[Follower], lengths: Sequence[int]) -> None:
    """Refuse a table of other videos."""
    if len(followers) != len(lengths):
        raise ConfigError(
            f"--path {args.path} is about {len(followers)} videos, not {len(lengths)}. Name those, in its order."
        )
    wrong = [index for index, one in enumerate(followers) if int(one.frames.max()) >= lengths[index]]
    if len(followers[0].frames) != lengths[0] or wrong:
        number = wrong[0] if wrong else 0
        name = [args.a, args.b, *args.more][number].name
        raise ConfigError(
            f"--path {args.path} does not fit {name}, which has {lengths[number]} frames. Give the table of "
            "these videos, and name them in its order."
        )
