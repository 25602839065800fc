"""`python -m core.align A B --encoder FILE --out path.csv`: match the frames of two or more videos.

`python -m core.align A B --encoder FILE --repetitions --out path.csv`: each time that B shows what A shows once.

`python -m core.align A B C ... --encoder FILE --grid all.mp4`: the same of several videos and the first one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.align.deviation_files import known_scores
from core.align.matrix import write_matrix
from core.align.pairing import check_single, pair, video_at
from core.align.tables import read_digests, read_path, write_path
from core.base.control import Control
from core.base.errors import VideoError
from core.base.events import Finished, Notice, Sink
from core.base.files import content_digest
from core.base.types import Alignment
from core.cli.align_many import check_contents, write_many
from core.cli.align_options import check, check_path, is_many, options, outputs
from core.cli.command import run
from core.embedding.embedded_video import EmbeddedVideo, encoder_path
from core.embedding.library import open_embedded
from core.pictures import VideoSource, write_heatmap, write_side_by_side
from core.repetitions.tables import repetitions_in_words, write_repetitions
from core.video.content import video_digest
from core.video.frame_store import find_stored
from core.video.reader import VideoReader


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check(args)
    if args.repetitions:
        _write_repetitions(args, sink, control)
    elif is_many(args):
        write_many(args, lambda paths: _embed(paths, args, sink, control), _open_reader, sink, control)
    else:
        _write_pair(args, sink, control)
    return Finished("done", str(next(iter(outputs(args).values()))))


def _write_pair(args: argparse.Namespace, sink: Sink, control: Control) -> None:
    along = read_path(args.path) if args.path else None
    if along is not None:
        check_contents(args.path, read_digests(args.path), [args.a, args.b])
    if args.encoder is None:
        assert along is not None, "else there is an encoder"
        alignment = along
    else:
        a, b = _embed([args.a, args.b], args, sink, control)
        if along is None:
            alignment, _ = pair(
                a,
                b,
                least_confidence=args.min_confidence,
                band=args.band,
                keep_other_scenes=args.keep_other_scenes,
                sink=sink,
            )
        else:
            alignment = along
        check_path(args, alignment, len(a), len(b))
        _write_numbers(args, a, b, alignment, sink, control)
    if args.video:
        with _open_reader(args.a) as full_a, _open_reader(args.b) as full_b:
            check_path(args, alignment, len(full_a), len(full_b))
            sides = VideoSource(args.a.name, full_a), VideoSource(args.b.name, full_b)
            scores = known_scores(args.deviations, [(args.a, len(full_a)), (args.b, len(full_b))])
            write_side_by_side(args.video, *sides, alignment, scores=scores, sink=sink, control=control)


def _write_repetitions(args: argparse.Namespace, sink: Sink, control: Control) -> None:
    from core.repetitions.repeats import open_repeated  # torch

    paths = [args.a, args.b]
    (a, b), found = open_repeated(paths, args.encoder, device=args.device, sink=sink, control=control)
    write_repetitions(args.out, a, b, found)
    sink(Notice(repetitions_in_words(a.path.name, b, found)))


def _write_numbers(
    args: argparse.Namespace,
    a: EmbeddedVideo,
    b: EmbeddedVideo,
    alignment: Alignment,
    sink: Sink,
    control: Control,
) -> None:
    """Write all that needs the embeddings."""
    if args.out:
        write_path(args.out, a, b, alignment)
    if args.heatmap:
        assert a.stored is not None, "it was named as a video"
        assert b.stored is not None, "it was named as a video"
        sides = VideoSource(args.a.name, a.stored), VideoSource(args.b.name, b.stored)
        scores = known_scores(args.deviations, [(args.a, len(a)), (args.b, len(b))])
        write_heatmap(
            args.heatmap,
            *sides,
            a.embeddings,
            b.embeddings,
            alignment,
            colours=args.colours,
            deviates=[score > 0 for score in scores],
        )
    if args.matrix:
        digest = content_digest(encoder_path(args.encoder))
        most = args.matrix_size
        shape = write_matrix(args.matrix, a, b, alignment, digest, most=most, sink=sink, control=control)
        if shape != (len(a), len(b)):
            sink(
                Notice(
                    f"{args.matrix} holds means: {shape[0]} x {shape[1]} values for {len(a)} x {len(b)} frames "
                    "(see --matrix-size)."
                )
            )


def _embed(paths: Sequence[Path], args: argparse.Namespace, sink: Sink, control: Control) -> list[EmbeddedVideo]:
    check_single(paths)
    inputs = list(dict.fromkeys(paths))
    opened = open_embedded(inputs, args.encoder, device=args.device, sink=sink, control=control)
    control.obey()
    return [video_at(path, opened) for path in paths]


def _open_reader(path: Path) -> VideoReader:
    """Open it at full size; at once where its frames are known."""
    if not path.exists():
        raise VideoError(f"There is no video {path}. Check its name.")
    stored = find_stored(video_digest(path), path)
    return VideoReader(path) if stored is None else stored.reader()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run(options(), _body, argv)


if __name__ == "__main__":
    sys.exit(main())
