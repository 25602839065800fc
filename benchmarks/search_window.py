"""Click to hits on the screen, in a project of a million embedded frames, beside what one would do instead.

A real window without a screen shows the view Search over 2,000 videos of 500 frames (128 numbers each, written as
`core.embed` writes them). Every click searches for another random frame with the filters as they are at first: 60 hits
at least a second apart. It ends when the grid has drawn the hits of that very query; the files of the videos are not
there, so no thumbnails follow. In the same run, in turns: one BLAS product over all frames in one array and a full
sort, which is the shortest way in numpy; and scikit-learn's brute-force neighbours. Neither keeps hits apart. The hits
of every click are compared with those of the exact search over all embeddings.

The floor is the time in which this machine reads as many bytes as were kept for the search. Claimed: 95 of 100 clicks
take less than 100 ms. Exit status 1 where they take longer, or hits differ.

    python benchmarks/search_window.py [--clicks 200] [--videos 2000] [--frames 500]    # about three minutes
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication
from window.driving import live_in, shown_window, until

from carl_gui.explore.page import ExploreController
from carl_gui.explore.search.controller import SearchView
from carl_gui.main_window import MainWindow
from carl_gui.models.scene import VideoRange
from core.base.files import content_digest, write_text
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.project.places import Place
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo
from core.search import find_frames

CLAIMED_MS = 100.0
WIDTH, FPS = 128, 30.0
TURNS = 15
"""Of what is done instead, which takes longer."""


def write_project(folder: Path, num_videos: int, num_frames: int) -> list[NDArray[np.float32]]:
    """Random walks on the sphere, as embeddings drift; returns the rows of each video."""
    rng = np.random.default_rng(0)
    rows, new, videos = [], [], []
    for number in range(num_videos):
        walk = 5 * rng.normal(size=WIDTH) + np.cumsum(rng.normal(size=(num_frames, WIDTH)), axis=0)
        rows.append((walk / np.linalg.norm(walk, axis=1, keepdims=True)).astype(np.float32))
        path, digest = folder / "videos" / f"take{number:04d}.mp4", f"{number:032x}"
        new.append(NewVideo(path, digest, 1_000_000, Place.of(path, folder)))
        videos.append(EmbeddedVideo(path, digest, np.arange(num_frames + 1) / FPS, rows[-1]))
    with Project.create(folder) as project:
        project.do(AddVideos(tuple(new)))
    encoder = folder / "runs" / "run-1" / "encoder.safetensors"
    encoder.parent.mkdir(parents=True)
    encoder.write_bytes(b"no weights")
    write_text(encoder.with_suffix(".json"), '{"kind": "carl encoder"}')
    write_embedded(folder / "embeddings" / "run-1", videos, content_digest(encoder))
    return rows


def opened(window: MainWindow, folder: Path) -> tuple[ExploreController, SearchView]:
    """The view Search, with all embeddings open."""
    window.projects.open(folder)
    window.show_page("explore")
    page = cast("ExploreController", window.page("explore"))
    until(lambda: page.context.scene is not None)
    page.choose_view("search")
    until(lambda: page.context.embedded is not None)
    return page, cast("SearchView", page.views["search"])


def click(window: MainWindow, view: SearchView, video_range: VideoRange) -> float:
    """Milliseconds from a player's wish until the hits of this query are drawn."""
    loop = QEventLoop()

    def look() -> None:
        answer = view.search_session.answer
        if answer is not None and answer.video_range == video_range and answer.hits is view.panel.model.rows:
            loop.quit()

    drawn = view.panel.hits.painted.connect(look)
    began = time.perf_counter()
    window.find_similar(video_range)
    loop.exec()
    took = 1e3 * (time.perf_counter() - began)
    view.panel.hits.painted.disconnect(drawn)
    return took


def check(view: SearchView, video_range: VideoRange) -> bool:
    """Whether the hits that are shown are those of the exact search over all embeddings."""
    from core.search.matches import FrameRange

    ground = view.search_session.worker.index
    if ground is None:
        return False
    ids, videos = list(ground.embedded), list(ground.embedded.values())
    place, apart = ids.index(video_range.video_id), view.search_session.filters.apart_seconds
    starts = videos[place].edges_seconds[:-1]
    near = np.flatnonzero(np.abs(starts - starts[video_range.start_frame]) < apart - 1e-6)
    own = FrameRange(place, int(near[0]), int(near[-1]) + 1)
    query = videos[place].embeddings[video_range.start_frame]
    expected = find_frames(query, videos, k=view.search_session.filters.k, apart_seconds=apart, exclude=[own])
    found = [(hit.video_range.video_id, hit.video_range.start_frame, hit.cosine) for hit in view.panel.model.rows]
    return found == [(ids[one.video_index], one.frame, one.cosine) for one in expected]


