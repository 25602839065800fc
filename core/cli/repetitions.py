"""`python -m core.repetitions A B... --encoder FILE --out FILE.npz`: count the repetitions in each video of what A
shows once.

What `core.align --repetitions` writes as a table, in numbers and with the embeddings: the window is drawn from it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.control import Control
from core.base.events import Finished, Notice, Sink, ignore
from core.base.files import content_digest
from core.base.progress import Meter
from core.cli.command import check_output, new_parser, run
from core.embedding.embedded_video import encoder_path
from core.repetitions.files import LEAST_REPETITIONS, FoundRepetitions, write_found
from core.repetitions.tables import repetitions_in_words

if TYPE_CHECKING:
    from core.model.encoder import Encoder
    from core.repetitions.repeats import OpenedFeatures


def find_in_videos(
    reference: Path,
    videos: Sequence[Path],
    encoder_file: Path,
    *,
    either: bool = False,
    device: str = "auto",
    sink: Sink = ignore,
    control: Control | None = None,
) -> list[FoundRepetitions]:
    """Find in each video the repetitions of what the reference shows once, by the same search as
    `core.repetitions.repeats`.

    Args:
        either: where a video does not repeat the reference, but the reference repeats it, that is what is found.

    Raises:
        VideoError: one of them cannot be read.
        CheckpointError: the encoder cannot be read.
        Stopped: `control` asked for it.
    """
    from core.embedding.compute import Embedder  # torch
    from core.repetitions.repeats import open_features

    embedder = Embedder(encoder_file, device=device, sink=sink, control=control)
    (one,) = open_features(embedder, [reference])
    meter = Meter(sink, "repetitions", len(videos), "video")
    found = []
    for video in videos:
        (other,) = open_features(embedder, [video])
        there = _find(embedder.encoder, one, other, control)
        if either and there.repetitions.count < LEAST_REPETITIONS:
            back = _find(embedder.encoder, other, one, control)
            there = back if back.repetitions.count >= LEAST_REPETITIONS else there
        found.append(there)
        meter.add()
    return found


def _find(
    encoder: Encoder, reference: OpenedFeatures, video: OpenedFeatures, control: Control | None
) -> FoundRepetitions:
    from core.repetitions.repeats import embed_alone, find_in_clip

    clip = find_in_clip(encoder, [reference.features], video.features, control=control)
    alone = reference.embedded(embed_alone(encoder, reference.features))
    return FoundRepetitions(alone, video.embedded(clip.embeddings), clip.repetitions)


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    check_output(args, "out", ".npz", [args.a, *args.b, args.encoder])
    found = find_in_videos(
        args.a,
        args.b,
        args.encoder,
        either=args.either,
        device=args.device,
        sink=sink,
        control=control,
    )
    for one in found:
        sink(Notice(repetitions_in_words(one.reference.path.name, one.video, one.repetitions)))
    write_found(args.out, found, content_digest(encoder_path(args.encoder)))
    return Finished("done", str(args.out))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("repetitions", "Count how often videos repeat what another video shows once.")
    parser.add_argument("a", type=Path, metavar="A", help="a video that shows the action once")
    parser.add_argument("b", type=Path, nargs="+", metavar="B", help="videos that may repeat it")
    parser.add_argument("--encoder", type=Path, required=True, help="encoder.safetensors, or the folder of its run")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.npz", help="file for repetitions and embeddings"
    )
    parser.add_argument(
        "--either", action="store_true", help="A may also repeat B; keep the direction that finds two or more"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
