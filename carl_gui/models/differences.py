"""Disagreements between labels, probe and transfer in a project. Runs in threads; no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from carl_gui.models.probe_work import Opinions, ProbeCheck, QueueEntry, Tracks, human_spans
from core.base.control import Control
from core.base.types import Span

_MOST = 500
"""Entries, the longest ones."""


def differences(checked: ProbeCheck, control: Control) -> list[QueueEntry]:
    """The longest first. Stopped: `control` asked for it."""
    from core.label.disagreements import disagreements

    found = disagreements(list(checked.prediction.by_video.values()), checked.found, control)
    return [
        QueueEntry(
            checked.ids[one.place],
            one.start_frame,
            one.end_frame_exclusive,
            None,
            Opinions(one.label, one.probe, one.transfer),
        )
        for one in found[:_MOST]
    ]


def over_labels(checked: ProbeCheck) -> dict[int, list[Span]]:
    """What the other videos say of the frames that a person labelled, by id of the video."""
    found = {}
    for place, spans in checked.found.spans.items():
        key = checked.ids[place]
        found[key] = [
            replace(one, start_frame=start, end_frame_exclusive=stop)
            for one in spans
            for first, end in _stretches(human_spans(checked.prediction.spans.get(key, ())))
            if (start := max(one.start_frame, first)) < (stop := min(one.end_frame_exclusive, end))
        ]
    return found


def _stretches(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """First frames and ends of what spans cover that touch each other."""
    found: list[tuple[int, int]] = []
    for span in spans:
        first = found.pop()[0] if found and found[-1][1] == span.start_frame else span.start_frame
        found.append((first, span.end_frame_exclusive))
    return found


def still(entries: Sequence[QueueEntry], then: Tracks, now: Tracks) -> list[QueueEntry]:
    """Those over whose frames the labels are what they were."""
    return [one for one in entries if _over(then, one) == _over(now, one)]


def _over(spans: Tracks, entry: QueueEntry) -> list[tuple[str, int, int]]:
    first, end = entry.start_frame, entry.end_frame_exclusive
    return [
        (span.phase, max(span.start_frame, first), min(span.end_frame_exclusive, end))
        for span in spans.get(entry.video_id, ())
        if span.start_frame < end and span.end_frame_exclusive > first
    ]
