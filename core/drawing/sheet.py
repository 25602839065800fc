"""A white sheet measured in inches from its upper left corner, for the pictures of a report."""

from __future__ import annotations

import functools
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from core.base.colours import MORE_PHASES, PHASES
from core.base.files import replacing
from core.base.types import Image, Span
from core.drawing.canvas import font
from core.drawing.text import elide

DPI = 120
INK, FAINT, GRID = "#22262e", "#6b7280", "#dfe2e7"
_FRAME = 3
"""Pixels around an image."""
MOST_ROWS = 60
"""Videos that one picture shows."""

_PHASE_COLOURS = (*PHASES, *MORE_PHASES)
_HATCHES = ("", "....", "xxxx", r"\\\\", "++++")
"""Where a colour comes again, it does with these."""
_STRIPES = "////"
"""Of what is predicted, as in the window."""
PREDICTED = "striped: predicted, not confirmed"
"""What a legend says of it."""
UNMATCHED: Mapping[str, Any] = {"facecolor": "#eceef1", "edgecolor": "#9aa1ab", "linewidth": 0.0, "hatch": "////"}
"""How frames without a partner are filled."""
_MOST_LENGTHS = 3
"""Told beside the marks of one picture."""
Styles = Mapping[str, Mapping[str, Any]]
"""How each phase is filled: matplotlib's names of a patch's properties."""

_LEGEND_LINE, _SWATCH = 0.24, 0.22
_font = functools.cache(font)


class Sheet:
    """A figure with positions in inches from the upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes without a frame."""
        share = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        made: Axes = self.figure.add_axes(share)
        for spine in made.spines.values():
            spine.set_visible(False)
        made.tick_params(labelsize=8, color=GRID, labelcolor=FAINT, length=3)
        made.set_axisbelow(True)
        return made

    def text(
        self,
        left: float,
        top: float,
        words: str,
        *,
        size: float = 9,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
        room: float | None = None,
    ) -> None:
        """Draw a line of text, its middle at `top`; shortened to `room` inches where it is longer."""
        words = words if room is None else fit_text(words, room, size, bold=bold)
        self.figure.text(
            left / self.width,
            1 - top / self.height,
            words,
            fontsize=size,
            color=colour,
            weight="bold" if bold else "normal",
            ha=align,
            va="center_baseline",
            parse_math=False,
        )

    def image(
        self, left: float, top: float, width: float, height: float, image: Image, colour: str, *, at: float = 0.5
    ) -> float:
        """Draw a picture in a frame of that colour, as large as fits; returns its bottom.

        Where it is narrower than `width`, `at` says where in it: 0 at the left, 1 at the right.
        """
        scale = min(width / image.shape[1], height / image.shape[0]) * DPI
        across, up = (max(2 * _FRAME + 1, int(side * scale + 0.5)) for side in (image.shape[1], image.shape[0]))
        framed = np.empty((up, across, 3), np.uint8)
        framed[:] = np.round(np.array(to_rgb(colour)) * 255)
        inner = (across - 2 * _FRAME, up - 2 * _FRAME)
        shrinks = inner[0] < image.shape[1]
        framed[_FRAME:-_FRAME, _FRAME:-_FRAME] = cv2.resize(
            image, inner, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        )
        corner = round(left * DPI + at * (width * DPI - across)), round((self.height - top) * DPI - up)
        self.figure.figimage(framed, *corner, origin="upper")
        return float(top + up / DPI)

    def legend(self, left: float, top: float, width: float, *groups: Styles) -> None:
        """Draw swatches with their names, line by line; `legend_height` says how high that is."""
        entries = [entry for group in groups for entry in group.items()]
        places = _legend_places([name for name, _ in entries], width)
        for (name, style), (across, line) in zip(entries, places, strict=True):
            middle = top + (line + 0.5) * _LEGEND_LINE
            corner = ((left + across) / self.width, 1 - (middle + 0.06) / self.height)
            swatch = Rectangle(
                corner, 0.16 / self.width, 0.12 / self.height, transform=self.figure.transFigure, **style
            )
            self.figure.add_artist(swatch)
            self.text(left + across + _SWATCH, middle, name, size=9, room=width - _SWATCH)

    def save(self, path: Path) -> None:
        """Write a PNG. Raises StorageError where the disk is full or the folder cannot be written."""
        with replacing(path) as partial, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in a script that the font lacks
            self.figure.savefig(partial, format="png")


