"""Anti-aliased painting in world units: filled shapes with gradients and soft edges, and pasted pictures."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.base.types import Image

Points = NDArray[np.float64]
"""(N, 2) x to the right, y downwards, in world units."""
Colour = tuple[float, float, float]
"""RGB, 0 to 255."""

_COS, _SIN = np.cos(np.linspace(0, 2 * np.pi, 49)), np.sin(np.linspace(0, 2 * np.pi, 49))
_FAN = np.linspace(-1, 1, 14)
_SUBPIXEL_BITS = 4


def rgb(code: str) -> Colour:
    """Return `#RRGGBB` as a colour."""
    return tuple(float(int(code[i : i + 2], 16)) for i in (1, 3, 5))  # type: ignore[return-value]


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Return `a` with `share` of `b` in it."""
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def darker(colour: Colour, share: float) -> Colour:
    """Move a colour towards a warm black, as shade looks."""
    return mix(colour, (24.0, 14.0, 20.0), share)


def lighter(colour: Colour, share: float) -> Colour:
    """Move a colour towards a warm white, as light looks."""
    return mix(colour, (255.0, 251.0, 240.0), share)


@dataclass(frozen=True)
class Gradient:
    """Colour that changes along a line, from `start` to `end` (world units)."""

    start: tuple[float, float]
    end: tuple[float, float]
    colours: tuple[Colour, ...]
    """At equal distances along the line."""


