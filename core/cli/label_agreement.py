"""`python -m core.label.agreement PROJECT FILE [FILE]`: how far two annotators agree on the same videos."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import LabelError
from core.base.events import Finished, Notice, Sink
from core.base.types import Span
from core.cli.command import new_parser, run
from core.labels.formats.table import READABLE, read_labels
from core.labels.segments import phase_names
from core.metrics.agreement import QUANTILES
from core.project.annotators import AgreementRow, compare_annotators, lay_labels, write_agreement
from core.project.exports import check_target
from core.project.reading import read_contents

_SUFFIXES = (".csv", ".xlsx", ".json")


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    out: Path = args.out
    if len(args.files) > 2:
        raise LabelError(f"Two annotators can be compared, not {len(args.files)}. Give one or two files.")
    if args.tolerance < 0:
        raise LabelError(f"--tolerance must be 0 frames or more, not {args.tolerance}. Choose a larger one.")
    contents = read_contents(args.project)
    check_target(out, _SUFFIXES, args.project.absolute(), contents.videos)
    by_hand = {key: [span for span in spans if not span.is_predicted] for key, spans in contents.spans.items()}
    phases = phase_names(contents.spans.values())
    sides: list[dict[int, Sequence[Span]]] = []
    for file in args.files:
        spans, problems = lay_labels(read_labels([file]), contents, phases, args.track)
        for problem in problems:
            sink(Notice(": ".join(filter(None, (problem.where, problem.sentence)))))
        sides.append(spans)
        phases = list(dict.fromkeys((*phases, *phase_names(spans.values()))))
    a, b = sides if len(sides) == 2 else (by_hand, sides[0])
    rows = compare_annotators(contents, a, b, args.tolerance)
    write_agreement(out, rows, args.tolerance)
    for row in rows:
        if not row.video:
            sink(Notice(_sentence(row, args.tolerance)))
    return Finished("done", str(out))


def _sentence(row: AgreementRow, tolerance: int) -> str:
    one, edges = row.agreement, row.agreement.boundaries
    kappa = "not defined" if one.kappa != one.kappa else f"{one.kappa:.3f}"
    text = f"{row.phase or 'All phases'}: kappa {kappa}, {one.observed:.1%} of {one.num_frames} frames the same"
    matched = f"{edges.num_matched} boundaries of {edges.num_a} and {edges.num_b} within {tolerance} frames"
    if not edges.offsets:
        return f"{text}; {matched}."
    median, p90 = (edges.quantiles[QUANTILES.index(one)] for one in (0.5, 0.9))
    return f"{text}; {matched}, median {median:g} and 90 % quantile {p90:g} frames apart."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser(
        "label.agreement", "Compare two annotators: Cohen's kappa of frames, and distances of boundaries."
    )
    parser.add_argument("project", type=Path, metavar="PROJECT", help="folder of a project with the videos")
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="labels of annotator B, to compare with those of the project by hand; two files: of A and of B "
        f"({', '.join(READABLE)})",
    )
    parser.add_argument(
        "--tolerance",
        type=int,
        default=10,
        metavar="N",
        help="frames that a boundary of A and one of B may be apart to be the same; default 10",
    )
    parser.add_argument("--track", metavar="NAME", help="track to read, where a file has several for a video")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="table as .csv, .xlsx or .json")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
