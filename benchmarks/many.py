"""Sixteen videos that play phase-locked in one (offscreen) window of 1280 x 800: how fast all cells are repainted.

Sixteen videos of 640 x 360, drawn here: a drifting texture with the frame's number in blocks, each at a tempo of its
own. From the request of a place to the end of the painting of the last of its cells; all sixteen must show the frame
that belongs there. Rows:

* the grid on the frame store, at random places, and place by place;
* what a person would do instead: decoding all sixteen files in turn, place by place and at random places (seeking
  exactly), painted by the same cells;
* the floor: reading the sixteen stored JPEGs and painting them, in one thread, without any events.

Then playing: which share of the places that are due are painted, and which of those within 33 ms of being due.

    python benchmarks/many.py [--frames 200] [--places 150] [--play-seconds 5]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parents[1]))  # for the tests' videos

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from carl_gui.explore.many.grid_playing import GridPlaying
from carl_gui.explore.many.panel import MOST, CellWords, ManyPanel
from core.base.files import content_digest
from core.base.types import Image
from core.embedding.embedded_video import EmbeddedVideo
from core.video.frame_store import FrameStore, find_stored
from core.video.reader import VideoReader
from tests.carl_gui.videos import row
from tests.conftest import number_of, numbered_image, write_numbered_video

WIDTH, HEIGHT, FPS = 640, 360, 30
GOAL_MS = 1000 / FPS


def write(folder: Path, video: int, frames: int) -> Path:
    """Noise of its own drifts under the number."""
    rng = np.random.default_rng(video)
    noise = rng.integers(0, 40, (HEIGHT // 5, WIDTH // 3, 3), np.uint8)
    texture = cv2.resize(noise, (2 * WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)

    def image(index: int, width: int, height: int) -> NDArray[np.uint8]:
        drift = (3 * index) % WIDTH
        return numbered_image(index, width, height) // 4 * 3 + texture[:, drift : drift + WIDTH]

    return write_numbered_video(folder, f"video{video:02}.mp4", frames, size=(WIDTH, HEIGHT), gop=250, image=image)


class Grid:
    """The panel with its cells, and when they were painted."""

    def __init__(self, app: QApplication, files: list[Path], frames: int) -> None:
        self.app, self.frames = app, frames
        self.matches = [self._matched(video) for video in range(len(files))]
        self.panel = ManyPanel()
        self.panel.resize(1280, 800)
        self.panel.set_cells([CellWords(file.name, "", "cosine 0.98") for file in files])
        self.panel.show()
        self.painted = 0
        self.cells = self.panel.player.grid.visible_cells
        for cell in self.cells:
            cell.view.painted.connect(self._count)
        rows = [
            row(video, file.name, absolute=str(file), digest=content_digest(file)) for video, file in enumerate(files)
        ]
        edges = np.arange(frames + 1) / FPS
        unused = np.zeros((frames, 1), np.float32)
        embedded = {one.id: EmbeddedVideo(Path(one.absolute), one.digest, edges, unused) for one in rows}
        self.playing = GridPlaying(self.panel.player, self.frame_of)
        self.playing.show(rows, files[0].parent, embedded, 0)
        self.until_shown(0)

    def _matched(self, video: int) -> NDArray[np.int64]:
        """(R,) its frame at each of the reference's, with rests and leaps as DTW finds them."""
        steps = np.random.default_rng(100 + video).choice([0, 1, 2], self.frames - 1, p=[0.2, 0.6, 0.2])
        steps = np.ones(self.frames - 1, int) if video == 0 else steps
        return np.minimum(np.cumsum([0, *steps]), self.frames - 1)

    def frame_of(self, video: int, place: int) -> int:
        return int(self.matches[video][place])

    def _count(self) -> None:
        self.painted += 1

    def shows(self, place: int) -> bool:
        images = [cell.view.image for cell in self.cells]
        return all(
            image is not None and number_of(np.asarray(image)) == self.frame_of(video, place)
            for video, image in enumerate(images)
        )

    def until_shown(self, place: int) -> float:
        """Run events until all cells show that place, and were painted; returns when."""
        while not self.shows(place):
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.app.processEvents()  # what was asked to be painted is
        return time.perf_counter()

    def seek(self, place: int) -> float:
        """Seconds from the request to the end of the painting."""
        started = time.perf_counter()
        self.playing.metronome.seek(place)
        return self.until_shown(place) - started

    def paint(self, images: list[Image]) -> None:
        for cell, image in zip(self.cells, images, strict=True):
            cell.set_moment("0:00.00", image)
            cell.view.repaint()

    def run(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def close(self) -> None:
        self.playing.close()
        self.panel.close()
        self.panel.deleteLater()
        self.app.processEvents()


def play(grid: Grid, seconds: float) -> tuple[int, list[float]]:
    """How many places were due, and how late those were that were painted, in seconds."""
    due: dict[int, float] = {}
    late: list[float] = []
    moved = grid.playing.moved.connect(lambda place: due.setdefault(place, time.perf_counter()))

    def take(shown: object) -> None:
        for cell in grid.cells:
            cell.view.repaint()
        place = getattr(shown, "place")  # noqa: B009 - of a signal that carries any object
        if place in due:
            late.append(time.perf_counter() - due[place])

    arrived = grid.playing.frames.arrived.connect(take)
    grid.seek(0)
    due.clear()
    late.clear()
    grid.playing.metronome.toggle()
    grid.run(seconds)
    grid.playing.metronome.pause()
    grid.playing.moved.disconnect(moved)
    grid.playing.frames.arrived.disconnect(arrived)
    return round(min(seconds, grid.frames / FPS) * FPS), late


def decode_in_turn(grid: Grid, files: list[Path], places: list[int]) -> list[float]:
    """Seconds until all cells are painted, by readers that are open already."""
    readers = [VideoReader(file) for file in files]
    spent = []
    for place in places:
        started = time.perf_counter()
        grid.paint([reader[grid.frame_of(video, place)].image for video, reader in enumerate(readers)])
        spent.append(time.perf_counter() - started)
    for reader in readers:
        reader.close()
    return spent


def report(rows: dict[str, list[float]]) -> None:
    print(f"\n{'request to all 16 painted, ms':<46}{'p50':>8}{'p95':>8}{'p99':>8}{'in 33 ms':>10}{'per s':>8}")
    for name, spent in rows.items():
        ms = np.array(spent) * 1000
        p50, p95, p99 = np.percentile(ms, [50, 95, 99])
        share = f"{100 * np.mean(ms <= GOAL_MS):.0f} %"
        print(f"{name:<46}{p50:>8.1f}{p95:>8.1f}{p99:>8.1f}{share:>10}{1000 / ms.mean():>8.1f}")


def measure(grid: Grid, files: list[Path], options: argparse.Namespace) -> None:
    """Print the tables."""
    places = np.random.default_rng(1).integers(0, options.frames, options.places).tolist()
    in_order = list(range(min(options.places, options.frames)))
    rows: dict[str, list[float]] = {}
    rows["grid, random places"] = [grid.seek(place) for place in places if not grid.shows(place)]
    rows["grid, place by place"] = [grid.seek(place) for place in in_order]
    due, late = play(grid, options.play_seconds)
    rows["16 files decoded in turn, place by place"] = decode_in_turn(grid, files, in_order[: options.slow_places])
    rows["16 files decoded in turn, random places"] = decode_in_turn(grid, files, places[: options.slow_places // 4])
    stored = [find_stored(content_digest(file), file) for file in files]
    assert all(one is not None for one in stored)
    rows["floor: 16 stored JPEGs and painting, 1 thread"] = spent = list[float]()
    for place in places:
        started = time.perf_counter()
        grid.paint([one[grid.frame_of(video, place)].image for video, one in enumerate(stored) if one is not None])
        spent.append(time.perf_counter() - started)
    report(rows)
    ms = np.array(late) * 1000
    print(f"\nplaying at {FPS} frames/s: {len(late)} of {due} places painted ({100 * len(late) / due:.0f} %),", end=" ")
    print(f"{100 * np.mean(ms <= GOAL_MS):.0f} % of them within 33 ms of being due; p95 {np.percentile(ms, 95):.0f} ms")
    ratio = np.median(rows["16 files decoded in turn, place by place"]) / np.median(rows["grid, place by place"])
    print(f"the grid's median place by place is {ratio:.1f} x as fast as decoding in turn")


def main() -> int:
    """Print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--places", type=int, default=150)
    parser.add_argument("--slow-places", type=int, default=60)
    parser.add_argument("--play-seconds", type=float, default=5.0)
    options = parser.parse_args()
    app = QApplication(["many"])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CARL_CACHE"] = str(Path(folder, "cache"))
        files = [write(Path(folder), video, options.frames) for video in range(MOST)]
        stored = FrameStore(max_bytes=10**10).add(files)
        size = sum(one.num_bytes for one in stored) / MOST / options.frames / 1000
        print(f"16 videos of {options.frames} frames, stored as {stored[0].width} x {stored[0].height},", end=" ")
        print(f"{size:.0f} kB a frame; {os.cpu_count()} processor cores")
        del stored
        grid = Grid(app, files, options.frames)
        measure(grid, files, options)
        grid.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
