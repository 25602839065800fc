"""`python -m core.embed INPUT... --encoder FILE --out DIR`: one .npy of embeddings a video, and index.csv."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.command import add_settings, parser, run, with_given_settings
from core.config import Config
from core.control import Control
from core.embedding import Embedder
from core.events import Finished, Notice, Sink
from core.files import replacing
from core.video.frame_store import StoredVideo
from core.video.inputs import find_videos


def file_stems(videos: Sequence[tuple[Path, str]]) -> list[str]:
    """Names for the outputs: each video's stem; where two videos share one, its digest's start is added.

    Args:
        videos: path and content digest of each.
    """
    stems = [path.stem for path, _ in videos]
    folded = [stem.casefold() for stem in stems]  # some file systems do not tell A from a
    return [
        stem if folded.count(stem.casefold()) == 1 else f"{stem}-{digest[:8]}"
        for stem, (_, digest) in zip(stems, videos, strict=True)
    ]


def _write_index(videos: Sequence[StoredVideo], stems: Sequence[str], path: Path) -> None:
    with replacing(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["video", "frames", "fps", "seconds", "digest"])
        for video, stem in zip(videos, stems, strict=True):
            seconds = f"{video.meta.duration_seconds:.6f}"
            rows.writerow([stem + video.path.suffix, len(video), f"{video.meta.fps:.6g}", seconds, video.digest])


def _body(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    out: Path = arguments.out
    frames = with_given_settings(Config(), arguments).frames
    embedder = Embedder(arguments.encoder, frames=frames, device=arguments.device, sink=sink, control=control)
    videos = embedder.open(find_videos(arguments.inputs))
    stems = file_stems([(video.path, video.digest) for video in videos])
    for stem, item in zip(stems, embedder.embed(videos), strict=True):
        if stem != item.video.path.stem:
            sink(Notice(f"{item.video.path} shares its name with another video: its embeddings are {stem}.npy."))
        with replacing(out / f"{stem}.npy") as partial:
            np.save(partial, item.embeddings)
    _write_index(videos, stems, out / "index.csv")
    return Finished("done", str(out))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    made = parser("embed", "Embed every frame of videos with a trained encoder.")
    made.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="video files, folders, or a CSV list")
    made.add_argument("--encoder", type=Path, required=True, help="encoder.safetensors, or the folder of its run")
    made.add_argument("--out", type=Path, required=True, help="folder for STEM.npy (S,128) and index.csv")
    made.add_argument("--device", default="auto", help="auto, cpu or cuda")
    add_settings(made, ["frames"])
    return run(made, _body, arguments)


if __name__ == "__main__":
    sys.exit(main())
