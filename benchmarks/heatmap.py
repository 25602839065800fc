"""The heatmap of two long videos: from their embeddings to the picture on the screen, memory, and moving the cursor.

Each row runs in a process of its own, in an offscreen window of 900 x 800 that has shown two short videos before, on
the same embeddings, drawn here: a movement that is repeated at a changing tempo, 128 numbers a frame. Rows:

* the heatmap of the window, from the embeddings to the first picture painted (coarse) and to the sharp one;
* the same matrix by numpy in full, shown by pyqtgraph's ImageItem, and up to 10,000 frames by matplotlib's imshow,
  which takes 20 GB of memory and minutes for 20,000;
* the floor: the means over the pixels alone, without colours, window or events.

Then the cursor is moved to frame after frame, each time until it is painted; in the window's heatmap also zooming at
the cursor, to the first picture and to the sharp one. Memory is the process's peak above what it held before it began.
Exit status 1 where the sharp picture of the longest videos is not ten times as fast as pyqtgraph's, or takes as much
as a tenth of its memory.

    python benchmarks/heatmap.py [--frames 5000 20000] [--moves 100]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QPointF
from PySide6.QtWidgets import QApplication, QWidget

WIDTH, HEIGHT, FPS, NUMBERS = 900, 800, 30, 128
ROWS = ("window", "pyqtgraph", "matplotlib", "floor")
LEAST_RATIO = 10.0
MOST_BY_MATPLOTLIB = 10_000

Figures = dict[str, float]


def embeddings(frames: int, seed: int) -> NDArray[np.float32]:
    """(frames, 128) of norm 1: there and back every 100 frames or so, with noise."""
    rng = np.random.default_rng(seed)
    phase = np.cumsum(1 + 0.5 * np.sin(np.arange(frames) / 300 + seed)) / 100
    moments = np.abs(1 - 2 * (phase % 1))
    rows = np.exp(-((moments[:, None] - np.linspace(0, 1, NUMBERS)) ** 2) / 0.02) + 0.1 * rng.normal(
        size=(frames, NUMBERS)
    )
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def peak_bytes() -> int:
    """Of this process so far."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def spent(actions: Iterator[Callable[[], None]]) -> list[float]:
    """Seconds of each."""
    found = []
    for action in actions:
        started = time.perf_counter()
        action()
        found.append(time.perf_counter() - started)
    return found


def told(name: str, seconds: list[float]) -> Figures:
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return {f"{name} p50 ms": float(p50), f"{name} p95 ms": float(p95)}


def show(app: QApplication, widget: QWidget) -> None:
    widget.resize(WIDTH, HEIGHT)
    widget.show()
    app.processEvents()


