"""`python -m core.label.importing PROJECT FILE...`: import labels of other programs into a project.

Every problem is named, and nothing is changed without `--accept`; with it, all is one step that the window can undo.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import LabelError
from core.base.events import Finished, Notice, Sink
from core.cli.command import new_parser, run
from core.labels.formats.table import READABLE, read_labels
from core.project.edits import count_of
from core.project.label_edits import IMPORT_MODES, ImportLabels
from core.project.label_plan import plan_import
from core.project.label_videos import KnownVideo
from core.project.store import Project


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    read = read_labels(args.files)
    with Project.open(args.project) as project:
        spans = project.spans_by_video()
        known = [KnownVideo(row, project.folder, tuple(spans.get(row.id, ()))) for row in project.videos()]
        plan = plan_import(read, known, project.phases(), args.track)
        for problem in plan.problems:
            sink(Notice(": ".join(filter(None, (problem.where, problem.sentence)))))
        new = [phase.name for phase in plan.phases if phase.is_new]
        what = f"{count_of(plan.num_spans, 'label')} for {count_of(len(plan.videos), 'video')}"
        sink(Notice(f"{what}; new phases: {', '.join(new) or 'none'}."))
        if plan.told_of_tracks:
            sink(Notice(plan.told_of_tracks))
        if not plan.videos and plan.choices and args.track is None:
            raise LabelError("Nothing was imported. Choose one of the tracks with --track NAME.")
        if not plan.videos:
            raise LabelError("Nothing was imported. Fix the errors listed above.")
        if not args.accept:
            return Finished("nothing was changed; pass --accept to import", "")
        project.do(ImportLabels(plan, args.mode))
    return Finished("done", str(args.project))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("label.importing", "Import labels from other programs.")
    parser.add_argument("project", type=Path, metavar="PROJECT", help="folder of a project, not open in any window")
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help=f"{', '.join(READABLE)}, or a folder of MS-TCN, DeepEthogram, BORIS (tabular events, CSV) or ELAN (.eaf)",
    )
    parser.add_argument(
        "--mode",
        choices=IMPORT_MODES,
        default="replace",
        help="replace (default) all labels of these videos, or only fill unlabelled frames",
    )
    parser.add_argument(
        "--track",
        metavar="NAME",
        help="track to import, where a file has several for a video (subjects, tiers, players)",
    )
    parser.add_argument(
        "--accept", action="store_true", help="change the project; without it, only show what would change"
    )
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
