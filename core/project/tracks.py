"""A video's labels as one track, in time order and without overlap, and pure functions to edit it."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from core.base.errors import LabelError
from core.base.types import Span


def validate(spans: Iterable[Span], num_frames: int | None = None) -> list[Span]:
    """Return the spans in order of time.

    Raises:
        LabelError: two overlap, or one ends past the video.
    """
    ordered = sorted(spans, key=lambda span: span.start_frame)
    for one, other in itertools.pairwise(ordered):
        if other.start_frame < one.end_frame_exclusive:
            raise LabelError(
                f"{other.phase!r} (from frame {other.start_frame}) overlaps {one.phase!r} (to frame "
                f"{one.end_frame_exclusive - 1}). A frame has one phase; shorten one of them."
            )
    if ordered and num_frames is not None and ordered[-1].end_frame_exclusive > num_frames:
        raise LabelError(
            f"{ordered[-1].phase!r} ends at frame {ordered[-1].end_frame_exclusive - 1}, but the video's last frame "
            f"is {num_frames - 1}. Shorten it."
        )
    return ordered


def erase(track: Sequence[Span], start_frame: int, end_frame_exclusive: int) -> list[Span]:
    """Return the spans without these frames: what reaches into them is cut, what lies around them falls into two."""
    kept = []
    for span in track:
        if span.start_frame < start_frame:
            kept.append(replace(span, end_frame_exclusive=min(span.end_frame_exclusive, start_frame)))
        if span.end_frame_exclusive > end_frame_exclusive:
            kept.append(replace(span, start_frame=max(span.start_frame, end_frame_exclusive)))
    return kept


def paint(track: Sequence[Span], span: Span) -> list[Span]:
    """Return the track with the label added, overwriting what was there."""
    around = erase(track, span.start_frame, span.end_frame_exclusive)
    return sorted([*around, span], key=lambda other: other.start_frame)


def split(track: Sequence[Span], frame: int) -> list[Span]:
    """Return the track with the label around `frame - 1` and `frame` split between them.

    Raises:
        LabelError: there is none.
    """
    index = next((i for i, span in enumerate(track) if span.start_frame < frame < span.end_frame_exclusive), None)
    if index is None:
        raise LabelError(f"No label can be split at frame {frame}. Choose a frame inside one, but not its first.")
    parts = [replace(track[index], end_frame_exclusive=frame), replace(track[index], start_frame=frame)]
    return [*track[:index], *parts, *track[index + 1 :]]


def join_spans(track: Sequence[Span], frame: int) -> list[Span]:
    """Return the track with the label at `frame` and the next merged, with the first one's phase, across any gap.

    Raises:
        LabelError: there is no span, or none after it.
    """
    index = next((i for i, span in enumerate(track) if span.start_frame <= frame < span.end_frame_exclusive), None)
    if index is None or index + 1 == len(track):
        raise LabelError(f"No two labels can be merged at frame {frame}. Choose a label that is followed by another.")
    one, other = track[index : index + 2]
    one = replace(one, end_frame_exclusive=other.end_frame_exclusive, note=_joined_notes((one, other)))
    return [*track[:index], one, *track[index + 2 :]]


def merge_spans(track: Sequence[Span], starts: Collection[int]) -> list[Span]:
    """Return the track with the labels starting at `starts` merged, with the first one's phase, across any gaps.

    Raises:
        LabelError: they are not two or more, or another span lies between them.
    """
    indices = [index for index, span in enumerate(track) if span.start_frame in starts]
    if len(indices) < 2 or indices[-1] - indices[0] + 1 != len(indices):
        raise LabelError("Only adjacent labels can be merged. Choose two or more with none between them.")
    merged = [track[index] for index in indices]
    one = replace(merged[0], end_frame_exclusive=merged[-1].end_frame_exclusive, note=_joined_notes(merged))
    return [*track[: indices[0]], one, *track[indices[-1] + 1 :]]


def _joined_notes(spans: Iterable[Span]) -> str:
    return "; ".join(dict.fromkeys(span.note for span in spans if span.note))


def fill_spans(track: Sequence[Span], spans: Iterable[Span]) -> list[Span]:
    """Return the track with these labels on unlabelled frames; existing labels do not change."""
    kept, ends = [], [span.end_frame_exclusive for span in track]
    for span in spans:
        start = span.start_frame
        for index in range(bisect.bisect_right(ends, start), len(track)):
            there = track[index]
            if there.start_frame >= span.end_frame_exclusive:
                break
            if start < there.start_frame:
                kept.append(replace(span, start_frame=start, end_frame_exclusive=there.start_frame))
            start = there.end_frame_exclusive
        if start < span.end_frame_exclusive:
            kept.append(replace(span, start_frame=start))
    return sorted([*track, *kept], key=lambda span: span.start_frame)


def room(track: Sequence[Span], frame: int, num_frames: int) -> tuple[int, int] | None:
    """Return the first and last frame to which the edge at the start of `frame` can move; None: there is no edge."""
    before, after = _beside(track, frame)
    if before is None and after is None:
        return None
    lowest, highest = _room(track, before, after)
    return lowest, min(highest, num_frames)


def move_edge(track: Sequence[Span], frame: int, to_frame: int) -> list[Span]:
    """Return the track with the edge at the start of `frame` moved to the start of `to_frame`; two adjacent labels both
    move.

    Raises:
        LabelError: there is no boundary, or a span would be left without a frame or lie over another.
    """
    before, after = _beside(track, frame)
    if before is None and after is None:
        raise LabelError(f"No label starts or ends at frame {frame}. Choose an edge.")
    lowest, highest = _room(track, before, after)
    if not lowest <= to_frame <= highest:
        most = f"{lowest} to {highest}" if highest < _FAR else f"from {lowest}"
        raise LabelError(f"The edge at frame {frame} cannot move to frame {to_frame}, only to frames {most}.")
    result = list(track)
    if before is not None:
        result[before] = replace(track[before], end_frame_exclusive=to_frame)
    if after is not None:
        result[after] = replace(track[after], start_frame=to_frame)
    return result


_FAR = 2**53


def _beside(track: Sequence[Span], frame: int) -> tuple[int | None, int | None]:
    """Return places of the spans that end and that begin at the start of `frame`."""
    before = next((i for i, span in enumerate(track) if span.end_frame_exclusive == frame), None)
    after = next((i for i, span in enumerate(track) if span.start_frame == frame), None)
    return before, after


def _room(track: Sequence[Span], before: int | None, after: int | None) -> tuple[int, int]:
    """Return the first and last frame that the boundary between these two (one may be missing) can go to."""
    if before is not None:
        lowest = track[before].start_frame + 1
    else:
        assert after is not None
        lowest = track[after - 1].end_frame_exclusive if after else 0
    if after is not None:
        return lowest, track[after].end_frame_exclusive - 1
    assert before is not None
    return lowest, track[before + 1].start_frame if before + 1 < len(track) else _FAR
