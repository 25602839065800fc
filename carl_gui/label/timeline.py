"""The timeline of labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from carl_gui.label.lanes_drawing import CurveRow, lane_of, number_text
from carl_gui.label.note import lines_of
from carl_gui.label.time_axis import SpanStrip, TimeAxis, ValueStrip
from carl_gui.label.timeline_drawing import (
    ALWAYS,
    NO_SPANS,
    Live,
    RowKind,
    TimelineState,
    draw_timeline,
    lay_out,
    starts_after_change,
)
from carl_gui.label.timeline_mouse import (
    Band,
    Draw,
    EdgeDrag,
    Gesture,
    Modifiers,
    OverviewDrag,
    Pan,
    Scrub,
    TimelineSurface,
)
from carl_gui.models.messages import displayable
from carl_gui.numbers import percent
from core.base.types import Span
from core.sound.peaks import Peaks


def tooltip_of(state: TimelineState, kind: RowKind, frame: int) -> str:
    """Return the tooltip of that frame in a row of that kind."""
    translate = QCoreApplication.translate
    if kind == "confidence" and state.confidence is not None and frame < len(state.confidence.values):
        sure = percent(float(state.confidence.values[frame]))
        return translate("PhaseTimeline", "Frame {0}: confidence {1}").format(frame, sure)
    if kind in ("sound", "curves"):
        return translate("PhaseTimeline", "Frame {0}").format(frame)
    strip = state.strip(kind) if kind in ("other", "proposed", "predicted") else state.manual
    span = strip.span_at(frame) if strip is not None else None
    if span is None:
        return translate("PhaseTimeline", "Frame {0}: not labelled").format(frame)
    text = translate("PhaseTimeline", "{0}: frames {1} to {2}").format(
        displayable(span.phase), span.start_frame, span.end_frame_exclusive - 1
    )
    if span.note:
        text = f"{text}\n{lines_of(span.note)}"
    if span.source == "label":
        return text
    template = translate("PhaseTimeline", "{0} ({1}, {2})")
    if kind == "manual" and span.is_predicted:
        template = translate("PhaseTimeline", "{0} (accepted from {1}, {2} sure; not confirmed: C confirms it)")
    return template.format(text, displayable(span.source), percent(span.confidence))


_GRIP = 6.0
"""Pixels of a label beside its edge by which it is grasped; narrow labels leave less. Outside a label a press draws."""


def start_gesture(timeline: TimelineSurface, event: QMouseEvent) -> Gesture | None:
    """Return the gesture that this press starts; None: none."""
    at, keys, state = event.position(), event.modifiers(), timeline.state
    if not state.axis.num_frames or at.x() < timeline.current_layout.rows["ruler"].left() - _GRIP:
        return None
    if event.button() == Qt.MouseButton.MiddleButton:
        return Pan(timeline, at)
    if event.button() != Qt.MouseButton.LeftButton:
        return None
    kind = timeline.current_layout.at(at.y())
    if kind == "overview":
        return OverviewDrag(timeline, at)
    if kind == "manual":
        return _start_gesture_on_labels(timeline, at, keys)
    if kind == "ruler" and not state.is_read_only and not is_on_playhead(timeline, at):
        return Draw(timeline, at)
    return Scrub(timeline, at)


def _start_gesture_on_labels(timeline: TimelineSurface, at: QPointF, keys: Modifiers) -> Gesture:
    state = timeline.state
    if keys & (Modifiers.ControlModifier | Modifiers.ShiftModifier):
        return Band(timeline, at, keys)
    edge = edge_at(timeline, at)
    if edge is not None and not state.is_read_only:
        return EdgeDrag(timeline, edge, at)
    if state.manual.span_at(timeline.frame_at(at.x())) is None and not state.is_read_only:
        return Draw(timeline, at)
    return Band(timeline, at, keys)


def is_on_playhead(timeline: TimelineSurface, at: QPointF) -> bool:
    """Return whether a press there grasps the handle of the frame that is shown."""
    return abs(at.x() - timeline.x_of(timeline.state.frame_index + 0.5)) <= _GRIP + 1


def cursor_at(timeline: TimelineSurface, at: QPointF) -> Qt.CursorShape:
    """Return the mouse cursor, which shows what a press there would do."""
    state, shapes = timeline.state, Qt.CursorShape
    if not state.axis.num_frames or at.x() < timeline.current_layout.rows["ruler"].left() - _GRIP:
        return shapes.ArrowCursor
    kind = timeline.current_layout.at(at.y())
    if kind == "overview":
        return shapes.ArrowCursor if state.axis.shows_all else shapes.OpenHandCursor
    if kind == "ruler" and is_on_playhead(timeline, at):
        return shapes.SizeHorCursor
    if state.is_read_only or kind not in ("ruler", "manual"):
        return shapes.ArrowCursor
    if kind == "manual" and edge_at(timeline, at) is not None:
        return shapes.SplitHCursor
    is_free = kind == "ruler" or state.manual.span_at(timeline.frame_at(at.x())) is None
    return shapes.CrossCursor if is_free else shapes.ArrowCursor


def edge_at(timeline: TimelineSurface, at: QPointF) -> int | None:
    """Return the edge of a label that a press there would grasp; None outside labels and between the edges of one."""
    track, axis = timeline.state.manual, timeline.state.axis
    if not axis.frame_width:
        return None
    position = axis.position_at(at.x())
    inside = track.index_at(int(position))
    if inside is None:
        return None
    start, end = int(track.starts[inside]), int(track.ends[inside])
    grip = min(_GRIP / axis.frame_width, (end - start) / 4)
    nearest, edge = min((position - start, start), (end - position, end))
    return edge if nearest <= grip else None


_WHEEL_STEP, _KEY_STEP = 1.25, 1.6
_PAN_SHARE = 0.1
"""Fraction of the visible range per notch of the wheel."""
_GUTTER_GAP = 16


class PhaseTimeline(QWidget):
    """Shows what `set_*` gives it; emits the requests of the mouse. Frames count from 0, ends are exclusive."""

    laid_out = Signal(float, float)
    """Pixels to the left of the first frame and to the right of the last one, while all are visible."""
    pressed = Signal()
    frame_selected = Signal(int)
    scrub_began = Signal()
    scrub_ended = Signal()
    span_drawn = Signal(int, int)
    """First frame and end of a label to be made."""
    boundary_moved = Signal(int, int)
    """The edge at the start of this frame goes to the start of that one; two labels that touch there both go."""
    split_requested = Signal(int)
    """The label is to be cut before this frame."""
    selection_changed = Signal()
    """By the mouse or by `select`."""
    accept_requested = Signal(str, object)
    """A row (`proposed` or `predicted`) and the `Span` in it that was double-clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Labels of the video"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.state = TimelineState()
        self._titles: dict[RowKind, str] = {
            "manual": self.tr("Labels"),
            "other": self.tr("Other"),
            "proposed": self.tr("Transferred"),
            "predicted": self.tr("Predicted"),
            "confidence": self.tr("Confidence"),
            "sound": self.tr("Sound"),
            "curves": self.tr("Sensors"),
        }
        self._gesture: Gesture | None = None
        self._is_frame_held = False
        self._arrange()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(400, self.current_layout.height)

    def set_num_frames(self, num_frames: int) -> None:
        """Set the length of the video, 0 for none. All of it is visible, and its times are not known yet."""
        if num_frames != self.state.axis.num_frames:
            self.cancel()
            self.state.axis = self.state.axis.for_video(num_frames)
            self.state.edges_seconds = None
            self.update()

    def set_edges(self, edges_seconds: NDArray[np.float64] | None) -> None:
        """Set the (S + 1,) start of every frame and end of the last, by the medium's clock."""
        self.state.edges_seconds = edges_seconds
        self.update()

    def set_spans(self, spans: Sequence[Span], colours: Mapping[str, str]) -> None:
        """Set the labels in order of time, and the colour of each phase."""
        state = self.state
        if list(spans) == list(state.manual.spans) and colours == state.colours:
            return
        self.cancel()
        if colours != state.colours:
            state.colours = dict(colours)
            for kind in ("proposed", "predicted"):
                strip = state.strip(kind)
                if strip is not None:
                    setattr(state, kind, SpanStrip(strip.spans, colours, is_veiled=True))
            if state.other is not None:
                state.other = SpanStrip(state.other.spans, colours)
        selected_spans = state.selected_spans()
        state.manual = SpanStrip(tuple(spans), colours) if spans else NO_SPANS
        self.select(starts_after_change(selected_spans, state.manual))
        self.update()

    def set_other(self, spans: Sequence[Span] | None) -> None:
        """Set the labels of another annotator; None: no such row."""
        self.state.other = None if spans is None else SpanStrip(tuple(spans), self.state.colours)
        self._arrange()

    def set_proposed(self, spans: Sequence[Span] | None) -> None:
        """Set the transferred spans that are not accepted yet, less sure ones more transparent; None: no such row."""
        self.state.proposed = self._veiled(spans)
        self._arrange()

    def set_predicted(self, spans: Sequence[Span] | None) -> None:
        """Set the predicted spans, less confident ones more transparent; None: the row is empty."""
        self.state.predicted = self._veiled(spans)
        self._arrange()

    def set_confidence(self, values: NDArray[np.floating] | None) -> None:
        """Set the (S,) confidence of each frame, 0 to 1; None: the row is empty."""
        self.state.confidence = None if values is None else ValueStrip(np.asarray(values, np.float64))
        self._arrange()

    def set_sound(self, peaks: Peaks | None) -> None:
        """Set the sound to draw; None: no such row."""
        self.state.sound = peaks
        self._arrange()

    def set_curves(self, curves: CurveRow | None) -> None:
        """Set the curves of sensors to draw, on the clock of the video; None: no such row."""
        self.state.curves = curves
        self._arrange()

    def set_frame_index(self, frame_index: int) -> None:
        """Set the current frame, and make it visible unless something is being dragged."""
        if frame_index == self.state.frame_index or self._is_frame_held:
            return
        self.state.frame_index = frame_index
        if self._gesture is None:
            self.state.axis = self.state.axis.showing(frame_index)
        self.update()

    def set_marked_range(self, marked_range: tuple[int, int] | None) -> None:
        """Set the marked range: first frame and end (exclusive); None: none."""
        if marked_range != self.state.marked_range:
            self.state.marked_range = marked_range
            self.update()

    def set_stroke(self, stroke: tuple[int, int, str] | None) -> None:
        """Set the stroke that is being painted: first frame, end (exclusive) and phase; None: none."""
        if stroke != self.state.stroke:
            self.state.stroke = stroke
            self.update()

    def set_brush(self, phase: str) -> None:
        """Set the phase that drawing makes; empty: there is none."""
        self.state.brush = phase

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self.state.is_read_only = is_read_only

    @property
    def selected(self) -> Sequence[Span]:
        """The labels that are selected, in order of time."""
        return self.state.selected_spans()

    def selected_or_at(self, frame: int) -> Sequence[Span]:
        """Return the labels that are selected; where none is, the one of that frame, if any."""
        here = self.span_at(frame)
        return self.selected or ([here] if here is not None else [])

    def select(self, starts: Collection[int]) -> None:
        """Select the labels that begin at these frames, and no others."""
        if frozenset(starts) != self.state.selected:
            self.state.selected = frozenset(starts)
            self.selection_changed.emit()
            self.update()

    def span_at(self, frame: int) -> Span | None:
        """Return the label of that frame."""
        return self.state.manual.span_at(frame)

    def x_of(self, frame: float) -> float:
        """Return the x at which that frame begins."""
        return self.state.axis.x_of(frame)

    def frame_at(self, x: float) -> int:
        """Return the frame under a point, clamped to the video."""
        return self.state.axis.frame_at(x)

    def set_axis(self, axis: TimeAxis) -> None:
        """Set the visible range."""
        self.state.axis = axis
        self.update()

    def zoom(self, steps: float) -> None:
        """Zoom around the current frame if it is visible, else around the middle; negative: out."""
        row = self.current_layout.rows["ruler"]
        x = self.x_of(self.state.frame_index + 0.5)
        x = x if row.left() <= x <= row.right() else row.center().x()
        self.set_axis(self.state.axis.zoomed(_KEY_STEP**steps, x))

    def show_all(self) -> None:
        """Show the whole video."""
        self.set_axis(self.state.axis.for_video(self.state.axis.num_frames))

    def toggle_unit(self) -> None:
        """Switch the ruler between frame numbers and times."""
        self.state.is_in_seconds = not self.state.is_in_seconds
        self.update()

    def cancel(self) -> bool:
        """End what is being dragged as if it had never begun; False where nothing is."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def set_live(self, live: Live) -> None:
        """Set what a drag would do."""
        self.state.live = live
        self.update()

    def hold_frame(self, is_held: bool) -> None:
        """Set whether the cursor stays where it is, whatever frame is shown: an edge is being looked at."""
        self._is_frame_held = is_held

    def scroll_towards(self, x: float) -> None:
        """Scroll while something is dragged beyond the end of the visible range."""
        axis = self.state.axis
        beyond = max(x - axis.left - axis.width, 0.0) - max(axis.left - x, 0.0)
        if beyond and axis.frame_width:
            self.set_axis(axis.panned(beyond / axis.frame_width * 0.25))

    def tooltip_at(self, x: float, y: float | None = None) -> str:
        """Return the tooltip at that point; without a height: in the row of labels."""
        kind, frame = "manual" if y is None else self.current_layout.at(y), self.frame_at(x)
        if kind == "curves" and y is not None and (text := self._curve_tooltip(frame, y)):
            return text
        return tooltip_of(self.state, kind, frame)

    def _curve_tooltip(self, frame: int, y: float) -> str:
        """Return the value of the curve at that height; empty where there is none."""
        shown, edges, row = self.state.curves, self.state.edges_seconds, self.current_layout.rows["curves"]
        if shown is None or shown.curves is None or edges is None:
            return ""
        for index, channel in enumerate(shown.channels):
            if lane_of(row, index).top() <= y < lane_of(row, index).bottom():
                lowest, highest = shown.curves.range_of(channel)
                value = number_text(shown.curves.value_at(channel, float(edges[frame])), highest - lowest)
                return self.tr("Frame {0}: {1} {2}").format(frame, displayable(channel), value)
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        draw_timeline(painter, self.state, self.current_layout, self._titles, self.palette())
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.pressed.emit()
        if self._gesture is None:
            self._gesture = start_gesture(self, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._gesture is not None:
            self._gesture.move(event.position(), event.modifiers())
        else:
            self.setCursor(cursor_at(self, event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.finish(event.position(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.MouseButton.LeftButton or not self.state.axis.num_frames:
            return
        kind, frame = self.current_layout.at(event.position().y()), self.frame_at(event.position().x())
        strip = self.state.strip(kind)
        span = strip.span_at(frame) if strip is not None else None
        if kind == "overview":
            self.show_all()
        elif kind == "manual" and span is not None and not self.state.is_read_only:
            self.split_requested.emit(frame)
        elif span is not None:
            self.accept_requested.emit(kind, span)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        axis, turned = self.state.axis, event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y()):
            notches = (turned.y() or turned.x()) / 120
            self.set_axis(axis.panned(-notches * _PAN_SHARE * axis.shown))
        else:
            self.set_axis(axis.zoomed(_WHEEL_STEP ** (turned.y() / 120), event.position().x()))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Show the phase under the mouse as a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.state.axis.num_frames:
            QToolTip.showText(event.globalPos(), self.tooltip_at(event.pos().x(), event.pos().y()), self)
            return True
        return super().event(event)

    def _veiled(self, spans: Sequence[Span] | None) -> SpanStrip | None:
        return None if spans is None else SpanStrip(tuple(spans), self.state.colours, is_veiled=True)

    def _arrange(self) -> None:
        """Lay out the rows that there are, and the frames in them."""
        kinds: set[RowKind] = set(ALWAYS)
        for kind in ("other", "proposed", "predicted", "confidence", "sound", "curves"):
            if getattr(self.state, kind) is not None:
                kinds.add(kind)
        letters = self.fontMetrics()
        gutter = max(letters.horizontalAdvance(title) for title in self._titles.values()) + _GUTTER_GAP
        before = getattr(self, "current_layout", None)
        self.current_layout = lay_out(
            kinds, self.width(), gutter, self.state.curves.height if self.state.curves is not None else 0
        )
        row = self.current_layout.rows["ruler"]
        self.state.axis = self.state.axis.with_geometry(row.left(), row.width())
        if before is None or row != before.rows["ruler"]:
            self.laid_out.emit(row.left(), self.width() - row.right())
        if before is not None and before.height != self.current_layout.height:
            self.updateGeometry()
        self.update()
