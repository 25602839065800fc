"""Mouse gestures of the timeline, from press to release; one class per kind.

Edges stop at what lies beside them: a drag never takes a whole label away. Two labels that touch share an edge, and
both follow it. What is drawn anew lies over what was there.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Protocol

from PySide6.QtCore import QPointF, Qt, SignalInstance

from carl_gui.label.time_axis import SnapTargets, SpanStrip, TimeAxis, edges_of
from carl_gui.label.timeline_drawing import Live, TimelineLayout, TimelineState, overview_window
from core.base.types import Span
from core.project import tracks

_REACH = 7.0
"""Pixels within which an edge holds on to something."""
_PRESS_REACH = 12.0
"""Pixels within which what is drawn begins at something: a press is less exact than a drag that shows where it is."""
_DRAG_PIXELS = 4.0
"""Pixels that the mouse moves before a press becomes a drag."""
Modifiers = Qt.KeyboardModifier


class TimelineSurface(Protocol):
    """The interface of the timeline for gestures."""

    @property
    def state(self) -> TimelineState: ...
    @property
    def current_layout(self) -> TimelineLayout: ...
    @property
    def frame_selected(self) -> SignalInstance: ...
    @property
    def scrub_began(self) -> SignalInstance: ...
    @property
    def scrub_ended(self) -> SignalInstance: ...
    @property
    def span_drawn(self) -> SignalInstance: ...
    @property
    def boundary_moved(self) -> SignalInstance: ...
    def frame_at(self, x: float) -> int: ...
    def x_of(self, position: float) -> float: ...
    def span_at(self, frame: int) -> Span | None: ...
    def set_axis(self, axis: TimeAxis) -> None: ...
    def hold_frame(self, is_held: bool) -> None: ...
    def scroll_towards(self, x: float) -> None: ...
    def set_live(self, live: Live) -> None: ...
    def select(self, starts: Collection[int]) -> None: ...


class Gesture(Protocol):
    """A gesture, from the press that creates it to the release."""

    def move(self, at: QPointF, keys: Modifiers) -> None:
        """Follow the mouse."""

    def finish(self, at: QPointF, keys: Modifiers) -> None:
        """Apply the gesture: the button was released there."""

    def cancel(self) -> None:
        """Undo the gesture, as if it had never begun."""


class Scrub:
    """The player shows the frame under the mouse."""

    def __init__(self, timeline: TimelineSurface, at: QPointF) -> None:
        self._timeline = timeline
        timeline.scrub_began.emit()
        timeline.frame_selected.emit(timeline.frame_at(at.x()))

    def move(self, at: QPointF, keys: Modifiers) -> None:
        frame = self._timeline.frame_at(at.x())
        if frame != self._timeline.state.frame_index:
            self._timeline.frame_selected.emit(frame)

    def finish(self, at: QPointF, keys: Modifiers) -> None:
        self._timeline.scrub_ended.emit()

    def cancel(self) -> None:
        self._timeline.scrub_ended.emit()


class Pan:
    """Pans, keeping the frame under the mouse."""

    def __init__(self, timeline: TimelineSurface, at: QPointF) -> None:
        self._timeline, self._x = timeline, at.x()

    def move(self, at: QPointF, keys: Modifiers) -> None:
        axis = self._timeline.state.axis
        if axis.frame_width:
            self._timeline.set_axis(axis.panned((self._x - at.x()) / axis.frame_width))
        self._x = at.x()

    def finish(self, at: QPointF, keys: Modifiers) -> None: ...

    def cancel(self) -> None: ...


class OverviewDrag:
    """Moves the visible range with the mouse; a press beside it centres it there."""

    def __init__(self, timeline: TimelineSurface, at: QPointF) -> None:
        self._timeline = timeline
        row, axis = timeline.current_layout.rows["overview"], timeline.state.axis
        window = overview_window(axis, row)
        self._scale = axis.num_frames / row.width()
        is_inside = window.left() <= at.x() <= window.right()
        self._offset = axis.first - (at.x() - row.left()) * self._scale if is_inside else -axis.shown / 2
        self.move(at, Modifiers.NoModifier)

    def move(self, at: QPointF, keys: Modifiers) -> None:
        left = self._timeline.current_layout.rows["overview"].left()
        axis = self._timeline.state.axis
        self._timeline.set_axis(axis.starting_at((at.x() - left) * self._scale + self._offset))

    def finish(self, at: QPointF, keys: Modifiers) -> None: ...

    def cancel(self) -> None: ...


class _Peek:
    """While something is dragged the player shows the frame at its edge; afterwards the one that it showed before."""

    def __init__(self, timeline: TimelineSurface) -> None:
        self._timeline, self._frame_index, self._is_started = timeline, timeline.state.frame_index, False
        self._shown = self._frame_index

    def show(self, frame: int) -> None:
        if not self._is_started:
            self._is_started = True
            self._timeline.hold_frame(True)
            self._timeline.scrub_began.emit()
        if frame != self._shown:
            self._shown = frame
            self._timeline.frame_selected.emit(frame)

    def finish(self) -> None:
        if self._is_started:
            self._is_started = False
            if self._shown != self._frame_index:
                self._timeline.frame_selected.emit(self._frame_index)
            self._timeline.hold_frame(False)
            self._timeline.scrub_ended.emit()


class _Snapping:
    def __init__(self, timeline: TimelineSurface, without: int | None = None) -> None:
        state = timeline.state
        targets = edges_of(state.manual.spans) - {without} | {0, state.axis.num_frames}
        for strip in (state.predicted, state.proposed):
            targets |= edges_of(strip.spans) if strip is not None else set()
        targets |= {state.frame_index, state.frame_index + 1, *(state.marked_range or ())}
        self._timeline, self._targets = timeline, SnapTargets(targets)

    def nearest(
        self, x: float, keys: Modifiers, lowest: float = 0, highest: float = math.inf, reach: float = _REACH
    ) -> int | None:
        """Return what an edge at x holds on to within `reach` pixels; Alt: nothing."""
        axis = self._timeline.state.axis
        if keys & Modifiers.AltModifier or not axis.frame_width:
            return None
        return self._targets.nearest(axis.position_at(x), reach / axis.frame_width, lowest, highest)


class EdgeDrag:
    """An edge of a label, or the one that two share, follows the mouse as far as there is room."""

    def __init__(self, timeline: TimelineSurface, frame: int, at: QPointF) -> None:
        self._timeline, self._frame, self._to = timeline, frame, frame
        self._at, self._is_started = at, False
        track, axis = timeline.state.manual.spans, timeline.state.axis
        self._is_end = at.x() < axis.x_of(frame) or not any(span.start_frame == frame for span in track)
        self._room = tracks.room(track, frame, axis.num_frames) or (frame, frame)
        self._snapping, self._peek = _Snapping(timeline, frame), _Peek(timeline)

    def move(self, at: QPointF, keys: Modifiers) -> None:
        if not self._is_started and abs(at.x() - self._at.x()) < _DRAG_PIXELS / 2:
            return
        self._is_started = True
        timeline, (lowest, highest) = self._timeline, self._room
        timeline.scroll_towards(at.x())
        snap = self._snapping.nearest(at.x(), keys, lowest, highest)
        target = round(timeline.state.axis.position_at(at.x())) if snap is None else snap
        self._to = min(max(target, lowest), highest)
        spans = tracks.move_edge(timeline.state.manual.spans, self._frame, self._to)
        timeline.set_live(Live(SpanStrip(spans, timeline.state.colours), snap=snap))
        self._peek.show(min(max(self._to - self._is_end, 0), timeline.state.axis.num_frames - 1))

    def finish(self, at: QPointF, keys: Modifiers) -> None:
        self.cancel()
        if self._to != self._frame:
            self._timeline.boundary_moved.emit(self._frame, self._to)
        elif not self._is_started:
            click(self._timeline, at, keys)

    def cancel(self) -> None:
        self._timeline.set_live(Live())
        self._peek.finish()


class Draw:
    """A new label between the press and the mouse; without a drag it is a click. It leaves no hole of one frame beside
    another label or an end of the video, unless Alt is held."""

    def __init__(self, timeline: TimelineSurface, at: QPointF) -> None:
        self._timeline, self._at = timeline, at
        self._pressed = timeline.state.axis.position_at(at.x())
        self._snapping, self._peek = _Snapping(timeline), _Peek(timeline)
        self._snapped = self._snapping.nearest(at.x(), Modifiers.NoModifier, reach=_PRESS_REACH)
        self._span: tuple[int, int] | None = None

    def move(self, at: QPointF, keys: Modifiers) -> None:
        if self._span is None and abs(at.x() - self._at.x()) < _DRAG_PIXELS:
            return
        timeline = self._timeline
        timeline.scroll_towards(at.x())
        axis = timeline.state.axis
        snap = self._snapping.nearest(at.x(), keys)
        start_position = (
            self._pressed if self._snapped is None or keys & Modifiers.AltModifier else float(self._snapped)
        )
        end_position = axis.position_at(at.x()) if snap is None else float(snap)
        start = min(math.floor(min(start_position, end_position)), axis.num_frames - 1)
        span = start, min(max(math.ceil(max(start_position, end_position)), start + 1), axis.num_frames)
        self._span = span if keys & Modifiers.AltModifier else self._without_holes(*span)
        timeline.set_live(Live(span=self._span, snap=snap))
        self._peek.show(self._span[1] - 1 if end_position >= start_position else self._span[0])

    def _without_holes(self, start: int, end: int) -> tuple[int, int]:
        """Extend the range to a label or an end of the video that is one frame away."""
        state = self._timeline.state
        ends = {0, *state.manual.ends.tolist()}
        starts = {state.axis.num_frames, *state.manual.starts.tolist()}
        return (start - 1 if start - 1 in ends else start), (end + 1 if end + 1 in starts else end)

    def finish(self, at: QPointF, keys: Modifiers) -> None:
        self.cancel()
        if self._span is None:
            click(self._timeline, at, keys)
        else:
            self._timeline.span_drawn.emit(*self._span)

    def cancel(self) -> None:
        self._timeline.set_live(Live())
        self._peek.finish()


class Band:
    """Selects what the mouse passes over; with Ctrl or Shift, adds to the selection."""

    def __init__(self, timeline: TimelineSurface, at: QPointF, keys: Modifiers) -> None:
        self._timeline, self._at, self._is_started = timeline, at, False
        self._selected_before = timeline.state.selected
        self._kept = (
            self._selected_before if keys & (Modifiers.ControlModifier | Modifiers.ShiftModifier) else frozenset()
        )

    def move(self, at: QPointF, keys: Modifiers) -> None:
        if not self._is_started and abs(at.x() - self._at.x()) < _DRAG_PIXELS:
            return
        self._is_started = True
        timeline = self._timeline
        first, last = sorted(timeline.state.axis.position_at(point.x()) for point in (self._at, at))
        track = timeline.state.manual
        touched = {int(track.starts[index]) for index in track.indices_between(first, last)}
        timeline.set_live(Live(band=(first, last)))
        timeline.select(self._kept | touched)

    def finish(self, at: QPointF, keys: Modifiers) -> None:
        self._timeline.set_live(Live())
        if not self._is_started:
            click(self._timeline, at, keys)

    def cancel(self) -> None:
        self._timeline.set_live(Live())
        self._timeline.select(self._selected_before)


def click(timeline: TimelineSurface, at: QPointF, keys: Modifiers) -> None:
    """Select the label there and show its frame; with Ctrl select it too, with Shift all up to it."""
    state, frame = timeline.state, timeline.frame_at(at.x())
    span = timeline.span_at(frame) if timeline.current_layout.at(at.y()) == "manual" else None
    if keys & Modifiers.ShiftModifier and span is not None:
        first, last = sorted((span.start_frame, span.start_frame if state.range_start is None else state.range_start))
        timeline.select({one.start_frame for one in state.manual.spans if first <= one.start_frame <= last})
        return
    state.range_start = None if span is None else span.start_frame
    if keys & Modifiers.ControlModifier and span is not None:
        timeline.select(state.selected ^ {span.start_frame})
        return
    timeline.select(() if span is None else (span.start_frame,))
    timeline.frame_selected.emit(frame)
