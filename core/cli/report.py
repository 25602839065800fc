"""`python -m core.report INPUT... --encoder FILE --reference VIDEO --out DIR`: report how performances differ from a
reference."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError, StorageError, VideoError
from core.base.events import Finished, Notice, Sink
from core.base.progress import Meter
from core.cli.command import new_parser, run
from core.cli.confidence_option import add_least_confidence, check_least_confidence
from core.drawing.sheet import MOST_ROWS
from core.embedding.library import open_embedded
from core.labels.segments import of_other_contents, phase_names
from core.project.phase_colours import phase_colours, project_around
from core.report import folder, judging, tables
from core.report.comparison import Comparison, compare
from core.report.departures import write_departures_picture
from core.report.durations import phase_durations
from core.report.notices import phase_notices, summary_notices
from core.report.performances import Performance, performances_of
from core.report.sources import Sources, is_same, sources
from core.report.tempo_curves import write_tempo_curves
from core.report.timeline import write_timeline
from core.video.inputs import INPUT_HELP

PHASES_HELP = (
    "segments, such as those written by core.label; phases have the colours of the project that this file, an input or "
    "the encoder is in, and default colours outside of a project"
)


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    made = _sources(args)
    performances = _performances(args, made, sink, control)
    right = judging.prepare_right(args, made, performances, sink, control)
    meter = Meter(sink, "compare", len(performances) - 1, "video")
    comparisons = []
    for performance in performances[1:]:
        control.obey()
        comparisons.append(
            compare(
                performance,
                performances[0],
                window_seconds=args.window,
                top=args.top_k,
                apart_seconds=args.min_gap,
                band=args.band,
                least_confidence=args.min_confidence,
            )
        )
        meter.add()
    judged = judging.judge_by(right, performances, sink, control) if right else None
    _write(args, performances, comparisons, sink)
    for line in summary_notices(comparisons):
        sink(Notice(line))
    if right and judged is not None:
        judging.write(args.out, right, judged, performances, made.deviations, sink)
    return Finished("done", str(args.out))


def _sources(args: argparse.Namespace) -> Sources:
    """Return the inputs of the report; refuses before the long work what would fail after it."""
    for option in ("window", "top-k", "min-gap", "band"):
        if (value := getattr(args, option.replace("-", "_"))) is not None and not 0 < value < math.inf:
            raise ConfigError(f"--{option} must be a number above 0, not {value:g}.")
    check_least_confidence(args.min_confidence)
    judging.check(args)
    encoder, reference, phases = args.encoder, args.reference, args.phases
    made = sources(args.inputs, encoder, reference, phases, args.right, args.deviations)
    tables_read = [path for path in (phases, args.deviations) if path]
    folder.prepare_folder(args.out, [*args.inputs, encoder, reference, *tables_read])
    return made


def _performances(args: argparse.Namespace, made: Sources, sink: Sink, control: Control) -> list[Performance]:
    """Return all performances, the reference first."""
    encoder, reference = args.encoder, args.reference
    opened = open_embedded(made.inputs, encoder, device=args.device, sink=sink, control=control)
    control.obey()
    videos = sorted(opened, key=lambda video: not is_same(video.path, reference))
    if not is_same(videos[0].path, reference):
        raise VideoError(f"The reference {reference} could not be read. Give another video.")
    if len(videos) == 1:
        raise VideoError(f"There is nothing to compare with {reference}: no other video could be read. Give others.")
    for sentence in of_other_contents(made.segments, videos):
        sink(Notice(sentence))
    return performances_of(videos, made.segments)


def _write(
    args: argparse.Namespace, performances: Sequence[Performance], comparisons: Sequence[Comparison], sink: Sink
) -> None:
    out: Path = args.out
    reference, *others = performances
    phases = phase_names(one.spans for one in performances)
    by_name = {one.performance.name: one for one in comparisons}
    durations = {
        one.name: phase_durations(one, reference, phases, by_name.get(one.name)) for one in performances if one.spans
    }
    colours = _colours(args, sink)
    folder.clear(out)
    if durations:
        tables.write_durations(out, durations, performances)
        shown = [reference, *(one for one in others if one.spans)]
        write_timeline(out / folder.PHASES_PICTURE, shown, phases, by_name, colours)
        for sentence in phase_notices(performances, durations, phases):
            sink(Notice(sentence))
    tables.write_tempo(out, comparisons)
    tables.write_departures(out, comparisons)
    tables.write_unmatched(out, comparisons)
    tables.write_summary(out, comparisons)
    write_tempo_curves(out / folder.TEMPO_PICTURE, comparisons, phases, colours)
    write_departures_picture(out / folder.DEPARTURES_PICTURE, comparisons, phases, colours)
    if len(comparisons) > MOST_ROWS:
        sink(Notice(f"The pictures show the first {MOST_ROWS} of {len(comparisons)} videos; the tables have all."))


def _colours(args: argparse.Namespace, sink: Sink) -> dict[str, str]:
    """Return the colours of the phases in the project that labels, inputs or encoder belong to; none outside of one."""
    paths = [args.phases] if args.phases else []
    project = project_around([*paths, *args.inputs, args.encoder])
    if project is None or not paths:
        return {}
    try:
        return phase_colours(project)
    except StorageError as error:
        sink(Notice(f"Default colours are used in the pictures, as those of the project cannot be read: {error}"))
        return {}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("report", "Report how performances differ from a reference: durations, tempo, deviations.")
    parser.add_argument(
        "inputs", nargs="+", type=Path, metavar="INPUT", help=f"{INPUT_HELP}; or folders that core.embed wrote"
    )
    parser.add_argument("--encoder", type=Path, required=True, help="encoder.safetensors, or the folder of its run")
    parser.add_argument(
        "--reference", type=Path, required=True, metavar="VIDEO", help="video to compare the others with"
    )
    parser.add_argument("--phases", type=Path, metavar="FILE.csv", help=PHASES_HELP)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the tables and pictures")
    parser.add_argument(
        "--window", type=float, default=0.5, metavar="SECONDS", help="length of the smoothing window; default 0.5"
    )
    parser.add_argument(
        "--top-k", type=int, default=3, metavar="N", help="maximum number of moments reported per video; default 3"
    )
    parser.add_argument(
        "--min-gap", type=float, default=1.0, metavar="SECONDS", help="minimum time between two moments; default 1"
    )
    parser.add_argument("--band", type=float, metavar="FRACTION", help="as in core.align; default: unlimited")
    add_least_confidence(parser)
    judging.add_options(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