def window(app: QApplication, a: NDArray[np.float32], b: NDArray[np.float32], moves: int) -> Figures:
    from carl_gui.explore.pair.heatmap import HeatmapView
    from carl_gui.explore.pair.model import Pair, PairSide
    from core.align.area import Axis, mean_cosine
    from core.base.types import Alignment

    view = HeatmapView()
    show(app, view)
    painted: list[float] = []
    view.painted.connect(lambda: painted.append(time.perf_counter()))

    def until_sharp() -> None:
        while not (view.is_sharp and painted and painted[-1] > sharp_at[0]):
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    sharp_at = [0.0]
    view.sheet.pictures.changed.connect(lambda: sharp_at.__setitem__(0, time.perf_counter()))

    def set_pair(frames: int) -> float:
        """When the first picture was painted."""
        steps, edges = np.arange(frames), np.arange(frames + 1) / FPS
        sides = [PairSide(edges, rows[:frames]) for rows in (a, b)]
        coarse = mean_cosine(Axis(b[:frames], edges, 256), Axis(a[:frames], edges, 256))
        view.set_pair(Pair(*sides, coarse, Alignment(steps, steps, 0.0), None), "a", "b")
        view.repaint()
        return painted[-1]

    set_pair(50)
    until_sharp()
    started = time.perf_counter()
    figures = {"first s": set_pair(len(a)) - started}
    until_sharp()
    figures["sharp s"] = painted[-1] - started
    figures["bytes"] = peak_bytes()
    places = np.random.default_rng(0).integers(0, len(a), (moves, 2)).tolist()

    def move(place: tuple[int, int]) -> None:
        view.set_frames(*place)
        view.repaint()

    figures |= told("cursor", spent(lambda place=place: move(place) for place in places))
    first, sharp = [], []
    for place in places[: moves // 2]:
        view.sheet.fit()
        until_sharp()
        begun = time.perf_counter()
        view.sheet.zoom(4.0, QPointF(view.spot(*place)))
        view.repaint()
        first.append(time.perf_counter() - begun)
        until_sharp()
        sharp.append(time.perf_counter() - begun)
    view.close()
    return figures | told("zoom", first) | told("zoomed sharply", sharp)


def pyqtgraph(app: QApplication, a: NDArray[np.float32], b: NDArray[np.float32], moves: int) -> Figures:
    import pyqtgraph as pg

    plot = pg.PlotWidget()
    show(app, plot)
    plot.addItem(pg.ImageItem(a[:50] @ b[:50].T, levels=(-1, 1)))
    plot.repaint()
    plot.clear()
    started = time.perf_counter()
    image = pg.ImageItem(a @ b.T, levels=(-1, 1))
    plot.addItem(image)
    lines = [pg.InfiniteLine(angle=angle) for angle in (90, 0)]
    for line in lines:
        plot.addItem(line)
    plot.repaint()
    app.processEvents()
    figures = {"first s": time.perf_counter() - started, "sharp s": time.perf_counter() - started}
    figures["bytes"] = peak_bytes()

    def move(place: list[int]) -> None:
        for line, value in zip(lines, place, strict=True):
            line.setValue(value)
        plot.viewport().repaint()

    places = np.random.default_rng(0).integers(0, len(a), (min(moves, 20), 2)).tolist()
    return figures | told("cursor", spent(lambda place=place: move(place) for place in places))


def matplotlib(app: QApplication, a: NDArray[np.float32], b: NDArray[np.float32], moves: int) -> Figures:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    canvas.draw()
    started = time.perf_counter()
    axes.imshow(a @ b.T, origin="lower", aspect="auto", cmap="magma", vmin=-1, vmax=1)
    canvas.draw()
    figures = {"first s": time.perf_counter() - started, "sharp s": time.perf_counter() - started}
    figures["bytes"] = peak_bytes()
    lines = axes.axvline(0), axes.axhline(0)

    def move(place: list[int]) -> None:
        lines[0].set_xdata([place[0]] * 2)
        lines[1].set_ydata([place[1]] * 2)
        canvas.draw()

    places = np.random.default_rng(0).integers(0, len(a), (min(moves, 3), 2)).tolist()
    return figures | told("cursor", spent(lambda place=place: move(place) for place in places))


def floor(app: QApplication, a: NDArray[np.float32], b: NDArray[np.float32], moves: int) -> Figures:
    from core.align.area import Axis, mean_cosine

    edges = np.arange(len(a) + 1) / FPS
    mean_cosine(Axis(b[:10], edges[:11], 9), Axis(a[:10], edges[:11], 9))  # scipy is imported
    started = time.perf_counter()
    mean_cosine(Axis(b, edges, 700), Axis(a, edges, 720))
    seconds = time.perf_counter() - started
    return {"first s": seconds, "sharp s": seconds, "bytes": peak_bytes()}


def one_row(name: str, frames: int, moves: int) -> None:
    """In this process; tells the figures as JSON."""
    app = QApplication([])
    a, b = embeddings(frames, 0), embeddings(frames, 1)
    before = peak_bytes()
    figures = {"window": window, "pyqtgraph": pyqtgraph, "matplotlib": matplotlib, "floor": floor}[name](
        app, a, b, moves
    )
    figures["bytes"] -= before
    print(json.dumps(figures))


def measure(name: str, frames: int, moves: int) -> Figures | None:
    """None where the row's process broke off: then there was not enough memory."""
    options = ["--row", name, "--frames", str(frames), "--moves", str(moves)]
    child = subprocess.run([sys.executable, __file__, *options], capture_output=True, text=True, check=False)
    if child.returncode:
        print(f"{name}, {frames} frames: broke off\n{child.stderr[-500:]}")
        return None
    found: Figures = json.loads(child.stdout.splitlines()[-1])
    return found


def report(frames: int, rows: dict[str, Figures | None]) -> bool:
    """Print a table; returns whether what we claim holds."""
    base = rows["window"]
    print(
        f"\n{frames} x {frames} frames   {'first':>9}{'sharp':>9}{'times':>8}{'memory':>10}{'cursor p50':>13}{'p95':>9}"
    )
    for name, found in rows.items():
        if found is None or base is None:
            continue
        ratio = found["sharp s"] / base["sharp s"]
        cursor = (
            "".join(f"{found[f'cursor {p} ms']:.1f} ms".rjust(w) for p, w in (("p50", 13), ("p95", 9)))
            if ("cursor p50 ms" in found)
            else ""
        )
        print(
            f"{name:<22}{found['first s'] * 1000:>7.0f} ms{found['sharp s'] * 1000:>6.0f} ms{ratio:>8.1f}"
            f"{found['bytes'] / 1e6:>7.0f} MB{cursor}"
        )
    if base is None:
        return False
    for name in ("zoom", "zoomed sharply"):
        print(f"window, {name}: p50 {base[f'{name} p50 ms']:.0f} ms, p95 {base[f'{name} p95 ms']:.0f} ms")
    other = rows["pyqtgraph"]
    return other is None or (
        other["sharp s"] >= LEAST_RATIO * base["sharp s"] and other["bytes"] >= LEAST_RATIO * base["bytes"]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, nargs="+", default=[5000, 20_000])
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        one_row(options.row, options.frames[0], options.moves)
        return 0
    holds = True
    for frames in options.frames:
        rows = [name for name in ROWS if name != "matplotlib" or frames <= MOST_BY_MATPLOTLIB]
        holds = report(frames, {name: measure(name, frames, options.moves) for name in rows})
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
