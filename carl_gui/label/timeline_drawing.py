"""What is drawn on the timeline."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPalette, QPen, QPolygonF

from carl_gui.label import timeline_drawing as drawing
from carl_gui.label.lanes_drawing import CurveRow, draw_curve_ranges, draw_curve_titles, draw_curves, draw_sound
from carl_gui.label.time_axis import (
    FALLBACK,
    SpanStrip,
    TimeAxis,
    ValueStrip,
    opacity,
    ticks_in_frames,
    ticks_in_seconds,
)
from carl_gui.models.messages import displayable
from carl_gui.theme import ThemeColours, colours_of, contrast
from core.base.types import Span
from core.sound.peaks import Peaks

RowKind = Literal["ruler", "manual", "other", "proposed", "predicted", "confidence", "sound", "curves", "overview"]
ROWS: tuple[RowKind, ...] = get_args(RowKind)
ALWAYS: frozenset[RowKind] = frozenset(("ruler", "manual", "predicted", "confidence", "overview"))
"""Rows that there are even while they are empty: nothing moves under the mouse when a prediction comes."""

_HEIGHTS: dict[RowKind, int] = {
    "ruler": 22,
    "manual": 34,
    "other": 24,
    "proposed": 24,
    "predicted": 24,
    "confidence": 24,
    "sound": 30,
    "overview": 12,
}
_GAPS: dict[RowKind, int] = {"manual": 0, "overview": 7}
_GAP, _TOP, _BOTTOM = 3, 2, 4
MARGIN = 6
"""At the right, as beside the seek bar."""


@dataclass(frozen=True)
class TimelineLayout:
    """Rows from top to bottom."""

    rows: dict[RowKind, QRectF]
    """Rectangles of the frames alone; the names are to their left."""
    height: int

    def at(self, y: float) -> RowKind:
        """Return the row at that height; what lies between two belongs to the upper one."""
        found: RowKind = "ruler"
        for kind, row in self.rows.items():
            if y >= row.top() - 1:
                found = kind
        return found

    @property
    def body(self) -> QRectF:
        """All rows but the overview."""
        rows = [row for kind, row in self.rows.items() if kind != "overview"]
        return rows[0].united(rows[-1])


def lay_out(kinds: Iterable[RowKind], width: float, gutter: float, curves_height: int = 0) -> TimelineLayout:
    """Lay out rows of these kinds over the width, `gutter` pixels of which hold their names."""
    heights = _HEIGHTS | {"curves": curves_height}
    kinds_shown, rows, y = set(kinds) | ALWAYS, dict[RowKind, QRectF](), float(_TOP)
    for kind in ROWS:
        if kind in kinds_shown:
            y += _GAPS.get(kind, _GAP) if rows else 0
            rows[kind] = QRectF(gutter, y, max(width - gutter - MARGIN, 1.0), heights[kind])
            y += heights[kind]
    return TimelineLayout(rows, round(y) + _BOTTOM)


NO_SPANS = SpanStrip((), {})


@dataclass
class Live:
    """The effect of a drag if it ended now."""

    track: SpanStrip | None = None
    """The labels, with the edge that is dragged."""
    span: tuple[int, int] | None = None
    """First frame and end (exclusive) of what is being drawn."""
    snap: int | None = None
    """The frame that an edge snaps to."""
    band: tuple[float, float] | None = None
    """In frames: what the rubber band covers."""


@dataclass
class TimelineState:
    """The whole state. Frames count from 0, ends are exclusive."""

    axis: TimeAxis = field(default_factory=TimeAxis)
    edges_seconds: NDArray[np.float64] | None = None
    """(S + 1,) of the frames' times; None while they are not known."""
    is_in_seconds: bool = True
    frame_index: int = 0
    """The frame that is shown."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Colours of the phases."""
    manual: SpanStrip = NO_SPANS
    other: SpanStrip | None = None
    """Labels of another annotator; None: there is no such row."""
    proposed: SpanStrip | None = None
    """None: there is no such row."""
    predicted: SpanStrip | None = None
    """None: nothing is predicted."""
    confidence: ValueStrip | None = None
    """Confidence of each frame, 0 to 1."""
    sound: Peaks | None = None
    """None: there is no such row; so it is with the curves."""
    curves: CurveRow | None = None
    selected: frozenset[int] = frozenset()
    """First frames of the labels that are selected."""
    range_start: int | None = None
    """Where a range that Shift chooses begins."""
    marked_range: tuple[int, int] | None = None
    stroke: tuple[int, int, str] | None = None
    """The stroke that is being painted while the video plays: first frame, end, phase."""
    brush: str = ""
    """The phase that drawing makes; empty: none."""
    is_read_only: bool = False
    live: Live = field(default_factory=Live)

    @property
    def track(self) -> SpanStrip:
        """The labels as they are drawn now."""
        return self.live.track or self.manual

    @property
    def seconds(self) -> float:
        """When the frame that is shown begins; NaN while that is not known."""
        edges = self.edges_seconds
        return float(edges[self.frame_index]) if edges is not None and self.frame_index < len(edges) else math.nan

    def strip(self, kind: str) -> SpanStrip | None:
        """Return the spans of the row of that kind; None where it shows none."""
        strips = {
            "manual": self.track,
            "other": self.other,
            "proposed": self.proposed,
            "predicted": self.predicted,
        }
        return strips.get(kind)

    def colour_of(self, phase: str) -> str:
        """Return the colour of a phase as `#rrggbb`."""
        return self.colours.get(phase, FALLBACK)

    def selected_spans(self) -> Sequence[Span]:
        """Return the labels that are selected, in order of time."""
        return [span for span in self.manual.spans if span.start_frame in self.selected]