class Canvas:
    """A picture to paint on, in world units.

    Args:
        image: (H, W, 3) uint8 RGB, changed in place.
        view: (2, 3) from world units to pixels; a similarity, so that circles stay circles.
    """

    def __init__(self, image: Image, view: Points) -> None:
        self.image, self.view = image, view
        self.scale = float(np.sqrt(abs(np.linalg.det(view[:, :2]))))

    def to_pixels(self, points: Points) -> Points:
        """Map (N, 2) world units -> (N, 2) pixels."""
        return points @ self.view[:, :2].T + self.view[:, 2]

    def fill(
        self,
        *shapes: Points,
        paint: Colour | Gradient,
        alpha: float = 1.0,
        soft: float = 0.0,
        within: Points | None = None,
    ) -> None:
        """Paint the union of closed polygons.

        Args:
            alpha: opacity, 0 to 1.
            soft: standard deviation of the blurred edge, world units.
            within: a polygon outside which nothing is painted.
        """
        blur_px = soft * self.scale
        contours = [self.to_pixels(shape) for shape in shapes if len(shape)]
        if not contours or alpha <= 0.0:
            return
        box = self._box(contours, margin=int(3 * blur_px) + 2)
        if box is None:
            return
        if alpha == 1.0 and blur_px == 0.0 and within is None and not isinstance(paint, Gradient):
            _fill_smooth(self.image, contours, paint)
            return
        mask = self._mask(contours, box) if blur_px < 0.3 else self._soft_mask(contours, box, blur_px)
        if within is not None:
            cv2.multiply(mask, self._mask([self.to_pixels(within)], box), dst=mask, scale=1 / 255)
        if alpha < 1.0:
            cv2.convertScaleAbs(mask, dst=mask, alpha=alpha)
        left, top, right, bottom = box
        blend(self.image[top:bottom, left:right], self._field(paint, box), mask)

    def paste(self, picture: NDArray[np.uint8], to_world: Points, alpha: float = 1.0) -> None:
        """Paste an (H, W, 4) uint8 RGBA picture, colours premultiplied by opacity.

        Args:
            to_world: (2, 3) from the picture's pixels to world units.
        """
        matrix = chain(self.view, to_world)
        height, width = picture.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
        box = self._box([corners @ matrix[:, :2].T + matrix[:, 2]], margin=1)
        if box is None:
            return
        left, top, right, bottom = box
        matrix[:, 2] -= left, top
        placed = cv2.warpAffine(picture, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
        if alpha < 1.0:
            placed = cv2.convertScaleAbs(placed, alpha=alpha)
        region = self.image[top:bottom, left:right]
        opacity = placed[:, :, 3]
        under = cv2.multiply(region, cv2.merge([255 - opacity] * 3), scale=1 / 255)
        cv2.add(under, placed[:, :, :3], dst=region)

    def shade(self, mask: NDArray[np.uint8], strength: float) -> None:
        """Darken where `mask` (any size, stretched over the picture) is high."""
        height, width = self.image.shape[:2]
        light = cv2.resize(cv2.convertScaleAbs(mask, alpha=strength), (width, height))
        cv2.multiply(self.image, cv2.merge([255 - light] * 3), dst=self.image, scale=1 / 255)

    def _box(self, contours: list[Points], margin: int) -> tuple[int, int, int, int] | None:
        points = np.concatenate(contours)
        height, width = self.image.shape[:2]
        left, top = np.maximum(np.floor(points.min(axis=0)).astype(int) - margin, 0)
        right, bottom = np.minimum(np.ceil(points.max(axis=0)).astype(int) + margin + 1, (width, height))
        return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None

    @staticmethod
    def _mask(contours: list[Points], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
        left, top, right, bottom = box
        mask = np.zeros((bottom - top, right - left), np.uint8)
        _fill_smooth(mask, [contour - (left, top) for contour in contours], (255.0,))
        return mask

    @classmethod
    def _soft_mask(cls, contours: list[Points], box: tuple[int, int, int, int], blur_px: float) -> NDArray[np.uint8]:
        shrink = max(1, int(blur_px / 1.5))  # what is blurred can be drawn small, which is many times faster
        left, top, right, bottom = box
        size = -(-(right - left) // shrink), -(-(bottom - top) // shrink)
        mask = cls._mask([(contour - (left, top)) / shrink for contour in contours], (0, 0, *size))
        cv2.GaussianBlur(mask, (0, 0), blur_px / shrink, dst=mask)
        grown = cv2.resize(mask, (size[0] * shrink, size[1] * shrink), interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(grown[: bottom - top, : right - left])

    def _field(self, paint: Colour | Gradient, box: tuple[int, int, int, int]) -> Image:
        left, top, right, bottom = box
        if not isinstance(paint, Gradient):
            return np.full((bottom - top, right - left, 3), np.round(paint), np.uint8)
        start, end = self.to_pixels(np.array([paint.start, paint.end]))
        along = (end - start) / max(float(np.sum((end - start) ** 2)), 1e-9) * 255
        x = (np.arange(left, right, dtype=np.float32) + (0.5 - start[0])) * along[0]
        y = (np.arange(top, bottom, dtype=np.float32) + (0.5 - start[1])) * along[1]
        index = cv2.convertScaleAbs(np.maximum(np.add.outer(y, x).astype(np.float32), 0))
        return np.asarray(cv2.applyColorMap(index, ramp(paint.colours)[:, None]), np.uint8)


def _fill_smooth(image: NDArray[np.uint8], contours: list[Points], colour: tuple[float, ...]) -> None:
    for contour in contours:
        # fillPoly's pixel centres lie on whole numbers, the world's on halves
        fixed = np.round((contour - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(image, [fixed], colour, cv2.LINE_AA, _SUBPIXEL_BITS)


def blend(region: Image, colours: Image, mask: NDArray[np.uint8]) -> None:
    """Blend `colours` into `region` where `mask` (H, W) uint8 is 255, in place; in between, a mixture."""
    opacity = cv2.merge([mask, mask, mask])
    under = cv2.multiply(region, 255 - opacity, scale=1 / 255)
    cv2.add(under, cv2.multiply(colours, opacity, scale=1 / 255), dst=region)


@functools.lru_cache(maxsize=512)
def ramp(colours: tuple[Colour, ...]) -> NDArray[np.uint8]:
    """Return (256, 3) uint8: the colours at equal distances, mixed in between."""
    at = np.linspace(0, 255, len(colours))
    steps = np.arange(256)
    return np.stack([np.interp(steps, at, [c[i] for c in colours]) for i in range(3)], axis=1).round().astype(np.uint8)


def chain(outer: Points, inner: Points) -> Points:
    """Return (2, 3) the affine map that does `inner` and then `outer`."""
    return np.column_stack([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def ellipse(x: float, y: float, rx: float, ry: float) -> Points:
    """Return (N, 2) points on an ellipse, clockwise from the right."""
    return np.column_stack([x + rx * _COS, y + ry * _SIN])


def bowl(x: float, y: float, rx: float, ry: float) -> Points:
    """Return (N, 2) points on the lower half of an ellipse, from the right to the left."""
    return ellipse(x, y, rx, ry)[: len(_COS) // 2 + 1]


def box(left: float, top: float, right: float, bottom: float, *, round: float = 0.0) -> Points:
    """Return (N, 2) a rectangle, its corners rounded with radius `round`."""
    if round <= 0.0:
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    r = min(round, (right - left) / 2, (bottom - top) / 2)
    quarter = np.linspace(0, np.pi / 2, 8)
    corners = (right - r, bottom - r), (left + r, bottom - r), (left + r, top + r), (right - r, top + r)
    turns = [quarter + k * np.pi / 2 for k in range(4)]
    return np.concatenate(
        [np.column_stack([x + r * np.cos(a), y + r * np.sin(a)]) for (x, y), a in zip(corners, turns, strict=True)]
    )


def limb(a: tuple[float, float], b: tuple[float, float], ra: float, rb: float) -> Points:
    """Return (N, 2) the hull of two circles: a finger's bone, a forearm."""
    (ax, ay), (bx, by) = a, b
    heading = np.arctan2(by - ay, bx - ax)
    reach = max(float(np.hypot(bx - ax, by - ay)), 1e-6)
    lean = np.arccos(np.clip((ra - rb) / reach, -1.0, 1.0))
    around_b = heading + lean * _FAN
    around_a = heading + np.pi + (np.pi - lean) * _FAN
    return np.concatenate(
        [
            np.column_stack([bx + rb * np.cos(around_b), by + rb * np.sin(around_b)]),
            np.column_stack([ax + ra * np.cos(around_a), ay + ra * np.sin(around_a)]),
        ]
    )
