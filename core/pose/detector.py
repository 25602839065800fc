"""Detect people in a picture: BlazePose's detector."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.base.types import Image
from core.pose.network import StepNetwork
from core.pose.people import Square

_SIDE = 224
_STRIDES = ((8, 2), (16, 2), (32, 6))
"""Pixels between the anchors of a layer, and how many there are at each place."""
_OVERLAP = 0.3
"""Boxes that share more (of both) are of one person."""
_MARGIN = 1.25
"""Of the crop over the circle about a person."""


def _anchors() -> NDArray[np.float64]:
    """Return (2254, 2) x and y of the anchors, as shares of the side."""
    made = []
    for stride, number in _STRIDES:
        steps = (np.arange(_SIDE // stride) + 0.5) / (_SIDE // stride)
        down, across = np.meshgrid(steps, steps, indexing="ij")
        made.append(np.repeat(np.stack([across, down], axis=-1).reshape(-1, 2), number, axis=0))
    return np.concatenate(made)


_ANCHORS = _anchors()


def square_between(hips: NDArray[np.float64], rim: NDArray[np.float64]) -> Square:
    """Return the crop of a person from the middle of the hips and the point above it on the circle about the body.

    Args:
        hips, rim: (2,) pixels.
    """
    across, down = rim - hips
    turn = np.pi / 2 - np.arctan2(-down, across)
    return Square(float(hips[0]), float(hips[1]), float(2 * np.hypot(across, down) * _MARGIN), float(turn))


class Detector:
    """Detects people in batches of pictures.

    Args:
        network: (N, 3, 224, 224) in [-1, 1] -> boxes (N, 2254, 12) in pixels from the anchors, scores (N, 2254, 1).
        least_score: from 0 to 1; what is less sure is nobody.
        batch: pictures that go through at once.
    """

    def __init__(self, network: StepNetwork, least_score: float, batch: int = 1) -> None:
        self._network, self._least_score, self._batch = network, least_score, batch

    def __call__(self, images: Sequence[Image]) -> list[list[Square]]:
        """Return the people in each picture, the surest first."""
        fitted = [_letterbox(image) for image in images]
        device = next(self._network.buffers()).device
        batch = torch.from_numpy(np.stack([small for small, _, _ in fitted])).to(device)  # (N, 224, 224, 3) uint8
        boxes, scores = self._network.in_batches(batch.permute(0, 3, 1, 2).float() / 127.5 - 1, self._batch)
        found = []
        for box, score, (_, scale, offset) in zip(boxes.cpu().numpy(), scores.cpu().numpy(), fitted, strict=True):
            people = self._people(box.astype(np.float64) / _SIDE, score[:, 0])
            found.append([square_between(*((points * _SIDE - offset) / scale)) for points in people])
        return found

    def _people(self, boxes: NDArray[np.float64], scores: NDArray[np.float32]) -> list[NDArray[np.float64]]:
        """Return (2, 2) hips and rim of each person, in shares of the side: the mean of the boxes that overlap the
        surest."""
        sure = 1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -100, 100)))
        places = np.flatnonzero(sure >= self._least_score)
        places = places[np.argsort(-sure[places], kind="stable")]
        middles, sizes = boxes[:, :2] + _ANCHORS, boxes[:, 2:4]
        people = []
        while len(places):
            same = _overlaps(middles[places[0]], sizes[places[0]], middles[places], sizes[places]) > _OVERLAP
            same[0] = True
            own, places = places[same], places[~same]
            points = boxes[own, 4:8].reshape(-1, 2, 2) + _ANCHORS[own, None]  # (boxes, hips and rim, 2)
            people.append(np.average(points, axis=0, weights=sure[own]))
        return people


def _letterbox(image: Image) -> tuple[Image, float, NDArray[np.float64]]:
    """Return the whole picture in the middle of a black square, pixels of the square for one of the picture, its
    corner."""
    height, width = image.shape[:2]
    scale = _SIDE / max(height, width)
    fitted = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image, fitted, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (_SIDE - fitted[0]) // 2, (_SIDE - fitted[1]) // 2
    square = np.zeros((_SIDE, _SIDE, 3), np.uint8)
    square[top : top + fitted[1], left : left + fitted[0]] = small
    return square, scale, np.array([left, top], np.float64)


def _overlaps(
    middle: NDArray[np.float64], size: NDArray[np.float64], middles: NDArray[np.float64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return shared area over joint area of one box with several."""
    low = np.maximum(middle - size / 2, middles - sizes / 2)
    high = np.minimum(middle + size / 2, middles + sizes / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    joint = size.prod() + sizes.prod(axis=1) - shared
    return np.asarray(shared / np.maximum(joint, 1e-12))
