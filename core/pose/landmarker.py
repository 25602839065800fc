"""Landmarks of one person in a rotated crop of a picture: BlazePose's second network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.base.types import Image
from core.pose.detector import square_between
from core.pose.landmarks import NAMES
from core.pose.network import StepNetwork
from core.pose.people import Square

_SIDE = 256
_CELLS = 64
"""Of a side of a heatmap."""
_REACH = 3
"""Cells about a landmark's own in which the heatmap refines it."""
_LEAST_HEAT = 0.5
_ALL = 39
"""The body's landmarks, and six that help: the first two of them are hips and rim of the next crop."""


@dataclass(frozen=True, eq=False)
class Found:
    """A person found in a picture."""

    picture: NDArray[np.float64]
    """(33, 4) as in `Landmarks.picture`."""
    space: NDArray[np.float64]
    """(33, 3) as in `Landmarks.space`."""
    score: float
    """How sure it is that this is a person, 0..1."""
    next_square: Square
    """Where to look in the next frame."""


class Landmarker:
    """Finds landmarks in batches of pictures.

    Args:
        network: (N, 3, 256, 256) in [0, 1] -> landmarks (N, 195), presence (N, 1), heatmaps (N, 39, 64, 64),
            landmarks in space (N, 117).
        batch: pictures that go through at once.
    """

    def __init__(self, network: StepNetwork, batch: int = 1) -> None:
        self._network, self._batch = network, batch

    def __call__(self, images: Sequence[Image], squares: Sequence[Square]) -> list[Found]:
        """Return the person in the square of each picture."""
        placings = [_placing(square) for square in squares]
        crops = [
            cv2.warpAffine(image, placing, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
            for image, placing in zip(images, placings, strict=True)
        ]
        device = next(self._network.buffers()).device
        batch = torch.from_numpy(np.stack(crops)).to(device)  # (N, 256, 256, 3) uint8
        flat, presence, heat, space = (
            values.cpu().numpy()
            for values in self._network.in_batches(batch.permute(0, 3, 1, 2).float() / 255, self._batch)
        )
        points = flat.reshape(-1, _ALL, 5).astype(np.float64)
        points[..., :2] = refine(points[..., :2], heat)
        in_space = space.reshape(-1, _ALL, 3).astype(np.float64)
        return [
            _found(*parts) for parts in zip(images, squares, placings, points, in_space, presence.ravel(), strict=True)
        ]


def _placing(square: Square) -> NDArray[np.float64]:
    """Return (2, 3) from pixels of the crop to pixels of the picture."""
    scale = square.side / _SIDE
    cos, sin = np.cos(square.turn) * scale, np.sin(square.turn) * scale
    half = _SIDE / 2
    return np.array([[cos, -sin, square.x - half * (cos - sin)], [sin, cos, square.y - half * (sin + cos)]])


def _found(
    image: Image,
    square: Square,
    placing: NDArray[np.float64],
    points: NDArray[np.float64],
    space: NDArray[np.float64],
    presence: float,
) -> Found:
    height, width = image.shape[:2]
    pixels = points[:, :2] @ placing[:, :2].T + placing[:, 2]  # (39, 2)
    depth = points[:, 2] * square.side / _SIDE
    visible = 1 / (1 + np.exp(-np.clip(points[:, 3], -100, 100)))
    cos, sin = np.cos(square.turn), np.sin(square.turn)
    upright = space @ np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    number = len(NAMES)
    picture = np.column_stack([pixels / (width, height), depth / width, visible])[:number]
    return Found(picture, upright[:number], float(presence), square_between(pixels[number], pixels[number + 1]))


def refine(points: NDArray[np.float64], heat: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (N, K, 2) points moved to the centre of the heat about them, where there is enough.

    Args:
        points: (N, K, 2) in pixels of the crop.
        heat: (N, K, 64, 64) logits.
    """
    per_cell = _SIDE // _CELLS
    cells = np.floor(points / per_cell).astype(np.int64)  # (N, K, 2)
    inside = ((cells >= 0) & (cells < _CELLS)).all(axis=-1)
    steps = np.arange(-_REACH, _REACH + 1)
    across, down = (np.clip(cells[..., axis], 0, _CELLS - 1)[..., None] + steps for axis in (0, 1))  # (N, K, 7)
    exists = ((across >= 0) & (across < _CELLS))[..., None, :] & ((down >= 0) & (down < _CELLS))[..., :, None]
    rows, columns = np.clip(down, 0, _CELLS - 1)[..., :, None], np.clip(across, 0, _CELLS - 1)[..., None, :]
    first, second = np.ogrid[: points.shape[0], : points.shape[1]]
    logits = heat[first[..., None, None], second[..., None, None], rows, columns].astype(np.float64)
    share = np.where(exists, 1 / (1 + np.exp(-np.clip(logits, -100, 100))), 0.0)  # (N, K, 7 down, 7 across)
    total = np.maximum(share.sum(axis=(-2, -1)), 1e-12)
    centre = [(share.sum(axis=-2) * across).sum(-1) / total, (share.sum(axis=-1) * down).sum(-1) / total]
    is_hot = inside & (share.max(axis=(-2, -1)) >= _LEAST_HEAT)
    return np.where(is_hot[..., None], per_cell * np.stack(centre, axis=-1), points)
