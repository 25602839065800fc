"""Rows of the timeline that show what was heard and measured: a waveform, and curves of sensors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from carl_gui.label.time_axis import TimeAxis
from carl_gui.models.messages import displayable
from carl_gui.theme import ThemeColours
from core.curves.curves import Curves
from core.sound.peaks import Peaks

MOST_LANES = 6
"""Channels that are drawn: more would leave no room for the picture."""
LANE_HEIGHT = 34
_FAINTEST = 0.05
"""Sound below it is not drawn larger than life: silence is to look like silence."""
_PADDING = 3.0


@dataclass(frozen=True)
class CurveRow:
    """What the row of curves shows."""

    curves: Curves | None
    sentence: str = ""
    """Why there are none."""

    @property
    def channels(self) -> list[str]:
        """Names of the channels that are drawn."""
        return list(self.curves.channels)[:MOST_LANES] if self.curves is not None else []

    @property
    def height(self) -> int:
        """In pixels."""
        return LANE_HEIGHT * max(len(self.channels), 1)


def column_seconds(axis: TimeAxis, edges_seconds: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Return the (columns + 1,) times between which the columns of a row lie, whatever the frames last."""
    positions = axis.first + np.linspace(0.0, axis.shown, columns + 1)
    seconds: NDArray[np.float64] = np.interp(positions, np.arange(len(edges_seconds)), edges_seconds)
    return seconds


def draw_sound(
    painter: QPainter,
    peaks: Peaks,
    axis: TimeAxis,
    edges_seconds: NDArray[np.float64],
    row: QRectF,
    colours: ThemeColours,
) -> None:
    """Draw the waveform, as tall as its loudest sample needs, and what is quiet larger than it is."""
    columns = max(round(row.width()), 1)
    extremes = peaks.between(column_seconds(axis, edges_seconds, columns)) / max(peaks.loudest, _FAINTEST)
    extremes = np.sign(extremes) * np.sqrt(np.abs(extremes))  # steps and breath are seen beside a blow
    middle, reach = row.center().y(), row.height() / 2 - 2
    xs = row.left() + np.arange(columns) + 0.5
    lows, highs = middle - extremes[:, 0] * reach, middle - extremes[:, 1] * reach
    painter.setPen(QPen(QColor(colours.curve), 1))
    painter.drawLines(
        [
            QLineF(x, high, x, max(low, high + 1.0))
            for x, low, high in zip(xs.tolist(), lows.tolist(), highs.tolist(), strict=True)
        ]
    )


def lane_of(row: QRectF, index: int) -> QRectF:
    """Return the lane of that channel within the row of curves."""
    return QRectF(row.left(), row.top() + index * LANE_HEIGHT, row.width(), LANE_HEIGHT)


def number_text(value: float, span: float) -> str:
    """Return a value as exactly as a range of that width needs it; a dash in a gap."""
    if not math.isfinite(value):
        return "–"
    digits = 2 if span <= 0 else min(max(2 - math.floor(math.log10(span)), 0), 6)
    text = f"{value:.{digits}f}" if 1e-4 <= max(abs(value), span) < 1e6 else f"{value:.3g}"
    return text.replace("-", "−")


def draw_curves(
    painter: QPainter,
    shown: CurveRow,
    axis: TimeAxis,
    edges_seconds: NDArray[np.float64],
    row: QRectF,
    colours: ThemeColours,
) -> None:
    """Draw a lane for each channel, from its lowest value to its highest."""
    if shown.curves is None:
        painter.setPen(QColor(colours.warning))
        painter.drawText(
            row.adjusted(6, 0, -6, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap,
            displayable(shown.sentence),
        )
        return
    columns = max(round(row.width()), 1)
    seconds = column_seconds(axis, edges_seconds, columns)
    for index, channel in enumerate(shown.channels):
        lane = lane_of(row, index)
        _draw_curve(painter, shown.curves, channel, seconds, lane, colours.series[index % len(colours.series)])
        if index:
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QLineF(lane.left(), lane.top(), lane.right(), lane.top()))


def _draw_curve(
    painter: QPainter, curves: Curves, channel: str, seconds: NDArray[np.float64], lane: QRectF, colour: str
) -> None:
    lowest, highest = curves.range_of(channel)
    if math.isnan(lowest):
        return
    scale = (lane.height() - 2 * _PADDING) / ((highest - lowest) or 1.0)
    base = lane.bottom() - _PADDING if highest > lowest else lane.center().y()
    extremes = curves.extremes(channel, seconds)
    tops, feet = base - (extremes[:, 1] - lowest) * scale, base - (extremes[:, 0] - lowest) * scale
    there = np.isfinite(tops)
    xs = lane.left() + np.arange(len(tops)) + 0.5
    columns = zip(xs[there].tolist(), tops[there].tolist(), feet[there].tolist(), strict=True)
    painter.setPen(QPen(QColor(colour), 1.3))
    painter.drawLines([QLineF(x, top - 0.5, x, max(foot, top) + 0.5) for x, top, foot in columns])


def draw_curve_titles(
    painter: QPainter, shown: CurveRow, seconds: float, row: QRectF, gutter: float, colours: ThemeColours
) -> None:
    """Draw beside each lane its name, its value at that time, and its range."""
    if shown.curves is None:
        return
    letters = painter.fontMetrics()
    half = LANE_HEIGHT / 2
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for index, channel in enumerate(shown.channels):
        lane = lane_of(row, index)
        lowest, highest = shown.curves.range_of(channel)
        value = number_text(shown.curves.value_at(channel, seconds), highest - lowest)
        width = gutter - 10
        name = letters.elidedText(displayable(channel), Qt.TextElideMode.ElideRight, round(width))
        painter.setPen(QColor(colours.muted_text))
        painter.drawText(QRectF(0, lane.top() + 1, gutter - 8, half), right, name)
        painter.setPen(QColor(colours.series[index % len(colours.series)]))
        painter.drawText(QRectF(0, lane.top() + half - 1, gutter - 8, half), right, value)


def draw_curve_ranges(painter: QPainter, shown: CurveRow, row: QRectF, colours: ThemeColours) -> None:
    """Draw the highest and lowest value at the left of each lane, readable over its curve."""
    if shown.curves is None:
        return
    before = painter.font()
    small = painter.font()
    small.setPointSizeF(max(before.pointSizeF() * 0.8, 6.5))
    painter.setFont(small)
    letters = painter.fontMetrics()
    behind = QColor(colours.base)
    behind.setAlphaF(0.75)
    for index, channel in enumerate(shown.channels):
        lane = lane_of(row, index)
        lowest, highest = shown.curves.range_of(channel)
        for value, y in ((highest, lane.top() + 1), (lowest, lane.bottom() - letters.height() - 0)):
            text = number_text(value, highest - lowest)
            box = QRectF(lane.left() + 2, y, letters.horizontalAdvance(text) + 4, letters.height() - 1)
            painter.fillRect(box, behind)
            painter.setPen(QColor(colours.muted_text))
            painter.drawText(QPointF(box.left() + 2, box.top() + letters.ascent()), text)
    painter.setFont(before)
