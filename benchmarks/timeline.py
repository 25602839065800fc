"""Redraws of a timeline with thousands of labels, in a real (offscreen) window: one draw from start to end.

Rows, each of 5,000 labels of 8 phases over 100,000 frames, 1600 pixels wide:

* this timeline, whole video in sight: the playhead moves; an edge is dragged; all labels are selected; a predicted row
  and one of confidence are shown too; the wheel zooms;
* what a user would build instead: pyqtgraph with a `LinearRegionItem` for each label, a `QGraphicsScene` with a
  rectangle for each;
* the floor: a widget of that size that fills its background.

`work` is the median of the time that the thread worked: what the clock shows on a machine that does nothing else.

Exit status 1 where the 95th percentile of a row of this timeline is not below 16 ms, or where it is not faster than
what a user would build.

    python benchmarks/timeline.py [--labels 5000] [--rounds 60] [--slow-rounds 5]
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView, QWidget

from carl_gui.label.timeline import PhaseTimeline
from carl_gui.theme import LIGHT, palette_of
from core.base.types import Span
from core.project.phase_edits import COLOURS

FRAMES, WIDTH, GOAL_MS = 100_000, 1600, 16.0
PHASES = {f"phase {number}": colour for number, colour in enumerate(COLOURS[:8], 1)}
Times = NDArray[np.float64]


class Floor(QWidget):
    """One colour."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#ffffff"))
        painter.end()


def labels(count: int) -> list[Span]:
    """Side by side, of uneven lengths."""
    cuts = np.sort(np.random.default_rng(0).choice(np.arange(1, FRAMES), count - 1, replace=False))
    names = itertools.cycle(PHASES)
    edges = [0, *cuts.tolist(), FRAMES]
    return [
        Span(name, int(one), int(other)) for name, (one, other) in zip(names, itertools.pairwise(edges), strict=False)
    ]


def timed(widget: QWidget, prepare: Callable[[int], object], rounds: int) -> Times:
    """Milliseconds from the change to the end of its painting: (N, 2) by the clock, and of work in this thread."""
    app, found = QApplication.instance(), []
    for number in range(rounds + 2):
        started, worked = time.perf_counter(), time.thread_time()
        prepare(number)
        widget.repaint()
        found.append(((time.perf_counter() - started) * 1000, (time.thread_time() - worked) * 1000))
        app.processEvents()
    return np.array(found[2:])  # caches are warm


def ours(spans: list[Span], rounds: int) -> dict[str, Times]:
    """The rows of this timeline."""
    timeline = PhaseTimeline()
    timeline.resize(WIDTH, 180)
    timeline.set_num_frames(FRAMES)
    timeline.set_edges(np.arange(FRAMES + 1) / 25)
    timeline.set_spans(spans, PHASES)
    timeline.show()
    rows = {"the playhead moves": timed(timeline, lambda n: timeline.set_frame_index(97 * n), rounds)}
    rows["the labels are others"] = timed(timeline, lambda n: timeline.set_spans(spans[n:], PHASES), rounds)
    timeline.set_spans(spans, PHASES)
    rows["an edge is dragged"] = dragged(timeline, spans, rounds)
    timeline.select(span.start_frame for span in spans)
    rows["all are selected"] = timed(timeline, lambda n: timeline.set_frame_index(97 * n), rounds)
    timeline.set_predicted([Span(s.phase, s.start_frame, s.end_frame_exclusive, 0.5, "probe") for s in spans])
    timeline.set_confidence(np.random.default_rng(1).random(FRAMES))
    timeline.resize(WIDTH, timeline.sizeHint().height())
    rows["with predicted rows"] = timed(timeline, lambda n: timeline.set_frame_index(97 * n), rounds)
    rows["the wheel zooms in"] = timed(
        timeline, lambda n: timeline.set_axis(timeline.state.axis.zoomed(1.12, WIDTH / 2)), rounds
    )
    timeline.close()
    timeline.deleteLater()
    return rows


