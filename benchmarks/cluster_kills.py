"""SIGKILL at random moments of what embeds many videos: workers and nodes of a Ray cluster, its command, shares.

Claimed: whatever is killed, and however often, the packed embeddings are in the end those of one process that was never
killed, byte for byte; no video is lost, none is there twice. Work on a cluster ends by itself unless its command is
killed; that, or a share, is run again.

Exit status 1 where anything is lost, doubled or other. POSIX only; `pip install "carl-gui[cluster]"`.

    python benchmarks/cluster_kills.py [--kills 50] [--seed 0] [--of worker node command share]    # some ten minutes
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # what is killed lies with the tests
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])

import psutil  # noqa: E402

from tests.core.cluster.material import COMMAND, Contents, contents, make_encoder, make_videos, stored  # noqa: E402
from tests.core.cluster.ray_nodes import RayNodes  # noqa: E402

VIDEOS, FRAMES = 24, 16
NODES, SHARES = 2, 2
KILLS_A_RUN = 6
SECONDS_BETWEEN = (1.0, 15.0)
"""What is embedded starts after some ten seconds."""


@dataclass
class Run:
    """Commands at work on one folder, as often as they are killed."""

    folder: Path
    material: Path
    nodes: RayNodes | None
    commands: dict[str, Sequence[str | Path]]
    """Their words by name; all write below `folder`."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        words = [*COMMAND, *map(str, self.commands[name])]
        log = (self.folder / f"{name}.log").open("ab")
        environment = {**os.environ, "CARL_CACHE": str(self.folder / "cache"), "OMP_NUM_THREADS": "1"}
        self.processes[name] = subprocess.Popen(words, stdout=log, stderr=log, env=environment)
        log.close()

    @property
    def at_work(self) -> list[str]:
        return [name for name, process in self.processes.items() if process.poll() is None]


def kill_worker(run: Run, chance: random.Random) -> bool:
    """Kill one process that runs tasks. Returns whether there was one."""
    assert run.nodes is not None
    workers = run.nodes.workers()
    if workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            chance.choice(workers).kill()
    return bool(workers)


def kill_node(run: Run, chance: random.Random) -> bool:
    """Kill a node with all its workers; another takes its place."""
    assert run.nodes is not None
    run.nodes.kill_node(chance.randrange(len(run.nodes.nodes)))
    run.nodes.add()
    return True


def kill_command(run: Run, chance: random.Random) -> bool:
    """Kill one of the commands, and run it again."""
    names = run.at_work
    if names:
        name = chance.choice(names)
        run.processes[name].kill()
        run.processes[name].wait()
        run.start(name)
    return bool(names)


KINDS: dict[str, Callable[[Run, random.Random], bool]] = {
    "worker": kill_worker,
    "node": kill_node,
    "command": kill_command,
    "share": kill_command,
}
OF_CLUSTER = ("worker", "node", "command")


def on_cluster(folder: Path, material: Path, nodes: RayNodes) -> Run:
    """Return a run on a cluster, that was started."""
    words = [material / "clips", "--encoder", material / "run", "--out", folder / "out", "--device", "cpu"]
    run = Run(folder, material, nodes, {"cluster": [*words, "--cluster", nodes.address]})
    run.start("cluster")
    return run


def in_shares(folder: Path, material: Path) -> Run:
    """Return a run of several shares, that were started."""
    words = [material / "clips", "--encoder", material / "run", "--device", "cpu", "--shard"]
    shares = {f"share{number}": f"{number}/{SHARES}" for number in range(1, SHARES + 1)}
    run = Run(folder, material, None, {name: [*words, share, "--out", folder / name] for name, share in shares.items()})
    for name in shares:
        run.start(name)
    return run


def joined(run: Run) -> Path:
    """Return the folder that holds all in the end."""
    out = run.folder / "out"
    if run.nodes is None:
        words = [*COMMAND, "--merge", *map(str, (run.folder / name for name in run.commands)), "--out", str(out)]
        subprocess.run(words, check=True, capture_output=True)
    return out


