"""`python -m core.lerobot read|write DATASET --out FOLDER`: LeRobot data sets as episodes, and annotated anew."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.align.progress import progress_along
from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Finished, Notice, Sink
from core.base.listing import count_noun, some
from core.base.progress import Meter
from core.cli.command import add_command, new_parser, run
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import is_embedded, read_card, read_embedded
from core.labels.segments import read_segments, spans_of
from core.robots.annotations import EpisodeTimes, write_annotated
from core.robots.lerobot import LIST, RobotDataset, read_robot_dataset, write_episodes

_NAME = re.compile(r"episode_(\d+)")


def _read(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    dataset = read_robot_dataset(args.dataset)
    camera = dataset.camera(args.camera)
    paths = write_episodes(dataset, camera, args.out)
    sink(Notice(f"{count_noun(len(paths), 'episode')} of {camera}, at {dataset.fps:g} frames/s; {LIST} lists them."))
    return Finished("done", str(args.out))


def _write(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    dataset = read_robot_dataset(args.dataset)
    if args.labels is None and args.progress is None:
        raise ConfigError("There is nothing to write. Name --labels, --progress or both.")
    spans = None
    if args.labels is not None:
        videos = [EpisodeTimes.of(one, dataset.fps) for one in dataset.episodes]
        spans = spans_of(read_segments(args.labels), videos)
    progress = None
    if args.progress is not None:
        progress = progress_of(dataset, args.progress, args.reference, sink, control)
    without = write_annotated(dataset, args.out, spans=spans, progress=progress, copies=args.copy_videos)
    if without:
        sink(Notice(f"{count_noun(without, 'frame')} without a phase; their subtask is “unlabelled”."))
    return Finished("done", str(args.out))


def progress_of(
    dataset: RobotDataset, folder: Path, reference: int, sink: Sink, control: Control
) -> dict[int, NDArray[np.float64]]:
    """Return the progress of each embedded episode along one of them, by episode index.

    Raises:
        ConfigError: the folder holds no embeddings of these episodes, or not the reference.
        StorageError: it is damaged.
        Stopped: `control` asked for it.
    """
    if not is_embedded(folder):
        raise ConfigError(f"--progress {folder} holds no embeddings. Name the folder that core.embed wrote.")
    videos = {_index(one): one for one in read_embedded(folder, read_card(folder).encoder_digest)}
    lengths = {one.index: one.num_frames for one in dataset.episodes}
    for index, one in videos.items():
        if len(one) != lengths.get(index):
            has = f"{lengths[index]} frames" if index in lengths else "no such episode"
            raise ConfigError(
                f"{one.path.name} in {folder} has {len(one)} frames, but {dataset.folder} has {has}. Embed the "
                "episodes of this data set."
            )
    if reference not in videos:
        raise ConfigError(f"--reference {reference} is not among the embedded episodes of {folder}. Name one that is.")
    meter = Meter(sink, "align", len(videos), "video")
    found = {}
    for index, one in videos.items():
        control.obey()
        found[index] = progress_along(np.array(videos[reference].embeddings), np.array(one.embeddings))
        meter.add()
    if left := [str(index) for index in lengths if index not in found]:
        sink(Notice(f"Not embedded, so without progress: episode {some(left)}."))
    return found


def _index(video: EmbeddedVideo) -> int:
    found = _NAME.fullmatch(video.path.stem)
    if found is None:
        raise ConfigError(f"{video.path.name} is not an episode from core.lerobot read. Embed those.")
    return int(found[1])


_ACTS = {"read": _read, "write": _write}


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    return _ACTS[args.act](args, sink, control)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("lerobot", "Read episodes of a LeRobot data set (v3), and write a new one with annotations.")
    acts = parser.add_subparsers(dest="act", required=True, metavar="read|write")
    read = add_command(acts, "read", "write a folder of episodes, as one camera saw them, for all other commands")
    write = add_command(acts, "write", "write the data set into a new folder, with subtasks and progress")
    for one in (read, write):
        one.add_argument("dataset", type=Path, metavar="DATASET", help="folder that holds meta, data and videos")
        one.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="new folder")
    read.add_argument(
        "--camera", metavar="KEY", help="such as observation.images.front, or its last part; default the only one"
    )
    write.add_argument("--labels", type=Path, metavar="FILE.csv", help="phases of the episodes; become subtasks")
    write.add_argument("--progress", type=Path, metavar="FOLDER", help="embeddings of the episodes, from core.embed")
    write.add_argument(
        "--reference", type=int, default=0, metavar="N", help="episode along which progress is counted; default 0"
    )
    write.add_argument("--copy-videos", action="store_true", help="copy the videos instead of hard-linking them")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