def dragged(timeline: PhaseTimeline, spans: list[Span], rounds: int) -> Times:
    """Zoomed in until there is room to grasp an edge; each move of the mouse and its painting."""
    axis = timeline.state.axis
    timeline.set_axis(axis.zoomed(20, WIDTH / 2))
    row = timeline.current_layout.rows["manual"]
    track = timeline.state.manual
    inside = [place for place in track.indices_between(timeline.state.axis.first, FRAMES) if len(spans[place]) > 20]
    x = timeline.x_of(int(track.ends[inside[10]])) - 1
    at = QPointF(x, row.center().y())
    send(timeline, QMouseEvent.Type.MouseButtonPress, at)
    times = timed(
        timeline, lambda n: send(timeline, QMouseEvent.Type.MouseMove, QPointF(x - 2 - n % 20, at.y())), rounds
    )
    timeline.cancel()
    timeline.set_axis(axis)
    return times


def send(widget: QWidget, kind: QMouseEvent.Type, at: QPointF) -> None:
    """The left button is held."""
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), left, left, Qt.KeyboardModifier(0)))


def regions(spans: list[Span], rounds: int) -> Times:
    """pyqtgraph, a region a label; a line moves."""
    plot = pg.PlotWidget()
    plot.resize(WIDTH, 180)
    for span in spans:
        brush = QBrush(QColor(PHASES[span.phase]))
        plot.addItem(pg.LinearRegionItem((span.start_frame, span.end_frame_exclusive), brush=brush))
    line = pg.InfiniteLine(0)
    plot.addItem(line)
    plot.setXRange(0, FRAMES)
    plot.show()
    times = timed(plot.viewport(), lambda n: (line.setValue(97 * n), plot.viewport().update()), rounds)
    plot.close()
    plot.deleteLater()
    return times


def rectangles(spans: list[Span], rounds: int) -> Times:
    """A scene with a rectangle a label; a line moves."""
    scene = QGraphicsScene(0, 0, WIDTH, 180)
    scale = WIDTH / FRAMES
    for span in spans:
        box = QRectF(span.start_frame * scale, 30, len(span) * scale, 40)
        scene.addRect(box, QPen(QColor("#101414"), 0), QBrush(QColor(PHASES[span.phase])))
    line = scene.addLine(0, 0, 0, 180)
    view = QGraphicsView(scene)
    view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
    view.resize(WIDTH + 4, 184)
    view.show()
    times = timed(view.viewport(), lambda n: line.setX(97 * n * scale), rounds)
    view.close()
    view.deleteLater()
    return times


def main() -> int:
    """Print the table; returns the exit status."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--labels", type=int, default=5000)
    made.add_argument("--rounds", type=int, default=60)
    made.add_argument("--slow-rounds", type=int, default=5)
    given = made.parse_args()
    app = QApplication([])
    app.setPalette(palette_of(LIGHT))
    spans = labels(given.labels)
    rows = ours(spans, given.rounds)
    own = list(rows)
    rows["pyqtgraph, a region each"] = regions(spans, given.slow_rounds)
    rows["QGraphicsScene, a rectangle each"] = rectangles(spans, given.rounds)
    floor = Floor()
    floor.resize(WIDTH, 180)
    floor.show()
    rows["floor: one colour"] = timed(floor, lambda n: None, given.rounds)
    first = float(np.median(rows[own[0]][:, 0]))
    print(f"{given.labels:,} labels over {FRAMES:,} frames, {WIDTH} pixels; milliseconds a redraw")
    print(f"{'':36}{'median':>9}{'95 %':>9}{'worst':>9}{'ratio':>9}{'work':>9}")
    for name, times in rows.items():
        median, high = np.percentile(times[:, 0], (50, 95))
        line = f"{median:9.2f}{high:9.2f}{times[:, 0].max():9.2f}{median / first:9.1f}{np.median(times[:, 1]):9.2f}"
        print(f"{name:36}{line}", flush=True)
    is_fast = all(np.percentile(rows[name][:, 0], 95) < GOAL_MS for name in own)
    built = [times[:, 0] for name, times in rows.items() if name not in own and "floor" not in name]
    others = min(float(np.median(times)) for times in built)
    return 0 if is_fast and first < others else 1


if __name__ == "__main__":
    sys.exit(main())
