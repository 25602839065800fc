"""Crops, flips and colours of a feature map's cells, in place of augmented frames whose features would be computed.

For histograms of oriented gradients (`core.model.hog`), whose channels are known: turning the picture over mirrors the
orientations too. A few thousand multiplications a view, so that every view has a draw of its own and no copy is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config import AugmentConfig
from core.model.hog import BINS

COLOURS = 3
CHANNELS = BINS + COLOURS
_MIRRORED = [0, *range(BINS - 1, 0, -1), *range(BINS, CHANNELS)]
"""Channels of the picture turned over: bin k is at k * 180 / BINS degrees."""


@dataclass(frozen=True)
class CellDraw:
    """One draw for all frames of a view."""

    down: NDArray[np.float32]
    """(C, C) weights of the map's rows in each row of what comes out."""
    across: NDArray[np.float32]
    """(C, C) the same of its columns."""
    is_mirrored: bool
    gains: NDArray[np.float32]
    """(3,) factors of red, green and blue."""


def draw_cells(config: AugmentConfig, cells: int, generator: np.random.Generator) -> CellDraw:
    """A crop of `scale_low` to 1 of the area and of a ratio within `ratio_high`, a flip, and gains of the colours.

    Of the colour jitter only `brightness` is kept, a draw for each colour: edges hardly depend on colours.

    Args:
        cells: C, of a map of C x C cells.
    """
    area = generator.uniform(config.scale_low, 1.0)
    ratio = math.exp(generator.uniform(-1.0, 1.0) * math.log(config.ratio_high))
    high, wide = (min(1.0, math.sqrt(area * one)) for one in (ratio, 1 / ratio))
    top, left = generator.uniform(0.0, 1.0 - high), generator.uniform(0.0, 1.0 - wide)
    is_mirrored = bool(generator.random() < config.flip)
    strength = config.brightness if generator.random() < config.jitter else 0.0
    gains = generator.uniform(1 - strength, 1 + strength, COLOURS).astype(np.float32)
    return CellDraw(_weights(top, high, cells), _weights(left, wide, cells), is_mirrored, gains)


def apply_cells(rows: NDArray[np.float32], drawn: CellDraw) -> NDArray[np.float32]:
    """(S, CHANNELS * C * C) features of frames -> the same of what was drawn.

    The histograms of a frame are scaled to a sum of 1 before their square root is taken; so are those of the crop.
    """
    frames, cells = len(rows), len(drawn.down)
    maps = rows.reshape(frames, CHANNELS, cells * cells)
    squares = np.square(maps[:, :BINS]).sum(axis=1)  # (S, C * C) shares of the sum
    kept = squares @ np.outer(drawn.down.mean(axis=0), drawn.across.mean(axis=0)).ravel() * cells * cells  # (S,)
    across = drawn.across
    if drawn.is_mirrored:
        maps, across = maps[:, _MIRRORED], across[::-1]
    weights = np.kron(drawn.down, across)  # (C * C, C * C)
    made: NDArray[np.float32] = (maps.reshape(-1, cells * cells) @ weights.T).reshape(frames, CHANNELS, cells * cells)
    made[:, :BINS] /= np.sqrt(np.maximum(kept, 1e-6))[:, None, None]
    made[:, BINS:] *= drawn.gains[:, None]
    return made.reshape(frames, -1)


def _weights(start: float, length: float, cells: int) -> NDArray[np.float32]:
    """(C, C): how much of each cell lies in each of C even parts of [start, start + length), of a line of length 1."""
    edges = (start + length * np.arange(cells + 1) / cells) * cells
    places = np.arange(cells)
    shared = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    weights = np.clip(shared, 0.0, None)
    result: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return result
