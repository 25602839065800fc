"""Draw the static parts of the strip: two curves over the steps of the path, peaks, pins, times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from carl_gui.explore.pair.heatmap_pictures import tick_text, ticks
from carl_gui.explore.pair.model import Pair, missing_stretches
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.theme import ThemeColours

_MARGIN, _GAP = 10.0, 6.0
_FASTEST = 2.0
"""Doublings of the tempo, up and down, that fit."""
_LEAST_DISTANCE = 0.02
"""The least distance at the top of the lane, so that similar videos look similar."""
_VEIL, _HATCH = 0.22, 0.5
_RIGHT = Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Lanes:
    """Layout of the strip: the distance above, the tempo below, the times of A at the bottom."""

    distance: QRectF
    tempo: QRectF
    num_steps: int
    headroom: float = 0.0
    """Room at the top of each lane for its title; 0: the lanes are too low for titles."""

    @classmethod
    def within(cls, room: QRectF, letters: QFontMetricsF, num_steps: int, *, has_numbers: bool = False) -> Lanes:
        """Return the layout of the lanes; the distance gets somewhat more of the height.

        Args:
            has_numbers: whether there is a row above all for the numbers of repetitions.
        """
        above = letters.height() + 4 if has_numbers else 0.0
        area = room.adjusted(_MARGIN, letters.height() + 2 + above, -_MARGIN, -(letters.height() + 6))
        height = max(area.height() - _GAP, 2.0)
        upper = QRectF(area.left(), area.top(), max(area.width(), 1.0), height * 0.55)
        lower = QRectF(area.left(), upper.bottom() + _GAP, upper.width(), height * 0.45)
        return cls(upper, lower, num_steps, letters.height() if lower.height() >= 2.4 * letters.height() else 0.0)

    def room_of(self, lane: QRectF) -> QRectF:
        """Return where the curve of a lane is drawn."""
        return lane.adjusted(0, self.headroom, 0, 0)

    def x_of(self, step: float) -> float:
        """Return the middle of a step."""
        return self.distance.left() + (step + 0.5) / max(self.num_steps, 1) * self.distance.width()

    def step_at(self, x: float) -> int:
        """Return the step there; the first or last one beyond the ends."""
        step = int((x - self.distance.left()) / self.distance.width() * self.num_steps)
        return min(max(step, 0), self.num_steps - 1)


def draw_lanes(painter: QPainter, lanes: Lanes, pair: Pair, peaks: NDArray[np.int64], colours: ThemeColours) -> None:
    """Draw everything but the cursors."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for lane in (lanes.distance, lanes.tempo):
        painter.fillRect(lane, QColor(colours.base))
    _draw_times(painter, lanes, pair, colours)
    if pair.is_matched:
        _draw_tempo(painter, lanes, pair.curves.tempo, colours)
        _draw_distance(painter, lanes, pair.curves.distance, colours)
    _draw_alone(painter, lanes, pair, colours)
    _draw_titles(painter, lanes, pair, colours)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(colours.border))
    for lane in (lanes.distance, lanes.tempo):
        painter.drawRect(lane)
    _draw_peaks(painter, lanes, peaks, colours)
    _draw_pins(painter, lanes, pair, colours)
    if isinstance(pair, RepeatedPair):
        _draw_repetitions(painter, lanes, pair, colours)


def draw_deviating(
    painter: QPainter, lanes: Lanes, deviating: Sequence[tuple[int, NDArray[np.bool_]]], colours: ThemeColours
) -> None:
    """Draw a veil over the distance where a video deviates, a bar below, and its letter where there is room."""
    letters, ink = QFontMetricsF(painter.font()), QColor(colours.warning)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for side, at in deviating:
        if len(at) != lanes.num_steps:  # of another path: what belongs to this one follows
            continue
        for start, end in missing_stretches(~at):
            left, right = lanes.x_of(start - 0.5), lanes.x_of(end - 0.5)
            width = max(right - left, 2.0)
            veil = QColor(ink)
            veil.setAlphaF(_VEIL)
            painter.fillRect(QRectF(left, lanes.distance.top(), width, lanes.distance.height()), veil)
            painter.fillRect(QRectF(left, lanes.distance.bottom(), width, _GAP), ink)
            text = QCoreApplication.translate("PathStrip", "{0} deviates").format("AB"[side])
            if letters.horizontalAdvance(text) + 8 <= width:
                box = QRectF(left, lanes.distance.bottom() - letters.height(), width, letters.height())
                painter.setPen(ink)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _draw_repetitions(painter: QPainter, lanes: Lanes, pair: RepeatedPair, colours: ThemeColours) -> None:
    """Draw a bar above the lanes for each repetition, with its number where there is room, and a line at its start and
    end.
    """
    letters, ink = QFontMetricsF(painter.font()), QColor(colours.pair[pair.side])
    top, height = lanes.distance.top() - 2 * letters.height() - 4, letters.height() + 2
    ground = QColor(ink)
    ground.setAlphaF(_VEIL)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for repetition, (start, end) in enumerate(pair.moments.stretches, 1):
        left, right = round(lanes.x_of(start - 0.5)), round(lanes.x_of(end - 0.5))
        bar = QRectF(left + 1, top, max(right - left - 2, 1.0), height)
        painter.fillRect(bar, ground)
        painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
        for x in (left, right):
            painter.drawLine(QPointF(x, top), QPointF(x, lanes.tempo.bottom()))
        if letters.horizontalAdvance(str(repetition)) + 4 <= bar.width():
            painter.setPen(QColor(colours.text))
            painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, str(repetition))


