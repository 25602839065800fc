"""Heatmap of the similarity of every pair of frames, with the path and some matched frames."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import ConnectionPatch, Rectangle
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from core.align.area import Axis, mean_cosine
from core.base.files import replacing
from core.base.types import Alignment, Image
from core.drawing.text import A_ON_WHITE, B_ON_WHITE, VideoSource, elide

COLOUR_MAPS = ("magma", "viridis", "cividis", "gray")
"""Their lightness grows evenly, so that they are read without colours too; cividis looks alike to the colour-blind."""

_DPI = 150
_PAIRS = 5
_TICKS = 5
_BRIGHTEST = 255
_DEPARTS, _MARK = "#d62828", 0.014
"""Colour of the bars where a video deviates, and their width as a share of the heatmap's."""
_LONG, _SHORT = 6.4, 3.4
_LEFT, _BOTTOM, _GAP, _STRIP, _BAR, _RIGHT, _TOP = 0.85, 0.75, 0.3, 1.1, 0.15, 0.8, 0.45
"""Inches: the heatmap's sides; room for labels, leaders, thumbnails, the colour bar and the edges."""


class ColourScale(Protocol):
    """The range of values shown by the colours of a picture."""

    def shades(self, cosine: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Map (H, W) -> 0 for the darkest colour to 255."""

    def cosine_at(self, share: float) -> float | None:
        """Return the cosine of the colour at this height, from 0 to 1; None if it depends on the frame."""


def write_heatmap(
    path: Path,
    a: VideoSource,
    b: VideoSource,
    a_embeddings: NDArray[np.float32],
    b_embeddings: NDArray[np.float32],
    alignment: Alignment,
    *,
    colours: str = COLOUR_MAPS[0],
    scale: Callable[[NDArray[np.float32]], ColourScale] | None = None,
    deviates: Sequence[NDArray[np.bool_] | None] = (),
) -> None:
    """Write a PNG or an SVG: A's time to the right, B's upwards, colour the cosine, and the path.

    What has no partner is veiled: columns are frames of A, rows those of B. Colours stand for the same cosines in
    every picture, so that two that have nothing in common look it.

    Where there are more frames than pixels, a pixel shows the mean over its area; the whole matrix is never held. In an
    SVG the colours and the frames are images, all else is lines.

    Args:
        path: ends in `.png` or `.svg`.
        a_embeddings: (A, D) rows of norm 1.
        b_embeddings: (B, D)
        colours: one of `COLOUR_MAPS`.
        scale: what the colours of the picture, (H, W) B's time downwards, stand for; None: they are spread evenly from
            0 to 1.
        deviates: (A,) and (B,) which frames deviate from right videos: they are marked along the axes. None, or empty:
            not known, or none.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    sheet = _Sheet.of(a, b)
    figure = Figure(figsize=sheet.inches, dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    main = figure.add_axes(sheet.box(_LEFT, _BOTTOM, sheet.width, sheet.height))
    cosine = mean_cosine(
        Axis(b_embeddings, b.edges_seconds, round(sheet.height * _DPI)),
        Axis(a_embeddings, a.edges_seconds, round(sheet.width * _DPI)),
    ).astype(np.float32)
    found = scale(cosine) if scale else _Even()
    image = main.imshow(
        found.shades(cosine),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap=colours,
        vmin=0,
        vmax=_BRIGHTEST,
        extent=(*_ends(a), *_ends(b)),
    )
    _draw_bar(figure, image, sheet, found)
    _label(main, a, b, sheet)
    _veil(main, a, b, alignment)
    _mark(main, (a, b), deviates)
    if len(alignment):
        _draw_path(main, a, b, alignment)
        _draw_pairs(figure, main, a, b, alignment, sheet)
    heading = _heading(alignment, a_embeddings, b_embeddings)
    if any(at is not None and at.any() for at in deviates):
        heading += "; red along the axes: deviates from right videos"
    figure.text(_LEFT / sheet.inches[0], 1 - 0.2 / sheet.inches[1], heading, fontsize=9, color="0.35", va="center")
    with replacing(path) as partial, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in a script that the font lacks
        undated = {"Date": None} if path.suffix.lower() == ".svg" else {}
        figure.savefig(partial, format=path.suffix[1:].lower(), metadata=undated)


def _heading(alignment: Alignment, a: NDArray[np.float32], b: NDArray[np.float32]) -> str:
    if not len(alignment):
        return "no frames match"
    matched = np.einsum("pd,pd->p", a[alignment.a_frames], b[alignment.b_frames])
    words = f"mean cosine along the path {matched.mean():.2f}"
    share = alignment.matched_share
    return words if share == 1 else f"{words}, {math.floor(100 * share)} % of the frames matched"


def _veil(main: Axes, a: VideoSource, b: VideoSource, alignment: Alignment) -> None:
    """Darken the frames without a partner."""
    for span, side, has_partner in (
        (main.axvspan, a, alignment.has_partner_a),
        (main.axhspan, b, alignment.has_partner_b),
    ):
        for start, end in _missing(has_partner):
            edges = side.edges_seconds[start], side.edges_seconds[end]
            span(*edges, facecolor="0.5", alpha=0.55, edgecolor="0.8", hatch="//", linewidth=0)


def _mark(main: Axes, sides: tuple[VideoSource, VideoSource], deviates: Sequence[NDArray[np.bool_] | None]) -> None:
    """Draw bars along the axes where a video deviates."""
    for index, (side, at) in enumerate(zip(sides, deviates, strict=False)):
        for start, end in [] if at is None else _missing(~at):
            low, high = float(side.edges_seconds[start]), float(side.edges_seconds[end])
            box, ground = ((low, -_MARK), main.get_xaxis_transform()), (high - low, _MARK)
            if index == 1:
                box, ground = ((-_MARK, low), main.get_yaxis_transform()), (_MARK, high - low)
            corner, transform = box
            main.add_patch(
                Rectangle(corner, *ground, transform=transform, facecolor=_DEPARTS, linewidth=0, clip_on=False)
            )


def _missing(has_partner: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first frame and end of every unmatched range."""
    turns = np.flatnonzero(np.diff(~has_partner, prepend=False, append=False))
    return [(int(start), int(end)) for start, end in turns.reshape(-1, 2)]


@dataclass(frozen=True)
class _Even:
    """Evenly spaced colours, from unrelated to identical frames."""

    low: float = 0.0
    high: float = 1.0

    def shades(self, cosine: NDArray[np.float32]) -> NDArray[np.uint8]:
        share = (cosine - self.low) / (self.high - self.low)
        shades: NDArray[np.uint8] = (np.clip(share, 0, 1) * _BRIGHTEST).astype(np.uint8)
        return shades

    def cosine_at(self, share: float) -> float:
        return self.low + share * (self.high - self.low)


@dataclass(frozen=True)
class _Sheet:
    """Layout in inches from the lower left."""

    width: float
    height: float
    """Of the heatmap."""
    above: tuple[float, float]
    beside: tuple[float, float]
    """Width and height of A's thumbnails above it, and of B's beside it."""

    @classmethod
    def of(cls, a: VideoSource, b: VideoSource) -> _Sheet:
        """Return a heatmap whose two time axes have the same scale, unless one video is much the longer."""
        (a_start, a_end), (b_start, b_end) = _ends(a), _ends(b)
        ratio = float(np.clip((b_end - b_start) / (a_end - a_start), _SHORT / _LONG, _LONG / _SHORT))
        width, height = _LONG / max(ratio, 1), _LONG * min(ratio, 1)
        above = _within(width / _PAIRS - 0.08, _STRIP, a.frames[0].image)
        return cls(width, height, above, _within(_STRIP, height / _PAIRS - 0.08, b.frames[0].image))

    @property
    def inches(self) -> tuple[float, float]:
        across = _LEFT + self.width + _GAP + self.beside[0] + _GAP + _BAR + _RIGHT
        return across, _BOTTOM + self.height + _GAP + self.above[1] + _TOP

    @property
    def bar(self) -> tuple[float, float, float, float]:
        return self.box(_LEFT + self.width + 2 * _GAP + self.beside[0], _BOTTOM, _BAR, self.height)

    def box(self, left: float, bottom: float, width: float, height: float) -> tuple[float, float, float, float]:
        """Return the same as shares of the sheet, as matplotlib wants it."""
        across, up = self.inches
        return left / across, bottom / up, width / across, height / up


def _within(width: float, height: float, image: Image) -> tuple[float, float]:
    """Return the largest size with the image's proportions that fits."""
    scale = min(width / image.shape[1], height / image.shape[0])
    return image.shape[1] * scale, image.shape[0] * scale


def _label(main: Axes, a: VideoSource, b: VideoSource, sheet: _Sheet) -> None:
    def name(side: VideoSource, inches: float) -> str:
        return elide(side.name, lambda text: len(text) <= inches * 9)

    main.set_xlabel(f"{name(a, sheet.width)}  (seconds)", color=A_ON_WHITE, weight="bold", parse_math=False)
    main.set_ylabel(f"{name(b, sheet.height)}  (seconds)", color=B_ON_WHITE, weight="bold", parse_math=False)
    main.tick_params(labelsize=9, color="0.6", labelcolor="0.25")
    for spine in main.spines.values():
        spine.set_visible(False)


def _draw_bar(figure: Figure, image: AxesImage, sheet: _Sheet, scale: ColourScale) -> None:
    """Draw which cosine each colour is, or its meaning if that differs from frame to frame."""
    bar = figure.colorbar(image, cax=figure.add_axes(sheet.bar))
    bar.outline.set_visible(False)
    shares = np.linspace(0, 1, _TICKS)
    cosines = [scale.cosine_at(float(share)) for share in shares]
    known = [f"{cosine:.2f}".replace("-", "\N{MINUS SIGN}") for cosine in cosines if cosine is not None]
    if len(known) == len(shares):
        bar.set_label("cosine")
        bar.set_ticks(list(shares * _BRIGHTEST), labels=known)
    else:
        bar.set_ticks([0, _BRIGHTEST], labels=["worst", "best"])


def _ends(side: VideoSource) -> tuple[float, float]:
    """Return when its first frame begins and its last one ends."""
    return float(side.edges_seconds[0]), float(side.edges_seconds[-1])


def _middles(edges: NDArray[np.float64], frames: NDArray[np.int64]) -> NDArray[np.float64]:
    middles: NDArray[np.float64] = (edges[frames] + edges[frames + 1]) / 2
    return middles


def _draw_path(main: Axes, a: VideoSource, b: VideoSource, alignment: Alignment) -> None:
    across, up = _middles(a.edges_seconds, alignment.a_frames), _middles(b.edges_seconds, alignment.b_frames)
    moves = np.diff(alignment.a_frames), np.diff(alignment.b_frames)
    gaps = np.flatnonzero(np.any([(one > 1) | (one < 0) for one in moves], axis=0)) + 1  # < 0: a repetition begins
    contrast = [Stroke(linewidth=4.2, foreground="black", alpha=0.75), Normal()]
    for right, above in zip(np.split(across, gaps), np.split(up, gaps), strict=True):
        main.plot(right, above, color="white", linewidth=1.8, path_effects=contrast, solid_joinstyle="round")


def _draw_pairs(
    figure: Figure, main: Axes, a: VideoSource, b: VideoSource, alignment: Alignment, sheet: _Sheet
) -> None:
    """Draw some matched frames: A's above the heatmap, B's to its right, each joined with its place on the path."""
    (a_start, seconds_a), (b_start, seconds_b) = _ends(a), _ends(b)
    across, up = _middles(a.edges_seconds, alignment.a_frames), _middles(b.edges_seconds, alignment.b_frames)
    # Both videos' share, so that neither strip is crowded.
    travelled = (across - a_start) / (seconds_a - a_start) + (up - b_start) / (seconds_b - b_start)
    shares = (np.arange(_PAIRS) + 0.5) / _PAIRS
    steps = np.unique(np.abs(travelled[:, None] - 2 * shares).argmin(axis=0))
    main.plot(across[steps], up[steps], "o", color="white", markeredgecolor="black", markersize=6, zorder=4)
    for slot, step in enumerate(steps):
        share = (slot + 0.5) / len(steps)
        here = (across[step], up[step])
        wide, high = sheet.above
        foot = (_LEFT + share * sheet.width, _BOTTOM + sheet.height + _GAP)
        box = sheet.box(foot[0] - wide / 2, foot[1], wide, high)
        _thumbnail(figure, a.frames[int(alignment.a_frames[step])].image, box, A_ON_WHITE)
        _leader(figure, main, here, (across[step], seconds_b), sheet.box(*foot, 0, 0)[:2], A_ON_WHITE)
        wide, high = sheet.beside
        foot = (_LEFT + sheet.width + _GAP, _BOTTOM + share * sheet.height)
        box = sheet.box(foot[0], foot[1] - high / 2, wide, high)
        _thumbnail(figure, b.frames[int(alignment.b_frames[step])].image, box, B_ON_WHITE)
        _leader(figure, main, here, (seconds_a, up[step]), sheet.box(*foot, 0, 0)[:2], B_ON_WHITE)


def _thumbnail(figure: Figure, image: Image, box: tuple[float, float, float, float], colour: str) -> None:
    """Draw a frame in its video's colour."""
    axes = figure.add_axes(box, xticks=[], yticks=[])
    across, up = axes.get_window_extent().size
    small = cv2.resize(image, (max(1, round(across)), max(1, round(up))), interpolation=cv2.INTER_AREA)
    axes.imshow(small, aspect="auto")
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=1.5)


def _leader(
    figure: Figure,
    main: Axes,
    here: tuple[float, float],
    edge: tuple[float, float],
    foot: tuple[float, float],
    colour: str,
) -> None:
    """Draw a line from a place on the path straight to the heatmap's edge, and on to the thumbnail's foot."""
    main.plot([here[0], edge[0]], [here[1], edge[1]], color=colour, linewidth=0.9)
    figure.add_artist(ConnectionPatch(edge, foot, main.transData, figure.transFigure, color=colour, linewidth=0.9))
