"""The part of `core.report` that judges videos by right ones: options, work, tables, sentences."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from core.align.deviation import SHARE, SHORTEST_SECONDS
from core.base.control import Control
from core.base.errors import ConfigError, VideoError
from core.base.events import Notice, Sink
from core.base.progress import Meter
from core.labels.segments import Segment, of_other_contents, spans_of
from core.report.deviation_tables import write_deviations
from core.report.deviations import Judged, Right, norm_notice, notices, rate_segments
from core.report.performances import Performance
from core.report.right_groups import groups_of
from core.report.sources import Sources, is_same


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what concerns right videos."""
    group = parser.add_argument_group("deviations from right videos")
    group.add_argument(
        "--right", nargs="+", default=[], metavar="VIDEO", help="videos of the input that are right; three or more"
    )
    group.add_argument(
        "--right-groups",
        type=Path,
        metavar="FILE.csv",
        help="table of the person in each right video (columns video, group); right videos of one group are left "
        "out together",
    )
    group.add_argument(
        "--flagged-fraction",
        type=float,
        default=SHARE,
        metavar="FRACTION",
        help="fraction of a right video's frames that may be flagged; default %(default)s",
    )
    group.add_argument(
        "--min-seconds",
        type=float,
        default=SHORTEST_SECONDS,
        metavar="SECONDS",
        help="minimum length of a deviation; default %(default)s",
    )
    group.add_argument(
        "--deviations", type=Path, metavar="FILE.csv", help="segments known to deviate, for precision and recall"
    )


def check(args: argparse.Namespace) -> None:
    """Refuse options that make no sense.

    Raises:
        ConfigError: a number out of range, or labels of deviations without right videos.
    """
    if not 0 < args.flagged_fraction < 1:
        raise ConfigError(
            f"--flagged-fraction must be above 0 and below 1, such as 0.02, not {args.flagged_fraction:g}."
        )
    if not 0 < args.min_seconds < math.inf:
        raise ConfigError(f"--min-seconds must be a number above 0, not {args.min_seconds:g}.")
    if args.right_groups and not args.right:
        raise ConfigError("--right-groups groups the videos of --right. Name the right videos too.")
    if args.deviations and not args.right:
        raise ConfigError("--deviations is compared with what --right finds. Name the right videos too.")


def prepare_right(
    args: argparse.Namespace, made: Sources, performances: Sequence[Performance], sink: Sink, control: Control
) -> Right | None:
    """Hold the right videos against each other; None: none are named.

    Raises:
        VideoError: one could not be read, or is too short.
        LabelError: labelled deviations fit no video, or not where they lie in it.
    """
    if not made.right:
        return None
    spans_of(made.deviations, [one.video for one in performances])
    rights = [one for one in performances if any(is_same(one.video.path, path) for path in made.right)]
    for path in made.right:
        if not any(is_same(one.video.path, path) for one in rights):
            raise VideoError(f"The right video {path} could not be read. Leave it out of --right.")
    groups = groups_of(args.right_groups, rights, sink) if args.right_groups else None
    return Right(
        rights,
        groups=groups,
        share=args.flagged_fraction,
        shortest_seconds=args.min_seconds,
        least_confidence=args.min_confidence,
        sink=sink,
        control=control,
    )


def judge_by(right: Right, performances: Sequence[Performance], sink: Sink, control: Control) -> list[Judged]:
    """Judge all that are not right; one that cannot be judged is told.

    Raises:
        VideoError: none can.
    """
    others = [one for one in performances if one not in right.rights]
    meter = Meter(sink, "find deviations", len(others), "video")
    judged: list[Judged] = []
    wrong: list[VideoError] = []
    for one in others:
        control.obey()
        try:
            judged.append(right.judge(one))
        except VideoError as error:
            wrong.append(error)
        meter.add()
    if not judged:
        raise wrong[0]
    for reason in wrong:
        sink(Notice(f"Not judged: {reason}"))
    return judged


def write(
    out: Path,
    right: Right,
    judged: Sequence[Judged],
    performances: Sequence[Performance],
    deviations: Sequence[Segment],
    sink: Sink,
) -> None:
    """Write the tables, and tell what a person should read."""
    videos = [one.video for one in performances]
    spans = dict(zip((one.name for one in performances), spans_of(deviations, videos), strict=True))
    ratings = {one.performance.name: rate_segments(one, spans[one.performance.name]) for one in judged if deviations}
    write_deviations(out, judged, ratings)
    for sentence in of_other_contents(deviations, videos):
        sink(Notice(sentence))
    sink(Notice(norm_notice(right.norm)))
    for line in notices(judged, ratings):
        sink(Notice(line))