def starts_after_change(chosen: Sequence[Span], track: SpanStrip) -> set[int]:
    """Return the current starts of those labels: a moved one is still the one of its phase that lies there."""
    starts = set(track.starts.tolist())
    found = set()
    for span in chosen:
        over = (track.spans[index] for index in track.indices_between(span.start_frame, span.end_frame_exclusive))
        moved = next((one.start_frame for one in over if one.phase == span.phase), None)
        start = span.start_frame if span.start_frame in starts else moved
        if start is not None:
            found.add(start)
    return found


HANDLE = 8.0
"""Pixels of the ruler's height that the handle of the frame that is shown takes, from its foot."""
LEAST_EDGE = 4.0
"""Pixels: from this width on a span's end is drawn."""
_LEAST_NAME = 26.0
_DARK, _LIGHT = "#101414", "#ffffff"
_MARK = 4
"""Pixels: the foot of a span that no hand made."""
_CORNER = 10.0
"""Pixels: the corner of a label with a note."""


def draw_strip(painter: QPainter, strip: SpanStrip, axis: TimeAxis, row: QRectF) -> None:
    """Draw the colours of all visible spans, however many."""
    ratio = painter.device().devicePixelRatioF()
    columns = max(round(row.width() * ratio), 1)
    pixels = strip.pixels(axis.first + np.linspace(0.0, axis.shown, columns + 1))
    packed = np.ascontiguousarray(pixels[None])  # (1, W, 4)
    image = QImage(packed.data, columns, 1, columns * 4, QImage.Format.Format_RGBA8888_Premultiplied)
    painter.drawImage(row, image)


