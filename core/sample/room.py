"""The static background: wall, table, furniture, light."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.base.types import Image
from core.sample.canvas import Canvas, Colour, Gradient, Points, box, darker, ellipse, lighter, limb
from core.sample.furniture import TABLE_THINGS, WALL_THINGS
from core.sample.take import Take

LEFT, TOP, RIGHT, BOTTOM = -130.0, -90.0, 610.0, 450.0
"""What is painted of the room, world units: more than any camera sees."""
TABLE_TOP, TABLE_FRONT = 236.0, 352.0
"""Where the table's far and near edges are, world units."""


def paint_room(take: Take, scale: float) -> Image:
    """Paint (H, W, 3) uint8 RGB of the room from (LEFT, TOP) to (RIGHT, BOTTOM), `scale` pixels a unit."""
    generator = np.random.default_rng(take.grain_seed)
    image = np.zeros((round((BOTTOM - TOP) * scale), round((RIGHT - LEFT) * scale), 3), np.uint8)
    canvas = Canvas(image, np.array([[scale, 0.0, -LEFT * scale], [0.0, scale, -TOP * scale]]))
    _paint_wall(canvas, take)
    hang, *stand = take.things
    WALL_THINGS[hang](canvas, take, generator)
    cv2.GaussianBlur(image, (0, 0), 0.9 * scale, dst=image)  # behind the camera's focus
    _paint_table(canvas, take, generator)
    places = generator.permutation([52.0, 255.0, 448.0])
    for thing, x in zip(stand, places, strict=False):
        TABLE_THINGS[thing](canvas, take, float(x), float(generator.uniform(248, 258)))
    _light(canvas, take)
    return image


def _paint_wall(canvas: Canvas, take: Take) -> None:
    palette = take.palette
    canvas.fill(box(LEFT, TOP, RIGHT, TABLE_TOP + 4), paint=palette.wall)
    pattern = {
        "stripes": lambda: [box(x, TOP, x + 20, 240) for x in np.arange(LEFT, RIGHT, 40)],
        "dots": lambda: [
            ellipse(x + (26 if row % 2 else 0), y, 6, 6)
            for row, y in enumerate(np.arange(TOP, 240, 30))
            for x in np.arange(LEFT, RIGHT, 52)
        ],
        "diamonds": lambda: [
            ellipse(x + (22 if row % 2 else 0), y, 15, 15)[::12]
            for row, y in enumerate(np.arange(TOP, 240, 22))
            for x in np.arange(LEFT, RIGHT, 44)
        ],
    }.get(take.wall)
    if pattern is not None:
        canvas.fill(*pattern(), paint=palette.pattern)
    elif take.wall == "tiles":
        _tiles(canvas, palette.wall, palette.pattern)
    elif take.wall == "panels":
        _panels(canvas, palette.wall)


def _tiles(canvas: Canvas, wall: Colour, joint: Colour) -> None:
    canvas.fill(box(LEFT, TOP, RIGHT, 240), paint=darker(joint, 0.08))
    bricks = [
        box(x + (26 if row % 2 else 0), y, x + 50 + (26 if row % 2 else 0), y + 22, round=2)
        for row, y in enumerate(np.arange(TOP, 240, 24.5))
        for x in np.arange(LEFT - 52, RIGHT, 52)
    ]
    canvas.fill(*bricks, paint=wall)
    canvas.fill(
        *(limb((b[0, 0] - 46, b[:, 1].min() + 2.5), (b[0, 0] - 4, b[:, 1].min() + 2.5), 0.9, 0.9) for b in bricks),
        paint=lighter(wall, 0.5),
        alpha=0.6,
    )


def _panels(canvas: Canvas, wall: Colour) -> None:
    canvas.fill(box(LEFT, 118, RIGHT, 240), paint=lighter(wall, 0.42))
    canvas.fill(box(LEFT, 112, RIGHT, 119), paint=lighter(wall, 0.6))
    canvas.fill(box(LEFT, 119, RIGHT, 122), paint=darker(wall, 0.4), alpha=0.35, soft=1.0)
    for x in np.arange(LEFT + 14, RIGHT, 96):
        canvas.fill(box(x, 134, x + 78, 260), paint=darker(wall, 0.3), alpha=0.3)
        canvas.fill(box(x + 2, 136, x + 78, 260), paint=lighter(wall, 0.5))