def instead(rows: list[NDArray[np.float32]], k: int) -> dict[str, Callable[[NDArray[np.float32]], object]]:
    """What a person would write who has all rows in memory."""
    from sklearn.neighbors import NearestNeighbors

    matrix = np.concatenate(rows)
    neighbours = NearestNeighbors(n_neighbors=k, algorithm="brute", metric="cosine").fit(matrix)
    return {
        "numpy: one product, all sorted": lambda query: np.argsort(-(matrix @ query))[:k],
        "scikit-learn: NearestNeighbors, brute": lambda query: neighbours.kneighbors(query[None]),
    }


def reading_ms(num_bytes: int) -> float:
    """The shortest of some readings of so much memory, by all cores."""
    held = np.ones(num_bytes // 8, np.int64)
    halves = np.array_split(held, 2)
    taken = []
    with ThreadPoolExecutor(len(halves)) as pool:
        for _ in range(10):
            began = time.perf_counter()
            list(pool.map(np.max, halves))
            taken.append(1e3 * (time.perf_counter() - began))
    return min(taken)


def measure(folder: Path, rows: list[NDArray[np.float32]], clicks: int) -> tuple[dict[str, list[float]], int, int]:
    """Milliseconds by what was done; how many clicks had other hits; bytes that were kept for the search."""
    rng = np.random.default_rng(1)
    taken: dict[str, list[float]] = {"click to hits on the screen": []}
    num_wrong = 0
    with shown_window() as window:
        _, view = opened(window, folder)
        first = click(window, view, VideoRange(1, 7, 8))
        began = time.perf_counter()
        until(
            lambda: view.search_session.worker.index is not None and view.search_session.worker.index.quick is not None
        )
        print(
            f"first click, before anything was prepared: {first:.0f} ms; "
            f"prepared {time.perf_counter() - began:.1f} s later"
        )
        others = instead(rows, view.search_session.filters.k)
        for turn in range(clicks):
            number, frame = int(rng.integers(len(rows))), int(rng.integers(len(rows[0])))
            video_range = VideoRange(number + 1, frame, frame + 1)
            taken["click to hits on the screen"].append(click(window, view, video_range))
            num_wrong += not check(view, video_range)
            if turn % max(1, clicks // TURNS) == 0:
                for name, act in others.items():
                    began = time.perf_counter()
                    act(rows[number][frame])
                    taken.setdefault(name, []).append(1e3 * (time.perf_counter() - began))
                time.sleep(0.1)  # BLAS's threads spin for a while after a product
            QApplication.processEvents()
        quick = view.search_session.worker.index.quick if view.search_session.worker.index else None
        num_bytes = quick.num_bytes if quick is not None else 0
    return taken, num_wrong, num_bytes


def main() -> int:
    """Print the table; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--clicks", type=int, default=200)
    options.add_argument("--videos", type=int, default=2000)
    options.add_argument("--frames", type=int, default=500)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="carl-search-", ignore_cleanup_errors=True) as name:
        live_in(Path(name))
        _app = QApplication([])
        folder = Path(name) / "project"
        rows = write_project(folder, chosen.videos, chosen.frames)
        taken, num_wrong, num_bytes = measure(folder, rows, chosen.clicks)
    floor = reading_ms(num_bytes)
    p95 = float(np.percentile(taken["click to hits on the screen"], 95))
    print(f"\n{chosen.videos * chosen.frames:,} frames in {chosen.videos:,} videos, {chosen.clicks} clicks")
    print(f"{'':42}{'p50':>8}{'p95':>8}   ms{'p50, x click':>16}")
    clicked = float(np.median(taken["click to hits on the screen"]))
    for what, times in taken.items():
        middle, late = np.percentile(times, (50, 95))
        print(f"{what:42}{middle:8.1f}{late:8.1f}{middle / clicked:21.2f}")
    print(f"{f'floor: reading {num_bytes / 1e6:.0f} MB once':42}{floor:8.1f}{'':8}{floor / clicked:21.2f}")
    print(f"\nclicks whose hits differ from the exact search: {num_wrong} of {chosen.clicks}")
    print(f"95 of 100 clicks within {p95:.1f} ms (claimed: less than {CLAIMED_MS:.0f})")
    return 0 if p95 < CLAIMED_MS and not num_wrong else 1


if __name__ == "__main__":
    sys.exit(main())
