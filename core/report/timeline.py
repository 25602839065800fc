"""Chart of timing and duration of phases, one bar per video, the reference first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from core.drawing.sheet import (
    FAINT,
    GRID,
    INK,
    MOST_ROWS,
    UNMATCHED,
    Sheet,
    Styles,
    legend_height,
    phase_styles,
    predicted_legend,
    span_style,
)
from core.report.comparison import Comparison
from core.report.performances import Performance

_MARGIN, _NAMES, _SECONDS, _TOTAL, _SHARES = 0.3, 2.4, 4.9, 1.35, 3.2
"""Inches from left to right: the margin, the names, bars in seconds, the lengths, bars as shares of a video."""
_HEAD, _ROW, _FOOT = 0.65, 0.3, 0.65
_BAR = 0.66
"""Of a row's height."""
_MANY = 20
"""Rows from which on the numbers stand above the bars too."""
_MUCH_LONGER, _CUT_TO = 8.0, 4.0
"""Of the middle length: where a video is longer than the first, bars are cut to the second, so that the others can
still be read."""


def write_timeline(
    path: Path,
    performances: Sequence[Performance],
    phases: Sequence[str],
    comparisons: Mapping[str, Comparison] | None = None,
    colours: Mapping[str, str] | None = None,
    *,
    has_reference: bool = True,
) -> None:
    """Write a PNG: on the left in seconds from each first frame, on the right every video stretched to the same length.

    Args:
        performances: the reference first; of more than 60 others the first are shown.
        phases: in the order of the legend.
        comparisons: of the performances with the reference, by name: what has no partner is marked. What a
            video adds is hatched at the foot of its bar, a triangle is where it lacks what the reference shows.
        colours: see `core.drawing.sheet.phase_styles`. What was predicted is striped.
        has_reference: False: the first video is one like the others.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    shown, styles, comparisons = performances[: MOST_ROWS + 1], phase_styles(phases, colours), comparisons or {}
    found = [comparisons[one.name] for one in shown if one.name in comparisons]
    adding, lacking = any(one.added_seconds for one in found), any(one.missing_seconds for one in found)
    striped = predicted_legend(span for one in shown for span in one.spans)
    legend = ({"added: only the video shows it": UNMATCHED} if adding else {}, styles, striped)
    width = 2 * _MARGIN + _NAMES + _SECONDS + _TOTAL + _SHARES
    top = _HEAD + legend_height(width - 2 * _MARGIN, *legend) + (0.3 if len(shown) > _MANY else 0.1)
    sheet = Sheet(width, top + _ROW * len(shown) + _FOOT)
    sheet.text(_MARGIN, 0.32, "Timing and duration of each phase", size=12, bold=True)
    if lacking:
        words = "Triangles: where the reference shows more."
        sheet.text(width - _MARGIN, 0.32, words, colour=FAINT, align="right")
    sheet.legend(_MARGIN, _HEAD - 0.05, width - 2 * _MARGIN, *legend)
    left = _MARGIN + _NAMES
    limit = _limit([one.seconds for one in shown])
    seconds = _axes(sheet, left, top, _SECONDS, len(shown), limit, "seconds", has_reference)
    shares = _axes(sheet, left + _SECONDS + _TOTAL, top, _SHARES, len(shown), 1.0, "share of the video", has_reference)
    shares.xaxis.set_major_formatter(PercentFormatter(1.0))
    for row, performance in enumerate(shown):
        _draw_bar(seconds, row, performance, styles, 1.0)
        _draw_bar(shares, row, performance, styles, performance.seconds)
        if one := comparisons.get(performance.name):
            _draw_unmatched(seconds, row, one, 1.0)
            _draw_unmatched(shares, row, one, performance.seconds)
        middle, is_reference = top + (row + 0.5) * _ROW, has_reference and row == 0
        sheet.text(_MARGIN, middle, performance.name, bold=is_reference, room=_NAMES - 0.15)
        end = left + min(performance.seconds / limit, 1.0) * _SECONDS
        if performance.seconds > limit:
            sheet.text(end - 0.3, middle, "//", size=13, colour="white", bold=True)
        length = f"{performance.seconds:.2f} s" + (", reference" if is_reference else "")
        sheet.text(end + 0.08, middle, length, size=8, colour=FAINT)
    sheet.save(path)


def _limit(seconds: Sequence[float]) -> float:
    middle, longest = float(np.median(seconds)), max(seconds)
    return _CUT_TO * middle if longest > _MUCH_LONGER * middle else longest


def _axes(
    sheet: Sheet, left: float, top: float, width: float, rows: int, limit: float, label: str, has_reference: bool
) -> Axes:
    made = sheet.axes(left, top, width, rows * _ROW)
    made.set(xlim=(0, limit), ylim=(rows - 0.5, -0.5), yticks=[])
    made.set_xlabel(label, fontsize=9, color=FAINT)
    made.grid(axis="x", color=GRID, linewidth=0.8)
    made.tick_params(top=rows > _MANY, labeltop=rows > _MANY)
    if rows > 1 and has_reference:
        made.axhline(0.5, color=FAINT, linewidth=0.8)
    return made


def _draw_bar(axes: Axes, row: int, performance: Performance, styles: Styles, scale: float) -> None:
    """Draw the whole video in grey, on it its phases, their edges in white."""
    edges = (performance.video.edges_seconds - performance.video.edges_seconds[0]) / scale
    low = row - _BAR / 2
    axes.broken_barh([(0, float(edges[-1]))], (low, _BAR), facecolor=GRID)
    for span in performance.spans:
        start, stop = float(edges[span.start_frame]), float(edges[span.end_frame_exclusive])
        axes.broken_barh([(start, stop - start)], (low, _BAR), **span_style(span, styles))
        if start > 0:
            axes.plot([start, start], [low, low + _BAR], color="white", linewidth=1, solid_capstyle="butt")


def _draw_unmatched(axes: Axes, row: int, one: Comparison, scale: float) -> None:
    """Draw added parts as a hatched strip at the bottom of the bar, missing ones as a triangle on its upper edge."""
    edges = (one.performance.video.edges_seconds - one.performance.video.edges_seconds[0]) / scale
    top, bottom = row - _BAR / 2, row + _BAR / 2  # rows go downwards
    for stretch in one.unmatched:
        if stretch.kind == "added":
            start, stop = float(edges[stretch.start_frame]), float(edges[stretch.end_frame_exclusive])
            axes.broken_barh([(start, stop - start)], (bottom - _BAR / 3, _BAR / 3), **UNMATCHED)
        else:
            at = float(edges[stretch.other_frame])
            axes.plot([at], [top], marker="v", markersize=6, color=INK, markeredgecolor="white", clip_on=False)
