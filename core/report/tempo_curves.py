"""Chart of the tempo relative to the reference, one curve per video over the reference's time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

from core.drawing.sheet import (
    FAINT,
    GRID,
    INK,
    MOST_ROWS,
    UNMATCHED,
    Sheet,
    Styles,
    inches,
    legend_height,
    mark_lengths,
    phase_styles,
    predicted_legend,
    span_style,
)
from core.report.comparison import Comparison

_FASTER, _SLOWER, _PALE = "#f0bfa6", "#aac4e8", "#a4a9b3"
_SIDES: Styles = {
    "faster than the reference": {"facecolor": _FASTER, "edgecolor": "#d9622b", "linewidth": 0.8},
    "slower": {"facecolor": _SLOWER, "edgecolor": "#2f6fbd", "linewidth": 0.8},
    "pale: unclear, for example where both stand still": {"facecolor": "#eceef1", "edgecolor": _PALE, "linewidth": 0.8},
}
_WIDTH, _MARGIN, _TICKS, _BETWEEN = 12.0, 0.3, 0.42, 0.35
"""Inches: of the sheet; its edge, room for the numbers beside a panel, between panels."""
_HEAD, _TITLE, _PANEL, _STRIP, _BELOW, _FOOT = 0.8, 0.3, 1.05, 0.09, 0.12, 0.6
_COLUMNS = ((4, 1), (12, 2), (30, 3), (MOST_ROWS, 4))
"""Up to so many videos, so many columns."""
_LEAST_OCTAVES, _MOST_OCTAVES = 1, 3


def write_tempo_curves(
    path: Path, comparisons: Sequence[Comparison], phases: Sequence[str], colours: Mapping[str, str] | None = None
) -> None:
    """Write a PNG: a panel a video, all with the same axes, so that one moment of the reference is in one place.

    Upwards the tempo on a logarithmic scale with 1 in the middle, at most 8 and at least 1/8; pale where
    `Comparison.is_clear` does not hold, none where one video waits for the other to begin or goes on after its end.
    What the video lacks is hatched, and has no tempo; what it adds takes none of the reference's time: a broken line
    says where, and how long it lasts. At the foot of each panel the reference's phases, where they are known.

    Args:
        comparisons: with one reference, at least one; of more than 60 the first are shown.
        phases: all of the report, for their colours.
        colours: see `core.drawing.sheet.phase_styles`. What was predicted is striped.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    shown = comparisons[:MOST_ROWS]
    styles = phase_styles(phases, colours) if shown[0].reference.spans else {}
    columns = next(columns for most, columns in _COLUMNS if len(shown) <= most)
    width = (_WIDTH - 2 * _MARGIN - _BETWEEN * (columns - 1)) / columns
    lacking = any(one.missing_seconds for one in shown)
    striped = predicted_legend(shown[0].reference.spans)
    legend = (_SIDES, {"missing: only the reference shows it": UNMATCHED} if lacking else {}, styles, striped)
    top = _HEAD + legend_height(_WIDTH - 2 * _MARGIN, *legend) + 0.1
    height = _TITLE + _PANEL + _STRIP + _BELOW
    sheet = Sheet(_WIDTH, top + math.ceil(len(shown) / columns) * height + _FOOT)
    _draw_head(sheet, shown, legend)
    octaves = _octaves(shown)
    for index, one in enumerate(shown):
        row, column = divmod(index, columns)
        left, above = _MARGIN + column * (width + _BETWEEN), top + row * height
        _draw_title(sheet, one, left + _TICKS, above + 0.17, width - _TICKS)
        axes = sheet.axes(left + _TICKS, above + _TITLE, width - _TICKS, _PANEL + _STRIP)
        _draw_panel(axes, one, styles, octaves)
        if index + columns >= len(shown):
            axes.set_xlabel("seconds of the reference", fontsize=9, color=FAINT)
        else:
            axes.tick_params(axis="x", labelbottom=False, length=0)
    sheet.save(path)


def windows(shown: Sequence[Comparison]) -> str:
    """Return their windows in seconds: `0.5`, or `0.5 to 0.8`."""
    lengths = [one.window_seconds for one in shown]
    return " to ".join(dict.fromkeys(f"{length:.3g}" for length in (min(lengths), max(lengths))))


