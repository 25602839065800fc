"""A drawn person that BlazePose takes for one: what tests look at where no footage is at hand."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SKIN, SHIRT, TROUSERS, HAIR, SHOES = (224, 180, 150), (180, 40, 40), (40, 50, 110), (60, 40, 25), (30, 30, 30)
BACK = (200, 205, 210)


def person(
    width: int = 320,
    height: int = 320,
    *,
    x: float = 0.5,
    y: float = 0.5,
    size: float = 0.8,
    arm: float = 0.6,
    image: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Return (height, width, 3) a person who stands and faces us.

    Args:
        x, y: middle of the body, as shares.
        size: its height over that of the picture.
        arm: radians by which both arms are away from the body.
        image: to draw on; None: an empty room.
    """
    picture = np.full((height, width, 3), BACK, np.uint8) if image is None else image
    unit = size * height / 8  # heads
    middle = np.array([x * width, y * height])

    def at(right: float, down: float) -> tuple[int, int]:
        place = (middle + unit * np.array([right, down])) * 16
        return int(place[0]), int(place[1])

    def limb(one: tuple[float, float], other: tuple[float, float], thick: float, colour: tuple[int, int, int]) -> None:
        cv2.line(picture, at(*one), at(*other), colour, max(2, round(thick * unit)), cv2.LINE_AA, 4)

    for side in (-1, 1):
        limb((0.4 * side, 0.1), (0.5 * side, 2.0), 0.62, TROUSERS)
        limb((0.5 * side, 2.0), (0.5 * side, 3.6), 0.5, TROUSERS)
        limb((0.5 * side, 3.8), (0.75 * side, 3.9), 0.3, SHOES)
    cv2.fillPoly(
        picture,
        [np.array([at(-1, -2.5), at(1, -2.5), at(0.75, 0.2), at(-0.75, 0.2)])],
        SHIRT,
        cv2.LINE_AA,
        4,
    )
    for side in (-1, 1):
        shoulder = np.array([0.95 * side, -2.35])
        elbow = shoulder + 1.45 * np.array([np.sin(arm) * side, np.cos(arm)])
        wrist = elbow + 1.25 * np.array([np.sin(arm * 1.3) * side, np.cos(arm * 1.3)])
        limb(tuple(shoulder), tuple(elbow), 0.45, SHIRT)
        limb(tuple(elbow), tuple(wrist), 0.34, SKIN)
        limb(tuple(wrist), tuple(wrist + 0.2 * np.array([side * np.sin(arm), np.cos(arm)])), 0.38, SKIN)
    limb((0, -2.9), (0, -2.5), 0.45, SKIN)
    axes = round(0.42 * unit * 16), round(0.52 * unit * 16)
    cv2.ellipse(picture, at(0, -3.4), axes, 0, 0, 360, SKIN, -1, cv2.LINE_AA, 4)
    cv2.ellipse(picture, at(0, -3.55), axes, 0, 180, 360, HAIR, -1, cv2.LINE_AA, 4)
    for side in (-1, 1):
        cv2.circle(picture, at(0.17 * side, -3.4), round(0.06 * unit * 16), (30, 30, 30), -1, cv2.LINE_AA, 4)
    cv2.line(picture, at(-0.14, -3.12), at(0.14, -3.12), (150, 70, 70), max(1, round(0.07 * unit)), cv2.LINE_AA, 4)
    return picture