def _draw_titles(painter: QPainter, lanes: Lanes, pair: Pair, colours: ThemeColours) -> None:
    if not lanes.headroom:
        return
    if not pair.is_matched:
        _write(painter, lanes.distance, QCoreApplication.translate("PathStrip", "No frames match"), colours)
        return
    distance = QCoreApplication.translate("PathStrip", "Distance, up to {0}")
    _write(painter, lanes.distance, distance.format(f"{_top_of(pair.curves.distance):.2f}"), colours)
    _write(painter, lanes.tempo, QCoreApplication.translate("PathStrip", "B's tempo, ¼× to 4×"), colours)


def _top_of(distance: NDArray[np.float64]) -> float:
    """Return the distance at the upper edge."""
    return max(float(np.nanmax(distance)) * 1.08, _LEAST_DISTANCE)


def _draw_distance(painter: QPainter, lanes: Lanes, distance: NDArray[np.float64], colours: ThemeColours) -> None:
    lane, top = lanes.room_of(lanes.distance), _top_of(distance)
    steps, highest = _thinned(distance, lane.width(), np.fmax)
    ink = QColor(colours.curve)
    veil = QColor(ink)
    veil.setAlphaF(_VEIL)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    half = lane.width() / max(len(steps), 1) / 2
    for start, end in missing_stretches(np.isnan(highest)):  # stretches of numbers, between those without
        points = [
            QPointF(lanes.x_of(s), lane.bottom() - v / top * lane.height())
            for s, v in zip(steps[start:end].tolist(), highest[start:end].tolist(), strict=True)
        ]
        left, right = points[0].x() - half, points[-1].x() + half
        line = [QPointF(left, points[0].y()), *points, QPointF(right, points[-1].y())]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawPolygon([QPointF(left, lane.bottom()), *line, QPointF(right, lane.bottom())])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 1.5))
        painter.drawPolyline(line)


def _draw_alone(painter: QPainter, lanes: Lanes, pair: Pair, colours: ThemeColours) -> None:
    """Draw hatching where only one of the two plays, with its letter where there is room."""
    letters = QFontMetricsF(painter.font())
    texts = (
        QCoreApplication.translate("PathStrip", "A only"),
        QCoreApplication.translate("PathStrip", "B only"),
    )
    for start, end, side in pair.moments.solo_stretches():
        left, right = lanes.x_of(start - 0.5), lanes.x_of(end - 0.5)
        ink = QColor(colours.pair[side])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for lane in (lanes.distance, lanes.tempo):
            box = QRectF(left, lane.top(), max(right - left, 1.0), lane.height())
            painter.fillRect(box, QColor(colours.window))
            hatch = QColor(ink)
            hatch.setAlphaF(_HATCH)
            painter.fillRect(box, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        width = letters.horizontalAdvance(texts[side]) + 8
        if width <= right - left:
            box = QRectF(0, 0, width, letters.height())
            box.moveCenter(QPointF((left + right) / 2, lanes.tempo.center().y()))
            painter.fillRect(box, QColor(colours.window))
            painter.setPen(ink)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, texts[side])


