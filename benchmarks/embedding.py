"""Frames a second of `core.embed` from videos that nothing is known of, an earlier commit and this one in turns.

Needs `../shared/videos/push_up` and `../shared/weights/mobilenet_v1_075.onnx` beside the project, and git. For each
kind of backbone an encoder is trained for one epoch by the earlier commit, and both embed the same clips with it, each
time with an empty cache of its own: `onnx` (MobileNet), `resnet18` (torch, random weights) and `pose`, which is
compared with a later commit, since eb20b2a had none. Given are the medians of all rounds, with the start of Python, the
processor's seconds (of all cores), and the least cosine of a frame's two embeddings.

What is possible: on one machine decoding and networks share the cores, so that no order of the work is faster than both
alone, one after the other, on all cores; if decoding took place elsewhere it would be the slower of the two. Both are
measured here without the start of Python. Exit status 1 where this commit is less than 1.5 times as fast, or a cosine
below 0.999.

    python benchmarks/embedding.py [--rounds 3] [--clips 24] [--only onnx resnet18 pose]      # ten minutes
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from features_cost import PROJECT, SHARED, checked_out

AIM = 1.5
LEAST_COSINE = 1 - 1e-3
TRAINED_ON = 3
"""Clips that the encoder learns from."""
WEIGHTS = SHARED / "weights" / "mobilenet_v1_075.onnx"


@dataclass(frozen=True)
class Kind:
    """A kind of backbone, the commit that it is compared with, and how that one trains such an encoder."""

    commit: str
    options: tuple[str, ...]


KINDS = {
    "onnx": Kind("eb20b2a", ("--recipe", "frozen", "--weights", str(WEIGHTS), "--train.copies", "1")),
    "resnet18": Kind(
        "eb20b2a",
        ("--recipe", "frozen", "--backbone.name", "resnet18", "--backbone.weights", "none", "--train.copies", "1"),
    ),
    "pose": Kind("dae71edd", ("--recipe", "pose", "--train.augmented_copies", "1")),
}


@dataclass(frozen=True)
class Spent:
    """The cost of one command."""

    seconds: float
    cpu_seconds: float


class Tree:
    """The files of a commit, with a cache of their own."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder, self._cache = folder, scratch

    def run(self, module: str, *options: object, keep: Sequence[str] = ()) -> Spent:
        """Run a command of this commit.

        Args:
            keep: parts of the cache that are kept from the command before.
        """
        self._cache.mkdir(exist_ok=True)
        for part in self._cache.iterdir():
            if part.name not in keep:
                shutil.rmtree(part) if part.is_dir() else part.unlink()
        words = [sys.executable, "-m", module, *map(str, options)]
        surroundings = os.environ | {"PYTHONPATH": str(self._folder), "CARL_CACHE": str(self._cache)}
        started, used = time.perf_counter(), _children_seconds()
        done = subprocess.run(words, cwd=self._folder, env=surroundings, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(words)}\n{done.stderr[-2000:]}")
        return Spent(time.perf_counter() - started, _children_seconds() - used)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def earlier(commit: str, folder: Path) -> Path:
    """Return the files of a commit, which find their own version though another one is installed."""
    tree = checked_out(commit, folder)
    described = tree / "carl_studio-0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: carl-studio\nVersion: 0\n", encoding="utf-8")
    return tree


def embedded(folder: Path) -> dict[str, np.ndarray]:
    """Return the embeddings in a folder that `core.embed` wrote, by file."""
    with (folder / "index.csv").open(encoding="utf-8", newline="") as lines:
        assert sum(int(line["frames"]) for line in csv.DictReader(lines)) > 0
    return {file.name: np.load(file) for file in sorted(folder.glob("*.npy"))}


