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


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check(arguments)
    if arguments.repetitions:
        _write_repetitions(arguments, sink, control)
    elif is_many(arguments):
        write_many(arguments, lambda paths: _embed(paths, arguments, sink, control), _open_reader, sink, control)
    else:
        _write_pair(arguments, sink, control)
    return Finished("done", str(next(iter(outputs(arguments).values()))))


def _write_pair(arguments: argparse.Namespace, sink: Sink, control: Control) -> None:
    along = read_path(arguments.path) if arguments.path else None
    if along is not None:
        check_contents(arguments.path, read_digests(arguments.path), [arguments.a, arguments.b])
    if arguments.encoder is None:
        assert along is not None, "else there is an encoder"
        alignment = along
    else:
        a, b = _embed([arguments.a, arguments.b], arguments, sink, control)
        if along is None:
            alignment, _ = pair(
                a,
                b,
                least_confidence=arguments.min_confidence,
                band=arguments.band,
                keep_other_scenes=arguments.keep_other_scenes,
                sink=sink,
            )
        else:
            alignment = along
        check_path(arguments, alignment, len(a), len(b))
        _write_numbers(arguments, a, b, alignment, sink, control)
    if arguments.video:
        with _open_reader(arguments.a) as full_a, _open_reader(arguments.b) as full_b:
            check_path(arguments, alignment, len(full_a), len(full_b))
            sides = VideoSource(arguments.a.name, full_a), VideoSource(arguments.b.name, full_b)
            scores = known_scores(arguments.deviations, [(arguments.a, len(full_a)), (arguments.b, len(full_b))])
            write_side_by_side(arguments.video, *sides, alignment, scores=scores, sink=sink, control=control)


def _write_repetitions(arguments: argparse.Namespace, sink: Sink, control: Control) -> None:
    from core.repetitions.repeats import open_repeated  # torch

    paths = [arguments.a, arguments.b]
    (a, b), found = open_repeated(paths, arguments.encoder, device=arguments.device, sink=sink, control=control)
    write_repetitions(arguments.out, a, b, found)
    sink(Notice(repetitions_in_words(a.path.name, b, found)))


def _write_numbers(
    arguments: argparse.Namespace,
    a: EmbeddedVideo,
    b: EmbeddedVideo,
    alignment: Alignment,
    sink: Sink,
    control: Control,
) -> None:
    """Write all that needs the embeddings."""
    if arguments.out:
        write_path(arguments.out, a, b, alignment)
    if arguments.heatmap:
        assert a.stored is not None, "it was named as a video"
        assert b.stored is not None, "it was named as a video"
        sides = VideoSource(arguments.a.name, a.stored), VideoSource(arguments.b.name, b.stored)
        scores = known_scores(arguments.deviations, [(arguments.a, len(a)), (arguments.b, len(b))])
        write_heatmap(
            arguments.heatmap,
            *sides,
            a.embeddings,
            b.embeddings,
            alignment,
            colours=arguments.colours,
            departs=[score > 0 for score in scores],
        )
    if arguments.matrix:
        digest = content_digest(encoder_path(arguments.encoder))
        most = arguments.matrix_size
        shape = write_matrix(arguments.matrix, a, b, alignment, digest, most=most, sink=sink, control=control)
        if shape != (len(a), len(b)):
            sink(
                Notice(
                    f"{arguments.matrix} holds means: {shape[0]} x {shape[1]} values for {len(a)} x {len(b)} frames "
                    "(see --matrix-size)."
                )
            )


def _embed(paths: Sequence[Path], arguments: argparse.Namespace, sink: Sink, control: Control) -> list[EmbeddedVideo]:
    check_single(paths)
    inputs = list(dict.fromkeys(paths))
    opened = open_embedded(inputs, arguments.encoder, device=arguments.device, sink=sink, control=control)
    control.obey()
    return [video_at(path, opened) for path in paths]


def _open_reader(path: Path) -> VideoReader:
    """Open it at full size; at once where its frames are known."""
    if not path.exists():
        raise VideoError(f"There is no video {path}. Check its name.")
    stored = find_stored(video_digest(path), path)
    return VideoReader(path) if stored is None else stored.reader()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run(options(), _body, arguments)


if __name__ == "__main__":
    sys.exit(main())
