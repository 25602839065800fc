"""Hit testing of the timeline, and its cursors."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from carl_gui.panels.label.timeline_mouse import (
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

_GRIP = 6.0
"""Pixels of a label beside its edge by which it is grasped; narrow labels leave less. Outside a label a press draws."""


def begin(timeline: TimelineSurface, event: QMouseEvent) -> Gesture | None:
    """What begins with this press; None: nothing."""
    at, keys, state = event.position(), event.modifiers(), timeline.state
    if not state.axis.num_frames or at.x() < timeline.layout_now.rows["ruler"].left() - _GRIP:
        return None
    if event.button() == Qt.MouseButton.MiddleButton:
        return Pan(timeline, at)
    if event.button() != Qt.MouseButton.LeftButton:
        return None
    kind = timeline.layout_now.at(at.y())
    if kind == "overview":
        return OverviewDrag(timeline, at)
    if kind == "manual":
        return _begin_among_labels(timeline, at, keys)
    if kind == "ruler" and not state.is_read_only and not is_on_playhead(timeline, at):
        return Draw(timeline, at)
    return Scrub(timeline, at)


def _begin_among_labels(timeline: TimelineSurface, at: QPointF, keys: Modifiers) -> Gesture:
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
    return abs(at.x() - timeline.x_of(timeline.state.place + 0.5)) <= _GRIP + 1


def shape_at(timeline: TimelineSurface, at: QPointF) -> Qt.CursorShape:
    """Of the mouse: what a press there would do."""
    state, shapes = timeline.state, Qt.CursorShape
    if not state.axis.num_frames or at.x() < timeline.layout_now.rows["ruler"].left() - _GRIP:
        return shapes.ArrowCursor
    kind = timeline.layout_now.at(at.y())
    if kind == "overview":
        return shapes.ArrowCursor if state.axis.is_whole else shapes.OpenHandCursor
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
    inside = track.place_at(int(position))
    if inside is None:
        return None
    start, end = int(track.starts[inside]), int(track.ends[inside])
    grip = min(_GRIP / axis.frame_width, (end - start) / 4)
    nearest, edge = min((position - start, start), (end - position, end))
    return edge if nearest <= grip else None
