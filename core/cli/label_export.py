"""`python -m core.label.export PROJECT --format NAME --out PATH`: export the labels of a project for other programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.events import Finished, Notice, Sink
from core.cli.command import new_parser, run
from core.embedding.folder import read_features
from core.labels.formats.table import FORMATS
from core.project.edits import count_of
from core.project.exports import check_target
from core.project.label_files import write_phases
from core.project.store import Project


def add_format(to: argparse.ArgumentParser) -> None:
    """Add `--format` and what some formats take besides."""
    listed = "; ".join(f"{one.name}: {one.title}" for one in FORMATS.values())
    to.add_argument("--format", choices=list(FORMATS), default="segments", help=f"{listed}; default segments")
    to.add_argument(
        "--address-prefix",
        default="",
        metavar="TEXT",
        help="label-studio: prefix of the names of the videos, such as https://HOST/videos/",
    )


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    out: Path = args.out
    with Project.open(args.project) as project:
        videos, spans = project.videos(), project.spans_by_video()
        check_target(out, FORMATS[args.format].suffixes, project.folder, videos)
        written = write_phases(
            out,
            videos,
            spans,
            project.folder,
            form=args.format,
            phases=project.phases(),
            address_prefix=args.address_prefix,
            features=read_features(args.features) if args.features else None,
        )
    for one in written.left_out:
        sink(Notice(f"Left out: {one.name}, because {one.reason}."))
    for sentence in written.notes:
        sink(Notice(sentence))
    sink(Notice(f"{count_of(written.num_spans, 'label')} of {count_of(written.num_videos, 'video')}."))
    return Finished("done", str(out))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser(
        "label.export", "Export the labels of a project in the format of another program, or as statistics."
    )
    parser.add_argument("project", type=Path, metavar="PROJECT", help="folder of a project, not open in any window")
    add_format(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH", help="a file or a new folder, depending on the format"
    )
    parser.add_argument(
        "--features",
        type=Path,
        metavar="FOLDER",
        help="ms-tcn: a folder written by core.embed, whose embeddings become features/NAME.npy",
    )
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