def _paint_table(canvas: Canvas, take: Take, generator: np.random.Generator) -> None:
    base = take.palette.table
    canvas.fill(box(LEFT, TABLE_TOP - 7, RIGHT, TABLE_TOP + 3), paint=darker(base, 0.6), alpha=0.35, soft=4.0)
    top = box(LEFT, TABLE_TOP, RIGHT, TABLE_FRONT)
    canvas.fill(top, paint=Gradient((0, TABLE_TOP), (0, TABLE_FRONT), (lighter(base, 0.16), base, darker(base, 0.1))))
    left, up = canvas.to_pixels(np.array([[LEFT, TABLE_TOP]]))[0]
    right, down = canvas.to_pixels(np.array([[RIGHT, TABLE_FRONT]]))[0]
    region = canvas.image[int(up) + 1 : int(down), int(left) : int(right)]
    grain = _COVERS[take.cover](region.shape[:2], generator)
    region[:] = np.clip(region * (1 + grain[..., None]), 0, 255).astype(np.uint8)
    canvas.fill(box(LEFT, TABLE_FRONT, RIGHT, BOTTOM), paint=darker(base, 0.45))
    canvas.fill(box(LEFT, TABLE_FRONT, RIGHT, TABLE_FRONT + 12), paint=darker(base, 0.2))
    canvas.fill(box(LEFT, TABLE_FRONT - 1.6, RIGHT, TABLE_FRONT), paint=lighter(base, 0.4), alpha=0.6)


def _grid(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the position of each pixel on the table: across, and towards the back."""
    depth = 2.4 / (1.4 + np.linspace(0, 1, shape[0]))[:, None]
    across = (np.linspace(-1, 1, shape[1]))[None, :] * depth
    return across, depth + 0 * across


def _wood(shape: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float64]:
    fine = cv2.resize(generator.normal(size=(shape[0] // 2, 24)), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    broad = cv2.resize(generator.normal(size=(16, 6)), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    _, depth = _grid(shape)
    plank = (depth - 1) / 1.4 * 4.0
    tone = generator.normal(size=8)[np.clip(plank.astype(int), 0, 7)]
    joint = np.exp(-(((plank % 1.0) / 0.03) ** 2))
    return np.asarray(0.022 * fine + 0.03 * broad + 0.035 * tone - 0.3 * joint)


def _cloth(shape: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float64]:
    across, depth = _grid(shape)
    size = float(generator.uniform(9, 14))
    vertical, level = np.sin(across * size * 2 * np.pi / 2), np.sin(depth * size * 2.4)
    soft = (np.tanh(6 * vertical) + np.tanh(6 * level)) / 2
    return np.asarray(0.10 * soft + 0.008 * generator.normal(size=shape))


def _paint(shape: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float64]:
    broad = cv2.resize(generator.normal(size=(4, 9)), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(0.02 * broad)


def _stone(shape: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float64]:
    small = (shape[1] // 3, shape[0] // 4)
    specks = cv2.resize(generator.normal(size=small[::-1]), shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(-0.16 * (specks > 1.7) + 0.14 * (specks < -1.9)) + _paint(shape, generator)


def _light(canvas: Canvas, take: Take) -> None:
    """Paint a glow from one side, and corners that fall into shade."""
    height, width = canvas.image.shape[:2]
    x = np.linspace(LEFT, RIGHT, width // 8, dtype=np.float32)[None, :]
    y = np.linspace(TOP, BOTTOM, height // 8, dtype=np.float32)[:, None]
    glow = 0.15 * np.exp(-((x - take.glow[0]) ** 2 + (y - take.glow[1]) ** 2) / 210**2)
    corner = 0.24 * np.clip(((x - 250) / 420) ** 2 + ((y - 200) / 330) ** 2 - 0.12, 0, 1)
    gain = cv2.resize((1.0 + glow - corner).astype(np.float32), (width, height))
    lit = canvas.image * gain[..., None]
    canvas.image[:] = np.clip(lit, 0, 255).astype(np.uint8)


_COVERS = {"wood": _wood, "cloth": _cloth, "paint": _paint, "stone": _stone}


def view_of_room(scale: float) -> Points:
    """Return (2, 3) from the room's pixels to world units."""
    return np.array([[1 / scale, 0.0, LEFT], [0.0, 1 / scale, TOP]])
