"""The whole timeline, row by row."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen

from carl_gui.panels.label import timeline_drawing as drawing
from carl_gui.panels.label.timeline_layout import RowKind, TimelineLayout
from carl_gui.panels.label.timeline_state import TimelineState
from carl_gui.theme import ThemeColours, colours_of


def draw_timeline(
    painter: QPainter, state: TimelineState, layout: TimelineLayout, titles: Mapping[RowKind, str], palette: QPalette
) -> None:
    """Names of the rows, the rows, what is going on over them, and the cursor."""
    colours = colours_of(palette)
    _draw_titles(painter, layout, titles, colours)
    for kind, row in layout.rows.items():
        if kind not in ("ruler", "overview"):
            painter.fillRect(row, QColor(colours.base))
    if state.axis.num_frames:
        body = layout.body
        painter.setClipRect(body.adjusted(-5, -2, 5, 2))
        drawing.draw_ruler(painter, state, layout.rows["ruler"], colours)
        for kind, row in layout.rows.items():
            _draw_row(painter, state, kind, row, colours)
        _draw_doing(painter, state, layout, colours)
        x = (state.axis.x_of(state.place) + state.axis.x_of(state.place + 1)) / 2
        drawing.draw_playhead(painter, x, layout.rows["ruler"], body, QColor(colours.text), QColor(colours.base))
        painter.setClipping(False)
        drawing.draw_overview(painter, state, layout.rows["overview"], colours)
    painter.setPen(QPen(QColor(colours.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for kind, row in layout.rows.items():
        if kind == "ruler":
            painter.drawLine(QLineF(row.left(), row.bottom(), row.right(), row.bottom()))
        else:
            painter.drawRect(row)


def _draw_row(painter: QPainter, state: TimelineState, kind: RowKind, row: QRectF, colours: ThemeColours) -> None:
    strip = state.strip(kind)
    if strip is not None:
        drawing.draw_strip(painter, strip, state.axis, row)
        drawing.draw_names(painter, strip, state, row, colours, is_veiled=kind != "manual")
    if kind == "manual":
        drawing.draw_selected(painter, state, row, colours)
    elif kind == "confidence":
        drawing.draw_confidence(painter, state, row, colours)


def _draw_doing(painter: QPainter, state: TimelineState, layout: TimelineLayout, colours: ThemeColours) -> None:
    """What is marked, drawn, painted or selected just now."""
    row, axis, live = layout.rows["manual"], state.axis, state.live
    if state.stroke is not None:
        drawing.draw_new(painter, state, state.stroke[:2], state.stroke[2], row)
    if live.span is not None and state.brush:
        drawing.draw_new(painter, state, live.span, state.brush, row)
    elif live.span is not None:
        drawing.draw_stretch(painter, axis, live.span, row, colours.curve)
    if state.stretch is not None:
        drawing.draw_stretch(painter, axis, state.stretch, row, colours.curve)
    if live.band is not None:
        left, right = (axis.x_of(position) for position in live.band)
        veil = QColor(colours.curve)
        veil.setAlphaF(0.25)
        painter.fillRect(QRectF(left, row.top(), right - left, row.height()), veil)
    if live.snap is not None:
        x = axis.x_of(live.snap)
        painter.setPen(QPen(QColor(colours.curve), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, layout.body.top(), x, layout.body.bottom()))


def _draw_titles(
    painter: QPainter, layout: TimelineLayout, titles: Mapping[RowKind, str], colours: ThemeColours
) -> None:
    painter.setPen(QColor(colours.muted_text))
    side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for kind, row in layout.rows.items():
        if kind in titles:
            painter.drawText(QRectF(0, row.top(), row.left() - 8, row.height()), side, titles[kind])