def least_cosine(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    """Return the least cosine of the two embeddings of a frame."""
    assert one.keys() == other.keys()
    return min(float((one[name] * other[name]).sum(axis=1).min()) for name in one)


def compare(name: str, clips: Path, scratch: Path, rounds: int) -> bool:
    """Print what both commits need; return whether the aims are met."""
    kind = KINDS[name]
    few = scratch / "few"
    if not few.exists():
        few.mkdir()
        for clip in sorted(clips.iterdir())[:TRAINED_ON]:
            shutil.copyfile(clip, few / clip.name)
    before = Tree(earlier(kind.commit, scratch / f"{name}-{kind.commit}"), scratch / f"{name}-cache-before")
    now = Tree(PROJECT, scratch / f"{name}-cache-now")
    run = scratch / f"{name}-run"
    before.run("core.train", few, "--out", run, "--train.epochs", 1, *kind.options)
    outs = {before: scratch / f"{name}-before", now: scratch / f"{name}-now"}
    spent: dict[Tree, list[Spent]] = {before: [], now: []}
    for _ in range(rounds):
        for tree, out in outs.items():
            spent[tree].append(tree.run("core.embed", clips, "--encoder", run, "--out", out, "--device", "cpu"))
    rows = {tree: embedded(out) for tree, out in outs.items()}
    frames = sum(map(len, rows[now].values()))
    cosine = least_cosine(rows[before], rows[now])
    seconds = {tree: float(np.median([one.seconds for one in of])) for tree, of in spent.items()}
    cpu = {tree: 1000 / frames * float(np.median([one.cpu_seconds for one in of])) for tree, of in spent.items()}
    ratios = [b.seconds / n.seconds for b, n in zip(spent[before], spent[now], strict=True)]
    print(f"\n{name}, {frames} frames of {len(rows[now])} clips, {rounds} rounds (load {os.getloadavg()[0]:.1f})")
    for label, tree in ((kind.commit, before), ("this one", now)):
        print(f"  {label:9} {frames / seconds[tree]:7.1f} frames/s   {cpu[tree]:6.2f} ms of processor a frame")
    print(f"  ratio     {seconds[before] / seconds[now]:7.2f}   (each round: {', '.join(f'{r:.2f}' for r in ratios)})")
    print(f"  least cosine {cosine:.7f}")
    _print_floor(now, clips, run, scratch / f"{name}-floor", frames, rounds, seconds[now])
    return seconds[before] / seconds[now] >= AIM and cosine >= LEAST_COSINE


def _print_floor(tree: Tree, clips: Path, run: Path, out: Path, frames: int, rounds: int, seconds: float) -> None:
    """Print how fast decoding alone and networks alone are, and the best that both can be on the same cores."""
    alone = []
    for _ in range(rounds):
        decode = tree.run("core.decode", clips)
        rest = tree.run("core.embed", clips, "--encoder", run, "--out", out, "--device", "cpu", keep=["frames"])
        made = ["frames", "features", "poses", "embeddings"]
        again = tree.run("core.embed", clips, "--encoder", run, "--out", out, "--device", "cpu", keep=made)
        nothing = tree.run("core.decode", clips, keep=["frames"])
        alone.append((decode.seconds - nothing.seconds, rest.seconds - again.seconds, again.seconds))
    decoding, networks, start = np.median(alone, axis=0)
    possible, reached = frames / (decoding + networks), frames / (seconds - start)
    print(f"  alone: decoding {frames / decoding:.0f}, networks {frames / networks:.0f} frames/s; start {start:.1f} s")
    print(f"  possible on shared cores {possible:.1f} frames/s, reached {reached:.1f} ({reached / possible:.0%})")


def main() -> int:
    """Compare the kinds of backbones."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--clips", type=int, default=24)
    made.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    given = made.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        clips = scratch / "clips"
        clips.mkdir()
        for clip in sorted((SHARED / "videos" / "push_up").glob("*.mp4"))[: given.clips]:
            shutil.copyfile(clip, clips / clip.name)
        met = [compare(name, clips, scratch, given.rounds) for name in given.only]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