def disturb(run: Run, kinds: Sequence[str], most: int, chance: random.Random) -> Counter[str]:
    """Kill at random moments until the run has ended, or `most` kills are done, then wait for its end."""
    killed = Counter[str]()
    while run.at_work and killed.total() < most:
        time.sleep(chance.uniform(*SECONDS_BETWEEN))
        kind = chance.choice(kinds)
        killed[kind] += run.at_work != [] and KINDS[kind](run, chance)
    for name, process in run.processes.items():
        if process.wait() != 0:
            raise SystemExit(f"{name} failed:\n{(run.folder / f'{name}.log').read_text(errors='replace')[-3000:]}")
    return killed


def runs(root: Path, material: Path, kinds: Sequence[str]) -> Iterator[Callable[[], Run]]:
    """Yield what starts the next run, for ever."""
    if "share" in kinds:
        number = 0
        while True:
            number += 1
            yield lambda number=number: in_shares(_new(root / f"shares{number}"), material)
    with RayNodes(NODES, root / "node-cache", root / "ray.log", {"OMP_NUM_THREADS": "1"}) as nodes:
        number = 0
        while True:
            number += 1
            yield lambda number=number: on_cluster(_new(root / f"cluster{number}"), material, nodes)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def kill_much(
    root: Path, material: Path, kinds: Sequence[str], most: int, alone: Contents, chance: random.Random
) -> bool:
    """Repeat runs until so many kills are done, and print a line for each. Returns whether all was as claimed."""
    is_right = True
    killed = Counter[str]()
    with contextlib.closing(runs(root, material, kinds)) as following:
        for start in following:
            began = time.monotonic()
            run = start()
            now = disturb(run, kinds, min(KILLS_A_RUN, most - killed.total()), chance)
            killed += now
            digests, rows = stored(out := joined(run))
            found = contents(out)
            lost, doubled = (
                len(alone.keys() - found.keys()),
                len(digests) - len(set(digests)) + (rows != stored_rows(out)),
            )
            others = sum(found[digest] != alone[digest] for digest in alone.keys() & found.keys())
            is_right &= not (lost or doubled or others)
            what = ", ".join(f"{count} {kind}" for kind, count in now.items() if count) or "none"
            seconds = time.monotonic() - began
            print(
                f"{run.folder.name:12} {seconds:7.0f} s  killed: {what:32} lost {lost}  doubled {doubled}"
                f"  other bytes {others}",
                flush=True,
            )
            if killed.total() >= most:
                break
    print(f"{killed.total()} kills ({', '.join(f'{count} {kind}' for kind, count in killed.items())})", flush=True)
    return is_right


def stored_rows(out: Path) -> int:
    """Return the frames of all videos of a packed folder."""
    from core.embedding.packed import PackedVideos

    return PackedVideos.open(out).num_frames


def main() -> int:
    """Kill, compare, print; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="of a cluster's parts, and as many of shares")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--of", nargs="+", choices=KINDS, default=list(KINDS))
    args = parser.parse_args()
    is_right = True
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        material = root / "material"
        make_videos(material / "clips", VIDEOS, FRAMES)
        make_encoder(material / "run")
        alone = _alone(material, root)
        for kinds in ([one for one in OF_CLUSTER if one in args.of], ["share"] if "share" in args.of else []):
            if kinds and kinds != ["share"] and importlib.util.find_spec("ray") is None:
                print('Kills of a cluster are left out: Ray is not installed (pip install "carl-gui[cluster]").')
                is_right = False
            elif kinds:
                is_right &= kill_much(root, material, kinds, args.kills, alone, random.Random(args.seed))
    return 0 if is_right else 1


def _alone(material: Path, root: Path) -> Contents:
    words = [material / "clips", "--encoder", material / "run", "--out", root / "alone", "--format", "packed"]
    environment = {**os.environ, "CARL_CACHE": str(root / "cache"), "OMP_NUM_THREADS": "1"}
    made = [*COMMAND, *map(str, words), "--device", "cpu"]
    subprocess.run(made, check=True, capture_output=True, env=environment)
    return contents(root / "alone")


if __name__ == "__main__":
    sys.exit(main())
