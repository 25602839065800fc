"""Colours of the heatmap: the colour maps, and the values they show. No Qt.

What a colour means is found from the picture that is drawn, never from all pairs of frames.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

ColourMap = Literal["magma", "viridis", "cividis", "gray"]
"""As matplotlib calls them. Their lightness grows evenly, so that they are read without colours too."""
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
"""Of cosines between the darkest and the brightest colour: rounding is no pattern."""


@dataclass(frozen=True, slots=True)
class Look:
    """The chosen colours and scale."""

    colours: ColourMap = "magma"
    scaling: Scaling = "fixed"
    """The same in every pair, so that two that have nothing in common look it."""


@dataclass(frozen=True, eq=False)
class ColourScale:
    """The range of values shown by the colours of one picture."""

    stops: NDArray[np.float32]
    """(N,) or (N, 1, W) or (N, H, 1): the cosines of N colours from the darkest to the brightest, evenly apart."""
    is_clipped: bool = False
    """Whether the darkest colour stands for what is less, too."""

    def shades(self, cosine: NDArray[np.float32]) -> NDArray[np.uint8]:
        """(H, W) -> 0 for the darkest colour to 255."""
        if len(self.stops) == 2:
            low, high = self.stops
            share: NDArray[np.float32] = (cosine - low) / (high - low)
            return (np.clip(share, 0, 1, out=share) * (_SHADES - 1)).astype(np.uint8)
        return np.interp(cosine, self.stops, np.linspace(0, _SHADES - 1, len(self.stops))).astype(np.uint8)

    def cosine_at(self, share: float) -> float | None:
        """Of the colour so far up, from 0 to 1; None where that depends on the frame."""
        if self.stops.ndim > 1:
            return None
        return float(np.interp(share, np.linspace(0, 1, len(self.stops)), self.stops))


def scale_of(scaling: Scaling, cosine: NDArray[np.float32]) -> ColourScale:
    """For a picture, (H, W): columns are moments of A, rows those of B."""
    if scaling == "fixed":
        return ColourScale(np.array([0, 1], np.float32), is_clipped=True)
    if scaling == "whole":
        return ColourScale(np.array([-1, 1], np.float32))
    if scaling == "ranks":
        quantiles = np.quantile(cosine, np.linspace(0, 1, _SHADES)).astype(np.float32)
        return ColourScale(quantiles)
    if scaling == "stretch":
        low, high = np.percentile(cosine, _DARKEST), cosine.max()
        return ColourScale(_apart(low, high), is_clipped=bool(cosine.min() < low))
    axis = 0 if scaling == "of_a" else 1
    return ColourScale(_apart(cosine.min(axis=axis, keepdims=True), cosine.max(axis=axis, keepdims=True)))


def _apart(low: _Cosines, high: _Cosines) -> NDArray[np.float32]:
    """What is best stays bright where all are alike."""
    return np.stack([np.minimum(low, high - _LEAST_RANGE), high]).astype(np.float32)


@functools.cache
def colour_table(colours: ColourMap) -> NDArray[np.uint8]:
    """(256, 3) RGB from the darkest to the brightest."""
    import cv2

    shades = np.arange(_SHADES, dtype=np.uint8)[:, None]
    if colours == "gray":
        return np.repeat(shades, 3, axis=1)
    maps = {"magma": cv2.COLORMAP_MAGMA, "viridis": cv2.COLORMAP_VIRIDIS, "cividis": cv2.COLORMAP_CIVIDIS}
    return np.ascontiguousarray(np.asarray(cv2.applyColorMap(shades, maps[colours]))[:, 0, ::-1])


def look_of(words: list[str]) -> Look:
    """What was remembered as `words_of` it; the usual look in the place of what is not known."""
    usual = Look()
    colours = next((one for one in COLOUR_MAPS if one in words), usual.colours)
    return Look(colours, next((one for one in SCALINGS if one in words), usual.scaling))


def words_of(look: Look) -> list[str]:
    """To be remembered."""
    return [look.colours, look.scaling]
