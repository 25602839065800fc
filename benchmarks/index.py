"""Search with an index against the exact search: a million frames and more, a fifth of the videos from still cameras.

A library of synthetic videos (100 frames of 128 numbers, float16): performances of 200 actions, each at its own tempo;
in every fifth video the camera stands still, and something moves in a few frames only. Fresh processes build the index,
open it and search; the exact search stands beside them, and where they are installed graph indexes (hnswlib, usearch)
of all frames, in memory. "Moving found" is how many of 1,500 moving frames of still cameras, searched for among all
frames, are found themselves.

10^7 frames need 3.5 GB of disk, which are freed at the end.

    python benchmarks/index.py [--frames 1000000 10000000] [--folder FOLDER] [--graphs]
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.files import content_digest
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.packed import PackedVideos, unit_rows
from core.embedding.packing import PackedWriter

FRAMES, WIDTH, FPS = 100, 128, 25.0
ACTIONS, RANK, POSES, STILL_EVERY = 200, 24, 64, 5
MOST_MOVING = 1500

BUILD = """
import sys, time, json, resource; from pathlib import Path
from core.search.index.building import build_index
stages, began = {}, [time.perf_counter()]
def sink(event):
    if getattr(event, "stage", "") and event.done >= event.total:
        now = time.perf_counter(); stages[event.stage] = now - began[0]; began[0] = now
