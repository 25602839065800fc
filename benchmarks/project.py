"""How a project of 10,000 videos and 200,000 spans opens, lists and sorts, what an edit costs, and 50 kills.

Claimed: it opens within 2 s in a fresh process; listing and sorting take at most 0.2 s each; no kill -9 loses an
edit that was confirmed.

    python benchmarks/project.py     # about a minute
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the child that is killed lies with the tests

from core.base.types import Span  # noqa: E402
from core.project.backups import make_backup  # noqa: E402
from core.project.badges import badges  # noqa: E402
from core.project.edits import Edit, Together  # noqa: E402
from core.project.phase_edits import AddPhase, MergePhases  # noqa: E402
from core.project.places import Place  # noqa: E402
from core.project.rows import sorted_videos  # noqa: E402
from core.project.span_edits import MoveBoundary, ReplaceSpans  # noqa: E402
from core.project.store import Project  # noqa: E402
from core.project.video_edits import AddVideos, NewVideo, RemoveVideos, SetNotes, SetSplit  # noqa: E402
from tests.core.project.projects import filled  # noqa: E402
from tests.core.project.test_kill import check_nothing_is_lost, edits_until_killed  # noqa: E402

OPEN_SECONDS, LIST_SECONDS = 2.0, 0.2
FRESH = """
import json, sys, time
from pathlib import Path
start = time.perf_counter()
from core.project.store import Project
imported = time.perf_counter()
project = Project.open(Path(sys.argv[1]))
opened = time.perf_counter()
rows = project.videos()
print(json.dumps([imported - start, opened - imported, time.perf_counter() - opened, len(rows)]))
project.close()
"""


def seconds(function: Callable[[], object]) -> float:
    """That one call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def fill(folder: Path, num_videos: int, num_spans: int) -> None:
    """Make the project, its videos not on any disk."""
    names = [f"take{number}-{number * 7919 % num_videos}.mp4" for number in range(num_videos)]
    paths = [folder / "videos" / f"day{number % 30}" / name for number, name in enumerate(names)]
    videos = [
        NewVideo(path, f"{number:032x}", 1000 + number * 31 % 9973, Place.of(path, folder))
        for number, path in enumerate(paths)
    ]
    phases = [f"phase {number}" for number in range(8)]
    each = num_spans // num_videos
    with Project.create(folder) as project:
        tracks: list[Edit] = [
            ReplaceSpans(
                video, tuple(Span(phases[(video + i) % 8], 30 * i, 30 * i + 20 + video % 10) for i in range(each))
            )
            for video in range(1, num_videos + 1)
        ]
        project.do(AddVideos(tuple(videos)))
        project.do(Together("Phases", tuple(AddPhase(name) for name in phases)))
        for start in range(0, len(tracks), 1000):
            project.do(Together("Labels", tuple(tracks[start : start + 1000])))


def report(name: str, times: Sequence[float], most: float | None = None) -> bool:
    """Print a row; whether the median keeps its promise."""
    median, worst = float(np.median(times)), max(times)
    claim = "" if most is None else f"   claimed: {most * 1e3:.0f}"
    print(f"{name:44}{median * 1e3:9.1f}{worst * 1e3:9.1f}{claim}", flush=True)
    return most is None or median <= most


def fresh(folder: Path) -> list[float]:
    """Seconds of a fresh process: import, open, list."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", FRESH, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return [float(value) for value in json.loads(done.stdout)[:3]]


def measure(folder: Path, rounds: int) -> bool:
    """Print how long it all takes; whether the promises hold."""
    runs = np.array([fresh(folder) for _ in range(rounds)])
    kept = [report("fresh process: import", runs[:, 0].tolist())]
    kept.append(report("open, list included", (runs[:, 1] + runs[:, 2]).tolist(), OPEN_SECONDS))
    with Project.open(folder) as project:
        project.backups.wait()
        kept.append(report("list", [seconds(project.videos) for _ in range(rounds)], LIST_SECONDS))
        rows = project.videos()
        for by in ("name", "split", "num_frames_labelled"):
            times = [seconds(lambda by=by: sorted_videos(rows, by)) for _ in range(rounds)]  # type: ignore[misc]
            kept.append(report(f"sort by {by}", times, LIST_SECONDS))
        report("badges, from the disk", [seconds(lambda: badges(rows, folder)) for _ in range(rounds)])
        edits = [SetNotes, lambda text: MoveBoundary(5, 30, 29), lambda text: MoveBoundary(5, 29, 30)]
        report("a small edit", [seconds(lambda i=i: project.do(edits[i % 3](str(i)))) for i in range(60)])  # type: ignore[misc]
        ids = tuple(video.id for video in rows)
        for name, edit in (
            ("set every split", SetSplit(ids, "val")),
            ("merge two of eight phases", MergePhases(1, (2,))),
            ("remove every video", RemoveVideos(ids)),
        ):
            report(name, [seconds(lambda edit=edit: project.do(edit))])  # type: ignore[misc]
            report(f"{name}: undo", [seconds(project.undo)])
        report("a backup, in a thread of its own", [seconds(lambda: make_backup(folder, datetime.now(UTC)))])
    print(f"the database takes {(folder / 'project.sqlite').stat().st_size / 1e6:.0f} MB")
    return all(kept)


def kill(folder: Path, times: int) -> None:
    """Kill an editing process so many times; AssertionError where an edit is lost."""
    generator = random.Random(50)
    filled(folder).close()
    confirmed = 0
    for _ in range(times):
        now = edits_until_killed(folder, generator.randrange(1, 40), generator.randrange(400_000))
        check_nothing_is_lost(folder, now)
        confirmed = now
    print(f"killed {times} times over {confirmed} edits: nothing that was confirmed is lost")


def main() -> int:
    """Print the tables; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--videos", type=int, default=10_000)
    options.add_argument("--spans", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--kills", type=int, default=50)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="carl-project-", ignore_cleanup_errors=True) as name:
        folder = Path(name, "large")
        print(f"{chosen.videos:,} videos, {chosen.spans:,} spans\n{'':44}{'median':>9}{'worst':>9}   ms")
        fill(folder, chosen.videos, chosen.spans)
        kept = measure(folder, chosen.rounds)
        kill(Path(name, "killed"), chosen.kills)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
