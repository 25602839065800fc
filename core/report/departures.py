"""Chart of deviations from the reference: the distance over time, and the largest deviations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from core.base.errors import VideoError
from core.base.types import Image
from core.drawing.sheet import (
    FAINT,
    GRID,
    INK,
    MOST_ROWS,
    UNMATCHED,
    Sheet,
    Styles,
    legend_height,
    mark_lengths,
    phase_styles,
    predicted_legend,
    span_style,
)
from core.drawing.text import A_ON_WHITE, B_ON_WHITE, clock
from core.report.comparison import Comparison
from core.report.performances import Performance
from core.report.tempo_curves import windows

_MARGIN, _TICKS, _CURVE, _BETWEEN, _PAIR = 0.3, 0.5, 4.2, 0.35, 3.2
"""Inches from left to right: the edge, the numbers, the curve, then a pair of frames for each moment shown."""
_PAIRS, _INSIDE = 3, 0.08
_HEAD, _TITLE, _PANEL, _STRIP, _BELOW, _FOOT = 0.8, 0.32, 1.0, 0.09, 0.36, 0.3
_PICTURE = 1.3
"""Most that a frame is high."""
_HEADROOM, _LEAST_LIMIT = 1.3, 0.02
"""Of the axis: above the farthest peak, for its number; and so that rounding is not drawn as a distance."""
_MUCH_FARTHER, _CUT_TO = 8.0, 4.0
"""Of the middle video's farthest: where one goes beyond the first, curves leave their panels at the second."""
_PAIR_STYLES: Styles = {
    "the video": {"facecolor": A_ON_WHITE, "edgecolor": A_ON_WHITE},
    "the reference, at the matching moment": {"facecolor": B_ON_WHITE, "edgecolor": B_ON_WHITE},
}