def phase_styles(phases: Sequence[str], colours: Mapping[str, str] | None = None) -> Styles:
    """Return how each phase is filled: the same in every picture of a report.

    Args:
        colours: `#rrggbb` of the phases that somebody gave one; the others get those that a new project gives, in turn.
    """
    styles: dict[str, dict[str, Any]] = {}
    used: Counter[str] = Counter()
    for index, phase in enumerate(phases):
        colour = (colours or {}).get(phase, _PHASE_COLOURS[index % len(_PHASE_COLOURS)])
        hatch = _HATCHES[used[colour] % len(_HATCHES)]
        used[colour] += 1
        styles[phase] = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.0, "hatch": hatch}
    return styles


def stripe_style(style: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a phase is filled where it was predicted and nobody confirmed it."""
    return {**style, "hatch": str(style["hatch"]) + _STRIPES}


def span_style(span: Span, styles: Styles) -> Mapping[str, Any]:
    """Return how a span is filled: in the colour of its phase, striped where it was predicted."""
    style = styles[span.phase]
    return stripe_style(style) if span.is_predicted else style


def predicted_legend(spans: Iterable[Span]) -> Styles:
    """Return what a legend says of stripes; nothing where none of these spans was predicted."""
    return predicted_entry(is_there=any(span.is_predicted for span in spans))


def predicted_entry(*, is_there: bool) -> Styles:
    """Return what a legend says of stripes, where there are some."""
    return (
        {PREDICTED: stripe_style({"facecolor": FAINT, "edgecolor": "white", "linewidth": 0.0, "hatch": ""})}
        if is_there
        else {}
    )


def mark_lengths(axes: Axes, marks: Sequence[tuple[float, float]], sign: str) -> None:
    """Draw broken lines up through axes, beside the upper ends of the longest ones how long that lasts.

    Args:
        marks: place across and length in seconds of each.
        sign: put before a length.
    """
    longest = sorted(marks, key=lambda mark: -mark[1])[:_MOST_LENGTHS]
    for at, seconds in marks:
        axes.axvline(at, color=FAINT, linewidth=1.2, linestyle=(0, (2, 2)))
        if (at, seconds) in longest:
            is_late = at > sum(axes.get_xlim()) / 2
            axes.annotate(
                f"{sign}{seconds:.2f} s",
                (at, 1),
                (-3 if is_late else 3, -3),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                ha="right" if is_late else "left",
                va="top",
                fontsize=7,
                color=INK,
                bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1},
            )


def legend_height(width: float, *groups: Styles) -> float:
    """Return its height in inches."""
    places = _legend_places([name for group in groups for name in group], width)
    return _LEGEND_LINE * (1 + max((line for _, line in places), default=-1))


def fit_text(words: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return printable words, their middle left out where they are longer than `room` inches."""
    return elide(words, lambda text: inches(text, size, bold=bold) <= room)


def inches(words: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text of this size in points."""
    return _font(100, bold=bold).getlength(words) / 100 * size / 72


def _legend_places(names: Sequence[str], width: float) -> list[tuple[float, int]]:
    """Return the inches from the left, and the line from 0, of each."""
    places = []
    across, line = 0.0, 0
    for name in names:
        wide = _SWATCH + inches(fit_text(name, width - _SWATCH, 9), 9)
        if across and across + wide > width:
            across, line = 0.0, line + 1
        places.append((across, line))
        across += wide + 0.25
    return places