def _draw_tempo(painter: QPainter, lanes: Lanes, tempo: NDArray[np.float64], colours: ThemeColours) -> None:
    """Draw the tempo on a logarithmic scale: twice and half as fast are equally far from the middle."""
    lane = lanes.room_of(lanes.tempo)

    def y_of(doublings: float) -> float:
        return lane.center().y() - doublings / _FASTEST * lane.height() / 2

    for doublings in (-1, 0, 1):
        style = Qt.PenStyle.SolidLine if doublings == 0 else Qt.PenStyle.DotLine
        painter.setPen(QPen(QColor(colours.muted_text if doublings == 0 else colours.border), 1, style))
        painter.drawLine(QPointF(lane.left(), y_of(doublings)), QPointF(lane.right(), y_of(doublings)))
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.clip(np.log2(tempo), -_FASTEST, _FASTEST)
    steps, values = _thinned(rise, lane.width(), np.fmin)
    path, is_running = QPainterPath(), False
    for step, value in zip(steps.tolist(), values.tolist(), strict=True):
        if value != value:  # NaN: one only waits for the other there
            is_running = False
            continue
        point = QPointF(lanes.x_of(step), y_of(value))
        (path.lineTo if is_running else path.moveTo)(point)
        is_running = True
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours.pair[1]), 1.5))
    painter.drawPath(path)


def _draw_times(painter: QPainter, lanes: Lanes, pair: Pair, colours: ThemeColours) -> None:
    side = pair.clock_side
    letters, lane, video = QFontMetricsF(painter.font()), lanes.tempo, (pair.a, pair.b)[side]
    start, end = video.start_seconds, video.end_seconds
    room = letters.horizontalAdvance("0:00:00")
    line, right = letters.height(), -1e9
    captions = (
        QCoreApplication.translate("PathStrip", "seconds of A"),
        QCoreApplication.translate("PathStrip", "seconds of B"),
    )
    caption = captions[side]
    end_of_ticks = lane.right() - letters.horizontalAdvance(caption) - _MARGIN
    durations = pair.moments.seconds_of(side, video.edges_seconds)
    starts = start + np.cumsum(durations) - durations
    painter.setPen(QColor(colours.pair[side]))
    painter.drawText(QRectF(end_of_ticks, lane.bottom() + 4, lane.right() - end_of_ticks, line), _RIGHT, caption)
    for seconds in ticks(start, end, lane.width(), room):
        step = min(int(np.searchsorted(starts, seconds - 1e-9)), lanes.num_steps - 1)
        x = lanes.x_of(step - 0.5)
        painter.setPen(QColor(colours.border))
        painter.drawLine(QPointF(x, lane.bottom() + 1), QPointF(x, lane.bottom() + 4))
        text = tick_text(seconds, start, end)
        width = letters.horizontalAdvance(text)
        if (
            x - width / 2 < right + _MARGIN or x + width / 2 + _MARGIN > end_of_ticks
        ):  # where B waits, A's time is dense
            continue
        right = x + width / 2
        painter.setPen(QColor(colours.muted_text))
        box = QRectF(min(max(x - width / 2, lane.left()), lane.right() - width), lane.bottom() + 4, width + 1, line)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)


def _draw_peaks(painter: QPainter, lanes: Lanes, peaks: NDArray[np.int64], colours: ThemeColours) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.warning))
    top = lanes.distance.top()
    for step in peaks.tolist():
        x = lanes.x_of(step)
        painter.drawPolygon(QPolygonF([QPointF(x - 5, top - 8), QPointF(x + 5, top - 8), QPointF(x, top - 1)]))


def _draw_pins(painter: QPainter, lanes: Lanes, pair: Pair, colours: ThemeColours) -> None:
    """Draw a diamond between the curves, and a line through both."""
    y = (lanes.distance.bottom() + lanes.tempo.top()) / 2
    for a_frame, b_frame in pair.anchors:
        step = pair.step_of(a_frame, b_frame)
        x = lanes.x_of(0 if step is None else int(pair.moments.of_step[step]))
        painter.setPen(QPen(QColor(colours.text), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, lanes.distance.top()), QPointF(x, lanes.tempo.bottom()))
        painter.setPen(QPen(QColor(colours.base), 1))
        painter.setBrush(QColor(colours.text))
        painter.drawPolygon(QPolygonF([QPointF(x, y - 5), QPointF(x + 5, y), QPointF(x, y + 5), QPointF(x - 5, y)]))


def _write(painter: QPainter, lane: QRectF, text: str, colours: ThemeColours) -> None:
    """Write the text in the corner of a lane, above its curve."""
    letters = QFontMetricsF(painter.font())
    box = QRectF(lane.left() + 1, lane.top() + 1, letters.horizontalAdvance(text) + 8, letters.height())
    if box.width() > lane.width():
        return
    painter.setPen(QColor(colours.muted_text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _thinned(
    values: NDArray[np.float64], pixels: float, keep: np.ufunc
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return steps and values, at most one per pixel, chosen by `keep`."""
    if len(values) <= 2 * pixels:
        return np.arange(len(values), dtype=np.float64), values
    starts = np.linspace(0, len(values), max(int(pixels), 1), endpoint=False).astype(np.int64)
    return starts.astype(np.float64), keep.reduceat(values, starts)