def write_departures_picture(
    path: Path, comparisons: Sequence[Comparison], phases: Sequence[str], colours: Mapping[str, str] | None = None
) -> None:
    """Write a PNG: a row a video, the same scale of distance in all, its farthest moments numbered and shown.

    Time is the video's own; below the curve lie its phases, where they are known. What the video adds is hatched, and
    has no distance; a broken line says where it lacks what the reference shows, and how long that lasts. The frames of
    up to three moments stand beside it, the video's to the left of the reference's; a frame that cannot be read any
    more is left grey.

    Args:
        comparisons: with one reference, at least one; of more than 60 the first are shown.
        phases: all of the report, for their colours.
        colours: see `core.drawing.sheet.phase_styles`. What was predicted is striped.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    shown = comparisons[:MOST_ROWS]
    styles = phase_styles(phases, colours) if any(one.performance.spans for one in shown) else {}
    width = 2 * _MARGIN + _TICKS + _CURVE + _PAIRS * (_BETWEEN + _PAIR)
    adding = any(one.added_seconds for one in shown)
    striped = predicted_legend(span for one in shown for span in one.performance.spans)
    legend = (_PAIR_STYLES, {"added: only the video shows it": UNMATCHED} if adding else {}, styles, striped)
    top = _HEAD + legend_height(width - 2 * _MARGIN, *legend) + 0.1
    height = _TITLE + _PANEL + _STRIP + _BELOW
    sheet = Sheet(width, top + height * len(shown) + _FOOT)
    _draw_head(sheet, shown, legend)
    limit = _limit([one.largest_distance for one in shown if one.has_partner.any()])
    for row, (one, pairs) in enumerate(zip(shown, _pairs(shown), strict=True)):
        above, left = top + row * height, _MARGIN + _TICKS
        _draw_title(sheet, one, left, above + 0.18)
        axes = sheet.axes(left, above + _TITLE, _CURVE, _PANEL + _STRIP)
        _draw_curve(axes, one, styles, limit)
        if row == len(shown) - 1:
            axes.set_xlabel("seconds of the video", fontsize=9, color=FAINT)
        _draw_pairs(sheet, one, pairs, above + 0.12)
    sheet.save(path)


def _limit(farthest: Sequence[float]) -> float:
    middle, most = (float(np.median(farthest)), max(farthest)) if farthest else (0.0, 0.0)
    return _HEADROOM * max(_LEAST_LIMIT, _CUT_TO * middle if most > _MUCH_FARTHER * middle else most)


def _draw_head(sheet: Sheet, shown: Sequence[Comparison], legend: Sequence[Styles]) -> None:
    room = sheet.width - 2 * _MARGIN
    name = shown[0].reference.name
    sheet.text(_MARGIN, 0.32, f"Deviations from {name}", size=12, bold=True, room=room)
    words = f"1 - cosine between each frame and its match, over {windows(shown)} s around it."
    words += " The largest deviations are numbered and shown."
    if any(one.missing_seconds for one in shown):
        words += " Dashed lines: where the reference shows more, and for how long."
    sheet.text(_MARGIN, 0.6, words, colour=FAINT)
    sheet.legend(_MARGIN, _HEAD, room, *legend)


def _draw_title(sheet: Sheet, one: Comparison, left: float, middle: float) -> None:
    sheet.text(left, middle, one.performance.name, bold=True, room=_CURVE - 2)
    words = "nothing in common"
    if one.has_partner.any():
        words = f"mean {one.mean_distance:.3f}, largest {one.largest_distance:.3f}"
    sheet.text(left + _CURVE, middle, words, size=8, colour=FAINT, align="right")


def _draw_curve(axes: Axes, one: Comparison, styles: Styles, limit: float) -> None:
    edges = one.performance.video.edges_seconds
    middles = (edges[:-1] + edges[1:]) / 2
    foot = -limit * _STRIP / _PANEL
    axes.set(xlim=(edges[0], edges[-1]), ylim=(foot, limit))
    axes.locator_params(axis="y", nbins=4)
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= limit])
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    for span in one.performance.spans:
        start, stop = float(edges[span.start_frame]), float(edges[span.end_frame_exclusive])
        axes.axvline(start, color=GRID, linewidth=0.8)
        axes.broken_barh([(start, stop - start)], (foot, -foot), **span_style(span, styles))
    _draw_unmatched(axes, one)
    axes.plot(middles, one.distance, color=INK, linewidth=1.4)
    for rank, moment in enumerate(one.moments, start=1):
        near = slice(moment.start_frame, moment.end_frame_exclusive)
        axes.fill_between(middles[near], one.distance[near], color=A_ON_WHITE, alpha=0.25, linewidth=0)
        axes.annotate(
            str(rank),
            (float(middles[moment.frame]), min(moment.distance, limit / _HEADROOM)),
            (0, 9),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=8,
            color="white",
            weight="bold",
            bbox={"boxstyle": "circle,pad=0.2", "facecolor": INK, "linewidth": 0},
            annotation_clip=False,
        )


def _draw_unmatched(axes: Axes, one: Comparison) -> None:
    edges = one.performance.video.edges_seconds
    missing = []
    for stretch in one.unmatched:
        if stretch.kind == "added":
            start, stop = float(edges[stretch.start_frame]), float(edges[stretch.end_frame_exclusive])
            axes.axvspan(start, stop, ymin=_STRIP / (_PANEL + _STRIP), **UNMATCHED)
        else:
            missing.append((float(edges[stretch.other_frame]), one.seconds_of(stretch)))
    mark_lengths(axes, missing, "-")


def _draw_pairs(sheet: Sheet, one: Comparison, pairs: Sequence[tuple[Image, Image]], top: float) -> None:
    """Draw the frames of the first moments, under each its number, time and phase."""
    half = (_PAIR - _INSIDE) / 2
    for index, (moment, pair) in enumerate(zip(one.moments, pairs, strict=False)):
        left = _MARGIN + _TICKS + _CURVE + _BETWEEN + index * (_PAIR + _BETWEEN)
        sides = (
            (one.performance, moment.frame, f"{index + 1}:  ", A_ON_WHITE),
            (one.reference, int(one.reference_frames[moment.frame]), "", B_ON_WHITE),
        )
        for side, (performance, frame, number, colour) in enumerate(sides):
            across = left + side * (half + _INSIDE)
            bottom = sheet.image(across, top, half, _PICTURE, pair[side], colour, at=1 - side)
            words = f"{number}{clock(float(performance.video.edges_seconds[frame]))}  {performance.phase_at(frame)}"
            inner, align = (left + half - 0.04, "right") if side == 0 else (across + 0.04, "left")
            sheet.text(inner, bottom + 0.14, words.rstrip(), size=8, align=align, room=half - 0.04)


def _pairs(shown: Sequence[Comparison]) -> list[list[tuple[Image, Image]]]:
    """Return the frames of each video's first moments, and what they are matched with; a video is opened once."""
    frames = [[moment.frame for moment in one.moments[:_PAIRS]] for one in shown]
    matched = [one.reference_frames[of_video] for one, of_video in zip(shown, frames, strict=True)]
    wanted = sorted({int(frame) for of_video in matched for frame in of_video})
    reference = dict(zip(wanted, _images(shown[0].reference, wanted), strict=True))
    return [
        list(zip(_images(one.performance, here), (reference[int(frame)] for frame in there), strict=True))
        for one, here, there in zip(shown, frames, matched, strict=True)
    ]


def _images(performance: Performance, frames: Sequence[int]) -> list[Image]:
    try:
        return [frame.image for frame in performance.video.frames(frames)] if frames else []
    except (VideoError, IndexError):  # the file is gone, or another took its name
        return [np.full((90, 160, 3), 225, np.uint8)] * len(frames)
