"""Spatial augmentation of feature maps: the crop and the flip of a spatial draw (ours).

A convolutional network's map moves with its picture, nearly, and cropping the map costs next to nothing. What a crop's
larger scale and new edges change in the map, and all that a draw does to colours and sharpness, is not in it: see
`core.features.copies`.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.augment.spatial import SpatialDraw, crop_box


def crop_maps(maps: Tensor, draw: SpatialDraw, frame_height: int, frame_width: int) -> Tensor:
    """Crop and flip maps as `core.augment.spatial.apply` crops and flips the frames they were made from.

    Args:
        maps: (N, C, h, w) of whole frames.
        draw: its crop and its flip are done, the rest is not.
        frame_height, frame_width: of the frames before they were made square, in pixels.

    Returns:
        (N, C, h, w): each cell is the mean of the maps over the part of the crop that it stands for.
    """
    top, left, height, width = crop_box(draw, frame_height, frame_width)
    h, w = maps.shape[2:]
    down = _shares(h, top / frame_height, height / frame_height)
    across = _shares(w, left / frame_width, width / frame_width)
    if draw.flip:
        across = across[::-1]
    # One product for both directions: a batch of h x h and w x w ones takes several times as long.
    shares = torch.from_numpy(np.kron(down, across)).to(maps)  # (h w, h w)
    return torch.matmul(maps.flatten(2), shares.T).reshape(maps.shape)


def _shares(cells: int, start: float, length: float) -> NDArray[np.float64]:
    """Return (cells, cells): of each of so many equal parts of [start, start + length), the share in each cell of [0,
    1)."""
    edges = cells * (start + length * np.arange(cells + 1) / cells)
    at = np.arange(cells)
    overlap = np.minimum(edges[1:, None], at + 1) - np.maximum(edges[:-1, None], at)
    shares = np.maximum(overlap, 0.0)
    normed: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return normed
