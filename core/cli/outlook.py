"""`python -m core.outlook INPUT...`: estimate the cost of recipes on these videos and this device, and suggest one."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_BEGAN = time.perf_counter()

from core.base.control import Control  # noqa: E402
from core.base.errors import VideoError  # noqa: E402
from core.base.events import Finished, RecipeMeasured, RecipeSuggested, Sink, ignore  # noqa: E402
from core.base.sample_files import is_sample  # noqa: E402
from core.cli.command import new_parser, run  # noqa: E402 - the time that this takes is told
from core.outlook.estimate import Amount, estimate  # noqa: E402
from core.settings.config import Config  # noqa: E402
from core.settings.recipes import PICTURES, POSE, find_recipe  # noqa: E402
from core.video.inputs import INPUT_HELP, find_videos  # noqa: E402
from core.video.stored_video import StoredVideo  # noqa: E402

QUICK = "quick"
_MEASURED = (QUICK, POSE, PICTURES)
_PYTHON_SECONDS = 0.3
"""Until a process begins to load anything."""


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    from core.learning.run_training import frame_store  # torch
    from core.model.device import choose_device
    from core.outlook.measure import download, measure
    from core.pose.choosing import evenly, look_for_people

    start_seconds = time.perf_counter() - _BEGAN + _PYTHON_SECONDS
    paths = find_videos(args.inputs, sink)
    videos = frame_store(Config()).add(evenly(paths), ignore, control)
    videos = [video for video in videos if len(video) > 1]
    if not videos:
        raise VideoError("None of these videos has two frames or more, so there is nothing to measure. Add videos.")
    if is_sample(paths):
        sink(RecipeSuggested(QUICK, "These are the sample clips, which this recipe was made for."))
    else:  # first: somebody may wait for it
        people = look_for_people(videos, choose_device(args.device), ignore, control)
        problem = "" if people.suit_pose else download(find_recipe(PICTURES))[1]
        sink(_suggest(people.suit_pose, people.showing, people.looked_at, problem))
    for name in _MEASURED:
        found = measure(name, find_recipe(name), videos, args.device, start_seconds, control)
        sink(found)
        if not args.events:
            print(_line(found, videos, len(paths)))
    return Finished("done", "")


def _suggest(is_pose: bool, showing: int, looked_at: int, problem: str) -> RecipeSuggested:
    seen = f"{showing} of {looked_at} sampled videos show a person throughout"
    if is_pose:
        return RecipeSuggested(POSE, f"Body pose: {seen}.")
    if not problem:
        return RecipeSuggested(PICTURES, f"Images: {seen}.")
    return RecipeSuggested(
        QUICK,
        f"Only {seen}, so body pose does not suit, and the image network cannot be downloaded now ({problem}), so a "
        "first look is suggested.",
    )


def _line(measured: RecipeMeasured, videos: Sequence[StoredVideo], num_videos: int) -> str:
    frames = round(sum(map(len, videos)) / len(videos) * num_videos)
    cost = estimate(find_recipe(measured.recipe), measured, Amount(num_videos, frames))
    download = f"{measured.download_bytes / 1e6:.0f} MB to download" if measured.download_bytes else "no download"
    return f"{measured.recipe}: about {cost.seconds:.0f} s, {download}, {cost.disk_bytes / 1e6:.0f} MB of disk"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("outlook", "Estimate the cost of training on these videos, and suggest a recipe.")
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help=INPUT_HELP)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
