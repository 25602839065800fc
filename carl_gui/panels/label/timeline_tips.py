"""Texts of the timeline's tooltips."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.models.messages import displayable
from carl_gui.numbers import percent
from carl_gui.panels.label.timeline_layout import RowKind
from carl_gui.panels.label.timeline_state import TimelineState


def tip_of(state: TimelineState, kind: RowKind, frame: int) -> str:
    """Of that frame in a row of that kind."""
    translate = QCoreApplication.translate
    if kind == "confidence" and state.confidence is not None and frame < len(state.confidence.values):
        sure = percent(float(state.confidence.values[frame]))
        return translate("PhaseTimeline", "Frame {0}: confidence {1}").format(frame, sure)
    strip = state.strip(kind) if kind in ("proposed", "predicted") else state.manual
    span = strip.span_at(frame) if strip is not None else None
    if span is None:
        return translate("PhaseTimeline", "Frame {0}: not labelled").format(frame)
    words = translate("PhaseTimeline", "{0}: frames {1} to {2}").format(
        displayable(span.phase), span.start_frame, span.end_frame_exclusive - 1
    )
    if span.source == "label":
        return words
    said = translate("PhaseTimeline", "{0} ({1}, {2})")
    if kind == "manual" and span.is_predicted:
        said = translate("PhaseTimeline", "{0} (accepted from {1}, {2} sure; not confirmed: C confirms it)")
    return said.format(words, displayable(span.source), percent(span.confidence))
