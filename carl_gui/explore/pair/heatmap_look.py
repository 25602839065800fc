"""The colours of a heatmap, and the box to choose them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from carl_gui.models.rows import Choice
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.layouts import section_title, vbox

ColourMap = Literal["magma", "viridis", "cividis", "gray"]
"""Names of matplotlib's maps of even lightness, which are readable without colours."""
Scaling = Literal["fixed", "stretch", "whole", "ranks", "of_a", "of_b"]
"""From 0 to 1; all but the lowest hundredth; from -1 to 1; every colour equally often; each frame of A or B, from its
worst match to its best one."""
COLOUR_MAPS: tuple[ColourMap, ...] = get_args(ColourMap)
SCALINGS: tuple[Scaling, ...] = get_args(Scaling)

_Cosines = NDArray[np.float32] | np.floating[Any]
_SHADES = 256
_DARKEST = 1.0
"""Percent of the picture that is drawn in the darkest colour where it is stretched."""
_LEAST_RANGE = 1e-3
"""The least range of cosines from the darkest to the brightest colour, so that rounding shows no pattern."""


@dataclass(frozen=True, slots=True)
class Look:
    """The chosen colours and scale."""

    colours: ColourMap = "magma"
    scaling: Scaling = "fixed"
    """By default the same for every pair, so that dissimilar videos look dissimilar."""


@dataclass(frozen=True, eq=False)
class ColourScale:
    """The range of values shown by the colours of one picture."""

    stops: NDArray[np.float32]
    """(N,) or (N, 1, W) or (N, H, 1): the cosines of N colours from the darkest to the brightest, evenly apart."""
    is_clipped: bool = False
    """Whether the darkest colour also stands for lower values."""

    def shades(self, cosine: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Return (H, W), 0 for the darkest colour to 255."""
        if len(self.stops) == 2:
            low, high = self.stops
            share: NDArray[np.float32] = (cosine - low) / (high - low)
            return (np.clip(share, 0, 1, out=share) * (_SHADES - 1)).astype(np.uint8)
        return np.interp(cosine, self.stops, np.linspace(0, _SHADES - 1, len(self.stops))).astype(np.uint8)

    def cosine_at(self, share: float) -> float | None:
        """Return the cosine of the colour at that height, 0 to 1; None where it depends on the frame."""
        if self.stops.ndim > 1:
            return None
        return float(np.interp(share, np.linspace(0, 1, len(self.stops)), self.stops))


def scale_of(scaling: Scaling, cosine: NDArray[np.float32]) -> ColourScale:
    """Return the scale of a picture, (H, W): columns are moments of A, rows those of B."""
    if scaling == "fixed":
        return ColourScale(np.array([0, 1], np.float32), is_clipped=True)
    if scaling == "whole":
        return ColourScale(np.array([-1, 1], np.float32))
    if scaling == "ranks":
        quantiles = np.quantile(cosine, np.linspace(0, 1, _SHADES)).astype(np.float32)
        return ColourScale(quantiles)
    if scaling == "stretch":
        low, high = np.percentile(cosine, _DARKEST), cosine.max()
        return ColourScale(_widened(low, high), is_clipped=bool(cosine.min() < low))
    axis = 0 if scaling == "of_a" else 1
    return ColourScale(_widened(cosine.min(axis=axis, keepdims=True), cosine.max(axis=axis, keepdims=True)))


def _widened(low: _Cosines, high: _Cosines) -> NDArray[np.float32]:
    """Return the range widened to a minimum, so that the best stays bright where all are similar."""
    return np.stack([np.minimum(low, high - _LEAST_RANGE), high]).astype(np.float32)


@functools.cache
def colour_table(colours: ColourMap) -> NDArray[np.uint8]:
    """Return (256, 3) RGB from the darkest to the brightest."""
    import cv2

    shades = np.arange(_SHADES, dtype=np.uint8)[:, None]
    if colours == "gray":
        return np.repeat(shades, 3, axis=1)
    maps = {"magma": cv2.COLORMAP_MAGMA, "viridis": cv2.COLORMAP_VIRIDIS, "cividis": cv2.COLORMAP_CIVIDIS}
    return np.ascontiguousarray(np.asarray(cv2.applyColorMap(shades, maps[colours]))[:, 0, ::-1])


def decode_look(parts: list[str]) -> Look:
    """Return the look from `encode_look`; unknown values get the default."""
    usual = Look()
    colours = next((one for one in COLOUR_MAPS if one in parts), usual.colours)
    return Look(colours, next((one for one in SCALINGS if one in parts), usual.scaling))


def encode_look(look: Look) -> list[str]:
    """Return the look as text, for the settings."""
    return [look.colours, look.scaling]


class HeatmapLookBox(QWidget):
    """Displays what `set_look` gives it; emits the requests of the user."""

    look_selected = Signal(object)
    """A `Look`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = Look()
        self._colours = NameCombo(self.tr("Colours of the heatmap"))
        self._scaling = NameCombo(self.tr("Heatmap colour scale"))
        self._colours.selected.connect(lambda colours: self._choose(Look(colours, self._look.scaling)))
        self._scaling.selected.connect(lambda scaling: self._choose(Look(self._look.colours, scaling)))
        vbox(section_title(self.tr("Heatmap"), self._colours), self._colours, self._scaling, on=self, spacing=6)
        self.set_look(self._look)

    @property
    def look(self) -> Look:
        """The look that is selected."""
        return self._look

    def set_look(self, look: Look) -> None:
        """Select this look."""
        self._look = look
        self._colours.set_choices(_choices(COLOUR_MAPS, self._colour_texts()), look.colours)
        self._scaling.set_choices(_choices(SCALINGS, self._scaling_texts()), look.scaling)

    def _choose(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self.look_selected.emit(look)

    def _colour_texts(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Magma"), self.tr("Black through red to yellow")),
            (self.tr("Viridis"), self.tr("Blue through green to yellow")),
            (self.tr("Cividis"), self.tr("Blue to yellow; safe for colour blindness")),
            (self.tr("Grey"), self.tr("Black to white")),
        ]

    def _scaling_texts(self) -> list[tuple[str, str]]:
        return [
            (
                self.tr("Same scale in every pair"),
                self.tr("Similarity from 0 to 1: dark means dissimilar, in every heatmap"),
            ),
            (
                self.tr("Stretched to the view"),
                self.tr("From the lowest to the highest hundredth within the view; shows weak patterns"),
            ),
            (
                self.tr("Whole range, −1 to 1"),
                self.tr("Same in every pair too, down to opposite frames"),
            ),
            (
                self.tr("By rank"),
                self.tr("Every colour equally often; shows patterns where most frames are about equally similar"),
            ),
            (
                self.tr("Best match of each frame of A"),
                self.tr("Each column from its worst to its best match within the view"),
            ),
            (
                self.tr("Best match of each frame of B"),
                self.tr("Each row from its worst to its best match within the view"),
            ),
        ]


def _choices(keys: Sequence[str], texts: Sequence[tuple[str, str]]) -> list[Choice]:
    return [Choice(key, text, tip=tip) for key, (text, tip) in zip(keys, texts, strict=True)]
