"""Chart of the share of each phase, one bar per video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.ticker import PercentFormatter

from core.drawing.sheet import FAINT, GRID, MOST_ROWS, Sheet, legend_height, phase_styles, predicted_entry, stripe_style

_MARGIN, _NAMES, _SHARES = 0.3, 2.9, 7.4
"""Inches from left to right."""
_HEAD, _ROW, _FOOT = 0.95, 0.3, 0.65
_BAR = 0.66
"""Of a row's height."""


def write_phase_shares(
    path: Path,
    videos: Mapping[str, Sequence[tuple[str, float, float]]],
    phases: Sequence[str],
    colours: Mapping[str, str] | None = None,
) -> None:
    """Write a PNG.

    Args:
        videos: by name, phases with their shares of the video's time, and how much of these was predicted, which is
            striped; names that are not among `phases` stay grey. Of more than 60 videos the first are shown.
        phases: in their order.
        colours: see `core.drawing.sheet.phase_styles`.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    shown, styles = list(videos.items())[:MOST_ROWS], phase_styles(phases, colours)
    width = 2 * _MARGIN + _NAMES + _SHARES
    legend = styles, predicted_entry(is_there=any(predicted for _, figures in shown for *_, predicted in figures))
    top = _HEAD + legend_height(width - 2 * _MARGIN, *legend)
    sheet = Sheet(width, top + _ROW * len(shown) + _FOOT)
    sheet.text(_MARGIN, 0.32, "Share of each phase per video", size=12, bold=True)
    more = f"; the first {MOST_ROWS} of {len(videos)} videos" if len(videos) > len(shown) else ""
    sheet.text(_MARGIN, 0.62, f"Grey: frames without a label{more}.", colour=FAINT)
    sheet.legend(_MARGIN, _HEAD - 0.12, width - 2 * _MARGIN, *legend)
    axes = sheet.axes(_MARGIN + _NAMES, top, _SHARES, _ROW * len(shown))
    axes.set(xlim=(0, 1), ylim=(len(shown) - 0.5, -0.5), yticks=[])
    axes.set_xlabel("share of the video", fontsize=9, color=FAINT)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    for row, (name, shares) in enumerate(shown):
        low, across = row - _BAR / 2, 0.0
        axes.broken_barh([(0, 1)], (low, _BAR), facecolor=GRID)
        for phase, share, predicted in shares:
            if phase in styles:
                axes.broken_barh([(across, share - predicted)], (low, _BAR), **styles[phase])
                axes.broken_barh([(across + share - predicted, predicted)], (low, _BAR), **stripe_style(styles[phase]))
                across += share
        sheet.text(_MARGIN, top + (row + 0.5) * _ROW, name, room=_NAMES - 0.15)
    sheet.save(path)
