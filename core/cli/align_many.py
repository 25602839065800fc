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
from core.base.files import content_digest
from core.drawing.text import VideoSource
from core.embedding.embedded_video import EmbeddedVideo
from core.pictures.phase_grid import write_phase_grid
from core.video.names import distinct_names
from core.video.reader import VideoReader


def write_many(
    arguments: argparse.Namespace,
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
    paths = [arguments.a, arguments.b, *arguments.more]
    if arguments.path is None or arguments.table is not None:
        embedded = embed(paths)
    if arguments.path is not None:
        followers = read_followers(arguments.path)
        check_contents(arguments.path, [one.digest for one in followers], paths)
    else:
        names = distinct_names(paths)
        strange = report_strangers(
            dict(zip(names, embedded, strict=True)),
            sink,
            keep_other_scenes=arguments.keep_other_scenes,
            least_confidence=arguments.min_confidence,
        )
        found = match_many(
            embedded[0].embeddings,
            [video.embeddings for video in embedded[1:]],
            least_confidence=arguments.min_confidence,
            band=arguments.band,
            strange_reference=strange[0],
            strange=strange[1:],
            sink=sink,
            control=control,
        )
        matches = dict(zip(names[1:], found, strict=True))
        if said := not_alignable_in_words({name: one.alignable_score for name, one in matches.items()}):
            sink(Notice(said))
        itself = Follower(names[0], np.arange(len(embedded[0])))
        followers = [itself, *(follower(name, one) for name, one in matches.items())]
    if arguments.table is not None:
        _check(arguments, followers, [len(video) for video in embedded])
        write_followers(arguments.table, followers, embedded)
    if arguments.grid is not None:
        with ExitStack() as stack:
            readers = [stack.enter_context(open_video(path)) for path in paths]
            _check(arguments, followers, [len(reader) for reader in readers])
            sides = [VideoSource(one.name, reader) for one, reader in zip(followers, readers, strict=True)]
            frames, partners = [one.frames for one in followers], [one.has_partner for one in followers]
            scores = known_scores(arguments.deviations, [(p, len(r)) for p, r in zip(paths, readers, strict=True)])
            write_phase_grid(arguments.grid, sides, frames, partners, scores=scores, sink=sink, control=control)


def check_contents(along: Path, digests: Sequence[str], paths: Sequence[Path]) -> None:
    """Refuse a table that was made for other contents, by the digests that it has. ConfigError says of which video."""
    for path, digest in zip(paths, digests, strict=False):
        if digest and path.is_file() and (now := content_digest(path)) != digest:
            raise ConfigError(
                f"--path {along} was made for another file than {path} (digest {digest[:8]}, not {now[:8]}). Give "
                "that file, or align again without --path."
            )


def _check(arguments: argparse.Namespace, followers: Sequence[Follower], lengths: Sequence[int]) -> None:
    """Refuse a table of other videos."""
    if len(followers) != len(lengths):
        raise ConfigError(
            f"--path {arguments.path} is about {len(followers)} videos, not {len(lengths)}. Name those, in its order."
        )
    wrong = [number for number, one in enumerate(followers) if int(one.frames.max()) >= lengths[number]]
    if len(followers[0].frames) != lengths[0] or wrong:
        number = wrong[0] if wrong else 0
        name = [arguments.a, arguments.b, *arguments.more][number].name
        raise ConfigError(
            f"--path {arguments.path} does not fit {name}, which has {lengths[number]} frames. Give the table of "
            "these videos, and name them in its order."
        )
