"""What the recipe `frozen` costs and is worth, an earlier commit and this one side by side.

Needs `../shared/videos` and `../shared/weights/mobilenet_v1_075.onnx` beside the project, and git. Both commits decode,
look at and learn from the same videos on one thread, at the same time and each with an empty cache of its own; given
are the processor's seconds of each part. Then the encoders are tested: push-ups as in `push_up.py` (4 folds by person,
and learned from the very clips; accuracy, event error of the nearest frame and of DTW, whole and cut), golf as in
`footage.py` (steps of the paths with the same phase, all pairs). Exit status 1 where this commit takes more than a
quarter of the seconds.

    python benchmarks/features_cost.py [--seeds 3] [--only push_up golf] [--against eb20b2a]      # half an hour
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
AIM = 4.0
"""How many times fewer seconds are asked for."""


def checked_out(commit: str, folder: Path) -> Path:
    """The files of a commit, in a new folder."""
    folder.mkdir()
    archive = subprocess.run(["git", "-C", PROJECT, "archive", commit], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], check=True, input=archive)
    return folder


def started(
    tree: Path, which: str, out: Path, cache: Path, seeds: int, changed: Sequence[str]
) -> subprocess.Popen[bytes]:
    """`cost/side.py` on the code of `tree`."""
    paths = os.pathsep.join([str(tree), str(tree / "benchmarks")])
    surroundings = os.environ | {"PYTHONPATH": paths, "CARL_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    program = [sys.executable, PROJECT / "benchmarks" / "cost" / "side.py", which, SHARED, out, "--seeds", str(seeds)]
    return subprocess.Popen([*map(str, program), "--set", *changed], env=surroundings, cwd=cache)


def measured(which: str, trees: dict[str, Path], scratch: Path, seeds: int, changed: Sequence[str]) -> dict[str, Any]:
    """What each side found."""
    running = {}
    for number, (name, tree) in enumerate(trees.items()):
        cache = scratch / f"{which}-{number}"
        cache.mkdir()
        own = changed if tree == PROJECT else []
        running[name] = cache / "found.json", started(tree, which, cache / "found.json", cache, seeds, own)
    for name, (_, child) in running.items():
        if child.wait():
            sys.exit(f"{which}: the side {name!r} failed.")
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, (file, _) in running.items()}


def print_seconds(which: str, found: dict[str, Any]) -> float:
    """The table of the costs; how many times less the last side takes."""
    print(
        f"\n{which + ': seconds of one core':40}{'decoding':>10}{'features':>10}{'training':>10}{'all':>10}{'ratio':>8}"
    )
    sums = [sum(side["seconds"].values()) for side in found.values()]
    for (name, side), total in zip(found.items(), sums, strict=True):
        parts = "".join(f"{side['seconds'][part]:10.0f}" for part in ("decoding", "features", "training"))
        print(f"{name:40}{parts}{total:10.0f}{sums[0] / total:8.2f}", flush=True)
    return float(sums[0] / sums[-1])


def print_push_up(found: dict[str, Any]) -> None:
    """Means over folds and seeds, and how far apart the seeds lie."""
    columns = ("accuracy", "whole", "cut", "DTW whole", "DTW cut", "tau")
    print(f"{'':40}" + "".join(f"{column:>18}" for column in columns))
    for row in ("people never seen", "learned from"):
        for name, side in found.items():
            scores = np.array(side[row], dtype=float)[:, : len(columns)]
            by_seed = np.nanmean(scores.reshape(-1, 4, len(columns)), axis=1)  # (seeds, columns)
            shown = zip(by_seed.mean(axis=0), by_seed.std(axis=0), strict=True)
            print(f"{f'{row}, {name}':40}" + "".join(f"{f'{mean:.3f} +- {off:.3f}':>18}" for mean, off in shown))


def print_golf(found: dict[str, Any]) -> None:
    """The share of steps in the same phase, each seed."""
    for name, side in found.items():
        same = side["same phase"]
        print(f"{f'same phase, {name}':40}{np.mean(same):.3f}  ({' '.join(f'{value:.3f}' for value in same)})")


def main() -> None:
    """Print the tables."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--seeds", type=int, default=3, help="trainings of each row")
    made.add_argument("--only", nargs="*", choices=("push_up", "golf"), default=["push_up", "golf"])
    made.add_argument("--against", default="eb20b2a", metavar="COMMIT")
    made.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings for this commit's side")
    given = made.parse_args()
    if not SHARED.is_dir():
        sys.exit("benchmarks/features_cost.py needs the footage in ../shared, which is not here.")
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        trees = {given.against: checked_out(given.against, Path(scratch, "before")), "this commit": PROJECT}
        for which in given.only:
            found = measured(which, trees, Path(scratch), given.seeds, given.set)
            ratios.append(print_seconds(which, found))
            {"push_up": print_push_up, "golf": print_golf}[which](found)
    sys.exit(min(ratios) < AIM)


if __name__ == "__main__":
    main()