def draw_names(
    painter: QPainter, strip: SpanStrip, state: TimelineState, row: QRectF, colours: ThemeColours, *, is_veiled: bool
) -> None:
    """Draw ends and names of the spans that are wide enough, and a foot below predicted ones."""
    axis, letters = state.axis, painter.fontMetrics()
    if not is_veiled:
        draw_hatches(painter, strip, axis, row)
    visible = strip.indices_between(axis.first, axis.first + axis.shown)
    lefts, rights = (axis.xs_of(edges[visible.start : visible.stop]) for edges in (strip.starts, strip.ends))
    lefts = np.maximum(lefts, row.left())
    lines: list[QLineF] = []
    corners: list[QPolygonF] = []
    feet: list[QRectF] = []
    for index in np.flatnonzero(rights - lefts >= LEAST_EDGE).tolist():
        left, right = float(lefts[index]), float(rights[index])
        if right <= row.right() + 0.5:
            lines.append(QLineF(right - 0.5, row.top(), right - 0.5, row.bottom()))
        right = min(right, row.right())
        span = strip.spans[visible[index]]
        if span.note:
            top = row.top()
            corners.append(
                QPolygonF([QPointF(right - _CORNER, top), QPointF(right, top), QPointF(right, top + _CORNER)])
            )
        if span.source != "label" and not is_veiled:
            feet.append(QRectF(left, row.bottom() - _MARK, right - left - 1, _MARK))
        if right - left >= _LEAST_NAME:
            share = opacity(span.confidence) if is_veiled else 1.0
            painter.setPen(_ink(_mixed(state.colour_of(span.phase), colours.base, share)))
            room = round(right - left) - 6
            name = letters.elidedText(displayable(span.phase), Qt.TextElideMode.ElideMiddle, room)
            if len(name) > 1:  # not the dots alone
                box = QRectF(left, row.top(), right - left, row.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
    painter.setPen(QPen(QColor(_DARK), 1))
    painter.drawLines(lines)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(_DARK))
    painter.setOpacity(0.55)
    painter.drawRects(feet)
    painter.setOpacity(1.0)
    for corner in corners:
        painter.drawPolygon(corner)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_hatches(painter: QPainter, strip: SpanStrip, axis: TimeAxis, row: QRectF) -> None:
    """Draw stripes over predicted spans that were accepted, but not confirmed."""
    veil = QColor(_LIGHT)
    veil.setAlphaF(0.55)
    stripes = QBrush(veil, Qt.BrushStyle.BDiagPattern)
    for index in strip.indices_between(axis.first, axis.first + axis.shown):
        if strip.is_predicted[index]:
            left, right = axis.x_of(int(strip.starts[index])), axis.x_of(int(strip.ends[index]))
            box = QRectF(left, row.top(), max(right - left, 1.0), row.height()) & row
            painter.fillRect(box, stripes)


def draw_selected(painter: QPainter, state: TimelineState, row: QRectF, colours: ThemeColours) -> None:
    """Draw a frame in two colours around each selected label: it is visible on every phase's."""
    strip, axis = state.manual, state.axis
    if not state.selected or state.live.track is not None:
        return
    visible = strip.indices_between(axis.first, axis.first + axis.shown)
    starts = strip.starts[visible.start : visible.stop]
    chosen = np.isin(starts, np.fromiter(state.selected, np.int64, len(state.selected)))
    lefts = np.maximum(axis.xs_of(starts[chosen]), row.left() - 4).tolist()
    rights = np.minimum(axis.xs_of(strip.ends[visible.start : visible.stop][chosen]), row.right() + 4).tolist()
    boxes: list[QRectF] = []
    edge = -math.inf
    for left, right in zip(lefts, rights, strict=True):
        if right - left < LEAST_EDGE and left - edge < 1:  # no frames in frames
            boxes[-1].setRight(right)
        else:
            boxes.append(QRectF(left, row.top(), max(right - left - 1, 1.5), row.height()))
        edge = right
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width, inset in ((colours.text, 2.0, 1.0), (colours.base, 1.0, 2.5)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawRects([box.adjusted(inset, inset, -inset, -inset) for box in boxes if box.width() > 2 * inset])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.text))
    painter.drawRects([QRectF(box.left(), box.bottom() - 3, box.width(), 3) for box in boxes if box.width() <= 5])
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_confidence(painter: QPainter, state: TimelineState, row: QRectF, colours: ThemeColours) -> None:
    """Draw the confidence from the foot of the row to its top."""
    if state.confidence is None:
        return
    axis, columns, height = state.axis, max(round(row.width()), 1), round(row.height())
    values = state.confidence.pixels(axis.first + np.linspace(0.0, axis.shown, columns + 1))
    levels = 1 - (np.arange(height) + 0.5) / height
    colour = QColor(colours.curve)
    tint = np.array([colour.red(), colour.green(), colour.blue(), 255]) * 0.7
    pixels = np.where((levels[:, None] <= values)[..., None], tint, 0).astype(np.uint8)  # (H, W, 4)
    packed = np.ascontiguousarray(pixels)
    image = QImage(packed.data, columns, height, columns * 4, QImage.Format.Format_RGBA8888_Premultiplied)
    painter.drawImage(row, image)


