"""Chart of duration and frequency of segments, one row per phase and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from core.drawing.sheet import FAINT, GRID, INK, MOST_ROWS, Sheet, legend_height, phase_styles, stripe_style

_MARGIN, _NAMES, _SECONDS, _BETWEEN, _TIMES, _NUMBERS = 0.3, 2.6, 5.2, 0.45, 2.2, 0.6
"""Inches from left to right."""
_HEAD, _ROW, _APART, _FOOT = 0.95, 0.26, 0.12, 0.65
_BAR = 0.6
"""Of a row's height."""
_SEED, _JITTER = 0, 0.22


@dataclass(frozen=True)
class Told:
    """A phase in a group."""

    phase: str
    spans_seconds: NDArray[np.float64]
    """(N,) how long each span lasts."""
    is_predicted: NDArray[np.bool_]
    """(N,) which of them were predicted, and nobody confirmed them."""
    times: float
    """A video."""


def write_span_durations(
    path: Path, groups: Mapping[str, Sequence[Told]], phases: Sequence[str], colours: Mapping[str, str] | None = None
) -> None:
    """Write a PNG: on the left every span as a dot, the median as a line; on the right how often it comes in a video.

    Dots of predicted spans are hollow, and their share of the bars is striped.

    Args:
        groups: by name, which may be empty; of more than 60 rows the first are shown.
        phases: all, in their order.
        colours: see `core.drawing.sheet.phase_styles`.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    rows = [
        (group, next(one for one in figures if one.phase == phase))
        for phase in phases
        for group, figures in groups.items()
    ]
    words = "Dots are segments, the line is their median; unlabelled frames are ignored"
    if any(one.is_predicted.any() for _, one in rows):
        words += "; hollow or striped: predicted, not confirmed"
    if len(rows) > MOST_ROWS:
        words += f"; the first {MOST_ROWS} of {len(rows)} rows"
        rows = rows[:MOST_ROWS]
    per_phase = len(groups)
    tops = np.array([place * _ROW + place // per_phase * _APART * (per_phase > 1) for place in range(len(rows))])
    height = float(tops[-1]) + _ROW
    styles = phase_styles(phases, colours)
    width = 2 * _MARGIN + _NAMES + _SECONDS + _BETWEEN + _TIMES + _NUMBERS
    room = width - 2 * _MARGIN
    top = _HEAD + (legend_height(room, styles) if per_phase > 1 else 0.0)
    sheet = Sheet(width, top + height + _FOOT)
    sheet.text(_MARGIN, 0.32, "Duration and frequency of each phase", size=12, bold=True)
    sheet.text(_MARGIN, 0.62, f"{words}.", colour=FAINT)
    if per_phase > 1:
        sheet.legend(_MARGIN, _HEAD - 0.12, room, styles)
    left = _MARGIN + _NAMES
    seconds = _axes(sheet, left, top, _SECONDS, height, "seconds per segment", [one.spans_seconds for _, one in rows])
    times = _axes(
        sheet,
        left + _SECONDS + _BETWEEN,
        top,
        _TIMES,
        height,
        "times per video",
        [np.array([one.times]) for _, one in rows],
    )
    drawn = np.random.default_rng(_SEED)
    for (group, one), above in zip(rows, tops, strict=True):
        middle = float(above) + _ROW / 2
        name = one.phase if per_phase == 1 else f"{one.phase}: {group or 'no action'}"
        sheet.text(_MARGIN, top + middle, name, room=_NAMES - 0.15)
        _draw_dots(seconds, one, middle, styles[one.phase]["facecolor"], drawn)
        _draw_times(times, one, middle, styles[one.phase])
        at = left + _SECONDS + _BETWEEN + _TIMES + 0.1
        sheet.text(at, top + middle, f"{one.times:.3g}", size=8, colour=FAINT)
    sheet.save(path)


def _draw_dots(axes: Axes, one: Told, middle: float, colour: str, drawn: np.random.Generator) -> None:
    lengths = one.spans_seconds
    spread = middle + drawn.uniform(-_JITTER, _JITTER, len(lengths)) * _ROW
    is_confirmed, is_guessed = ~one.is_predicted, one.is_predicted
    axes.scatter(lengths[is_confirmed], spread[is_confirmed], s=14, color=colour, alpha=0.65, linewidths=0, zorder=3)
    axes.scatter(
        lengths[is_guessed], spread[is_guessed], s=12, facecolor="white", edgecolor=colour, linewidths=1.1, zorder=3
    )
    if len(lengths):
        axes.plot([np.median(lengths)] * 2, [middle - _ROW * 0.4, middle + _ROW * 0.4], color=INK, linewidth=1.6)


def _draw_times(axes: Axes, one: Told, middle: float, style: Mapping[str, Any]) -> None:
    is_guessed = one.times * float(one.is_predicted.mean()) if len(one.is_predicted) else 0.0
    low, high = middle - _BAR * _ROW / 2, _BAR * _ROW
    axes.broken_barh([(0, one.times - is_guessed)], (low, high), **style)
    axes.broken_barh([(one.times - is_guessed, is_guessed)], (low, high), **stripe_style(style))


def _axes(
    sheet: Sheet,
    left: float,
    top: float,
    width: float,
    height: float,
    label: str,
    values: Sequence[NDArray[np.float64]],
) -> Axes:
    """Return axes from 0 to a little more than the largest value; down it counts inches."""
    most = max((float(value.max()) for value in values if len(value)), default=0.0)
    made = sheet.axes(left, top, width, height)
    made.set(xlim=(0, 1.05 * most or 1.0), ylim=(height, 0), yticks=[])
    made.set_xlabel(label, fontsize=9, color=FAINT)
    made.grid(axis="x", color=GRID, linewidth=0.8)
    return made
