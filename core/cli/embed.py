"""`python -m core.embed INPUT... --encoder FILE --out DIR`: write the embeddings of every frame of videos."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.control import Control
from core.base.errors import ConfigError, VideoError
from core.base.events import Finished, Notice, Sink
from core.base.files import check_folder, content_digest
from core.base.importing import without_collecting
from core.cli.cluster import add_cluster, embed_on_cluster, refuse_urls
from core.cli.command import add_followed, add_settings, new_parser, run, with_given_settings
from core.embedding.embedded_video import EmbeddedVideo, encoder_path
from core.embedding.folder import (
    each_embedded,
    is_embedded,
    is_packed,
    other_files,
    precision_of,
    read_card,
    remove_files,
    write_embedded,
)
from core.embedding.library import follows_people, open_embedded
from core.evaluation.judgement import write_judgement
from core.pose.people import People
from core.settings.config import Config, FramesConfig
from core.video.inputs import INPUT_HELP, find_videos
from core.video.shards import add_shard, read_digests

if TYPE_CHECKING:
    from core.embedding.packing import PackedWriter

NPY, PACKED = "npy", "packed"
_MOST_FILES = 1000
"""Of more videos packed embeddings are written, unless a format is asked for."""


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    out: Path = args.out
    if args.cluster:
        return embed_on_cluster(args, sink, control)
    refuse_urls([*args.inputs, out])
    if args.merge:
        given = [name for name in ("format", "shard", "judgement", "person_table", "encoder") if getattr(args, name)]
        if args.inputs or given:
            what = str(args.inputs[0]) if args.inputs else f"--{given[0].replace('_', '-')}"
            raise ConfigError(f"--merge joins embeddings that are there. Leave {what} out.")
        from core.embedding.merging import merge  # pyarrow

        check_folder(out)
        merge(out, args.merge, args.precision, sink, control)
        return Finished("done", str(out))
    if not args.inputs or args.encoder is None:
        raise ConfigError("Give INPUT... and --encoder to embed videos, or --merge DIR... to join embeddings.")
    encoder = encoder_path(args.encoder)
    frames = with_given_settings(Config(), args).frames
    form = _format(args, encoder)
    check_folder(out)
    if form == PACKED:
        _pack(args, encoder, frames, sink, control)
    else:
        before = other_files(out) if is_packed(out) else []
        write(out, _open(args, encoder, frames, sink, control), encoder, sink)
        remove_files(before)
    if args.judgement:
        from core.evaluation.judge import judge  # torch, numba

        videos = open_embedded([out], encoder)
        write_judgement(args.judgement, judge(encoder, videos, args.device, sink, control))
    return Finished("done", str(out))


def _format(args: argparse.Namespace, encoder: Path) -> str:
    """Return the format that is asked for, lies there already, or suits the number of videos."""
    if args.format == NPY and (args.shard or args.precision):
        option = "--shard" if args.shard else "--precision"
        raise ConfigError(f"{option} is for packed embeddings. Leave it or --format npy out.")
    if args.format or args.shard or args.precision:
        return str(args.format or PACKED)
    if is_packed(args.out):
        return PACKED
    num_videos = sum(
        len(read_card(path).digests) if is_embedded(path) else len(find_videos([path])) for path in args.inputs
    )
    return PACKED if num_videos > _MOST_FILES else NPY


def _open(
    args: argparse.Namespace, encoder: Path, frames: FramesConfig, sink: Sink, control: Control
) -> Sequence[EmbeddedVideo]:
    return open_embedded(
        args.inputs,
        encoder,
        device=args.device,
        frames=frames,
        people=args.person_table,
        sink=sink,
        control=control,
    )


def _pack(args: argparse.Namespace, encoder: Path, frames: FramesConfig, sink: Sink, control: Control) -> None:
    """Add the videos to a packed folder, one at a time: what is added stays, whatever comes after."""
    from core.embedding.packing import PackedWriter  # pyarrow

    digest = content_digest(encoder)
    ready = [path for path in args.inputs if is_embedded(path)]
    precision = args.precision or precision_of([args.out])
    before: list[Path] = []
    if is_embedded(args.out):
        is_of_another = read_card(args.out).encoder_digest != digest
        if is_of_another:
            sink(Notice(f"{args.out} has embeddings of another encoder, which are replaced."))
        if not is_packed(args.out):
            before = other_files(args.out)
            if not is_of_another and args.out not in ready:
                ready = [args.out, *ready]
    with PackedWriter(args.out, digest, precision, replaces=True) as writer:
        for folder in ready:
            for video, known in each_embedded(folder, digest):
                control.obey()
                writer.add(video, known)
        if others := [path for path in args.inputs if not is_embedded(path)]:
            for video in _embed(others, writer, args, encoder, frames, sink, control):
                writer.add(video)
    remove_files(before)


def _embed(
    inputs: Sequence[Path],
    writer: PackedWriter,
    args: argparse.Namespace,
    encoder: Path,
    frames: FramesConfig,
    sink: Sink,
    control: Control,
) -> Iterator[EmbeddedVideo]:
    """Yield the embedded videos of this share, but those whose content is held.

    Raises:
        VideoError: none of the inputs is held or can be read; of a share the others may have some.
    """
    with without_collecting():
        from core.embedding.compute import Embedder  # torch

    paths = find_videos(inputs, sink)
    if args.person_table:
        People.read(args.person_table).check(paths)
    known = {path: digest for path in paths if (digest := writer.digest_of(path))}
    if args.shard:
        paths = args.shard.of(paths, inputs, frames.image_rate, sink, control, known)
    are_some_held = False
    if len(writer) and not follows_people(encoder):  # whom body pose follows may have been chosen anew
        others = read_digests([path for path in paths if path not in known], frames.image_rate, sink, control)
        for path, digest in others.items():
            if writer.holds(digest):
                writer.add_path(path, digest)
        named, paths = paths, [path for path in paths if not writer.holds((known | others).get(path, ""))]
        are_some_held = len(paths) < len(named)
    if paths:
        embedder = Embedder(
            encoder, frames=frames, device=args.device, people=args.person_table, sink=sink, control=control
        )
        try:
            yield from embedder.each(paths)
        except VideoError:  # each video was named
            if not args.shard and not are_some_held:
                raise


def write(out: Path, videos: Sequence[EmbeddedVideo], encoder: Path, sink: Sink) -> None:
    """Write a file of embeddings a video (`core.embedding.folder`), and tell which file is not called as its
    video.

    Args:
        encoder: the file that made them.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    stems = write_embedded(out, videos, content_digest(encoder))
    for stem, video in zip(stems, videos, strict=True):
        if stem != video.path.stem:
            sink(Notice(f"{video.path} has the same name as another video; its embeddings are written to {stem}.npy."))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("embed", "Embed every frame of videos with a trained encoder.")
    parser.add_argument("inputs", nargs="*", type=Path, metavar="INPUT", help=INPUT_HELP)
    parser.add_argument("--encoder", type=Path, help="encoder.safetensors, or the folder of its run")
    parser.add_argument("--out", type=Path, required=True, help="folder for the embeddings and the frame times")
    parser.add_argument(
        "--format",
        choices=(NPY, PACKED),
        help=f"npy: a file STEM.npy (S,128) a video; packed: many videos a file, and later ones are added; default npy "
        f"for up to {_MOST_FILES} videos",
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "float16"),
        help="of packed embeddings; default float32, float16 is half as large",
    )
    add_shard(parser, "embed only")
    add_cluster(parser)
    parser.add_argument(
        "--merge",
        nargs="+",
        type=Path,
        metavar="DIR",
        help="join folders of embeddings, such as those of all shares, into the packed folder --out; no INPUT is given",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument(
        "--judgement",
        type=Path,
        metavar="FILE.json",
        help="file for a report of how well moments keep their order across videos, compared with an untrained encoder",
    )
    parser.add_argument(
        "--person-table",
        type=Path,
        metavar="FILE.csv",
        help="table (video, frame, x, y; x and y from 0 to 1) of the person to follow in videos that show "
        "several; in training videos of the encoder, the person of its training is kept",
    )
    add_settings(parser, ["frames"])
    add_followed(parser)
    return run(parser, _body, argv)


if __name__ == "__main__":
    status = main()
    gc.freeze()  # the interpreter's last collection would go through all of torch: 0.2 s
    sys.exit(status)