def draw_ruler(painter: QPainter, state: TimelineState, row: QRectF, colours: ThemeColours) -> None:
    """Draw ticks with frame numbers or times."""
    axis = state.axis
    if state.is_in_seconds and state.edges_seconds is not None:
        ticks = ticks_in_seconds(axis, state.edges_seconds)
    else:
        ticks = ticks_in_frames(axis)
    painter.setPen(QColor(colours.muted_text))
    lines = []
    for tick in ticks:
        x = axis.x_of(tick.frame)
        if not row.left() - 1 <= x <= row.right() + 1:
            continue
        lines.append(QLineF(x, row.bottom() - (7 if tick.text else 3), x, row.bottom()))
        room = QRectF(x + 3, row.top() - 2, 90, painter.fontMetrics().height())
        if tick.text and room.left() + painter.fontMetrics().horizontalAdvance(tick.text) <= row.right() + 4:
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, tick.text)
    painter.drawLines(lines)


def draw_range(painter: QPainter, axis: TimeAxis, span: tuple[int, int], row: QRectF, colour: str) -> None:
    """Draw a bracket around frames, and a veil over them."""
    left, right = (axis.x_of(frame) for frame in span)
    right = max(right, left + 2.0)
    box = QRectF(left, row.top() - 2, right - left, row.height() + 4)
    veil = QColor(colour)
    veil.setAlphaF(0.25)
    painter.fillRect(box & row.adjusted(0, -2, 0, 2), veil)
    painter.setPen(QPen(QColor(colour), 2))
    for x, inwards in ((left, 6), (right, -6)):
        if not row.left() - 2 <= x <= row.right() + 2:
            continue
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        for y in (box.top(), box.bottom()):
            painter.drawLine(QPointF(x, y), QPointF(x + inwards, y))