def _draw_head(sheet: Sheet, shown: Sequence[Comparison], legend: Sequence[Styles]) -> None:
    room = sheet.width - 2 * _MARGIN
    sheet.text(_MARGIN, 0.32, f"Tempo against {shown[0].reference.name}", size=12, bold=True, room=room)
    words = f"Seconds of the reference per second of the video, over {windows(shown)} s around each frame."
    if any(one.added_seconds for one in shown):
        words += " Dashed lines: where the video shows more, and for how long."
    sheet.text(_MARGIN, 0.6, words, colour=FAINT)
    sheet.legend(_MARGIN, _HEAD, room, *legend)


def _draw_title(sheet: Sheet, one: Comparison, left: float, middle: float, width: float) -> None:
    mean = one.course.mean_tempo()
    words = "nothing in common" if math.isnan(mean) else f"mean {mean:.2f}"
    sums = ((one.added_seconds, "added"), (one.missing_seconds, "missing"))
    words = ", ".join([words, *(f"{seconds:.2f} s {kind}" for seconds, kind in sums if seconds > 0)])
    sheet.text(left, middle, one.performance.name, bold=True, room=width - inches(words, 8) - 0.15)
    sheet.text(left + width, middle, words, size=8, colour=FAINT, align="right")


def _octaves(shown: Sequence[Comparison]) -> int:
    """Return how far the axis extends to either side of 1, in octaves."""
    tempo = np.concatenate([one.tempo for one in shown])
    away = np.abs(np.log2(tempo[np.isfinite(tempo)]))
    most = float(np.percentile(away, 98)) if len(away) else 0.0
    return int(np.clip(math.ceil(most), _LEAST_OCTAVES, _MOST_OCTAVES))


def _draw_panel(axes: Axes, one: Comparison, styles: Styles, octaves: int) -> None:
    across, up, is_clear = _curve(one)
    up = up.clip(-octaves, octaves)
    foot = -octaves - 2 * octaves * _STRIP / _PANEL
    reference_edges = one.reference.video.edges_seconds
    axes.set(xlim=(reference_edges[0], reference_edges[-1]), ylim=(foot, octaves))
    axes.axhline(0, color=FAINT, linewidth=0.9)
    _draw_unmatched(axes, one)
    is_told = np.isfinite(up)
    for where, alpha, ink in ((is_told, 0.3, _PALE), (is_told & is_clear, 1.0, INK)):
        for side, colour in ((np.maximum(up, 0), _FASTER), (np.minimum(up, 0), _SLOWER)):
            axes.fill_between(across, side, 0, where=where, linewidth=0, facecolor=colour, alpha=alpha)
        axes.plot(across, np.where(where, up, np.nan), color=ink, linewidth=1.4)
    for span in one.reference.spans:
        start, stop = (float(reference_edges[frame]) for frame in (span.start_frame, span.end_frame_exclusive))
        axes.axvline(start, color=GRID, linewidth=0.8)
        axes.broken_barh([(start, stop - start)], (foot, -octaves - foot), **span_style(span, styles))
    ticks = range(-octaves, octaves + 1)
    axes.yaxis.set_major_locator(FixedLocator(list(ticks)))
    axes.set_yticklabels([f"{2**tick}" if tick >= 0 else f"1/{2**-tick}" for tick in ticks])
    axes.grid(axis="y", color=GRID, linewidth=0.8)


def _curve(one: Comparison) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return moments of the reference, the logarithm of the tempo there, and whether it is clear; NaN where the
    reference has frames that the video lacks, so that no line goes over them."""
    edges = one.performance.video.edges_seconds
    across = one.course.reference_at((edges[:-1] + edges[1:]) / 2)
    breaks = [stretch.other_frame for stretch in one.unmatched if stretch.kind == "missing"]
    gaps = [float(one.reference.video.edges_seconds[i.start_frame]) for i in one.unmatched if i.kind == "missing"]
    return (
        np.insert(across, breaks, gaps),
        np.insert(np.log2(one.tempo), breaks, np.nan),
        np.insert(one.is_clear, breaks, False),
    )


def _draw_unmatched(axes: Axes, one: Comparison) -> None:
    edges = one.reference.video.edges_seconds
    added = []
    for stretch in one.unmatched:
        if stretch.kind == "missing":
            axes.axvspan(float(edges[stretch.start_frame]), float(edges[stretch.end_frame_exclusive]), **UNMATCHED)
        else:
            added.append((float(edges[stretch.other_frame]), one.seconds_of(stretch)))
    mark_lengths(axes, added, "+")
