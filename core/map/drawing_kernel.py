"""The inner loops of `drawing`, compiled by numba; imported on first use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.base.compiled import compiled


@compiled
def add_points(
    positions: NDArray[np.float32],
    classes: NDArray[np.uint8],
    stretches: NDArray[np.int64],
    where: NDArray[np.float64],
    stamp: NDArray[np.float32],
    palette: NDArray[np.float32],
    sums: NDArray[np.float32],
) -> None:
    """Add the weighted colours and the weight of every point in sight to (H, W, 4) sums.

    Args:
        where: (3,) x and y of the middle on the map, and pixels for a unit.
    """
    height, width = sums.shape[0], sums.shape[1]
    reach = stamp.shape[0] // 2
    scale = where[2]
    left, top = width / 2 - where[0] * scale, height / 2 + where[1] * scale
    for stretch in range(stretches.shape[0]):
        for point in range(stretches[stretch, 0], stretches[stretch, 1]):
            x = np.int64(np.floor(left + positions[point, 0] * scale))
            y = np.int64(np.floor(top - positions[point, 1] * scale))
            if x < -reach or y < -reach or x >= width + reach or y >= height + reach:
                continue
            colour = palette[classes[point]]
            weight = colour[3]
            red, green, blue = colour[0] * weight, colour[1] * weight, colour[2] * weight
            for row in range(max(-reach, -y), min(reach, height - 1 - y) + 1):
                for column in range(max(-reach, -x), min(reach, width - 1 - x) + 1):
                    share = stamp[row + reach, column + reach]
                    cell = sums[y + row, x + column]
                    cell[0] += share * red
                    cell[1] += share * green
                    cell[2] += share * blue
                    cell[3] += share * weight


@compiled
def mix(
    sums: NDArray[np.float32],
    cover: NDArray[np.float32],
    steps: int,
    background: NDArray[np.float32],
    picture: NDArray[np.uint8],
) -> None:
    """Write the mean colour of each pixel over the background, as dense as its weight says.

    Args:
        cover: how much is covered by a weight of 0, 1 / steps, 2 / steps, ...; the last stands for all beyond.
        picture: (H, W, 4) receives blue, green, red and 255.
    """
    last = cover.shape[0] - 1
    for y in range(sums.shape[0]):
        for x in range(sums.shape[1]):
            weight = sums[y, x, 3]
            if weight > 0:
                share = cover[min(np.int64(weight * steps + 0.999), last)]
                mean = share / weight
                picture[y, x, 0] = np.uint8(sums[y, x, 2] * mean + background[2] * (1 - share) + 0.5)
                picture[y, x, 1] = np.uint8(sums[y, x, 1] * mean + background[1] * (1 - share) + 0.5)
                picture[y, x, 2] = np.uint8(sums[y, x, 0] * mean + background[0] * (1 - share) + 0.5)
            else:
                picture[y, x, 0] = np.uint8(background[2])
                picture[y, x, 1] = np.uint8(background[1])
                picture[y, x, 2] = np.uint8(background[0])
            picture[y, x, 3] = 255
