"""Packed embeddings from 10^3 to 10^6 videos: to open them, to find a moment in them, and what that takes.

The synthetic library of benchmarks/index.py (videos of 100 frames of 128 numbers, float16) grows tenfold from step to
step. At each step fresh processes open it, and search it exactly. Beside it, as far as the system lets files be open: a
file a video, which is what there was before. At the end the growth of each column is stated as an exponent, from the
last two steps: 1 is in proportion to the number of videos, 0 does not grow.

10^6 videos need 27 GB of disk, which are freed at the end, and some 20 minutes.

    python benchmarks/scale.py [--largest 1000000] [--folder FOLDER] [--keep]
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
import time
from pathlib import Path

from index import library, run, size_of

from core.base.files import content_digest
from core.embedding.folder import write_embedded
from core.embedding.packing import PackedWriter

MOST_FILES = 10_000

OWN = """
def own_bytes():
    try:
        lines = open("/proc/self/status").read().splitlines()  # without the mapped pages of the library
        return 1024 * int(next(line.split()[1] for line in lines if line.startswith("RssAnon")))
    except OSError:
        import psutil
        return psutil.Process().memory_full_info().uss
"""

OPEN = (
    OWN
    + """
import sys, time; started = time.perf_counter()
import json, psutil; from pathlib import Path
from core.embedding.library import open_embedded
imported = time.perf_counter()
videos = open_embedded([Path(sys.argv[1])], Path(sys.argv[2]))
opened = time.perf_counter()
row = videos[len(videos) // 2].embeddings[17]
first = time.perf_counter()
process = psutil.Process()
print(json.dumps({"videos": len(videos), "open": opened - imported, "first": first - opened,
                  "rss": process.memory_info().rss, "own": own_bytes(), "handles": process.num_fds()}))
"""
)

SEARCH = (
    OWN
    + """
import sys, time; started = time.perf_counter()
import json; from pathlib import Path
from core.embedding.library import open_embedded
from core.search import find_frames
videos = open_embedded([Path(sys.argv[1])], Path(sys.argv[2]))
def ask(index):
    query = videos[index].embeddings[17]
    began = time.perf_counter()
    found = find_frames(query, videos, k=10, apart_seconds=1.0)
    assert (found[0].video_index, found[0].frame) == (index, 17) and len(found) == 10
    return time.perf_counter() - began
first = ask(len(videos) // 2)
answered = time.perf_counter()
later = sorted(ask(index) for index in (3, len(videos) // 3, 7))[1]
print(json.dumps({"answer": answered - started, "first": first, "later": later, "own": own_bytes()}))
"""
)


def exponent(sizes: list[int], values: list[float]) -> str:
    """Return the slope of the last two points, both on logarithmic scales."""
    if len(values) < 2 or min(values[-2:]) <= 0:
        return "-"
    return f"{math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2]):.2f}"


def row_of_files(folder: Path, encoder: Path, num_videos: int) -> None:
    """Measure a file a video."""
    write_embedded(folder, list(library(num_videos)), content_digest(encoder))
    seen = run(OPEN, folder, encoder)
    print(
        f"| {num_videos} (.npy) | {seen['open']:.2f} | {1000 * seen['first']:.1f} | {seen['own'] / 1e6:.0f} | "
        f"{seen['handles']:.0f} | {size_of(folder) / 1e9:.3f} | - | - | - |",
        flush=True,
    )
    shutil.rmtree(folder)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--largest", type=int, default=1_000_000, help="videos of the last step")
    options.add_argument("--folder", type=Path, help="where it lies meanwhile; default: the system's temporary folder")
    options.add_argument("--keep", action="store_true", help="leave the library there")
    given = options.parse_args()
    base = Path(tempfile.mkdtemp(prefix="carl-scale-", dir=given.folder))
    encoder = base / "encoder.safetensors"
    encoder.write_bytes(b"synthetic")
    sizes = [10**power for power in range(3, 10) if 10**power <= given.largest]
    columns: dict[str, list[float]] = {}
    print(
        "| videos of 100 frames | open, s | first video, ms | own memory, MB | open files | disk, GB | exact search: "
        "first answer of a process, s | later, s | own memory, MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    try:
        before = 0
        for size in sizes:
            if size <= MOST_FILES:
                row_of_files(base / "files", encoder, size)
            began = time.perf_counter()
            with PackedWriter(base / "packed", content_digest(encoder), "float16") as writer:
                for video in library(size, before):
                    writer.add(video)
            wrote = time.perf_counter() - began
            opened, found = run(OPEN, base / "packed", encoder), run(SEARCH, base / "packed", encoder)
            values = {
                "open": opened["open"],
                "first": 1000 * opened["first"],
                "own": opened["own"] / 1e6,
                "files": opened["handles"],
                "disk": size_of(base / "packed") / 1e9,
                "answer": found["answer"],
                "later": found["later"],
                "search memory": found["own"] / 1e6,
            }
            for name, value in values.items():
                columns.setdefault(name, []).append(value)
            shown = " | ".join(f"{value:.4g}" for value in values.values())
            print(f"| {size} | {shown} |", flush=True)
            print(f"  (written: {(size - before) / wrote:.0f} videos/s)", file=sys.stderr, flush=True)
            before = size
        print("| exponent | " + " | ".join(exponent(sizes, values) for values in columns.values()) + " |")
    finally:
        if given.keep:
            print(base)
        else:
            shutil.rmtree(base)


if __name__ == "__main__":
    main()
