"""Two frames as one picture: overlaid, tinted or subtracted; and a frozen frame. No Qt."""

from __future__ import annotations

from typing import Literal, get_args

import cv2
import numpy as np

from core.base.colours import TINTS
from core.base.types import Image

Look = Literal["side", "blend", "onion", "difference"]
"""Side by side; both at once, more or less of each; each in a colour of its own, grey where they agree; how much every
pixel differs."""
LOOKS: tuple[Look, ...] = get_args(Look)

A_TINT, B_TINT = TINTS
_KEPT = 0.35
"""Of the brightness of what is only held."""
_MOST_PIXELS = 1920
"""Of the longer side: more takes too long while somebody scrubs."""


def overlay(a: Image, b: Image, mode: Look, b_share: float) -> Image:
    """Return one picture of two.

    Args:
        a: (H, W, 3) RGB; larger ones are made smaller.
        b: (h, w, 3); scaled to fit into A's picture, in the middle of it, black around it.
        mode: not `side`.
        b_share: how much of B is seen, 0 to 1; the difference takes no account of it.

    Returns:
        (H, W, 3) in A's proportions.
    """
    a = _shrink(a)
    b = _fit_into(b, a.shape[1], a.shape[0])
    if mode == "difference":
        return np.asarray(cv2.absdiff(a, b), np.uint8)
    if mode == "blend":
        return np.asarray(cv2.addWeighted(a, 1 - b_share, b, b_share, 0), np.uint8)
    strengths = min(2 * (1 - b_share), 1.0), min(2 * b_share, 1.0)
    grey_a, grey_b = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (a, b))
    channels = [
        cv2.addWeighted(grey_a, of_a * strengths[0], grey_b, of_b * strengths[1], 0)
        for of_a, of_b in zip(A_TINT, B_TINT, strict=True)
    ]
    return np.asarray(cv2.merge(channels), np.uint8)


def to_grey(image: Image) -> Image:
    """Return an image without colour, and dark: as the films show what is only held."""
    dark_grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY) * _KEPT
    return np.repeat(dark_grey.astype(np.uint8)[..., None], 3, axis=2)


def _shrink(image: Image) -> Image:
    height, width = image.shape[:2]
    ratio = _MOST_PIXELS / max(height, width)
    if ratio >= 1:
        return np.ascontiguousarray(image)
    size = (max(round(width * ratio), 1), max(round(height * ratio), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fit_into(image: Image, width: int, height: int) -> Image:
    ratio = min(width / image.shape[1], height / image.shape[0])
    size = max(round(image.shape[1] * ratio), 1), max(round(image.shape[0] * ratio), 1)
    size = min(size[0], width), min(size[1], height)
    if size != (image.shape[1], image.shape[0]):
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR))
    if size == (width, height):
        return np.ascontiguousarray(image)
    framed = np.zeros((height, width, 3), np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    framed[top : top + size[1], left : left + size[0]] = image
    return framed