def draw_new(painter: QPainter, state: TimelineState, span: tuple[int, int], phase: str, row: QRectF) -> None:
    """Draw a label that is being made: in its colour, with its name and its length."""
    left, right = (state.axis.x_of(frame) for frame in span)
    box, colour = QRectF(left, row.top(), max(right - left, 1.0), row.height()), state.colour_of(phase)
    painter.fillRect(box, QColor(colour))
    painter.setPen(QPen(_ink(colour), 1, Qt.PenStyle.DashLine))
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    letters, length = painter.fontMetrics(), f" · {span[1] - span[0]}"
    room = round(box.width()) - 8 - letters.horizontalAdvance(length)
    name = letters.elidedText(displayable(phase), Qt.TextElideMode.ElideMiddle, max(room, 0))
    text = name + length if len(name) > 1 else length[3:]
    if box.width() >= letters.horizontalAdvance(text) + 4:
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_overview(painter: QPainter, state: TimelineState, row: QRectF, colours: ThemeColours) -> None:
    """Draw the whole video with all its labels, and a window around the visible range."""
    whole = TimeAxis().for_video(state.axis.num_frames).with_geometry(row.left(), row.width())
    draw_strip(painter, state.track, whole, row)
    draw_hatches(painter, state.track, whole, row)
    painter.setPen(QPen(QColor(colours.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(row)
    x = whole.x_of(state.frame_index + 0.5)
    painter.setPen(QPen(QColor(colours.text), 1.5))
    painter.drawLine(QPointF(x, row.top()), QPointF(x, row.bottom()))
    if not state.axis.shows_all:
        window = overview_window(state.axis, row)
        veil = QColor(colours.window)
        veil.setAlphaF(0.66)
        painter.fillRect(QRectF(row.left(), row.top(), window.left() - row.left(), row.height()), veil)
        painter.fillRect(QRectF(window.right(), row.top(), row.right() - window.right(), row.height()), veil)
        painter.setPen(QPen(QColor(colours.text), 2))
        painter.drawRoundedRect(window.adjusted(0, -2, 0, 2), 3, 3)


def overview_window(axis: TimeAxis, row: QRectF) -> QRectF:
    """Return the visible range in the strip of the whole video."""
    scale = row.width() / max(axis.num_frames, 1)
    width = max(axis.shown * scale, 10.0)
    left = min(row.left() + axis.first * scale, row.right() - width)
    return QRectF(left, row.top(), width, row.height())


def draw_playhead(painter: QPainter, x: float, ruler: QRectF, body: QRectF, ink: QColor, halo: QColor) -> None:
    """Draw a line through all rows, with a handle in the ruler, below its figures."""
    top = ruler.bottom() - HANDLE
    for colour, width in ((halo, 3.0), (ink, 1.5)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(x, top + 4), QPointF(x, body.bottom()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(halo, 1))
    painter.setBrush(ink)
    handle = [QPointF(x - 5, top), QPointF(x + 5, top), QPointF(x + 5, top + 3), QPointF(x, top + HANDLE)]
    painter.drawPolygon(QPolygonF([*handle, QPointF(x - 5, top + 3)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


@functools.lru_cache(maxsize=256)
def _mixed(colour: str, other: str, share: float) -> str:
    """Return the visible colour where a colour of that opacity lies over another."""
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one * share + below * (1 - share)):02x}" for one, below in pairs)


@functools.lru_cache(maxsize=256)
def _ink(colour: str) -> QColor:
    """Return a legible text colour on that colour."""
    return QColor(max((_DARK, _LIGHT), key=lambda ink: contrast(ink, colour)))


def draw_timeline(
    painter: QPainter, state: TimelineState, layout: TimelineLayout, titles: Mapping[RowKind, str], palette: QPalette
) -> None:
    """Draw the names of the rows, the rows, the current gesture over them, and the playhead."""
    colours = colours_of(palette)
    has_curves = state.curves is not None and state.curves.curves is not None
    _draw_titles(painter, layout, titles, colours, has_curves=has_curves)
    if "curves" in layout.rows and state.curves is not None and state.edges_seconds is not None:
        row = layout.rows["curves"]
        draw_curve_titles(painter, state.curves, state.seconds, row, row.left(), colours)
    for kind, row in layout.rows.items():
        if kind not in ("ruler", "overview"):
            painter.fillRect(row, QColor(colours.base))
    if state.axis.num_frames:
        body = layout.body
        painter.setClipRect(body.adjusted(-5, -2, 5, 2))
        drawing.draw_ruler(painter, state, layout.rows["ruler"], colours)
        for kind, row in layout.rows.items():
            _draw_row(painter, state, kind, row, colours)
        _draw_live(painter, state, layout, colours)
        x = (state.axis.x_of(state.frame_index) + state.axis.x_of(state.frame_index + 1)) / 2
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
        drawing.draw_names(painter, strip, state, row, colours, is_veiled=kind not in ("manual", "other"))
    if kind == "manual":
        drawing.draw_selected(painter, state, row, colours)
    elif kind == "confidence":
        drawing.draw_confidence(painter, state, row, colours)
    elif state.edges_seconds is None or len(state.edges_seconds) != state.axis.num_frames + 1:
        return
    elif kind == "sound" and state.sound is not None:
        draw_sound(painter, state.sound, state.axis, state.edges_seconds, row, colours)
    elif kind == "curves" and state.curves is not None:
        draw_curves(painter, state.curves, state.axis, state.edges_seconds, row, colours)
        draw_curve_ranges(painter, state.curves, row, colours)


def _draw_live(painter: QPainter, state: TimelineState, layout: TimelineLayout, colours: ThemeColours) -> None:
    """Draw what is marked, drawn, painted or selected just now."""
    row, axis, live = layout.rows["manual"], state.axis, state.live
    if state.stroke is not None:
        drawing.draw_new(painter, state, state.stroke[:2], state.stroke[2], row)
    if live.span is not None and state.brush:
        drawing.draw_new(painter, state, live.span, state.brush, row)
    elif live.span is not None:
        drawing.draw_range(painter, axis, live.span, row, colours.curve)
    if state.marked_range is not None:
        drawing.draw_range(painter, axis, state.marked_range, row, colours.curve)
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
    painter: QPainter,
    layout: TimelineLayout,
    titles: Mapping[RowKind, str],
    colours: ThemeColours,
    *,
    has_curves: bool,
) -> None:
    """Draw the names of the rows; curves have names of their own."""
    painter.setPen(QColor(colours.muted_text))
    side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for kind, row in layout.rows.items():
        if kind in titles and (kind != "curves" or not has_curves):
            painter.drawText(QRectF(0, row.top(), row.left() - 8, row.height()), side, titles[kind])