started = time.perf_counter()
card = build_index(Path(sys.argv[1]), sink=sink)
print(json.dumps({"seconds": time.perf_counter() - started, "stages": stages, "probes": card.probes,
    "share": card.recall.share, "still_share": card.recall.still_share, "still": card.recall.still_frames,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
"""

SEARCH = """
import sys, time, json; started = time.perf_counter()
from pathlib import Path
import psutil, numpy as np
from core.embedding.library import open_embedded
from core.search import find_frames
from core.search.method import open_index
videos = open_embedded([Path(sys.argv[1])], Path(sys.argv[2]))
method, moving = sys.argv[3], json.loads(Path(sys.argv[4]).read_text())
index = open_index(videos, method, lambda event: None)
find = index.find_frames if index else lambda query, **asked: find_frames(query, videos, **asked)
def ask(video, frame, k=10):
    query = videos[video].embeddings[frame]
    began = time.perf_counter()
    found = find(query, k=k, apart_seconds=1.0)
    return time.perf_counter() - began, (found[0].video_index, found[0].frame) == (video, frame)
first = ask(*moving[0])[0]
answered = time.perf_counter() - started
later = [ask(*place) for place in moving[1:len(moving) if index else 6]]
print(json.dumps({"answer": answered, "first": first, "later": float(np.median([one for one, _ in later])),
    "found": sum(is_same for _, is_same in later), "of": len(later), "own": psutil.Process().memory_full_info().uss}))
"""


def rows_of(first: int, stop: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return (V, FRAMES, WIDTH) rows of norm 1 of videos by number, and (V, FRAMES) which frames of still cameras
    move."""
    shared = np.random.default_rng(1)
    basis = shared.standard_normal((RANK, WIDTH), np.float32) / np.sqrt(RANK, dtype=np.float32)
    paths = 2 * shared.standard_normal((ACTIONS, 1, RANK), np.float32)
    paths = paths + 0.35 * np.cumsum(shared.standard_normal((ACTIONS, POSES, RANK), np.float32), axis=1)
    rng = np.random.default_rng((2, first))
    count = stop - first
    is_still = np.arange(first, stop) % STILL_EVERY == 0
    action = rng.integers(ACTIONS, size=count)[:, None]
    times = np.sort(rng.uniform(0, POSES - 1.001, (count, FRAMES)), axis=1)
    times[is_still] = times[is_still, :1]
    pose, share = times.astype(int), (times % 1).astype(np.float32)[..., None]
    states = paths[action, pose] * (1 - share) + paths[action, pose + 1] * share
    states += 0.3 * rng.standard_normal((count, 1, RANK), np.float32)
    starts = rng.integers(FRAMES - 8, size=count)[:, None]
    is_moving = is_still[:, None] & (np.arange(FRAMES) >= starts) & (np.arange(FRAMES) < starts + 5)
    states[is_moving] += 0.8 * rng.standard_normal((int(is_moving.sum()), RANK), np.float32)
    noise = np.where(is_still, np.float32(0.002), np.float32(0.05))[:, None, None]
    rows = states @ basis + noise * rng.standard_normal((count, FRAMES, WIDTH), np.float32)
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    return rows, is_moving


def library(num_videos: int, first_video: int = 0) -> Iterator[EmbeddedVideo]:
    """Yield the videos from a number that is a multiple of 500."""
    edges = np.arange(FRAMES + 1) / FPS
    for first in range(first_video, num_videos, 500):
        for number, rows in enumerate(rows_of(first, min(first + 500, num_videos))[0], start=first):
            yield EmbeddedVideo(Path(f"/archive/take{number:07d}.mp4"), f"{number:08x}" * 4, edges, rows)


def moving_frames(num_videos: int) -> list[tuple[int, int]]:
    """Return video and frame of some moving frames of still cameras, in random order."""
    rng = np.random.default_rng(3)
    found = []
    blocks = rng.permutation(range(0, num_videos, 500))[:60]
    for first in blocks.tolist():
        is_moving = rows_of(first, min(first + 500, num_videos))[1]
        found += [(first + int(video), int(frame)) for video, frame in np.argwhere(is_moving)]
    return [found[place] for place in rng.permutation(len(found))[: MOST_MOVING + 1]]


def run(program: str, *words: str | Path) -> dict[str, float]:
    """Return what a fresh process prints."""
    done = subprocess.run([sys.executable, "-c", program, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def size_of(folder: Path) -> int:
    """Return bytes on disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def graphs(folder: Path, moving: list[tuple[int, int]]) -> None:
    """Print how graph indexes of all frames do, with the settings that their authors suggest."""
    packed = PackedVideos.open(folder)
    rows = np.concatenate([unit_rows(rows) for _, rows in packed.blocks(0, packed.num_frames)])
    wanted = np.array([video * FRAMES + frame for video, frame in moving[1:]])
    for name in ("hnswlib", "usearch"):
        try:
            library = __import__("usearch.index", fromlist=["Index"]) if name == "usearch" else __import__(name)
        except ImportError:
            print(f"{name}: not installed")
            continue
        started = time.perf_counter()
        if name == "hnswlib":
            graph = library.Index(space="ip", dim=WIDTH)
            graph.init_index(len(rows), ef_construction=200, M=16)
            graph.add_items(rows)
            graph.set_ef(100)
            built = time.perf_counter()
            nearest = graph.knn_query(rows[wanted], k=10)[0]
        else:
            graph = library.Index(ndim=WIDTH, metric="ip")
            graph.add(np.arange(len(rows)), rows)
            built = time.perf_counter()
            nearest = graph.search(rows[wanted], 10).keys
        took = (time.perf_counter() - built) / len(wanted)
        found = int((nearest == wanted[:, None]).any(axis=1).sum())
        print(
            f"{name}: built in {built - started:.0f} s, {1000 * took:.1f} ms a query, moving found {found} of "
            f"{len(wanted)} among 10",
            flush=True,
        )


def measure(folder: Path, num_frames: int, with_graphs: bool) -> None:
    """Print the rows of a size."""
    encoder = folder.parent / "encoder.safetensors"
    encoder.write_bytes(b"\0" * 1000)
    num_videos = num_frames // FRAMES
    with PackedWriter(folder, content_digest(encoder), "float16") as writer:
        for video in library(num_videos):
            writer.add(video)
    moving = moving_frames(num_videos)
    places = folder.parent / "moving.json"
    places.write_text(json.dumps(moving))
    built = run(BUILD, folder)
    index_bytes = size_of(folder / "index")
    stages = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in dict(built["stages"]).items())  # type: ignore[call-overload]
    print(f"\n{num_frames:,} frames, {size_of(folder / 'frames') / 1e9:.2f} GB; index: {stages}")
    print(
        "| | build s | GB | peak GB | to the first answer s | later ms | own MB | recall@10 | still cameras | "
        "moving found |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for method in ("approximate", "exact"):
        seen = run(SEARCH, folder, encoder, method, places)
        of_index = method == "approximate"
        cells = [
            f"index, {built['probes']} lists a query" if of_index else "exact",
            f"{built['seconds']:.0f}" if of_index else "-",
            f"{index_bytes / 1e9:.2f}" if of_index else "-",
            f"{built['peak'] / 1e9:.2f}" if of_index else "-",
            f"{seen['answer']:.2f}",
            f"{1000 * seen['later']:.1f}",
            f"{seen['own'] / 1e6:.0f}",
            f"{built['share']:.3f}" if of_index else "1",
            f"{built['still_share']:.3f}" if of_index else "1",
            f"{seen['found']:.0f} of {seen['of']:.0f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
    if with_graphs:
        graphs(folder, moving)


def main() -> int:
    """Print the tables; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--frames", type=int, nargs="+", default=[1_000_000, 10_000_000])
    options.add_argument("--folder", type=Path, help="where the library is made, and removed again")
    options.add_argument("--graphs", action="store_true", help="hnswlib and usearch too, of at most a million frames")
    chosen = options.parse_args()
    for num_frames in chosen.frames:
        folder = Path(tempfile.mkdtemp(prefix="carl-index-", dir=chosen.folder))
        try:
            measure(folder / "library", num_frames, chosen.graphs and num_frames <= 1_000_000)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
